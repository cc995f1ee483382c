"""Lines to draw: one key over an axis, cut to a range and to the pixels there are.

Smoothing comes before the cut and the cut before buckets, so a point looks the same at every
zoom. What no line can draw (NaN, Infinity) is told beside it and touches no bucket.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from tracklab.errors import QueryError
from tracklab.index.blocks import DamagedError
from tracklab.query.answers.series import Series
from tracklab.query.buckets import Buckets, bucket_width
from tracklab.query.columns import AXIS_OF, Column, read_columns
from tracklab.query.reach import Reach
from tracklab.query.revs import whole_starts
from tracklab.query.settling import settled
from tracklab.query.sketches import Marks, Sketch
from tracklab.query.smoothing import parse_smooth
from tracklab.query.zooming import can_number, line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tracklab.index.shelves import Shelf
    from tracklab.query.answers.series import NonFinite, RowStream
    from tracklab.query.columns import Columns
    from tracklab.query.zooming import Cut, Line

    Floats = NDArray[np.float64]

__all__ = ["View", "run_series"]

#: Points that are told one by one of lines written after a rev, whatever the pixels.
_MOST_NEW = 20_000


@dataclass(frozen=True, slots=True)
class View:
    """What part of a line is wanted and how: the arguments of the `series` query.

    `width` is that of buckets, a power of two or 0, whatever `px` says; None for the narrowest
    that `px` allows, or for all points where there are few.

    Raises:
        QueryError: rows by time are asked for by step, an end of the range is NaN, `px` is below
            1, or the smoothing is unknown.
    """

    stream: RowStream = "history"
    x: str | None = None
    x0: float | None = None
    x1: float | None = None
    px: int = 1000
    smooth: str | None = None
    width: float | None = None

    def __post_init__(self) -> None:
        if self.stream == "system" and self.x == "step":
            raise QueryError("System rows have no step. Ask for x=time or x=relative.")
        if any(end is not None and math.isnan(end) for end in (self.x0, self.x1)):
            raise QueryError("x0 and x1 are numbers; got NaN. Leave one out for an open end.")
        if self.px < 1:
            raise QueryError(f"px is a number of pixels, 1 or more; got {self.px}.")
        if self.smooth:
            parse_smooth(self.smooth)

    @property
    def axis(self) -> str:
        """The axis, with the default of the stream filled in."""
        return self.x or ("step" if self.stream == "history" else "time")


def run_series(
    run_dir: Path,
    address: str,
    keys: Sequence[str],
    view: View,
    *,
    rev: str,
    shelf: Shelf | None = None,
    since: str | None = None,
    reach: Reach | None = None,
) -> list[Series]:
    """Return the series of one run in the order of `keys`.

    Args:
        run_dir: the run's directory.
        address: as the caller named the run.
        keys: dotted names.
        view: what to return of them.
        rev: of the run, taken before.
        shelf: index of the run.
        since: a rev: only points from lines after it, exact up to 20,000.
        reach: how much may be read, and was.

    Cost: from the index some milliseconds; without it one pass over the stream's rows for all
    keys together.
    """
    starts = whole_starts(run_dir, since) if since is not None else None
    wanted = list(dict.fromkeys(keys if view.axis in AXIS_OF else [*keys, view.axis]))
    reach = reach or Reach()
    columns = read_columns(
        run_dir, view.stream, wanted, axis=view.axis, shelf=shelf, starts=starts, reach=reach
    )
    try:
        return _drawn(columns, keys, view, _Names(address, columns.attempt, rev), since=since)
    except (DamagedError, OSError):
        if shelf is None:
            raise
        shelf.discard()
        reach.start_over()
        return run_series(run_dir, address, keys, view, rev=rev, since=since, reach=reach)


def _drawn(
    columns: Columns, keys: Sequence[str], view: View, names: _Names, *, since: str | None
) -> list[Series]:
    whole = since is not None
    found = []
    for key in keys:
        line = None if whole else line_of(columns.by_key[key], view.axis)
        if line is not None and not view.smooth:
            drawing = _zoomed(line, view)
        else:
            points = _settled(columns, key, view) if line is None else _read(line, line.within())
            drawing = _drawing(points, view, whole=whole)
        found.append(_series(drawing, key, names))
    return found


def _read(line: Line, cut: Cut) -> Iterator[_Points]:
    """Yield what cannot be drawn of a line, then the points of a range, some at a time."""
    return (_ordered(x, value) for x, value in chain(line.odd(), cut.points()))


def _settled(columns: Columns, key: str, view: View) -> Iterator[_Points]:
    """Yield all points of a key, each piece by x."""
    own = columns.by_key[key]
    if view.axis in AXIS_OF:
        return (_by_x(column) for (column,) in settled([own]))
    pairs = settled([own, columns.by_key[view.axis]])
    return (_by_x(_across(column, axis)) for column, axis in pairs)


@dataclass(frozen=True, slots=True)
class _Names:
    """What all series of one run say alike."""

    run: str
    attempt: int
    rev: str


def _across(column: Column, axis: Column) -> Column:
    """Return `column` with the value that `axis` has at the same step, or in the same line."""
    axis = axis.at(~np.isnan(axis.group))
    if not len(axis.group):
        return column.at(np.empty(0, dtype=np.intp))
    at = np.minimum(np.searchsorted(axis.group, column.group), len(axis.group) - 1)
    x = np.where(axis.group[at] == column.group, axis.value[at], np.nan)
    return replace(column, x=x)


@dataclass(frozen=True, slots=True)
class _Points:
    """Points by increasing x, which is finite; `value` may not be."""

    x: Floats
    value: Floats

    def where(self, chosen: NDArray[np.bool_]) -> _Points:
        return _Points(self.x[chosen], self.value[chosen])

    def within(self, view: View) -> _Points:
        first = 0 if view.x0 is None else int(np.searchsorted(self.x, view.x0, "left"))
        end = len(self.x) if view.x1 is None else int(np.searchsorted(self.x, view.x1, "right"))
        return _Points(self.x[first:end], self.value[first:end])


def _by_x(column: Column) -> _Points:
    return _ordered(column.x, column.value)


def _ordered(x: Floats, value: Floats) -> _Points:
    points = _Points(x, value)
    known = np.isfinite(x)
    points = points if known.all() else points.where(known)
    if bool(np.all(points.x[1:] >= points.x[:-1])):
        return points
    order = np.argsort(points.x, kind="stable")
    return _Points(points.x[order], points.value[order])


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What a chart shows of one line: all its points, or buckets of them."""

    count: int
    shown: _Points | Buckets
    nonfinite: list[NonFinite]
    first: float


def _drawing(pieces: Iterable[_Points], view: View, *, whole: bool) -> _Drawing:
    """Draw from all the points there are, which come in pieces, each by x."""
    most = max(_most_points(view), _MOST_NEW if whole else 0)
    sketch, marks = Sketch(view.px, most, view.width), Marks(view.px)

    def finite() -> Iterator[_Points]:
        for points in pieces:
            is_finite = np.isfinite(points.value)
            odd = points.where(~is_finite).within(view)
            marks.add(odd.x, odd.value)
            yield points.where(is_finite)

    for points in _smooth(finite(), view) if view.smooth else finite():
        shown = points.within(view)
        sketch.add(shown.x, shown.value)
    ends = (sketch.low, sketch.high) if sketch.count else (np.nan, np.nan)
    width = _width(ends, view) if sketch.count else 0.0
    few = sketch.points()
    told = sketch.buckets(width) if few is None else _Points(*few)
    return _Drawing(sketch.count, told, marks.told(width), ends[0])


def _smooth(pieces: Iterable[_Points], view: View) -> Iterator[_Points]:
    """Yield the points of a line with smooth values, in pieces of other lengths.

    Raises:
        QueryError: the pieces are not one behind the other.
    """
    waiting: list[Floats] = []

    def values() -> Iterator[Floats]:
        high = -np.inf
        for points in pieces:
            if len(points.x) and points.x[0] < high:
                raise QueryError(
                    f"smooth needs the points in order of x={view.axis}, and these are too many to "
                    "put in order. Ask for x=step, or without smooth."
                )
            high = points.x[-1] if len(points.x) else high
            waiting.append(points.x)
            yield points.value

    for smooth in parse_smooth(view.smooth or "").over(values()):
        x = np.concatenate(waiting)
        waiting[:] = [x[len(smooth) :]]
        yield _Points(x[: len(smooth)], smooth)


def _zoomed(line: Line, view: View) -> _Drawing:
    """Draw from the index: of many points only those at the edges of buckets are read."""
    cut = line.within(view.x0, view.x1)
    ends = cut.ends() if cut.count else (np.nan, np.nan)
    width = _width(ends, view) if cut.count else 0.0
    if cut.count <= _most_points(view) or not can_number(ends, width):
        return _drawing(_read(line, cut), view, whole=False)
    marks = Marks(view.px)
    for x, value in line.odd():
        odd = _ordered(x, value).within(view)
        marks.add(odd.x, odd.value)
    return _Drawing(cut.count, cut.buckets(width), marks.told(width), ends[0])


def _series(drawing: _Drawing, key: str, names: _Names) -> Series:
    shown = drawing.shown
    many = shown if isinstance(shown, Buckets) else None
    return Series(
        run=names.run,
        key=key,
        attempt=names.attempt,
        n=drawing.count,
        exact=many is None,
        x=shown.x,
        last=shown.last if isinstance(shown, Buckets) else shown.value,
        lo=many.lo if many else None,
        hi=many.hi if many else None,
        mean=many.mean if many else None,
        cnt=many.cnt if many else None,
        rev=names.rev,
        nonfinite=drawing.nonfinite,
        first=drawing.first,
    )


def _width(ends: tuple[float, float], view: View) -> float:
    """Return the width of buckets for a line whose points in range lie between `ends`."""
    if view.width is not None:
        return view.width
    low = ends[0] if view.x0 is None else view.x0
    high = ends[1] if view.x1 is None else view.x1
    return bucket_width(high - low, view.px)


def _most_points(view: View) -> int:
    """Return how many points are shown as they are."""
    return view.px if view.width is None else 0
