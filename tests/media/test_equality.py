"""Media that hold the same are equal, as in wandb, and none can be hashed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tracklab
from tracklab import Audio, Graph, Html, Image, JoinedTable, Object3D, Table
from tracklab.media.joined import PartitionedTable
from tracklab.media.overlays import Classes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracklab.sdk.run import Run

pytestmark = pytest.mark.unit

DARK = np.zeros((2, 3), dtype="uint8")
CAT = [{"id": 1, "name": "cat"}]
MASK = {"seen": {"mask_data": DARK, "class_labels": {0: "sky"}}}


def table(*values: Any, **options: Any) -> Table:
    """Return a table of one column."""
    return Table(columns=["a"], data=[[value] for value in values], **options)


def graph(*names: str) -> Graph:
    """Return a graph of nodes."""
    made = Graph()
    for name in names:
        made.add_node(id=name)
    return made


def picture(**options: Any) -> Image:
    """Return a dark image."""
    return Image(DARK, **options)


PAIRS: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "image": (picture, lambda: Image(DARK + 1)),
    "caption": (lambda: picture(caption="x"), picture),
    "grouping": (lambda: picture(grouping=1), picture),
    "classes of an image": (lambda: picture(classes=CAT), picture),
    "mask": (lambda: picture(masks=MASK), picture),
    "html": (lambda: Html("a"), lambda: Html("b")),
    "classes": (lambda: Classes(CAT), lambda: Classes([])),
    "audio": (
        lambda: Audio(np.zeros(9), sample_rate=8),
        lambda: Audio(np.zeros(9), sample_rate=8, caption="x"),
    ),
    "points": (lambda: Object3D(np.ones((4, 3))), lambda: Object3D(np.zeros((4, 3)))),
    "graph": (lambda: graph("a", "b"), lambda: graph("a")),
    "table": (lambda: table(1, None), lambda: table(1, 2)),
    "columns": (lambda: table(1), lambda: Table(columns=["b"], data=[[1]])),
    "rows": (lambda: table(1), lambda: table(1, 1)),
    "types": (lambda: table(1), lambda: table(True)),
    "arrays": (lambda: table(DARK), lambda: table(DARK + 1)),
    "shapes": (lambda: table(DARK), lambda: table(np.zeros((4, 5), dtype="uint8"))),
    "images": (lambda: table(picture()), lambda: table(Image(DARK + 1))),
    "joined": (
        lambda: JoinedTable(table(1), table(2), "a"),
        lambda: JoinedTable(table(1), table(1), "a"),
    ),
    "parts": (lambda: PartitionedTable("p"), lambda: PartitionedTable("q")),
}


@pytest.mark.parametrize("what", PAIRS)
def test_equal_media_are_equal_and_others_are_not(what: str) -> None:
    """Each against its like, against another, and against what is no media."""
    one, other = PAIRS[what]
    assert one() == one()
    assert one() != other()
    assert other() != one()
    assert one() != "something else"


@pytest.mark.parametrize("what", PAIRS)
def test_no_media_can_be_hashed(what: str) -> None:
    """What is equal today may differ once it has grown."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(PAIRS[what][0]())


def test_pixels_count_and_not_the_format_of_the_file() -> None:
    """A bitmap of the same pixels is equal; not a number is equal to nothing, as everywhere."""
    assert picture() == picture(file_type="bmp")
    assert table(float("nan")) != table(float("nan"))


def test_what_was_logged_is_still_equal(run: Run) -> None:
    """Its content lies in the run by then, and in the artifact it comes back."""
    given = Table(columns=["n", "image"], data=[[1, picture(caption="c")], [2, None]])
    artifact = tracklab.Artifact("t", "dataset")
    artifact.add(given, "table")
    artifact.add(picture(masks=MASK), "image")
    run.log({"html": (page := Html("a")), "table": given})
    run.log_artifact(artifact).wait()
    assert artifact.get("table") == given
    assert artifact.get("image") == picture(masks=MASK)
    assert page == Html("a")
