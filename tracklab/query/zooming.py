"""One key over a range of x from the index's blocks: what a chart shows, without every point.

Only for a line that needs no settling: each entry in a later group than the one before it, and
an x that never falls. The edges of buckets are found by search, blocks that lie inside one are
told by their digest, and only blocks with an edge in them are read. So the answer is, number by
number, what `into_buckets` gives for all the points, at every zoom and on every axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from tracklab.index.blocks import BLOCK
from tracklab.index.joined import JoinedColumn
from tracklab.index.parts import StoredLine
from tracklab.query.buckets import Buckets, into_buckets, united
from tracklab.query.columns import AXIS_OF, Column, Indexed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from tracklab.query.columns import Pieces

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]

__all__ = ["Line", "can_number", "line_of"]

#: Numbers of buckets from here on are no longer one apart.
_MOST_NUMBER = 2.0**53
#: Places whose points are in memory at a time where all of them are read.
_AT_ONCE = 1 << 17


class Line:
    """The finite points of one key by increasing x, in pieces that are read when asked for."""

    def __init__(self, pieces: Sequence[_Piece]) -> None:
        self._pieces = pieces

    def odd(self) -> Iterator[tuple[Floats, Floats]]:
        """Yield x and value of the numbers that are not finite, some at a time."""
        return chain.from_iterable(piece.odd() for piece in self._pieces)

    def within(self, x0: float | None = None, x1: float | None = None) -> Cut:
        """Return the points with x0 <= x <= x1; None leaves an end open."""
        met = [
            piece.line
            for piece in self._pieces
            if piece.line is not None
            and (x0 is None or piece.line.high >= x0)
            and (x1 is None or piece.line.low <= x1)
        ]
        spans = []
        for piece in _joined(met):
            first = 0 if x0 is None else piece.before(x0)
            end = piece.places if x1 is None else piece.before(x1, or_equal=True)
            if end > first:
                spans.append((piece, first, end))
        return Cut(spans)


class Cut:
    """A range of a line.

    Args:
        spans: pieces in order, each with the first of its places and where they end.
    """

    def __init__(self, spans: Sequence[tuple[_Stored | _Held, int, int]]) -> None:
        self._spans = spans
        self.count = sum(piece.count(first, end) for piece, first, end in spans)

    def ends(self) -> tuple[float, float]:
        """Return the smallest and the largest x; there is at least one point."""
        first_piece, first, _ = self._spans[0]
        last_piece, _, end = self._spans[-1]
        return first_piece.x_at(first), last_piece.x_at(end - 1)

    def points(self) -> Iterator[tuple[Floats, Floats]]:
        """Yield x and value of every point, some at a time."""
        for piece, first, end in self._spans:
            for start in range(first, end, _AT_ONCE):
                yield piece.points(start, min(start + _AT_ONCE, end))

    def buckets(self, width: float) -> Buckets:
        """Return the points in buckets; see `into_buckets`.

        Args:
            width: of a bucket, a power of two that `can_number` all of them.

        Cost: for each edge two blocks, for each block between them its digest.
        """
        found = [piece.buckets(first, end, width) for piece, first, end in self._spans]
        return united(found, width)


def can_number(ends: tuple[float, float], width: float) -> bool:
    """Return whether each bucket of a width has a number of its own, so that edges are found."""
    return width > 0 and max(map(abs, ends)) / width < _MOST_NUMBER


def line_of(pieces: Pieces, axis: str) -> Line | None:
    """Return a key as a line over `axis`, or None if it must be settled first.

    Raises:
        DamagedError: the index is not what was written.
    """
    if axis not in AXIS_OF or not any(isinstance(one, Indexed) for one in pieces.found):
        return None
    found: list[_Piece] = []
    group, x = -np.inf, -np.inf
    for one in pieces.found:
        piece = _stored(one) if isinstance(one, Indexed) else _held(one)
        if piece is None:
            return None
        if not piece.has_entries:
            continue
        if piece.first_group <= group:
            return None
        group = piece.last_group
        if piece.line is not None:
            if piece.line.low < x:
                return None
            x = piece.line.high
        found.append(piece)
    return Line(found)


def _joined(pieces: Sequence[StoredLine | _Stored | _Held]) -> Iterator[_Stored | _Held]:
    """Yield pieces with those that lie in parts of the index, one behind the other, as one."""
    for stored, some in groupby(pieces, key=lambda piece: isinstance(piece, StoredLine)):
        own: list[Any] = list(some)
        if stored:
            yield _Stored(own)
        else:
            yield from own


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sound piece: its points if it has any, its odd numbers, and where all its groups lie."""

    line: StoredLine | _Stored | _Held | None
    odd: Callable[[], Iterable[tuple[Floats, Floats]]]
    first_group: float
    last_group: float
    has_entries: bool = True


class _Held:
    """Points in memory, some at least: of lines that are not indexed yet."""

    def __init__(self, x: Floats, value: Floats) -> None:
        self.x, self._value = x, value
        self.low, self.high = float(x[0]), float(x[-1])
        self.places = len(x)

    def count(self, first: int, end: int) -> int:
        return end - first

    def before(self, edge: float, *, or_equal: bool = False) -> int:
        return int(np.searchsorted(self.x, edge, "right" if or_equal else "left"))

    def x_at(self, place: int) -> float:
        return float(self.x[place])

    def points(self, first: int, end: int) -> tuple[Floats, Floats]:
        return self.x[first:end], self._value[first:end]

    def buckets(self, first: int, end: int, width: float) -> Buckets:
        return into_buckets(self.x[first:end], self._value[first:end], width=width)


class _Stored:
    """Points in parts of the index; places are those of `JoinedColumn`.

    Args:
        lines: one behind the other.
        end: the place where they end; None for the end of the last one.
    """

    def __init__(self, lines: Sequence[StoredLine], *, end: int | None = None) -> None:
        self._x = JoinedColumn([line.x for line in lines])
        self._value = JoinedColumn([line.value for line in lines])
        self.places = self._x.places if end is None else end
        self.low = lines[0].low
        self.high = lines[-1].high if end is None else self.x_at(end - 1)

    def count(self, first: int, end: int) -> int:
        return int(np.diff(self._x.counted(np.array([first, end])))[0])

    def before(self, edge: float, *, or_equal: bool = False) -> int:
        places, _ = self._x.before(np.array([edge]), or_equal=or_equal)
        return min(int(places[0]), self.places)

    def x_at(self, place: int) -> float:
        return self._x.at(place)

    def points(self, first: int, end: int) -> tuple[Floats, Floats]:
        return self._x.span(first, end), self._value.span(first, end)

    def buckets(self, first: int, end: int, width: float) -> Buckets:
        low, high = self.x_at(first), self.x_at(end - 1)
        edges = np.arange(np.floor(low / width) + 1, np.floor(high / width) + 1) * width
        places, last = self._x.before(edges)  # each behind `first`, and none behind `end`
        inner, chosen = np.unique(places, return_index=True)
        bounds = np.concatenate([[first], inner, [end]])
        x = np.append(last[chosen], high)
        spread = _Spread(self._value, bounds)
        return Buckets(
            x=x,
            last=spread.at(bounds[1:] - 1),
            lo=spread.least(),
            hi=spread.greatest(),
            cnt=np.diff(self._x.counted(bounds)).astype(np.float64),
            total=spread.total(),
        )


class _Spread:
    """A column with the blocks that hold a bound, or the last point before one, written out.

    Every other block is one entry: its smallest or its largest number, or the sum of all.
    """

    def __init__(self, column: JoinedColumn, bounds: Indices) -> None:
        self._first = int(bounds[0]) // BLOCK
        count = int(bounds[-1] - 1) // BLOCK - self._first + 1
        out = np.zeros(count + 1, dtype=bool)
        out[bounds[bounds % BLOCK != 0] // BLOCK - self._first] = True
        out[(bounds[1:] - 1) // BLOCK - self._first] = True
        self._out = out[:count]
        self._inside = column.extremes[:, self._first : self._first + count][:, ~self._out]
        lengths = np.where(self._out, BLOCK, 1)
        self._offsets = np.concatenate([[0], np.cumsum(lengths)])
        self._within = self._offsets[:-1][self._out][:, None] + np.arange(BLOCK)
        numbers = np.flatnonzero(self._out) + self._first
        self._rows = column.blocks(numbers)
        self._padding = column.padding(numbers)
        self._starts = self._place(bounds[:-1])
        self._end = int(self._place(bounds[-1:])[0])

    def at(self, places: Indices) -> Floats:
        """Return single numbers, each in a block that is written out."""
        numbers = np.cumsum(self._out) - 1
        values: Floats = self._rows[numbers[places // BLOCK - self._first], places % BLOCK]
        return values

    def least(self) -> Floats:
        return self._reduced(np.minimum, self._rows, self._inside[0])

    def greatest(self) -> Floats:
        return self._reduced(np.maximum, self._rows, self._inside[1])

    def total(self) -> Floats:
        rows = np.where(self._padding, 0.0, self._rows)
        with np.errstate(over="ignore", invalid="ignore"):
            return self._reduced(np.add, rows, self._inside[2])

    def _reduced(self, reduce: Callable[..., Any], rows: Floats, inside: Floats) -> Floats:
        spread = np.empty(int(self._offsets[-1]))
        spread[self._offsets[:-1][~self._out]] = inside
        spread[self._within] = rows
        reduced: Floats = reduce.reduceat(spread[: self._end], self._starts)  # type: ignore[attr-defined]
        return reduced

    def _place(self, bounds: Indices) -> Indices:
        block = bounds // BLOCK - self._first
        return self._offsets[block] + np.where(bounds % BLOCK, bounds % BLOCK, 0)


def _stored(one: Indexed) -> _Piece | None:
    facts = one.part.facts(one.key)
    axis = AXIS_OF[one.axis]
    if facts is None or not facts.strict or not facts.rising[axis]:
        return None
    before = 0 if one.stream == "history" else one.before
    first, last = facts.first + before, facts.last + before
    odd = partial(_odd, one) if facts.odd else tuple
    whole = one.part.line(one.key, axis)
    if one.limit is None or last < one.limit:
        return _Piece(whole if len(whole.x) else None, odd, first, last)
    last = float(np.nextafter(one.limit, -np.inf))
    return _Piece(_cut_off(one, whole), odd, first, last, has_entries=first <= last)


def _cut_off(one: Indexed, line: StoredLine) -> _Stored | None:
    """Return the points that a later attempt has left of a line; groups never fall."""
    groups = one.part.line(one.key, "group").x
    if not len(groups):
        return None
    places, _ = JoinedColumn([groups]).before(np.array([one.limit]))
    return _Stored([line], end=int(places[0])) if places[0] else None


def _odd(one: Indexed) -> Iterator[tuple[Floats, Floats]]:
    for entries in one.entries():
        if entries.are_odd:
            for column in entries.pieces(_AT_ONCE):
                yield column.x[column.numeric], column.value[column.numeric]


def _held(column: Column) -> _Piece | None:
    group = column.group
    x, value = column.x[column.numeric], column.value[column.numeric]
    if not len(group):
        return _Piece(None, tuple, np.nan, np.nan, has_entries=False)
    if np.isnan(group).any() or not bool(np.all(group[1:] > group[:-1])):
        return None
    if not bool(np.isfinite(x).all()) or not bool(np.all(x[1:] >= x[:-1])):
        return None
    finite = np.isfinite(value)
    line = _Held(x[finite], value[finite]) if finite.any() else None
    odd = x[~finite], value[~finite]
    return _Piece(line, lambda: [odd], float(group[0]), float(group[-1]))
