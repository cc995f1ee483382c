"""What of a history still stands: its rows and what was noted between them, in their order.

A run that was taken up again at an earlier step, or anew, has attempts. A later one hides what
lies behind the step it began at; the lines stay in the files.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tracklab.storage.blobs import TOLD_MAX_BYTES, fetched, is_reference
from tracklab.storage.streams import first_hidden_steps, row_batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tracklab.storage.streams import Batch, Place, Segment, Tally

__all__ = ["NOTED", "Note", "note_of", "shown", "standing"]

#: Kinds of events that change a summary.
NOTED = frozenset({"tracklab.summary", "tracklab.define_metric"})


@dataclass(frozen=True, slots=True)
class Note:
    """An event that changes a summary: values set or removed, or the definition of a metric.

    `place` is its writer's. `summary` of a definition is a list of texts, empty if it asks for
    nothing.
    """

    place: Place
    seq: int
    values: Mapping[str, Any] = field(default_factory=dict)
    removed: Sequence[str] = ()
    definition: Mapping[str, Any] | None = None


def note_of(event: Mapping[str, Any], segment: Segment) -> Note | None:
    """Return what an event of a kind in `NOTED` says, None if it says nothing.

    Values that were too large for the line are read from their file.
    """
    run_dir = segment.path.parent
    data = fetched(run_dir, event["data"], most_bytes=TOLD_MAX_BYTES)
    place, seq = segment.place, event["seq"] or 0
    if event["logger"] == "tracklab.define_metric":
        kinds = data.get("summary")
        kinds = kinds.split(",") if isinstance(kinds, str) else kinds
        return Note(place, seq, definition={**data, "summary": _texts(kinds)})
    values, removed = data.get("values"), _texts(data.get("removed"))
    values = values if isinstance(values, dict) and not is_reference(values) else {}
    return Note(place, seq, values, removed) if values or removed else None


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def standing(
    segments: Iterable[Segment],
    notes: Mapping[str | None, Sequence[Note]],
    tally: Tally,
    *,
    starts: Mapping[Path, int] | None = None,
    until: float = math.inf,
) -> Iterator[Segment | Batch | Note]:
    """Yield what counts of a history in the order in which it counts.

    That is each segment, its rows, and each note before its writer's first row of a higher number.
    Left out are rows that a later attempt hides, what their writer noted after the first of them,
    and all notes of a writer of which no row is left.

    Args:
        segments: of history, in reading order.
        notes: by writer, in the order of their numbers.
        tally: counts what is read.
        starts: byte offset to start at, for segments that need not be read from the beginning.
        until: let it stand as if a new attempt had begun behind this step.

    Cost: one pass over the segments.
    """
    ordered = list(segments)
    writers = {segment.writer for segment in ordered}
    # Writers without rows, such as a script that evaluates a run.
    alone = [own for writer, own in notes.items() if own and writer not in writers]
    hidden = first_hidden_steps(ordered, attempts={own[0].place.attempt for own in alone})
    alone = [own for own in alone if hidden.get(own[0].place.attempt, math.inf) > 0]
    without_rows = deque(sorted(alone, key=lambda own: own[0].place))
    for writer, parts in groupby(ordered, key=attrgetter("writer")):
        waiting = deque(notes.get(writer, ()))
        any_shown = False
        for segment in parts:
            while without_rows and without_rows[0][0].place < segment.place:
                yield from without_rows.popleft()
            yield segment
            end = min(hidden.get(segment.attempt, math.inf), until + 1)
            for batch in row_batches(segment, tally, start=(starts or {}).get(segment.path, 0)):
                left = shown(batch, end)
                any_shown = any_shown or bool(left.rows)
                if left is not batch:
                    _forget_later(waiting, batch, end, any_shown=any_shown)
                yield from _mixed(left, waiting)
        yield from waiting
    for own in without_rows:
        yield from own


def shown(batch: Batch, end: float) -> Batch:
    """Return the rows below the step `end`, and those without a step."""
    if end == math.inf or all(step is None or step < end for step in batch.steps):
        return batch
    kept = [at for at, step in enumerate(batch.steps) if step is None or step < end]
    return replace(
        batch,
        rows=[batch.rows[at] for at in kept],
        steps=[batch.steps[at] for at in kept],
        times=[batch.times[at] for at in kept],
    )


def _forget_later(waiting: deque[Note], batch: Batch, end: float, *, any_shown: bool) -> None:
    """Forget what was noted after the first row of `batch` that is hidden."""
    first = next(
        row for row, step in zip(batch.rows, batch.steps, strict=True)
        if step is not None and step >= end
    )  # fmt: skip
    while waiting and (not any_shown or waiting[-1].seq > _seq(first)):
        waiting.pop()


def _mixed(batch: Batch, waiting: deque[Note]) -> Iterator[Batch | Note]:
    """Yield rows in pieces, and each note that waits before the first row of a higher number."""
    at = 0
    if waiting and batch.rows and waiting[0].seq < _seq(batch.rows[-1]):
        for number, row in enumerate(batch.rows):
            if waiting and waiting[0].seq < _seq(row):
                yield from _piece(batch, at, number)
                at = number
            while waiting and waiting[0].seq < _seq(row):
                yield waiting.popleft()
    yield from _piece(batch, at, len(batch.rows))


def _piece(batch: Batch, first: int, end: int) -> Iterator[Batch]:
    if first == 0 and end == len(batch.rows):
        yield batch
    elif first < end:
        yield replace(
            batch,
            rows=batch.rows[first:end],
            steps=batch.steps[first:end],
            times=batch.times[first:end],
        )


def _seq(row: Mapping[str, Any]) -> int:
    """Return the number of a line; foreign lines have none, and no note comes before them."""
    seq = row.get("_seq")
    return seq if isinstance(seq, int) else -1
