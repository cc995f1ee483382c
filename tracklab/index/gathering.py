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

from tracklab.records.flat import OWN_FIELDS, flatten, is_open

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tracklab.storage.streams import Batch

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Indices = NDArray[np.intp]

__all__ = ["Axes", "Counts", "Gathered", "KeyEntries", "numbers"]

_NUMERIC = frozenset({float, int, bool})
_PLAIN = frozenset({float, int})


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

    def add(self, batch: Batch) -> None:
        """Add rows. Cost: 0.3 us a row and 0.1 us a value."""
        base, count = self.row_count, len(batch.rows)
        self.row_count += count
        if self._by_step:
            group = np.array(batch.steps, dtype=np.float64)
        else:
            group = np.arange(base, base + count, dtype=np.float64)
        relative = numbers([row.get("_runtime") for row in batch.rows])
        self._axes.append(Axes(group, np.array(batch.times, dtype=np.float64), relative))
        rows = [_flat(row) for row in batch.rows] if batch.nested else batch.rows
        for shape, members in _by_shape(rows).items():
            chosen = rows if len(members) == count else [rows[number] for number in members]
            at = np.array(members, dtype=np.intp) + base
            values_by_key = zip(*map(dict.values, chosen), strict=True)
            for key, values in zip(shape, values_by_key, strict=True):
                if key not in OWN_FIELDS:
                    self._columns[key].add(at, values)

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


def _by_shape(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, ...], Sequence[int]]:
    """Return the numbers of the rows that have the same keys in the same order."""
    shapes = list(map(tuple, rows))
    if len(set(shapes)) == 1:
        return {shapes[0]: range(len(rows))}
    found: dict[tuple[str, ...], list[int]] = {}
    for number, shape in enumerate(shapes):
        found.setdefault(shape, []).append(number)
    return dict(found)


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
        if set(map(type, values)) <= _PLAIN:
            numeric = np.ones(len(values), dtype=bool)
            told = len(values)
        else:
            rows = rows[np.array([value is not None for value in values], dtype=bool)]
            values = [value for value in values if value is not None]
            numeric = np.array([type(value) in _NUMERIC for value in values], dtype=bool)
            told = sum(value is not _Grouping for value in values)
        if not len(rows):
            return
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
    if not set(map(type, values)) <= _NUMERIC:
        values = [value if type(value) in _NUMERIC else None for value in values]
    return np.array(values, dtype=np.float64)
