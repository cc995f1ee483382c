"""Numbers of a run as columns: one pass over its rows, however many keys are asked for.

A step may be logged in several lines, in any order, by several writers and attempts. What comes
out here is settled: per step the last line that holds the key wins, and of a run that was taken
up again from an earlier step only what the newest attempt left standing remains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tracklab.index.gathering import numbers
from tracklab.index.joined import JoinedColumn
from tracklab.query.reach import Reach
from tracklab.records.flat import OWN_FIELDS, lookup
from tracklab.storage.streams import Tally, first_hidden_steps, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tracklab.index.parts import Part, StoredEntries
    from tracklab.index.shelves import Shelf
    from tracklab.query.answers.series import RowStream
    from tracklab.storage.streams import Batch, Segment

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

__all__ = [
    "AXIS_OF",
    "STREAM_OF",
    "Column",
    "Columns",
    "Entries",
    "Indexed",
    "Pieces",
    "read_columns",
    "settle",
]

#: The name of each axis of rows in the index.
AXIS_OF: dict[str, str] = {"step": "group", "time": "time", "relative": "relative"}
#: The name of each row stream in files.
STREAM_OF: dict[RowStream, str] = {"history": "history", "system": "system_metrics"}

_NUMERIC = frozenset({float, int, bool})
_PLAIN = frozenset({float, int})


@dataclass(frozen=True, slots=True)
class Column:
    """One key: `group` is what its lines merge by (step, or line), `x` the asked axis.

    All of one length. `x` and `value` may be NaN: no x in that line, a value that is NaN. A value
    that is no number at all (a text) is not `numeric`: it still replaces an earlier number.
    """

    group: Floats
    x: Floats
    value: Floats
    numeric: Flags

    def at(self, chosen: Flags | NDArray[np.intp]) -> Column:
        """Return the chosen entries, in the chosen order."""
        return Column(self.group[chosen], self.x[chosen], self.value[chosen], self.numeric[chosen])


@dataclass(frozen=True, slots=True)
class Indexed:
    """What a part of the index holds of a key, not yet read.

    `before` counts the rows of the stream in front of the part; `limit` is the step from which
    on its rows are hidden, None if none is.
    """

    part: Part
    key: str
    axis: str
    stream: RowStream
    before: int
    limit: float | None

    def column(self) -> Column:
        """Read it.

        Raises:
            DamagedError: the part is not what was written.
        """
        entries = self.part.entries(self.key)
        axes = entries.axes
        group = axes.group if self.stream == "history" else axes.group + self.before
        across = {"step": group, "time": axes.time, "relative": axes.relative}
        x = across[self.axis] if self.axis in across else np.full(len(group), np.nan)
        column = Column(group, x, entries.value, entries.numeric)
        return column if self.limit is None else column.at(~(group >= self.limit))

    def entries(self) -> list[Entries]:
        """Return what it holds, not yet read: its finite numbers, and the others, if any."""
        return [Entries(self, one) for one in self.part.stored(self.key) if len(one.value)]


class Entries:
    """Entries in a part of the index, finite numbers or all others, whose groups rise.

    Attributes:
        count: how many, hidden ones included.
        are_odd: whether none of them is a finite number.
    """

    def __init__(self, one: Indexed, stored: StoredEntries) -> None:
        self._before = 0.0 if one.stream == "history" else float(one.before)
        self._limit = math.inf if one.limit is None else one.limit
        axis, numeric = AXIS_OF.get(one.axis), stored.numeric
        self._group = JoinedColumn([stored.axes["group"]])
        self._x = None if axis is None else JoinedColumn([stored.axes[axis]])
        self._value = JoinedColumn([stored.value])
        self._numeric = None if numeric is None else JoinedColumn([numeric])
        self.count, self.are_odd = len(stored.value), numeric is not None

    def samples(self) -> Floats:
        """Return the group of the first of each block of entries."""
        return self._group.firsts + self._before

    def between(self, first: float, end: float) -> Column:
        """Read those with first <= group < end."""
        edges = np.array([first, min(end, self._limit)]) - self._before
        places, _ = self._group.before(edges)
        return self._span(int(places[0]), int(places[1]))

    def pieces(self, count: int) -> Iterator[Column]:
        """Read all of them, so many at a time."""
        places, _ = self._group.before(np.array([self._limit]) - self._before)
        for first in range(0, int(places[0]), count):
            yield self._span(first, min(first + count, int(places[0])))

    def _span(self, first: int, end: int) -> Column:
        group = self._group.span(first, end) + self._before
        return Column(
            group,
            np.full(len(group), np.nan) if self._x is None else self._x.span(first, end),
            self._value.span(first, end),
            np.full(len(group), True)
            if self._numeric is None
            else self._numeric.span(first, end) != 0,
        )


@dataclass(frozen=True, slots=True)
class Pieces:
    """One key's column in pieces, in the order its lines count."""

    found: list[Column | Indexed] = field(default_factory=list)

    def whole(self) -> Column:
        """Return all of it as one column, and read what is indexed."""
        nothing = np.empty(0)
        empty = Column(nothing, nothing, nothing, nothing.astype(bool))
        parts = [one.column() if isinstance(one, Indexed) else one for one in self.found] or [empty]
        columns = ("group", "x", "value", "numeric")
        return Column(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in columns)
        )


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one run by key, in the order its lines count; `attempt` is the newest."""

    by_key: dict[str, Pieces]
    attempt: int


def read_columns(
    run_dir: Path,
    stream: RowStream,
    keys: Sequence[str],
    *,
    axis: str,
    shelf: Shelf | None = None,
    starts: Mapping[str, int] | None = None,
    reach: Reach | None = None,
) -> Columns:
    """Return the numbers of `keys` with the axis value of the line that holds each.

    Args:
        run_dir: the run's directory.
        stream: which rows.
        keys: dotted names.
        axis: step, time (epoch s) or relative (s); anything else gives NaN.
        shelf: index of the run: what it covers is not read again.
        starts: byte offset to start at by segment name; 0 for a segment it does not name.
        reach: how much may be read, and was.

    Cost: reads what is not indexed once; lines without any of the keys are mostly not parsed.
    """
    segments = run_segments(run_dir, STREAM_OF[stream])
    by_key = {key: Pieces() for key in keys}
    for (found,) in _pieces(
        segments, stream, keys, axes=(axis,), shelf=shelf, starts=starts or {},
        reach=reach or Reach(),
    ):  # fmt: skip
        for key, piece in found.items():
            by_key[key].found.append(piece)
    return Columns(by_key, max((segment.attempt for segment in segments), default=0))


def _pieces(
    segments: Sequence[Segment],
    stream: RowStream,
    keys: Sequence[str],
    *,
    axes: Sequence[str],
    shelf: Shelf | None,
    starts: Mapping[str, int],
    reach: Reach,
) -> Iterator[list[dict[str, Column | Indexed]]]:
    """Yield what each part and each block of lines holds of the keys, once for each axis."""
    hidden = first_hidden_steps(segments) if stream == "history" else {}
    tally = Tally()
    row_count = 0
    for segment in segments:
        start = starts.get(segment.path.name, 0)
        limit = hidden.get(segment.attempt)
        if shelf and not start and not OWN_FIELDS.intersection(keys):
            for part in shelf.parts(segment.path):
                held = [key for key in keys if part.holds(key)]
                yield [
                    {key: Indexed(part, key, axis, stream, row_count, limit) for key in held}
                    for axis in axes
                ]
                start, row_count = part.end, row_count + part.counts.rows
        if not reach.may_parse(segment.path, start):
            continue
        for batch in row_batches(segment, tally, keys=keys, start=start):
            shared = [_Shared(batch, stream, axis, row_count, limit) for axis in axes]
            row_count += len(batch.rows)
            yield [{key: _column(batch, key, own) for key in keys} for own in shared]
    reach.unread += tally.unread


def settle(column: Column) -> Column:
    """Return the numbers of `column` by increasing group, one per group: the last one counts.

    Entries without a group (NaN) stay, at the end. Cost: O(n) where groups increase already,
    as they do in a run that was never taken up again.
    """
    group = column.group
    if not bool(np.all(group[1:] > group[:-1])):
        order = np.argsort(group, kind="stable")
        group = group[order]
        column = column.at(order[np.append(group[1:] != group[:-1], True)])
    return column if column.numeric.all() else column.at(column.numeric)


class _Shared:
    """What all keys of a batch have in common: group, x, and which rows are hidden."""

    def __init__(
        self, batch: Batch, stream: RowStream, axis: str, row_count: int, limit: float | None
    ) -> None:
        count = len(batch.rows)
        if stream == "history":
            self.group = np.array(batch.steps, dtype=np.float64)
        else:
            self.group = np.arange(row_count, row_count + count, dtype=np.float64)
        if axis == "step":
            self.x = self.group
        elif axis == "time":
            self.x = np.array(batch.times, dtype=np.float64)
        elif axis == "relative":
            self.x = numbers([row.get("_runtime") for row in batch.rows])
        else:
            self.x = np.full(count, np.nan)
        self.shown = None if limit is None else ~(self.group >= limit)


def _column(batch: Batch, key: str, shared: _Shared) -> Column:
    if batch.nested and "." in key:
        values = [lookup(row, key) for row in batch.rows]
    else:
        values = [row.get(key) for row in batch.rows]
    chosen = shared.shown
    numeric = np.ones(len(values), dtype=bool)
    if not set(map(type, values)) <= _PLAIN:
        present = np.array([value is not None for value in values], dtype=bool)
        chosen = present if chosen is None else present & chosen
        numeric = np.array([type(value) in _NUMERIC for value in values], dtype=bool)
    column = Column(shared.group, shared.x, numbers(values), numeric)
    return column if chosen is None else column.at(chosen)
