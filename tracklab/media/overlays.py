"""What is drawn over an image: boxes and masks, and the names of their classes."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.needs import needed
from tracklab.media.value import Media, WBValue
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracklab.media.value import Place

__all__ = ["BoundingBoxes2D", "Classes", "ImageMask"]

_CORNERS: Final = ("minX", "maxX", "minY", "maxY")
_SIDES: Final = ("width", "height")
_BYTE_MAX: Final = 255


class Classes(WBValue):
    """Names of classes: `Classes([{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}])`.

    Raises:
        UsageError: a class has no `id` or no `name`.
        ArgumentTypeError: they are no list of dicts.
    """

    def __init__(self, class_set: Sequence[Mapping[str, Any]]) -> None:
        if not hasattr(class_set, "__iter__"):
            raise ArgumentTypeError(
                f'Classes() takes a list; got {class_set!r}. Write [{{"id": 1, "name": "cat"}}].'
            )
        for one in class_set:
            _check_mapping(one, "Each class", '{"id": 1, "name": "cat"}')
            if "id" not in one or "name" not in one:
                raise UsageError(
                    f'Classes() got {one!r}. Each class needs both: {{"id": 1, "name": "cat"}}.'
                )
        self.class_set = [dict(one) for one in class_set]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Classes) and self.class_set == other.class_set

    __hash__ = None  # type: ignore[assignment] # they can be changed

    def to_record(self, place: Place | None = None) -> dict[str, Any]:  # noqa: ARG002 - no file
        """Return the record that stands for them in a row."""
        return {"_type": "classes", "class_set": self.class_set}


class BoundingBoxes2D(Media):
    """Boxes over an image; `Image(boxes={key: val})` makes it.

    Args:
        val: `box_data`, a list of boxes, and optional `class_labels`, names by class number. A
            box has a `position`, either `minX`, `maxX`, `minY`, `maxY` or `middle` (x and y),
            `width` and `height`, as shares of the image or, with `"domain": "pixel"`, in pixels;
            a `class_id`; optional `scores`, numbers by name; and an optional `box_caption`.
        key: the set's name.

    Raises:
        ArgumentTypeError: the boxes are not like that.
    """

    _type = "boxes2D"
    _folder = "metadata/boxes2D"

    def __init__(self, val: Mapping[str, Any], key: str) -> None:
        super().__init__()
        self.key = key
        _check_mapping(val, f"Boxes {key!r}", '{"box_data": [...]}')
        boxes = val.get("box_data")
        if not isinstance(boxes, list):
            raise ArgumentTypeError(
                f"Boxes must be a list; {key!r} got a {type(boxes).__name__}. Write "
                '{"box_data": [...]}.'
            )
        for box in boxes:
            _check_box(box)
        given = val.get("class_labels")
        _check_labels(given)
        ids = (box["class_id"] for box in boxes if "class_id" in box)
        self.class_labels = given if given is not None else _numbered(ids)
        self._content = encode_object(val)
        self._ending = ".boxes2D.json"

    def _facts(self, place: Place) -> dict[str, Any]:  # noqa: ARG002 - no further file
        return {"class_labels": self.class_labels}


class ImageMask(Media):
    """The class of each pixel of an image; `Image(masks={key: val})` makes it.

    Args:
        val: `mask_data`, an array of shape `(height, width)` with class numbers of 0 to 255, or
            `path`, an image file of them; and optional `class_labels`, names by class number.
        key: the mask's name.

    Raises:
        ArgumentTypeError: the mask is not like that.
        FileNotFoundError: there is no such file.
    """

    _type = "mask"
    _folder = "images/mask"

    def __init__(self, val: Mapping[str, Any], key: str) -> None:
        super().__init__()
        self.key = key
        _check_mapping(val, f"The mask {key!r}", '{"mask_data": array}')
        _check_labels(val.get("class_labels"))
        self.class_labels = val.get("class_labels") or {}
        if "path" in val:
            self._content = Path(val["path"])
            self._content.stat()
            self._ending = self._content.suffix
            return
        if "mask_data" not in val:
            raise ArgumentTypeError(
                'Missing key "mask_data": An image mask requires mask data: a 2D array '
                f"representing the predictions. {key!r} has {sorted(val)}."
            )
        classes = _class_numbers(val["mask_data"])
        self.class_labels = val.get("class_labels") or _numbered(set(classes.ravel().tolist()))
        buffer = BytesIO()
        needed("PIL.Image", by="ImageMask()").fromarray(classes).save(buffer, format="PNG")
        self._content = buffer.getvalue()
        self._ending = ".mask.png"

    def _facts(self, place: Place) -> dict[str, Any]:  # noqa: ARG002 - no further file
        return {"class_labels": self.class_labels}


def _class_numbers(data: Any) -> Any:
    import numpy as np  # noqa: PLC0415 - only someone who logs arrays pays for numpy

    if hasattr(data, "detach"):
        data = data.detach().cpu().numpy()
    array = np.asarray(data)
    if array.ndim != 2:  # noqa: PLR2004 - height and width
        raise ArgumentTypeError(
            f"mask_data must be a 2D array; got one of shape {list(array.shape)}. Give the class "
            "number of each pixel."
        )
    if not ((array >= 0) & (array <= _BYTE_MAX)).all():
        raise ArgumentTypeError(
            f"Mask data must be integers between 0 and 255; got {array.min()} to {array.max()}."
        )
    return array.astype(np.uint8)


def _numbered(ids: Iterable[Any]) -> dict[int, str]:
    return {one: f"class_{one}" for one in sorted({int(one) for one in ids})}


def _check_labels(labels: Any) -> None:
    if labels is None:
        return
    _check_mapping(labels, "Class labels", '{1: "cat"}')
    for number, name in labels.items():
        if not isinstance(number, numbers.Number) or not isinstance(name, str):
            raise ArgumentTypeError(
                "Class labels must be a dictionary of numbers to strings; got "
                f"{number!r}: {name!r}."
            )


def _check_mapping(given: Any, what: str, example: str) -> None:
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(
            f"{what} must be a dictionary; got {given!r}, a {type(given).__name__}. Write "
            f"{example}."
        )


def _check_box(box: Any) -> None:
    _check_mapping(box, "Each box", '{"position": {...}, "class_id": 1}')
    position, scores = box.get("position", {}), box.get("scores", {})
    _check_mapping(position, "A box's position", '{"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}')
    _check_mapping(scores, "A box's scores", '{"confidence": 0.9}')
    corners = all(_is_number(position.get(name)) for name in _CORNERS)
    sides = all(_is_number(position.get(name)) for name in _SIDES)
    if not corners and not (sides and _is_pair(position.get("middle"))):
        raise ArgumentTypeError(
            "Each box must contain a position with: middle, width, and height or minX, maxX, "
            f"minY, maxY. Got {position!r}."
        )
    for name, score in scores.items():
        if not isinstance(name, str) or not _is_number(score):
            raise ArgumentTypeError(f"Box scores are numbers by name; got {name!r}: {score!r}.")
    if not isinstance(box.get("class_id", 0), int):
        raise ArgumentTypeError(f"A box's class_id must be an integer; got {box['class_id']!r}.")
    if not isinstance(box.get("box_caption", ""), str):
        raise ArgumentTypeError(f"A box's caption must be a string; got {box['box_caption']!r}.")


def _is_pair(value: Any) -> bool:
    return hasattr(value, "__getitem__") and len(value) == 2  # noqa: PLR2004 - x, y


def _is_number(value: Any) -> bool:
    # Tensors of one element are numbers to whoever computes boxes with torch.
    return isinstance(value, numbers.Number) or hasattr(value, "item")
