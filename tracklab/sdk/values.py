"""What a logged value becomes in a row, by wandb's rules.

Numbers and texts stay; an array of one element becomes that element, one of up to 32 a list and a
larger one a histogram; a media object becomes its record. Whatever else there is, the encoder
settles.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import ArgumentTypeError, TrackLabError
from tracklab.media.histogram import Histogram, histogram_record
from tracklab.media.value import WBValue, listed_record
from tracklab.records.encode import unserialisable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tracklab.media.value import Place

__all__ = ["PLAIN", "row_values"]

#: Types that a row takes as they are; strings may be too long for a line, so not here.
PLAIN: Final = frozenset({int, float, bool})
_SEQUENCES: Final = frozenset({list, tuple})
#: Whose figures and frames are media without being told so.
_LIBRARIES: Final = frozenset({"matplotlib", "pandas", "plotly"})
_LISTED_UP_TO: Final = 32
_MAX_DEPTH: Final = 64


def row_values(
    data: Mapping[str, Any], place: Callable[[], Place] | None = None, depth: int = 0
) -> dict[str, Any]:
    """Return `data` with arrays and media replaced by what a row holds for them.

    Args:
        data: values by name.
        place: returns where files of media go, and is only asked for some; None leaves media as
            they are.
        depth: how many dicts this one is in.

    Raises:
        ArgumentTypeError: a list mixes media with other values.
        UsageError: a media value cannot be logged there.
    """
    found: dict[str, Any] = {}
    for key, value in data.items():
        kind = type(value)
        if kind in PLAIN or kind is str or value is None:
            found[key] = value
        elif isinstance(value, WBValue):
            found[value.row_key(key)] = _row_value(value, key, place, depth)
        else:
            found[key] = _row_value(value, key, place, depth)
    found.pop("", None)
    return found


def _row_value(value: Any, key: str, place: Callable[[], Place] | None, depth: int) -> Any:
    kind = type(value)
    if kind is dict and depth < _MAX_DEPTH:
        return row_values(value, place, depth + 1)
    try:
        if isinstance(value, WBValue):
            return _record(value, key, place)
        if kind in _SEQUENCES and value:
            return _listed(value, key, place)
        if hasattr(value, "tolist") and getattr(value, "ndim", None):
            return _array(value)
        if kind.__module__.partition(".")[0] in _LIBRARIES or kind is ModuleType:
            from tracklab.media.figures import as_media  # noqa: PLC0415 - whoever logs figures

            media = as_media(value)
            return value if media is None else _record(media, key, place)
    except TrackLabError:  # the user's mistake: it belongs to the call
        raise
    except Exception:  # noqa: BLE001 - an array on a lost device, or a figure, may raise anything
        return unserialisable(value)
    return value


def _record(value: WBValue, key: str, place: Callable[[], Place] | None) -> Any:
    if place is None:
        return value.to_record() if type(value) is Histogram else value
    return value.to_record(place().under(key))


def _listed(values: Sequence[Any], key: str, place: Callable[[], Place] | None) -> Any:
    media = [issubclass(kind, WBValue) for kind in set(map(type, values))]
    if not any(media) or place is None:
        return values
    if not all(media):
        others = sorted({type(one).__name__ for one in values if not isinstance(one, WBValue)})
        raise ArgumentTypeError(
            f"log() takes lists of media or of other values; {key!r} mixes media with "
            f"{', '.join(others)}. Log them under two keys."
        )
    return listed_record(values, place().under(key))


def _array(value: Any) -> Any:
    if hasattr(value, "detach"):
        value = _torch_array(value)
    length = 1
    for side in value.shape:
        length *= int(side)
    if length > _LISTED_UP_TO:
        return histogram_record(value)
    listed = value.tolist()
    for _ in value.shape if length == 1 else ():
        listed = listed[0]
    return listed


def _torch_array(tensor: Any) -> Any:
    """Return a torch tensor as an array: numpy knows no gradients, devices, layouts or bfloat16."""
    dense = tensor.detach().cpu()
    if dense.is_sparse:
        dense = dense.to_dense()
    try:
        return dense.numpy()
    except TypeError:
        return dense.float().numpy()
