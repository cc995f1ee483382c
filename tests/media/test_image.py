"""Images: which pixels are in the file, what the record says, what is refused at the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.image import Image
from tracklab.media.overlays import Classes

pillow: Any = pytest.importorskip("PIL.Image")

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.sdk.run import Run

Logged = "Callable[[Any], Any]"
PIXELS = np.arange(8 * 9 * 3, dtype=np.uint8).reshape(8, 9, 3)


@pytest.mark.parametrize(
    ("array", "mode"),
    [
        (PIXELS, "RGB"),
        (PIXELS[..., 0], "L"),
        (PIXELS[..., :1], "L"),
        (PIXELS[None, ..., 0], "L"),
        (np.dstack([PIXELS, PIXELS[..., :1]]), "RGBA"),
        (PIXELS.astype(float) + 0.25, "RGB"),
        (PIXELS[..., 0] > 7, "L"),
    ],
)
def test_the_file_has_the_arrays_pixels(
    array: Any, mode: str, logged: Callable[[Any], Any], run: Run
) -> None:
    """Numbers of any type lose what is behind the point, dimensions of one are left out."""
    record = logged(Image(array))
    with pillow.open(run.run_dir / record["path"]) as picture:
        assert picture.mode == mode
        assert np.array_equal(np.asarray(picture), np.squeeze(array).astype(np.uint8))
    assert (record["width"], record["height"], record["format"]) == (9, 8, "png")


def test_a_record_says_what_the_image_is(logged: Callable[[Any], Any]) -> None:
    """Beside the file: type, size, caption, group and classes."""
    record = logged(Image(PIXELS, caption="noise", grouping=2, classes=[{"id": 1, "name": "cat"}]))
    facts = {name: record[name] for name in ("_type", "caption", "grouping", "classes")}
    assert facts == {
        "_type": "image-file", "caption": "noise", "grouping": 2,
        "classes": [{"id": 1, "name": "cat"}],
    }  # fmt: skip
    assert record["path"] == f"media/images/x_0_{record['sha256'][:20]}.png"


@pytest.mark.parametrize("ending", ["jpg", "jpeg", "bmp", "png"])
def test_the_file_is_of_the_asked_type(ending: str, logged: Callable[[Any], Any], run: Run) -> None:
    """And carries its ending."""
    record = logged(Image(PIXELS, file_type=ending))
    assert record["path"].endswith(f".{ending}")
    with pillow.open(run.run_dir / record["path"]) as picture:
        assert picture.format == {"jpg": "JPEG", "jpeg": "JPEG"}.get(ending, ending.upper())


def test_a_file_is_copied_as_it_is(
    logged: Callable[[Any], Any], tmp_path: Path, content: Callable[[Any], bytes]
) -> None:
    """What becomes of the original afterwards does not matter."""
    source = tmp_path / "cat.PNG"
    pillow.fromarray(PIXELS).save(source, format="PNG")
    before = source.read_bytes()
    record = logged(Image(source, caption="from a file"))
    source.unlink()
    assert content(record) == before
    assert (record["width"], record["height"], record["format"]) == (9, 8, "PNG")


def test_a_pillow_image_is_taken(logged: Callable[[Any], Any], run: Run) -> None:
    """In its own mode."""
    record = logged(Image(pillow.fromarray(PIXELS).convert("P")))
    with pillow.open(run.run_dir / record["path"]) as picture:
        assert picture.mode == "P"


def test_a_list_is_one_record(
    run: Run, rows: Callable[[], list[dict[str, Any]]], logged: Callable[[Any], Any]
) -> None:
    """Names, captions, and null where one has none."""
    record = logged([Image(PIXELS), Image(255 - PIXELS, caption="second")])
    assert {name: record[name] for name in record if name != "filenames"} == {
        "_type": "images/separated", "width": 9, "height": 8, "format": "png", "count": 2,
        "captions": [None, "second"],
    }  # fmt: skip
    assert all((run.run_dir / name).is_file() for name in record["filenames"])
    assert rows()[0]["x"] == record


def test_of_a_long_list_the_first_are_kept(
    logged: Callable[[Any], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """And a line says so."""
    record = logged([Image(np.full((2, 2), shade)) for shade in range(110)])
    assert (record["count"], len(set(record["filenames"]))) == (108, 108)
    assert "keeps the first 108 images" in capfd.readouterr().err


def test_boxes_and_masks_are_files_of_their_own(
    logged: Callable[[Any], Any], content: Callable[[Any], bytes], run: Run
) -> None:
    """Named in the image's record, with the names of their classes."""
    box = {"position": {"middle": [4, 4], "width": 2, "height": 3}, "class_id": 3,
           "scores": {"sure": 0.5}, "domain": "pixel", "box_caption": "tree"}  # fmt: skip
    mask = np.zeros((8, 9), int)
    mask[2:4] = 200
    image = Image(
        PIXELS,
        boxes={"truth": {"box_data": [box], "class_labels": {3: "tree"}}},
        masks={"guess": {"mask_data": mask}},
        classes=Classes([{"id": 3, "name": "tree"}]),
    )
    record = logged(image)
    boxes, masks = record["boxes"]["truth"], record["masks"]["guess"]
    assert boxes["class_labels"] == {"3": "tree"}
    assert b'"box_caption":"tree"' in content(boxes)
    assert masks["class_labels"] == {"0": "class_0", "200": "class_200"}
    with pillow.open(run.run_dir / masks["path"]) as picture:
        assert np.array_equal(np.asarray(picture), mask)


def test_an_image_logged_twice_is_one_file(
    run: Run, rows: Callable[[], list[dict[str, Any]]]
) -> None:
    """The second row names the first one's."""
    image = Image(PIXELS)
    run.log({"a": image})
    run.log({"b": image})
    assert rows()[0]["a"] == rows()[1]["b"]
    assert len(list((run.run_dir / "media/images").iterdir())) == 1


def test_an_image_can_be_read_before_and_after_it_was_logged(logged: Callable[[Any], Any]) -> None:
    """As a Pillow image."""
    image = Image(PIXELS)
    before = np.asarray(image.image)
    logged(image)
    assert np.array_equal(np.asarray(image.image), before)
    assert np.array_equal(np.asarray(Image(image, caption="copy").image), before)


@pytest.mark.parametrize(
    ("array", "brightest"), [(np.eye(3) * 0.5, 127), (np.eye(3) - 0.5, 255), (np.eye(3) * 90, 90)]
)
def test_numbers_of_another_range_can_be_normalized(array: Any, brightest: int) -> None:
    """Of 0 to 1, or of any range with negative numbers."""
    assert np.asarray(Image(array, normalize=True).image).max() == brightest


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"data_or_path": np.zeros((4, 4, 5))}, UsageError),
        ({"data_or_path": np.zeros(4)}, UsageError),
        ({"data_or_path": np.zeros((0, 4))}, UsageError),
        ({"data_or_path": "/no/such/file.png"}, FileNotFoundError),
        ({"data_or_path": PIXELS, "file_type": "gif"}, UsageError),
        ({"data_or_path": PIXELS, "boxes": [1]}, UsageError),
        ({"data_or_path": PIXELS, "boxes": {"p": 5}}, ArgumentTypeError),
        ({"data_or_path": PIXELS, "masks": {"m": 5}}, ArgumentTypeError),
        ({"data_or_path": PIXELS, "classes": 5}, ArgumentTypeError),
        ({"data_or_path": PIXELS, "classes": [5]}, ArgumentTypeError),
        ({"data_or_path": PIXELS, "mode": "XYZ"}, UsageError),
        ({"data_or_path": PIXELS, "mode": "HSV"}, UsageError),
        ({"data_or_path": 3}, UsageError),
        ({"data_or_path": object()}, ArgumentTypeError),
        ({"data_or_path": PIXELS, "classes": [{"id": 1}]}, UsageError),
        ({"data_or_path": PIXELS, "masks": {"m": {}}}, ArgumentTypeError),
        ({"data_or_path": PIXELS, "masks": {"m": {"mask_data": PIXELS}}}, ArgumentTypeError),
        ({"data_or_path": PIXELS, "masks": {"m": {"mask_data": np.eye(2) - 2}}}, ArgumentTypeError),
        (
            {"data_or_path": PIXELS,
             "masks": {"m": {"mask_data": np.eye(2), "class_labels": {"1": "a"}}}},
            ArgumentTypeError,
        ),
    ],
)  # fmt: skip
def test_what_is_no_image_is_refused_at_the_call(arguments: Any, error: type[Exception]) -> None:
    """Where the user's program made it, not where it is logged."""
    with pytest.raises(error):
        Image(**arguments)


@pytest.mark.parametrize(
    "box",
    [
        {},
        {"position": {"minX": 0, "maxX": 1, "minY": 0}},
        5,
        {"position": 5},
        {"position": {"middle": 5, "width": 1, "height": 1}},
        {"position": {"middle": [1], "width": 1, "height": 1}},
        {"position": {"middle": [1, 2], "width": 1, "height": 1}, "class_id": "a"},
        {"position": {"middle": [1, 2], "width": 1, "height": 1}, "scores": {"a": "b"}},
        {"position": {"middle": [1, 2], "width": 1, "height": 1}, "box_caption": 3},
    ],
)
def test_what_is_no_box_is_refused_at_the_call(box: Any) -> None:
    """Each part is checked."""
    with pytest.raises(ArgumentTypeError):
        Image(PIXELS, boxes={"b": {"box_data": [box]}})


def test_an_image_elsewhere_is_refused_where_it_is_logged(run: Run) -> None:
    """A reference may still go into what can hold one."""
    image = Image("https://example.org/cat.png")
    with pytest.raises(UsageError, match="Download it"):
        run.log({"x": image})
