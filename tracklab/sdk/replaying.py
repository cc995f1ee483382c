"""What a run that goes on from a moment in the middle of another takes over from it.

Nothing is ever cut off: a run that is taken up at an earlier step gets a new attempt, which hides
what lies behind that step; a fork gets a copy of the rows up to it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from tracklab.records.encode import encode_object
from tracklab.sdk.rows import referring
from tracklab.storage.streams import Tally, events, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.sdk.run import Run

__all__ = ["copy_history", "replay"]

_OURS: Final = ("_timestamp", "_step", "_runtime", "_run_id", "_seq", "_writer", "_part")


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
