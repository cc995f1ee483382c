"""Many points become few without a lie: buckets on a grid that never moves.

Edges are multiples of a power of two of x. They do not depend on the data or on where the
visible range begins, so panning or appending changes no bucket but those that gain a point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Buckets", "bucket_width", "into_buckets", "united"]

#: The largest power of two that is a number: a range of all numbers is four of it.
_WIDEST = 2.0**1023


@dataclass(frozen=True, slots=True)
class Buckets:
    """One entry per bucket that holds points; `x` and `last` are those of its last point.

    `total` is the sum of its values; an infinite one says that it is beyond what a number holds.
    """

    x: Floats
    last: Floats
    lo: Floats
    hi: Floats
    cnt: Floats
    total: Floats

    @property
    def mean(self) -> Floats:
        """The mean of each bucket, never outside of its smallest and largest value.

        Its last digits depend on the order of summing, and so on whether there is an index.
        """
        with np.errstate(invalid="ignore"):
            mean = self.total / self.cnt
        mean = np.where(np.isfinite(mean), mean, self.lo / 2 + self.hi / 2)
        bounded: Floats = np.clip(mean, self.lo, self.hi)
        return bounded


def into_buckets(x: Floats, value: Floats, *, width: float) -> Buckets:
    """Return last, smallest and largest value, count and sum of each bucket that holds points.

    Args:
        x: shape `(n,)`, n >= 1, increasing or equal, finite.
        value: shape `(n,)`, finite.
        width: of a bucket, a power of two; 0 puts each x into a bucket of its own.

    Cost: O(n), one pass each.
    """
    ends = _ends(x, width)
    starts = np.append(0, ends[:-1] + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.add.reduceat(value, starts)
    return Buckets(
        x=x[ends],
        last=value[ends],
        lo=np.minimum.reduceat(value, starts),
        hi=np.maximum.reduceat(value, starts),
        cnt=(ends - starts + 1).astype(np.float64),
        total=total,
    )


def united(found: Sequence[Buckets], width: float) -> Buckets:
    """Return the buckets of several pieces of one line as one row.

    Args:
        found: of each piece, at least one of them; those of a later piece count as later where x
            is equal. None is wider than `width`.
        width: of a bucket, a power of two; 0 as in `into_buckets`.
    """
    columns = {
        name: np.concatenate([getattr(one, name) for one in found])
        for name in ("x", "last", "lo", "hi", "cnt", "total")
    }
    x = columns["x"]
    if not bool(np.all(x[1:] >= x[:-1])):
        order = np.argsort(x, kind="stable")
        columns = {name: column[order] for name, column in columns.items()}
        x = columns["x"]
    ends = _ends(x, width)
    starts = np.append(0, ends[:-1] + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.add.reduceat(columns["total"], starts)
    return Buckets(
        x=x[ends],
        last=columns["last"][ends],
        lo=np.minimum.reduceat(columns["lo"], starts),
        hi=np.maximum.reduceat(columns["hi"], starts),
        cnt=np.add.reduceat(columns["cnt"], starts),
        total=total,
    )


def _ends(x: Floats, width: float) -> NDArray[np.intp]:
    """Return the places of the last points of buckets; x rises."""
    index = np.floor(x / width) if width else x
    return np.append(np.flatnonzero(index[1:] != index[:-1]), len(x) - 1)


def bucket_width(span: float, px: int) -> float:
    """Return the smallest power of two that lays at most `px` buckets over a range.

    It depends on the length of the range alone, not on where it lies.

    Args:
        span: length of the range in units of x, 0 or more.
        px: 1 or more; below 2 counts as 2, because a range may always straddle an edge.
    """
    # A range of s widths touches at most ceil(s) + 1 buckets.
    least = span / (max(px, 2) - 1)
    if least == 0:
        return 0.0
    fraction, exponent = math.frexp(min(least, _WIDEST))
    return math.ldexp(1.0, exponent - (fraction == 0.5))  # noqa: PLR2004 - least is a power of two
