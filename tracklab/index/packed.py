"""Columns that are only ever read whole, in the fewest bytes that hold each number as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tracklab.index.sealed import checked, put

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Packed", "pack", "unpack"]

#: Types of packed columns of whole numbers from 0 on, beside which anything is a float.
_WHOLE: Final = tuple(np.dtype(f"<u{size}") for size in (1, 2, 4))


@dataclass(frozen=True, slots=True)
class Packed:
    """Columns that are only ever read whole.

    Attributes:
        columns: all of one length; NaN where there is no number.
        names: what their codes stand for, as JSON can say it.
    """

    columns: Mapping[str, Floats]
    names: list[Any]


def pack(file: BinaryIO, column: Floats) -> dict[str, Any]:
    """Append a column, and return what a footer says of it: its ends, and where it lies.

    One whose numbers are all the same takes no bytes at all.
    """
    known = column[~np.isnan(column)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (None, None)
    if not len(known) or (low == high and len(known) == len(column)):
        return {"low": low, "high": high, "place": None, "type": None}
    kind = np.dtype(np.float64)
    if len(known) == len(column) and known.min() >= 0 and (known == np.floor(known)).all():
        kind = next((kind for kind in _WHOLE if known.max() <= np.iinfo(kind).max), kind)
    return {
        "low": low, "high": high,
        "place": put(file, column.astype(kind).tobytes()), "type": kind.str,
    }  # fmt: skip


def unpack(descriptor: int, told: Mapping[str, Any], count: int) -> Floats:
    """Return a column of so many numbers.

    Raises:
        DamagedError: it is not what was written.
        OSError: it cannot be read.
    """
    if told["place"] is None:
        return np.full(count, np.nan if told["low"] is None else told["low"])
    raw = checked(descriptor, told["place"])
    return np.frombuffer(raw, dtype=told["type"]).astype(np.float64, copy=False)
