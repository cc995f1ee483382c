"""What a run that goes on takes over: its own last state, or a moment in the middle of a run.

Nothing is ever cut off: a run that is taken up at an earlier step gets a new attempt, which hides
what lies behind that step; a fork gets a copy of the rows and notes up to it.
"""

from __future__ import annotations

import os
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.records.decode import restore
from tracklab.records.encode import encode_object
from tracklab.records.flat import OWN_FIELDS
from tracklab.sdk.definitions import Metric
from tracklab.sdk.rows import referring
from tracklab.storage.documents import read_json
from tracklab.storage.gaps import reason_of
from tracklab.storage.permissions import make_directory
from tracklab.storage.standing import NOTED, Note, note_of, standing
from tracklab.storage.streams import Batch, Tally, events, run_segments
from tracklab.storage.succession import TOLD_BY
from tracklab.storage.summaries import summed
from tracklab.storage.writer import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.sdk.run import Run
    from tracklab.storage.summaries import Summed

__all__ = ["copy_history", "go_back", "go_on"]

_OURS: Final = ("_timestamp", "_step", "_runtime", "_run_id", "_seq", "_writer", "_part")


def go_on(run: Run, place: Path, *, metadata: Mapping[str, Any]) -> None:
    """Let the run's definitions and summary be what readers show of the run at `place`.

    Values that were set and all that was counted come with it.

    Args:
        run: the run, before it writes.
        place: its directory.
        metadata: what its document says.

    Cost: reads the events. If the run ended with one process at a time, was never begun anew, and
    no definition asks for more than last values, `summary.json` tells the rest; else it reads the
    history once, some microseconds for a row.
    """
    notes = _notes(place)
    document = read_json(place / "summary.json") if _is_whole(place, metadata) else None
    counted = any(note.definition and note.definition["summary"] for own in notes.values()
                  for note in own)  # fmt: skip
    segments = run_segments(place, "history") if document is None or counted else []
    found = summed(standing(segments, notes, Tally()))
    if document is not None and not counted:
        restore(document)
        found.summing.values.clear()
        found.summing.set(document)
    _take_over(run, found)


def _take_over(run: Run, found: Summed) -> None:
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
            note = note_of(event, segment) if event["logger"] in NOTED else None
            if note is not None:
                own.append(note)
    for own in found.values():
        own.sort(key=attrgetter("seq"))
    return found


def _is_whole(place: Path, metadata: Mapping[str, Any]) -> bool:
    """Return whether the run's summary document knows every line.

    It was written by the last writer at its end, and all others had ended before that one began:
    it went on from what they left. Of a run with several attempts, what was noted in which of them
    counts too, and no document says that.
    """
    headers = [one.header for stream in TOLD_BY for one in run_segments(place, stream)]
    told = [header for header in headers if header is not None]
    if metadata.get("end_time") is None or len(told) < len(headers):
        return False
    if not told:
        return True
    last = max(told, key=lambda header: header.generation or 0)
    return (
        last.writer == metadata.get("writer")
        and len({header.attempt for header in told}) == 1
        and all(
            header.writer == last.writer or (header.generation or 0) < last.follows
            for header in told
        )
    )


def go_back(run: Run, place: Path, *, until: int) -> None:
    """Let the run's definitions and summary be what they were at a step of the run at `place`.

    Args:
        run: the run, before it writes.
        place: its directory.
        until: the last step that counts.

    Cost: reads the events and the history once.
    """
    told = standing(run_segments(place, "history"), _notes(place), Tally(), until=until)
    _take_over(run, summed(told))


def copy_history(run: Run, source: Path, *, until: int) -> None:
    """Give the run the rows of `source` up to a step, and what was defined and set meanwhile.

    Cost: reads and writes the history once; holds one block of it.
    """
    _share_media(run, source / "media")
    for told in standing(run_segments(source, "history"), _notes(source), Tally(), until=until):
        if isinstance(told, Note):
            _note_again(run, told)
        elif isinstance(told, Batch):
            for row, step in zip(told.rows, told.steps, strict=True):
                if step is not None:
                    _log_again(run, row, step)


def _log_again(run: Run, row: dict[str, Any], step: int) -> None:
    values = referring({key: value for key, value in row.items() if key not in _OURS})
    run.writer_of_rows.row(
        "history", encode_object(values), timestamp_s=row.get("_timestamp") or 0.0,
        runtime_s=row.get("_runtime") or 0.0, step=step,
    )  # fmt: skip
    run.summary.add_row(values)


def _note_again(run: Run, note: Note) -> None:
    if note.values:
        run.summary.update(referring(note.values))
    for key in note.removed:
        del run.summary[key]
    if note.definition is not None:
        said = note.definition
        run.define_metric(
            str(said.get("name")), said.get("step_metric"), said.get("step_sync"),
            said.get("hidden"), ",".join(said["summary"]), said.get("goal"), overwrite=True,
        )  # fmt: skip


def _share_media(run: Run, source: Path) -> None:
    """Let the run have the files that rows name; they never change, so both runs may share them."""
    made = run.run_dir / "media"
    try:
        for above, _, names in os.walk(source):
            here = made / os.path.relpath(above, source)
            for name in names:
                if name[0] != ".":  # what is being written has no name yet that a row could say
                    make_directory(here, file_mode=run.settings.file_mode)
                    _share(Path(above, name), here / name)
    except OSError as error:
        run.event(
            "tracklab.media_lost", "media_lost",
            {"key": "*", "type": "media", "step": None, "reason": reason_of(error)}, level="ERROR",
        )  # fmt: skip
        say(
            f"init(fork_from=) cannot keep the files of the other run's media "
            f"({error.strerror or error}); your program goes on without them: {made}"
        )


def _share(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:  # the same file: its name tells its content
        return
    except OSError:  # another disk, or one without links
        from shutil import copyfile  # noqa: PLC0415 - few disks are so

        copyfile(source, target)
