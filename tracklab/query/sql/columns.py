"""The numbers of a run that is in order: its rows from end to end, with what each step came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracklab.index.gathering import Axes, numbers
from tracklab.index.tables import tables
from tracklab.query.sql.stretches import ChangedError, axes_of, flat_rows, stretches
from tracklab.query.sql.surveying import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tracklab.index.parts import Part
    from tracklab.index.shelves import Shelf
    from tracklab.query.answers.series import RowStream
    from tracklab.query.sql.stretches import Sizes, Stretch
    from tracklab.storage.streams import Batch

    Floats: TypeAlias = NDArray[np.float64]
    #: The groups of a key's numbers, and the numbers.
    Line: TypeAlias = tuple[Floats, Floats]

__all__ = ["Cut", "cuts"]


@dataclass(frozen=True, slots=True)
class Cut:
    """Consecutive rows: `group` (step, or number of the row) rises strictly, also in each line."""

    group: Floats
    time: Floats
    relative: Floats
    columns: dict[str, Line]


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines as they were written: several may have one step."""

    axes: Axes
    columns: dict[str, Line]

    def split(self, at: float) -> tuple[_Lines, _Lines]:
        """Return the lines before a group, and those of it and behind it."""
        axes, row = self.axes, int(np.searchsorted(self.axes.group, at))
        places = {key: int(np.searchsorted(group, at)) for key, (group, _) in self.columns.items()}
        both = []
        for part in (slice(None, row), slice(row, None)):
            columns = {}
            for key, (group, value) in self.columns.items():
                own = slice(None, places[key]) if part.start is None else slice(places[key], None)
                columns[key] = group[own], value[own]
            both.append(
                _Lines(Axes(axes.group[part], axes.time[part], axes.relative[part]), columns)
            )
        return both[0], both[1]

    def alone(self) -> _Lines:
        """Return the same without the larger arrays that these may be parts of."""
        axes = Axes(self.axes.group.copy(), self.axes.time.copy(), self.axes.relative.copy())
        columns = {
            key: (group.copy(), value.copy()) for key, (group, value) in self.columns.items()
        }
        return _Lines(axes, columns)


def cuts(
    run_dir: Path,
    stream: RowStream,
    sizes: Sizes,
    keys: Collection[str],
    *,
    shelf: Shelf,
    most_rows: int,
    most_values: int,
) -> Iterator[Cut]:
    """Yield the rows of a run that is in order.

    Args:
        run_dir: the run's directory.
        stream: which rows.
        sizes: how far to read.
        keys: of which numbers are wanted.
        shelf: index of the run: what it covers is not parsed.
        most_rows: of which, and of values, not many more come at once; a part of the index or a
            block of lines does, whatever it holds.
        most_values: see `most_rows`.
    """
    waiting: list[_Lines] = []
    before = rows = values = 0
    for stretch in stretches(run_dir, stream, shelf, sizes):
        lines, count = _lines(stretch, keys, before if stream == "system" else None)
        before += count
        waiting.append(lines)
        rows += len(lines.axes.group)
        values += sum(len(group) for group, _ in lines.columns.values())
        if rows and (rows >= most_rows or values >= most_values):
            cut, rest = _cut(waiting)
            waiting, rows, values = [rest], 0, 0
            yield cut
            del cut  # or it would be in memory beside the next one
    if waiting:
        yield _settled(_united(waiting))


def _cut(lines: Sequence[_Lines]) -> tuple[Cut, _Lines]:
    """Return all rows but the last step, which may go on in what follows, and its lines."""
    united = _united(lines)
    ready, rest = united.split(united.axes.group[-1])
    return _settled(ready), rest.alone()


def _lines(stretch: Stretch, keys: Collection[str], before: int | None) -> tuple[_Lines, int]:
    """Return the lines of a stretch and how many rows it has; `before` numbers the first."""
    if stretch.part is not None:
        lines, count = _of_part(stretch.part, keys, before or 0), stretch.part.counts.rows
    else:
        assert stretch.batch is not None
        lines, count = _of_batch(stretch.batch, keys, before), len(stretch.batch.rows)
    return (lines.split(stretch.limit)[0] if before is None else lines), count


def _of_part(part: Part, keys: Collection[str], before: int) -> _Lines:
    axes = axes_of(part) if part.counts.rows else Axes(*np.empty((3, 0)))
    if axes is None:
        raise ChangedError
    columns: dict[str, Line] = {}
    groups: dict[Hashable, Floats] = {}
    for key in keys:
        facts = part.facts(key)
        if facts is None:
            continue
        if facts.odd:
            entries = part.entries(key)
            # What is no number here only groups others, which have columns of their own.
            own = entries.axes.group[entries.numeric] + before
            columns[key] = own, entries.value[entries.numeric]
            continue
        place = part.rows_of(key)
        if place not in groups:
            groups[place] = part.entries(key).axes.group + before
        columns[key] = groups[place], part.values(key)
    return _Lines(Axes(axes.group + before, axes.time, axes.relative), columns)


def _of_batch(batch: Batch, keys: Collection[str], before: int | None) -> _Lines:
    rows = flat_rows(batch)
    count = len(rows)
    group = np.array(batch.steps, dtype=np.float64) if before is None else before + np.arange(count)
    relative = numbers([row.get("_runtime") for row in rows])
    axes = Axes(group.astype(np.float64), numbers(batch.times), relative)
    found: dict[str, tuple[list[int], list[float]]] = {}
    for table in tables(rows):
        for key, values in table.columns.items():
            if key in keys:
                at, logged = found.setdefault(key, ([], []))
                pairs = zip(table.rows.tolist(), values, strict=True)
                here = [(row, value) for row, value in pairs if value is not None]
                at += [row for row, _ in here]
                logged += [value for _, value in here]
    return _Lines(
        axes, {key: _line(axes.group, *pairs) for key, pairs in found.items() if pairs[0]}
    )


def _line(group: Floats, at: Sequence[int], values: Sequence[float]) -> Line:
    if not set(map(type, values)) <= NUMERIC:
        raise ChangedError
    order = np.argsort(at, kind="stable")
    return group[np.array(at)[order]], numbers(values)[order]


def _united(lines: Sequence[_Lines]) -> _Lines:
    if len(lines) == 1:
        return lines[0]
    axes = Axes(
        *(
            np.concatenate([getattr(one.axes, name) for one in lines])
            for name in ("group", "time", "relative")
        )
    )
    columns = {}
    for key in dict.fromkeys(key for one in lines for key in one.columns):
        pairs = [one.columns[key] for one in lines if key in one.columns]
        columns[key] = (
            np.concatenate([group for group, _ in pairs]),
            np.concatenate([value for _, value in pairs]),
        )
    return _Lines(axes, columns)


def _settled(lines: _Lines) -> Cut:
    """Return rows with the last of what several lines of a step say."""
    axes = lines.axes
    group, _ = _last_of_each(axes.group, axes.group)
    settled = {key: _last_of_each(*line) for key, line in lines.columns.items()}
    return Cut(
        group, _told(group, axes.group, axes.time), _told(group, axes.group, axes.relative), settled
    )


def _last_of_each(group: Floats, value: Floats) -> Line:
    last = np.append(group[1:] != group[:-1], np.ones(min(len(group), 1), dtype=bool))
    return (group, value) if last.all() else (group[last], value[last])


def _told(group: Floats, lines: Floats, x: Floats) -> Floats:
    """Return for each group the last x that one of its lines has."""
    known = ~np.isnan(x)
    own, last = _last_of_each(lines[known], x[known])
    if len(own) == len(group):
        return last
    found = np.full(len(group), np.nan)
    found[np.searchsorted(group, own)] = last
    return found
