"""Lines to draw: one key over an axis, cut to a range and to the pixels there are.

Smoothing comes before the cut and the cut before buckets, so a point looks the same at every
zoom. What no line can draw (NaN, Infinity) is told beside it and touches no bucket.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tracklab.errors import QueryError
from tracklab.index.blocks import DamagedError
from tracklab.query.answers.series import NonFinite, Series
from tracklab.query.buckets import Buckets, bucket_width, into_buckets
from tracklab.query.columns import Column, read_columns, settle
from tracklab.query.plain import number_name
from tracklab.query.reach import Reach
from tracklab.query.revs import whole_starts
from tracklab.query.smoothing import parse_smooth
from tracklab.query.zooming import can_number, line_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tracklab.index.shelves import Shelf
    from tracklab.query.answers.series import RowStream
    from tracklab.query.columns import Columns
    from tracklab.query.zooming import Line

    Floats = NDArray[np.float64]

__all__ = ["View", "run_series"]

_OWN_AXES = ("step", "time", "relative")


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
        since: a rev: only points from lines after it, always exact.
        reach: how much may be read, and was.

    Cost: from the index some milliseconds; without it one pass over the stream's rows for all
    keys together.
    """
    starts = whole_starts(run_dir, since) if since is not None else None
    wanted = list(dict.fromkeys(keys if view.axis in _OWN_AXES else [*keys, view.axis]))
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
    across = None
    if view.axis not in _OWN_AXES:
        across = settle(columns.by_key[view.axis].whole())
    found = []
    for key in keys:
        pieces = columns.by_key[key]
        line = line_of(pieces, view.axis) if not (whole or view.smooth) else None
        if line is not None:
            drawing = _zoomed(line, view)
        else:
            column = settle(pieces.whole())
            points = _by_x(column if across is None else _across(column, across))
            drawing = _drawing(points, view, whole=whole)
        found.append(_series(drawing, key, names))
    return found


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

    def within(self, x0: float | None, x1: float | None) -> _Points:
        first = 0 if x0 is None else int(np.searchsorted(self.x, x0, "left"))
        end = len(self.x) if x1 is None else int(np.searchsorted(self.x, x1, "right"))
        return _Points(self.x[first:end], self.value[first:end])


def _by_x(column: Column) -> _Points:
    points = _Points(column.x, column.value)
    known = np.isfinite(points.x)
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


def _drawing(points: _Points, view: View, *, whole: bool) -> _Drawing:
    """Draw from all the points there are."""
    finite = np.isfinite(points.value)
    line, odd = points.where(finite), points.where(~finite).within(view.x0, view.x1)
    if view.smooth:
        line = _Points(line.x, parse_smooth(view.smooth)(line.value))
    line = line.within(view.x0, view.x1)
    width = _width((float(line.x[0]), float(line.x[-1])), view) if len(line.x) else 0.0
    shown: _Points | Buckets = line
    if not whole and len(line.x) > _most_points(view):
        shown = into_buckets(line.x, line.value, width=width)
    first = float(line.x[0]) if len(line.x) else np.nan
    return _Drawing(len(line.x), shown, _told(odd, width, view), first)


def _zoomed(line: Line, view: View) -> _Drawing:
    """Draw from the index: of many points only those at the edges of buckets are read."""
    cut = line.within(view.x0, view.x1)
    odd = _Points(line.odd_x, line.odd_value).within(view.x0, view.x1)
    ends = cut.ends() if cut.count else (np.nan, np.nan)
    width = _width(ends, view) if cut.count else 0.0
    shown: _Points | Buckets
    if cut.count > _most_points(view) and can_number(ends, width):
        shown = cut.buckets(width)
    else:
        shown = points = _Points(*cut.points())
        if cut.count > _most_points(view):
            shown = into_buckets(points.x, points.value, width=width)
    return _Drawing(cut.count, shown, _told(odd, width, view), ends[0])


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


def _told(odd: _Points, width: float, view: View) -> list[NonFinite]:
    """Return values that no line can draw, of each bucket only the first of each kind.

    Of very many, such as those of a run that has diverged, in buckets of their own.
    """
    if len(odd.x) > view.px:
        width = max(width, bucket_width(float(odd.x[-1] - odd.x[0]), view.px))
    bucket = np.floor(odd.x / width) if width else odd.x
    kinds = (np.isnan(odd.value), odd.value == np.inf, odd.value == -np.inf)
    firsts = [_firsts(bucket, np.flatnonzero(kind)) for kind in kinds]
    return [
        NonFinite(float(odd.x[at]), number_name(float(odd.value[at])))
        for at in np.sort(np.concatenate(firsts)).tolist()
    ]


def _firsts(bucket: Floats, places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the first of the places in each bucket; buckets rise."""
    own = bucket[places]
    return places[np.append(True, own[1:] != own[:-1])] if len(places) else places
