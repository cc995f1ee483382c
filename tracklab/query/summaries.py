"""What a run's summary must say, derived from its lines alone.

Per key the last value that was logged or set, of the writer that began last; where a definition
asks for it, the smallest, largest, mean, first or best value instead. The writer keeps the same
in `summary.json`; this is where a reader turns when that is missing, damaged or too old.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tracklab.records.aggregates import Aggregate
from tracklab.records.decode import moment
from tracklab.records.flat import OWN_FIELDS
from tracklab.storage.streams import row_batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tracklab.storage.streams import Batch, Segment, Tally

__all__ = ["Known", "Note", "derive"]

_KEPT_FIELDS = frozenset({"_step", "_runtime", "_timestamp"})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the beginning of a segment without reading it.

    Attributes:
        values: the last value of each key.
        step: the furthest step, None if no row has one.
        end: up to which byte.
    """

    values: Mapping[str, Any]
    step: int | None
    end: int


@dataclass(frozen=True, slots=True)
class Note:
    """An event that changes a summary: values that were set, or the definition of a metric.

    `summary` of a definition is a list of texts, empty if it asks for nothing.
    """

    seq: int
    values: Mapping[str, Any] | None = None
    definition: Mapping[str, Any] | None = None


def derive(
    segments: Iterable[Segment],
    notes: Mapping[str | None, Sequence[Note]],
    tally: Tally,
    *,
    starts: Mapping[Path, int] | None = None,
    known: Mapping[Path, Known] | None = None,
) -> dict[str, Any]:
    """Return the summary with nested values still nested; `_step` is the furthest step reached.

    Args:
        segments: of history, each writer's in its own order.
        notes: by writer, in the order of their numbers.
        tally: counts what is read.
        starts: byte offset to start at, for segments that need not be read from the beginning.
        known: of segments whose beginning is known; only where there are no notes.

    Cost: one pass over the segments.
    """
    summary = _Summary()
    finished = set()
    for writer, parts in groupby(_by_beginning(segments), key=attrgetter("writer")):
        waiting = deque(notes.get(writer, ()))
        for segment in parts:
            summary.enter(segment.attempt)
            start = (starts or {}).get(segment.path, 0)
            if known and segment.path in known:
                summary.reach(known[segment.path].step)
                summary.values.update(known[segment.path].values)
            for batch in row_batches(segment, tally, start=start):
                summary.add(batch, waiting)
        summary.take(waiting)
        finished.add(writer)
    for writer, alone in notes.items():
        if writer not in finished:
            summary.take(deque(alone))
    left_out = OWN_FIELDS - _KEPT_FIELDS
    return {key: value for key, value in summary.values.items() if key not in left_out}


def _by_beginning(segments: Iterable[Segment]) -> list[Segment]:
    """Return segments by attempt and by when their writer began.

    A run that was taken up twice has three writers; their names tell nothing about which of
    them came last, and its values are the last ones.
    """
    parts = list(segments)
    began: dict[str | None, str] = {}
    for segment in parts:
        told = moment(segment.header.data.get("started")) if segment.header else None
        began[segment.writer] = min(filter(None, (began.get(segment.writer), told)), default="")
    return sorted(parts, key=lambda segment: (segment.attempt, began[segment.writer]))


class _Summary:
    """The summary so far: one value, or the few numbers of an aggregate, per key."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._definitions: dict[str, Mapping[str, Any]] = {}
        self._resolved: dict[str, Mapping[str, Any] | None] = {}
        self._aggregates: dict[str, Aggregate] = {}
        self._attempt = 0
        self._step: int | None = None

    def enter(self, attempt: int) -> None:
        """Begin with the rows of `attempt`; a later one may stand at an earlier step again."""
        if attempt != self._attempt:
            self._attempt, self._step = attempt, None

    def add(self, batch: Batch, waiting: deque[Note]) -> None:
        """Take rows into account, and each note before the first row of a higher number."""
        self._add(batch, waiting)
        self.reach(*batch.steps)

    def reach(self, *steps: int | None) -> None:
        """Take steps into account: a late row does not turn the run back."""
        reached = [step for step in (self._step, *steps) if step is not None]
        if reached:
            self._step = self.values["_step"] = max(reached)

    def _add(self, batch: Batch, waiting: deque[Note]) -> None:
        aggregated = any(definition["summary"] for definition in self._definitions.values())
        if aggregated or (waiting and waiting[0].seq < _seq(batch.rows[-1:])):
            for row in batch.rows:
                while waiting and waiting[0].seq < _seq([row]):
                    self._note(waiting.popleft())
                self._row(row)
            return
        for row in _without_nulls(batch):
            self.values.update(row)

    def take(self, waiting: deque[Note]) -> None:
        """Take all notes that are left into account."""
        while waiting:
            self._note(waiting.popleft())

    def _note(self, note: Note) -> None:
        if note.values is not None:
            self.values.update(note.values)
        if note.definition is not None:
            self._definitions[str(note.definition.get("name"))] = note.definition
            self._resolved.clear()
            for key, aggregate in list(self._aggregates.items()):
                definition = self._definition_of(key)
                if not definition or not aggregate.counts(*_asked(definition)):
                    del self._aggregates[key]

    def _row(self, row: Mapping[str, Any]) -> None:
        for key, value in row.items():
            if value is None:
                continue
            definition = None if key in OWN_FIELDS else self._definition_of(key)
            if not definition or not definition["summary"]:
                self.values[key] = value
                continue
            aggregate = self._aggregates.get(key)
            if aggregate is None:
                aggregate = self._aggregates[key] = Aggregate(*_asked(definition))
            aggregate.add(value)
            if not aggregate.hidden:
                self.values[key] = aggregate.entry()

    def _definition_of(self, key: str) -> Mapping[str, Any] | None:
        """Return the definition of the key itself, else that of the longest prefix."""
        if key not in self._resolved:
            globs = (name for name in self._definitions if name.endswith("*"))
            fitting = [glob for glob in globs if key.startswith(glob[:-1])]
            name = key if key in self._definitions else max(fitting, key=len, default=key)
            self._resolved[key] = self._definitions.get(name)
        return self._resolved[key]


def _asked(definition: Mapping[str, Any]) -> tuple[Sequence[str], str | None]:
    goal = definition.get("goal")
    return definition["summary"], goal if isinstance(goal, str) else None


def _without_nulls(batch: Batch) -> Iterable[dict[str, Any]]:
    if not batch.nulls:
        return batch.rows
    return ({key: value for key, value in row.items() if value is not None} for row in batch.rows)


def _seq(rows: list[dict[str, Any]]) -> int:
    """Return the number of a line; foreign lines have none, and no note comes before them."""
    seq = rows[0].get("_seq") if rows else None
    return seq if isinstance(seq, int) else -1
