"""What a logged value becomes in a row, by wandb's rules.

Numbers and texts stay; an array of up to 32 elements becomes a list and a larger one a
histogram; a media object becomes its record. Whatever else there is, the encoder settles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tracklab.media.histogram import histogram_record
from tracklab.records.encode import unserialisable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PLAIN", "row_values"]

#: Types that a row takes as they are; strings may be too long for a line, so not here.
PLAIN: Final = frozenset({int, float, bool})
_LISTED_UP_TO: Final = 32
_MAX_DEPTH: Final = 64


def row_values(data: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Return `data` with arrays and media replaced by what a row holds for them."""
    return {key: _row_value(value, depth) for key, value in data.items() if key != ""}


def _row_value(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind in PLAIN or kind is str or value is None:
        return value
    if kind is dict and depth < _MAX_DEPTH:
        return row_values(value, depth + 1)
    try:
        if hasattr(value, "to_record"):
            return value.to_record()
        if hasattr(value, "tolist") and getattr(value, "ndim", None):
            return _array(value)
    except Exception:  # noqa: BLE001 - an array on a lost device may raise anything
        return unserialisable(value)
    return value


def _array(value: Any) -> Any:
    if hasattr(value, "detach"):
        value = _torch_array(value)
    length = 1
    for side in value.shape:
        length *= int(side)
    return value.tolist() if length <= _LISTED_UP_TO else histogram_record(value)


def _torch_array(tensor: Any) -> Any:
    """Return a torch tensor as an array: numpy knows no gradients, devices, layouts or bfloat16."""
    dense = tensor.detach().cpu()
    if dense.is_sparse:
        dense = dense.to_dense()
    try:
        return dense.numpy()
    except TypeError:
        return dense.float().numpy()
