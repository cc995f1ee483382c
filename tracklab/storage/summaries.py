"""What a run's summary must say, derived from its lines alone.

Per key the last value that was logged or set, of the last writer; where a definition asks for
it, the smallest, largest, mean, first or best value instead. The writer keeps the same in
`summary.json`; this is where a reader turns when that is missing, damaged or too old, and a
process that goes on with the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracklab.records.flat import OWN_FIELDS
from tracklab.records.summing import Summing
from tracklab.storage.standing import Note, standing
from tracklab.storage.streams import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tracklab.storage.streams import Segment, Tally

__all__ = ["Known", "Summed", "derive", "summed"]

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
        segments: of history, in reading order.
        notes: by writer, in the order of their numbers.
        tally: counts what is read.
        starts: byte offset to start at, for segments that need not be read from the beginning.
        known: of segments whose beginning is known; only where there are no notes, and no row of
            it is hidden.

    Cost: one pass over the segments.
    """
    left_out = OWN_FIELDS - _KEPT_FIELDS
    told = standing(segments, notes, tally, starts=starts)
    found = summed(told, known=known).summing.values
    return {key: value for key, value in found.items() if key not in left_out}


def summed(
    told: Iterable[Segment | Batch | Note], *, known: Mapping[Path, Known] | None = None
) -> Summed:
    """Return the summary of what stands, what was counted for it and by which definitions."""
    summary = Summed()
    for part in told:
        if isinstance(part, Batch):
            summary.add(part)
        elif isinstance(part, Note):
            summary.note(part)
        else:
            summary.enter(part.attempt)
            if known and part.path in known:
                summary.reach(known[part.path].step)
                summary.summing.values.update(known[part.path].values)
    return summary


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

    def add(self, batch: Batch) -> None:
        """Take rows into account."""
        asked = any(definition["summary"] for definition in self.definitions.values())
        if asked or batch.nested or self.summing.counts:
            for row in batch.rows:
                self.summing.add_row(row)
        else:
            for row in _without_nulls(batch):
                self.summing.values.update(row)
        self.reach(*batch.steps)

    def reach(self, *steps: int | None) -> None:
        """Take steps into account: a late row does not turn the run back."""
        reached = [step for step in (self._step, *steps) if step is not None]
        if reached:
            self._step = self.summing.values["_step"] = max(reached)

    def note(self, note: Note) -> None:
        """Take into account what an event says."""
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
