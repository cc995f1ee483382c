"""What a run's summary must say, derived from its lines alone.

Per key the last value that was logged or set, of the writer that began last; where a definition
asks for it, the smallest, largest, mean, first or best value instead. The writer keeps the same
in `summary.json`; this is where a reader turns when that is missing, damaged or too old, and a
process that goes on with the run.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tracklab.records.decode import moment
from tracklab.records.flat import OWN_FIELDS
from tracklab.records.summing import Summing
from tracklab.storage.streams import row_batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tracklab.storage.streams import Batch, Segment, Tally

__all__ = ["NOTED", "Known", "Note", "Summed", "derive", "note_of", "summed"]

#: Kinds of events that change a summary.
NOTED = frozenset({"tracklab.summary", "tracklab.define_metric"})
#: Later than any time that is known.
_NEVER = "~"
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
    """An event that changes a summary: values set or removed, or the definition of a metric.

    `at` is when, RFC 3339, None if unknown. `summary` of a definition is a list of texts, empty if
    it asks for nothing.
    """

    seq: int
    at: str | None
    values: Mapping[str, Any] = field(default_factory=dict)
    removed: Sequence[str] = ()
    definition: Mapping[str, Any] | None = None


def note_of(event: Mapping[str, Any]) -> Note | None:
    """Return what an event of a kind in `NOTED` says, None if it says nothing."""
    data, seq, at = event["data"], event["seq"] or 0, event["timestamp"]
    if event["logger"] == "tracklab.define_metric":
        kinds = data.get("summary")
        kinds = kinds.split(",") if isinstance(kinds, str) else kinds
        return Note(seq, at, definition={**data, "summary": _texts(kinds)})
    values, removed = data.get("values"), _texts(data.get("removed"))
    values = values if isinstance(values, dict) else {}
    return Note(seq, at, values, removed) if values or removed else None


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


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
    left_out = OWN_FIELDS - _KEPT_FIELDS
    found = summed(segments, notes, tally, starts=starts, known=known).summing.values
    return {key: value for key, value in found.items() if key not in left_out}


def summed(
    segments: Iterable[Segment],
    notes: Mapping[str | None, Sequence[Note]],
    tally: Tally,
    *,
    starts: Mapping[Path, int] | None = None,
    known: Mapping[Path, Known] | None = None,
) -> Summed:
    """Return the summary, what was counted for it and by which definitions; see `derive`."""
    summary = Summed()
    ordered, began = _by_beginning(segments)
    # Writers without rows, such as a script that evaluates a run: by what they said first.
    alone = [deque(own) for writer, own in notes.items() if own and writer not in began]
    without_rows = deque(sorted(alone, key=lambda own: own[0].at or _NEVER))
    for writer, parts in groupby(ordered, key=attrgetter("writer")):
        while without_rows and (without_rows[0][0].at or _NEVER) < began[writer]:
            summary.take(without_rows.popleft())
        waiting = deque(notes.get(writer, ()))
        for segment in parts:
            summary.enter(segment.attempt)
            start = (starts or {}).get(segment.path, 0)
            if known and segment.path in known:
                summary.reach(known[segment.path].step)
                summary.summing.values.update(known[segment.path].values)
            for batch in row_batches(segment, tally, start=start):
                summary.add(batch, waiting)
        summary.take(waiting)
    for own in without_rows:
        summary.take(own)
    return summary


def _by_beginning(
    segments: Iterable[Segment],
) -> tuple[list[Segment], dict[str | None, str]]:
    """Return segments by attempt and by when their writer began, and when each did.

    A run that was taken up twice has three writers; their names tell nothing about which of
    them came last, and its values are the last ones.
    """
    parts = list(segments)
    began: dict[str | None, str] = {}
    for segment in parts:
        told = moment(segment.header.data.get("started")) if segment.header else None
        began[segment.writer] = min(filter(None, (began.get(segment.writer), told)), default="")
    return sorted(parts, key=lambda segment: (segment.attempt, began[segment.writer])), began


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a definition asks of the summary."""

    summary: tuple[str, ...]
    goal: str | None


class Summed:
    """The summary so far, of the writers whose lines were read.

    Attributes:
        summing: the values, and what was counted for them.
        definitions: what was last said of each metric, by name.
    """

    def __init__(self) -> None:
        self.summing = Summing(self._asked_of)
        self.definitions: dict[str, Mapping[str, Any]] = {}
        self._resolved: dict[str, _Asked | None] = {}
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
            self._step = self.summing.values["_step"] = max(reached)

    def _add(self, batch: Batch, waiting: deque[Note]) -> None:
        aggregated = any(definition["summary"] for definition in self.definitions.values())
        noted = waiting and waiting[0].seq < _seq(batch.rows[-1:])
        if not (aggregated or noted or batch.nested or self.summing.counts):
            for row in _without_nulls(batch):
                self.summing.values.update(row)
            return
        for row in batch.rows:
            while waiting and waiting[0].seq < _seq([row]):
                self._note(waiting.popleft())
            self.summing.add_row(row)

    def take(self, waiting: deque[Note]) -> None:
        """Take all notes that are left into account."""
        while waiting:
            self._note(waiting.popleft())

    def _note(self, note: Note) -> None:
        self.summing.set(note.values)
        self.summing.remove(note.removed)
        if note.definition is not None:
            self.definitions[str(note.definition.get("name"))] = note.definition
            self._resolved.clear()
            self.summing.redefined()

    def _asked_of(self, key: str) -> _Asked | None:
        """Return what is asked of the key itself, else of the longest prefix."""
        if key not in self._resolved:
            globs = (name for name in self.definitions if name.endswith("*"))
            fitting = [glob for glob in globs if key.startswith(glob[:-1])]
            name = key if key in self.definitions else max(fitting, key=len, default=key)
            self._resolved[key] = _asked(self.definitions.get(name))
        return self._resolved[key]


def _asked(definition: Mapping[str, Any] | None) -> _Asked | None:
    if definition is None:
        return None
    goal = definition.get("goal")
    return _Asked(tuple(definition["summary"]), goal if isinstance(goal, str) else None)


def _without_nulls(batch: Batch) -> Iterable[dict[str, Any]]:
    if not batch.nulls:
        return batch.rows
    return ({key: value for key, value in row.items() if value is not None} for row in batch.rows)


def _seq(rows: list[dict[str, Any]]) -> int:
    """Return the number of a line; foreign lines have none, and no note comes before them."""
    seq = rows[0].get("_seq") if rows else None
    return seq if isinstance(seq, int) else -1
