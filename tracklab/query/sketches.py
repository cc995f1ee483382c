"""Lines of any length in bounded memory: points come in pieces, what a chart shows comes out.

The grid of buckets is one of powers of two, so narrow buckets become wide ones without a number
being wrong. While points come they are kept in buckets that are narrow enough whatever follows;
few points are kept as they are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tracklab.query.answers.series import NonFinite
from tracklab.query.buckets import bucket_width, into_buckets, united
from tracklab.query.plain import number_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tracklab.query.buckets import Buckets

    Floats = NDArray[np.float64]

__all__ = ["Marks", "Sketch"]

#: Buckets that are kept for each that is shown, so that theirs are made of whole ones.
_FINER = 4


class Sketch:
    """The finite points of a line, in any order; of equal x the later one is the last.

    Args:
        px: most buckets.
        most: so many points are kept as they are.
        width: of a bucket, a power of two or 0; None for what `px` allows.

    Attributes:
        count: points.
        low: smallest x, infinity without one.
        high: largest x.
    """

    def __init__(self, px: int, most: int, width: float | None = None) -> None:
        self._px = px
        self._most = most
        self._width = width
        self._points: list[tuple[Floats, Floats]] = []
        self._buckets: Buckets | None = None
        self.count = 0
        self.low, self.high = math.inf, -math.inf

    def add(self, x: Floats, value: Floats) -> None:
        """Take points, x and value finite."""
        if not len(x):
            return
        self.count += len(x)
        self.low, self.high = min(self.low, float(x.min())), max(self.high, float(x.max()))
        self._points.append((x, value))
        if self.count > self._most:
            width = self._width
            if width is None:
                width = bucket_width(self.high - self.low, _FINER * self._px)
            held = [] if self._buckets is None else [self._buckets]
            self._buckets = united([*held, into_buckets(*self._sorted(), width=width)], width)
            self._points = []

    def points(self) -> tuple[Floats, Floats] | None:
        """Return x and value of all points in order of x; None if they are too many."""
        return self._sorted() if self._buckets is None else None

    def buckets(self, width: float) -> Buckets:
        """Return too many points in buckets, at least as wide as the range of x makes them."""
        assert self._buckets is not None
        return united([self._buckets], width)

    def _sorted(self) -> tuple[Floats, Floats]:
        x, value = (
            np.concatenate([*(one[part] for one in self._points), np.empty(0)]) for part in (0, 1)
        )
        if bool(np.all(x[1:] >= x[:-1])):
            return x, value
        order = np.argsort(x, kind="stable")
        return x[order], value[order]


class Marks:
    """Values that no line can draw, in any order: of many the first of each kind in each bucket.

    Args:
        px: so many are told one by one, and of more as many buckets at most.
    """

    def __init__(self, px: int) -> None:
        self._px = px
        self._x, self._value = np.empty(0), np.empty(0)
        self._count = 0
        self._low, self._high = math.inf, -math.inf

    def add(self, x: Floats, value: Floats) -> None:
        """Take values that are not finite; x is."""
        if not len(x):
            return
        self._count += len(x)
        self._low, self._high = min(self._low, float(x.min())), max(self._high, float(x.max()))
        self._x = np.concatenate([self._x, x])
        self._value = np.concatenate([self._value, value])
        if self._count > self._px:
            self._reduce(bucket_width(self._high - self._low, _FINER * self._px))

    def told(self, width: float) -> list[NonFinite]:
        """Return the values by x; with a `width`, above 0, of each bucket the first of a kind.

        Those of a run that has diverged, which lie behind all its points, have wider buckets.
        """
        if self._count > self._px:
            width = max(width, bucket_width(self._high - self._low, self._px))
        self._reduce(width)
        return [
            NonFinite(x, number_name(value))
            for x, value in zip(self._x.tolist(), self._value.tolist(), strict=True)
        ]

    def _reduce(self, width: float) -> None:
        order = np.argsort(self._x, kind="stable")
        x, value = self._x[order], self._value[order]
        bucket = np.floor(x / width) if width else x
        kinds = (np.isnan(value), value == np.inf, value == -np.inf)
        firsts = np.sort(np.concatenate([_firsts(bucket, np.flatnonzero(kind)) for kind in kinds]))
        self._x, self._value = x[firsts], value[firsts]


def _firsts(bucket: Floats, places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the first of the places in each bucket; buckets rise."""
    own = bucket[places]
    return places[np.append(True, own[1:] != own[:-1])] if len(places) else places
