"""Images: pixels, figures and files as pictures, with boxes and masks drawn over them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.needs import needed, say_once
from tracklab.media.overlays import BoundingBoxes2D, Classes, ImageMask
from tracklab.media.value import BatchableMedia
from tracklab.storage.descriptors import lent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

    from tracklab.media.value import Place

__all__ = ["Image"]

_FORMATS: Final = ("png", "jpg", "jpeg", "bmp")
_WITHOUT_ALPHA: Final = ("jpg", "jpeg")
_MODES: Final = {1: "L", 3: "RGB", 4: "RGBA"}


class Image(BatchableMedia):
    """A picture to log: `run.log({"sample": Image(pixels, caption="a cat")})`.

    Args:
        data_or_path: a numpy array of shape `(height, width)` or `(height, width, channels)`, a
            torch tensor of shape `(height, width)` or `(channels, height, width)`, each with 1, 3
            or 4 channels and values of 0 to 255; a Pillow image; a matplotlib figure, or anything
            in one; the path of an image file; another `Image`, whose pixels are taken.
        mode: Pillow's name of the pixels' format for an array; None for the one that fits its
            channels.
        caption: a text under it.
        grouping: a number of images that belong together.
        classes: what boxes and masks mean: `Classes`, or `[{"id": 1, "name": "cat"}]`.
        boxes: sets of boxes by name; see `BoundingBoxes2D`.
        masks: masks by name; see `ImageMask`.
        file_type: `png` (None), `jpg`, `jpeg` or `bmp`; a path keeps its own.
        normalize: take numbers of 0 to 1 for the whole range, those with negative ones by their
            least and largest.

    Raises:
        UsageError: an array has a shape that is no picture, or another argument cannot be used.
        ArgumentTypeError: the data are of another kind, or boxes or masks are not as they should.
        FileNotFoundError: there is no such file.
        MissingPackageError: Pillow is not installed.
    """

    MAX_ITEMS: ClassVar[int] = 108
    _type = "image-file"
    _folder = "images"

    @lent()  # Pillow loads a module for each format
    def __init__(  # noqa: PLR0913 - wandb's signature
        self,
        data_or_path: Any,
        mode: str | None = None,
        caption: str | None = None,
        grouping: int | None = None,
        classes: Classes | Sequence[Mapping[str, Any]] | None = None,
        boxes: Mapping[str, Any] | None = None,
        masks: Mapping[str, Any] | None = None,
        file_type: str | None = None,
        normalize: bool = False,
    ) -> None:
        super().__init__(caption)
        self.format: str | None = file_type or "png"
        self._grouping = grouping
        self._size: tuple[int, int] | None = None
        self._classes: Classes | None = None
        if isinstance(data_or_path, Image):
            self._take_over(data_or_path)
        elif isinstance(data_or_path, str | Path):
            self._read(data_or_path)
        else:
            self._encode(data_or_path, mode, normalize=normalize)
        self._boxes = _made(boxes, BoundingBoxes2D, "boxes")
        self._masks = _made(masks, ImageMask, "masks")
        if classes is not None:
            self._classes = classes if isinstance(classes, Classes) else Classes(classes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Image) or self._about() != other._about():
            return False
        return self._digest() == other._digest() or self._shows_what(other)

    __hash__ = None  # type: ignore[assignment] # as of all media

    def _about(self) -> tuple[Any, ...]:
        """Return what equal images have in common beside their pixels; as wandb has it.

        Of what is drawn over them it is the names of classes, not each box.
        """
        drawn = {**self._boxes, **self._masks}
        labels = {name: one.class_labels for name, one in drawn.items()}
        return self._grouping, self.caption, self._size, self._classes, labels

    def _shows_what(self, other: Image) -> bool:
        """Return whether two files, perhaps of different formats, hold the same pixels."""
        if self._address is not None or other._address is not None:
            return False
        one, two = self.image, other.image
        return (one.mode, one.size, one.tobytes()) == (two.mode, two.size, two.tobytes())

    @property
    def image(self) -> Any:
        """The picture as a Pillow image, read from its file."""
        pillow = _pillow()
        if isinstance(self._content, Path):
            picture = pillow.open(self._content)
        else:
            picture = pillow.open(BytesIO(self._content))
        picture.load()
        return picture

    @classmethod
    def batch(cls, values: Sequence[Self], place: Place) -> dict[str, Any]:
        """Return the record that stands for a list of images, of which the first 108 are kept."""
        if len(values) > cls.MAX_ITEMS:
            say_once(
                f"log() keeps the first {cls.MAX_ITEMS} images of a list; {place.key!r} has "
                f"{len(values)}. Log the others under another key or step."
            )
        kept = values[: cls.MAX_ITEMS]
        records = [value.to_record(place) for value in kept]
        faults = [record["_error"] for record in records if "_error" in record]
        return {
            "_type": "images/separated",
            "width": records[0].get("width"),
            "height": records[0].get("height"),
            "format": kept[0].format,
            "count": len(kept),
            "filenames": [record.get("path") for record in records],
            **_listed("captions", [value.caption for value in kept]),
            **_listed("all_masks", [record.get("masks") for record in records]),
            **_listed("all_boxes", [record.get("boxes") for record in records]),
            **_listed("all_classes", [record.get("classes") for record in records]),
            **({"_error": faults[0]} if faults else {}),
        }

    def _facts(self, place: Place) -> dict[str, Any]:
        facts: dict[str, Any] = {"format": self.format}
        if self._size is not None:
            facts["width"], facts["height"] = self._size
        if self._grouping:
            facts["grouping"] = self._grouping
        if self._classes is not None:
            facts["classes"] = self._classes.class_set
        if self._boxes:
            facts["boxes"] = {name: box.to_record(place) for name, box in self._boxes.items()}
        if self._masks:
            facts["masks"] = {name: mask.to_record(place) for name, mask in self._masks.items()}
        return facts

    def _take_over(self, other: Image) -> None:
        self._content, self._ending = other._content, other._ending
        self._address = other._address
        self._size, self.format, self._classes = other._size, other.format, other._classes
        self.caption = other.caption if self.caption is None else self.caption
        self._grouping = other._grouping if self._grouping is None else self._grouping

    def _read(self, path: str | Path) -> None:
        self._open(path)
        self.format = self._ending[1:]
        if self._address is None:
            with _pillow().open(path) as picture:
                self._size = picture.size
                picture.load()  # a damaged file shows now, to whoever gave it

    def _encode(self, data: Any, mode: str | None, *, normalize: bool) -> None:
        if self.format not in _FORMATS:
            raise UsageError(
                f"Image() cannot make a file of type {self.format!r}. Choose file_type from "
                f"{', '.join(_FORMATS)}."
            )
        pillow = _pillow()
        kind = type(data).__module__.partition(".")[0]
        if kind == "matplotlib" or getattr(data, "__name__", None) == "matplotlib.pyplot":
            self._content = _drawn(data, self.format)
            self._size = pillow.open(BytesIO(self._content)).size
        elif isinstance(data, pillow.Image):
            self._save(data)
        else:
            array = _pixels(data, channels_first=kind == "torch", normalize=normalize)
            self._save(_converted(pillow.fromarray(array), mode or _mode_of(array, self.format)))
        self._ending = f".{self.format}"

    def _save(self, picture: Any) -> None:
        picture.load()  # of a damaged file this is told as it is
        buffer = BytesIO()
        kind = "JPEG" if self.format in _WITHOUT_ALPHA else str(self.format).upper()
        try:
            picture.save(buffer, format=kind)
        except OSError as error:  # the format has no such pixels
            raise UsageError(
                f"Image() cannot store pixels of mode {picture.mode!r} as {kind}: {error}. Write "
                "mode='RGB', or image.convert('RGB')."
            ) from None
        self._content = buffer.getvalue()
        self._size = picture.size


def _pillow() -> Any:
    return needed("PIL.Image", by="Image()")


def _converted(picture: Any, mode: Any) -> Any:
    try:
        return picture.convert(mode)
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f"Image() got the mode {mode!r}. It takes a name that Pillow converts "
            f"{picture.mode!r} to, such as 'L', 'RGB' or 'RGBA'. Leave it out for the one that "
            "fits the channels."
        ) from None


def _made(given: Any, kind: Any, what: str) -> dict[str, Any]:
    if not given:
        return {}
    if not isinstance(given, dict):
        raise UsageError(
            f'Images "{what}" argument must be a dictionary; got a {type(given).__name__}. '
            f'Write Image(pixels, {what}={{"predictions": {{...}}}}).'
        )
    return {name: one if isinstance(one, kind) else kind(one, name) for name, one in given.items()}


def _listed(name: str, values: list[Any]) -> dict[str, Any]:
    return {} if all(value is None for value in values) else {name: values}


def _drawn(data: Any, format_: str) -> bytes:
    """Return a matplotlib figure, or the one that `data` is in, as a file."""
    figure = data.gcf() if hasattr(data, "gcf") else data
    if not hasattr(figure, "savefig"):
        figure = figure.figure
    buffer = BytesIO()
    figure.savefig(buffer, format=format_)
    return buffer.getvalue()


def _pixels(data: Any, *, channels_first: bool, normalize: bool) -> Any:
    """Return an array of bytes of shape `(height, width)` or `(height, width, channels)`."""
    import numpy as np  # noqa: PLC0415 - only someone who logs arrays pays for numpy

    if hasattr(data, "detach"):
        data = data.detach().cpu()
        data = data.float() if str(data.dtype) == "torch.bfloat16" else data
    array = np.asarray(data.numpy() if hasattr(data, "numpy") else data)
    if array.dtype.kind not in "buif":
        raise ArgumentTypeError(
            f"Image() cannot make a picture of a {type(data).__name__}. It takes an array of "
            "numbers, a Pillow image, a matplotlib figure, or a path."
        )
    shape = array.shape
    while array.ndim > 2 and 1 in (array.shape[0], array.shape[-1]):  # noqa: PLR2004 - see shape
        array = array[0] if array.shape[0] == 1 else array[..., 0]
    if channels_first and array.ndim == 3:  # noqa: PLR2004 - channels, height, width
        array = np.moveaxis(array, 0, -1)
    if (array.ndim != 2 and (array.ndim != 3 or array.shape[-1] not in _MODES)) or not array.size:  # noqa: PLR2004 - as above
        raise UsageError(
            f"Un-supported shape for image conversion {list(shape)}. Image() takes "
            f"{'(channels, height, width)' if channels_first else '(height, width, channels)'} "
            "with 1, 3 or 4 channels, or (height, width)."
        )
    return (_normalized(array) if normalize else array).astype(np.uint8)


def _normalized(array: Any) -> Any:
    least, largest = array.min(), array.max()
    if least < 0:
        return (array - least) / ((largest - least) or 1) * 255
    return array * 255 if largest <= 1 else array


def _mode_of(array: Any, format_: str | None) -> str:
    mode = "L" if array.ndim == 2 else _MODES[array.shape[-1]]  # noqa: PLR2004 - height, width
    if mode == "RGBA" and format_ in _WITHOUT_ALPHA:
        say_once("JPEG format does not support transparency. Ignoring alpha channel.")
        return "RGB"
    return mode
