"""What a run that goes on takes over: its own last state, or a moment in the middle of a run.

Nothing is ever cut off: a run that is taken up at an earlier step gets a new attempt, which hides
what lies behind that step; a fork gets a copy of the rows up to it.
"""

from __future__ import annotations

import math
import os
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final

from tracklab.clock import parse_time
from tracklab.records.decode import restore
from tracklab.records.encode import encode_object
from tracklab.records.flat import OWN_FIELDS
from tracklab.sdk.definitions import Metric
from tracklab.sdk.rows import referring
from tracklab.storage.documents import read_json
from tracklab.storage.streams import Tally, events, row_batches, run_segments
from tracklab.storage.summaries import NOTED, note_of, summed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tracklab.sdk.run import Run
    from tracklab.storage.streams import Segment
    from tracklab.storage.summaries import Note

__all__ = ["copy_history", "go_on", "replay"]

_OURS: Final = ("_timestamp", "_step", "_runtime", "_run_id", "_seq", "_writer", "_part")


def go_on(run: Run, place: Path, *, metadata: Mapping[str, Any]) -> None:
    """Let the run's definitions and summary be what readers show of the run at `place`.

    Values that were set and all that was counted come with it.

    Args:
        run: the run, before it writes.
        place: its directory.
        metadata: what its document says.

    Cost: reads the events. If the run ended with one process at a time, and no definition asks for
    more than last values, `summary.json` tells the rest; else it reads the history once, some
    microseconds for a row.
    """
    notes = _notes(place)
    document = read_json(place / "summary.json") if _is_whole(place, metadata) else None
    counted = any(note.definition and note.definition["summary"] for own in notes.values()
                  for note in own)  # fmt: skip
    segments = run_segments(place, "history") if document is None or counted else []
    found = summed(segments, notes, Tally())
    if document is not None and not counted:
        restore(document)
        found.summing.set(document)
    values = found.summing.values
    for name in OWN_FIELDS & values.keys():
        del values[name]
    values.update(referring(values))
    run.go_on_from(map(Metric.of_data, found.definitions.values()), found.summing)


def _notes(place: Path) -> dict[str | None, list[Note]]:
    """Return what events say of the summary, by writer, in the order of their numbers."""
    found: dict[str | None, list[Note]] = {}
    for segment in run_segments(place, "events"):
        own = found.setdefault(segment.writer, [])
        for _, event in events(segment, Tally(), holding=[kind.encode() for kind in NOTED]):
            note = note_of(event) if event["logger"] in NOTED else None
            if note is not None:
                own.append(note)
    for own in found.values():
        own.sort(key=attrgetter("seq"))
    return found


def _is_whole(place: Path, metadata: Mapping[str, Any]) -> bool:
    """Return whether the run's summary document knows every line.

    It was written at an end, by a process that has lived beside no other writer: all of them ended
    before it began, and it went on from what they left.
    """
    if metadata.get("end_time") is None:
        return False
    by_writer: dict[str | None, list[Segment]] = {}
    for stream in ("history", "events"):
        for segment in run_segments(place, stream):
            by_writer.setdefault(segment.writer, []).append(segment)
    began_s, last = max(
        ((_began_s(own), writer) for writer, own in by_writer.items()),
        key=itemgetter(0), default=(0.0, None),
    )  # fmt: skip
    wrote_s = _changed_s(place / "metadata.json")
    return all(
        max(_changed_s(one.path) for one in own) <= (wrote_s if writer == last else began_s)
        for writer, own in by_writer.items()
    )


def _began_s(segments: list[Segment]) -> float:
    told = (one.header.data.get("started") for one in segments if one.header)
    return min(map(parse_time, filter(None, told)), default=0.0)


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return math.inf


def replay(run: Run, source: Path, *, until: int) -> None:
    """Let the run's definitions and summary be what they were at a step of `source`.

    Cost: reads the history once.
    """
    _define(run, source)
    for row in _rows(source, until=until):
        run.summary.add_row(_of_user(row))


def copy_history(run: Run, source: Path, *, until: int) -> None:
    """Give the run the definitions and the rows of `source` up to a step.

    Cost: reads and writes the history once; holds one block of it.
    """
    _define(run, source)
    if (source / "media").is_dir():  # what rows name; never changed, so both runs may share it
        import shutil  # noqa: PLC0415 - only forks need it

        shutil.copytree(source / "media", run.run_dir / "media", copy_function=_link)
    for row in _rows(source, until=until):
        values = _of_user(row)
        run.writer_of_rows.row(
            "history", encode_object(values), timestamp_s=row.get("_timestamp") or 0.0,
            runtime_s=row.get("_runtime") or 0.0, step=row["_step"],
        )  # fmt: skip
        run.summary.add_row(values)


def _define(run: Run, source: Path) -> None:
    # Read first: of a run that goes back, what is written now lies in the same segments.
    for data in _definitions(source):
        run.define_metric(
            str(data.get("name")), data.get("step_metric"), data.get("step_sync"),
            data.get("hidden"), ",".join(data.get("summary") or ()), data.get("goal"),
        )  # fmt: skip


def _definitions(source: Path) -> list[dict[str, Any]]:
    """Return what was last said of each metric; it includes what was said before."""
    kind = "tracklab.define_metric"
    found = {}
    for segment in run_segments(source, "events"):
        for _, event in events(segment, Tally(), holding=[kind.encode()]):
            data = event.get("data") or {}
            if event.get("logger") == kind:
                found[data.get("name")] = data
    return list(found.values())


def _rows(source: Path, *, until: int) -> Iterator[dict[str, Any]]:
    """Yield the rows that a reader of `source` sees, up to a step."""
    segments = run_segments(source, "history")
    firsts: dict[int, int] = {}
    for segment in reversed(segments):
        step = next(
            (step for batch in row_batches(segment, Tally()) for step in batch.steps
             if step is not None), None,
        )  # fmt: skip
        if step is not None:
            firsts[segment.attempt] = min(step, firsts.get(segment.attempt, step))
    for segment in segments:
        later = [step for attempt, step in firsts.items() if attempt > segment.attempt]
        hidden = min(later, default=None)
        for batch in row_batches(segment, Tally()):
            for row, step in zip(batch.rows, batch.steps, strict=True):
                if step is not None and step <= until and (hidden is None or step < hidden):
                    yield row


def _of_user(row: dict[str, Any]) -> dict[str, Any]:
    return referring({key: value for key, value in row.items() if key not in _OURS})


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        from shutil import copyfile  # noqa: PLC0415 - as above

        copyfile(source, target)
