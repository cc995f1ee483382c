"""Rows become columns: what one pass over part of a segment leaves behind for each key.

A key's column is split in two. The *line* holds the finite numbers, which charts draw; the *odd*
entries (NaN, Infinity, texts, objects) are few, keep their place among the others, and are told
apart. Rows that hold the same keys share one set of axes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tracklab.index.tables import Table, dotted, tables
from tracklab.records.decode import parse_block
from tracklab.records.flat import OWN_FIELDS, flatten, is_open
from tracklab.storage.streams import are_canonical, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tracklab.storage.streams import Tally

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Indices = NDArray[np.intp]

__all__ = ["Axes", "Counts", "Gathered", "KeyEntries", "numbers"]

_NUMERIC = frozenset({float, int, bool})


@dataclass(frozen=True, slots=True)
class Axes:
    """Where rows stand: `group` is what lines merge by (step, or number of the row)."""

    group: Floats
    time: Floats
    relative: Floats

    def at(self, rows: Indices) -> Axes:
        """Return the axes of some rows."""
        return Axes(self.group[rows], self.time[rows], self.relative[rows])


@dataclass(frozen=True, slots=True)
class Counts:
    """What is in some bytes of a segment, beside the columns.

    Attributes:
        rows: rows, or calls.
        lines: lines, headers and bad ones included.
        bad_lines: lines that are no record.
        began: the first step of a row, None without steps.
        reached: the furthest step of a row, None without steps.
        rising: whether every row has a step, and none a smaller one than the row before it.
    """

    rows: int
    lines: int
    bad_lines: int
    began: int | None
    reached: int | None
    rising: bool


@dataclass(frozen=True, slots=True)
class KeyEntries:
    """One key's entries in the order of their rows.

    Attributes:
        rows: number of the row of each entry, increasing.
        value: NaN where it is no number.
        numeric: whether it is a number, NaN and Infinity included.
        count: values that a listing of keys counts: of a key that only groups others, none.
        last: the last of these.
    """

    rows: Indices
    value: Floats
    numeric: Flags
    count: int
    last: Any


class Gathered:
    """The columns of the rows added so far.

    Args:
        by_step: whether lines merge by step; otherwise each row stands alone.
    """

    def __init__(self, *, by_step: bool) -> None:
        self._by_step = by_step
        self._columns: defaultdict[str, _Column] = defaultdict(_Column)
        self._axes: list[Axes] = []
        self.row_count = 0

    def add_lines(self, block: bytes, tally: Tally) -> None:
        """Add the rows of some whole lines. Cost: some 0.6 us a row and 0.15 us a value."""
        records = parse_block(block)
        nested = records is not None and block.count(b"{") > len(records)
        found = _read_together(records, nested=nested) if records else None
        if records is not None and found is not None:
            tally.lines += len(records)
            self._add(found)
            return
        tally.lines += block.count(b"\n")
        batch = rows_of(block, records, tally)
        rows = [_flat(row) for row in batch.rows] if batch.nested else batch.rows
        self._add(tables(rows))

    def _add(self, found: Sequence[Table]) -> None:
        base, count = self.row_count, sum(len(table.rows) for table in found)
        self.row_count += count
        axes = Axes(*np.full((3, count), np.nan))
        names = (("_step", axes.group), ("_timestamp", axes.time), ("_runtime", axes.relative))
        for table in found:
            for name, axis in names:
                if name in table.columns:
                    axis[table.rows] = numbers(table.columns[name])
            rows = table.rows + base
            for key, values in table.columns.items():
                if key not in OWN_FIELDS:
                    self._columns[key].add(rows, values)
        numbered = np.arange(base, base + count, dtype=np.float64)
        self._axes.append(axes if self._by_step else Axes(numbered, axes.time, axes.relative))

    def counts(self, *, lines: int, bad_lines: int) -> Counts:
        """Return what is in the lines of these rows."""
        if not self._by_step:
            return Counts(self.row_count, lines, bad_lines, None, None, rising=False)
        group = self.axes().group
        steps = group[~np.isnan(group)]
        rising = len(steps) == self.row_count and bool(np.all(steps[1:] >= steps[:-1]))
        began, reached = (_step(steps[0]), _step(steps.max())) if len(steps) else (None, None)
        return Counts(self.row_count, lines, bad_lines, began, reached, rising=rising)

    def axes(self) -> Axes:
        """Return the axes of all rows."""
        if not self._axes:
            return Axes(np.empty(0), np.empty(0), np.empty(0))
        fields = ("group", "time", "relative")
        return Axes(
            *(np.concatenate([getattr(one, name) for one in self._axes]) for name in fields)
        )

    def keys(self) -> dict[str, KeyEntries]:
        """Return every key's entries; a key that was only ever null has none."""
        found = {key: column.whole() for key, column in self._columns.items()}
        return {key: entries for key, entries in found.items() if len(entries.rows)}


class _Grouping:
    """Stands where a key only groups others: an entry, but no value of its own."""


def _read_together(records: list[dict[str, Any]], *, nested: bool) -> list[Table] | None:
    """Return rows with dotted names as `_flat` has them; None where some are to be read alone."""
    found = tables(records)
    if not all(map(_is_usual, found)):
        return None
    flat = [_flat_table(table) for table in found] if nested else found
    whole = [table for table in flat if table is not None]
    return whole if len(whole) == len(found) else None


def _flat_table(table: Table) -> Table | None:
    columns = dotted(table.columns)
    if columns is None:
        return None
    groups = (key for key in table.columns if key not in columns and "." not in key)
    return Table(table.rows, columns | {key: [_Grouping] * len(table.rows) for key in groups})


def _is_usual(table: Table) -> bool:
    """Return whether rows stand as they are to be read, but for values that are objects."""
    columns = table.columns
    times, steps = columns.get("_timestamp"), columns.get("_step", [None])
    return "_nonfinite" not in columns and times is not None and are_canonical(times, steps)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with dotted names, and a mark at names that only group others.

    Whoever asks for such a name gets no number, and one that was there before is replaced.
    """
    flat = flatten(row)
    for key, value in row.items():
        if "." not in key and is_open(value):
            flat[key] = _Grouping
    return flat


class _Column:
    """The pieces of one key's column."""

    def __init__(self) -> None:
        self._rows: list[Indices] = []
        self._values: list[Floats] = []
        self._numeric: list[Flags] = []
        self._count = 0
        self._last_row = -1
        self._last: Any = None

    def add(self, rows: Indices, values: Sequence[Any]) -> None:
        kinds = set(map(type, values))
        if type(None) in kinds:
            rows = rows[np.array([value is not None for value in values], dtype=bool)]
            values = [value for value in values if value is not None]
            kinds.remove(type(None))
        if not kinds:
            return
        if kinds <= _NUMERIC or kinds.isdisjoint(_NUMERIC):
            numeric = np.full(len(values), fill_value=kinds <= _NUMERIC)
        else:
            numeric = np.array([type(value) in _NUMERIC for value in values], dtype=bool)
        told = len(values) - values.count(_Grouping) if type in kinds else len(values)
        self._rows.append(rows)
        self._values.append(numbers(values))
        self._numeric.append(numeric)
        self._count += told
        if told:
            self._keep_last(rows, values)

    def _keep_last(self, rows: Indices, values: Sequence[Any]) -> None:
        """Rows come shape by shape: the last of this shape may stand before one we have."""
        place = len(values) - 1
        while values[place] is _Grouping:
            place -= 1
        if rows[place] > self._last_row:
            self._last_row, self._last = int(rows[place]), values[place]

    def whole(self) -> KeyEntries:
        if not self._rows:
            nothing = np.empty(0, dtype=np.intp)
            return KeyEntries(nothing, np.empty(0), np.empty(0, dtype=bool), 0, None)
        rows, value = np.concatenate(self._rows), np.concatenate(self._values)
        numeric = np.concatenate(self._numeric)
        if not bool(np.all(rows[1:] > rows[:-1])):  # rows of several shapes, one shape at a time
            order = np.argsort(rows, kind="stable")
            rows, value, numeric = rows[order], value[order], numeric[order]
        return KeyEntries(rows, value, numeric, self._count, self._last)


def _step(group: float) -> int:
    """Return the step of a group; the largest one has been rounded up to one of 65 bits."""
    return min(int(group), 2**64 - 1)


def numbers(values: Sequence[Any]) -> Floats:
    """Return `values` as floats, NaN for what is no number."""
    kinds = set(map(type, values))
    if kinds.isdisjoint(_NUMERIC):
        return np.full(len(values), np.nan)
    if not kinds <= _NUMERIC:
        values = [value if type(value) in _NUMERIC else None for value in values]
    return np.array(values, dtype=np.float64)
