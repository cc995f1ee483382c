"""Does a living run still make progress: its last row against its own rhythm.

Read from the tail of the newest segment alone, whatever the length of the run. A slow step is
measured by the slow steps before it; a process that stands still falls silent for longer than
any of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from tracklab.storage.reading import line_start, segment_file, segment_size
from tracklab.storage.streams import Tally, row_batches, run_segments

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.storage.streams import Segment

__all__ = ["Rhythm", "read_rhythm"]

#: Silence shorter than this is no stall, however quick the run was.
LEAST_S = 60.0
_TAIL_BYTES = 256 << 10
_FEWEST_ROWS = 3
_MEDIANS = 10
_LONGEST = 3


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a run's rows come.

    Attributes:
        silent_s: seconds since the last row; None without rows.
        rows_per_s: rows per second over the tail; None for fewer than two.
        stalled: whether the silence is longer than the rhythm explains.
    """

    silent_s: float | None = None
    rows_per_s: float | None = None
    stalled: bool = False


def read_rhythm(run_dir: Path, *, now_s: float) -> Rhythm:
    """Return the rhythm of the history, or of system rows where there is no history to judge by.

    Silence is judged by when the file grew, so a writer's wrong clock does no harm.

    Cost: reads at most 256 KiB of one segment.
    """
    found = Rhythm()
    for stream in ("history", "system_metrics"):
        newest = _newest(run_dir, stream)
        if newest is None:
            continue
        grown_s, segment = newest
        times, gaps = _tail(segment)
        rhythm = _judged(times, gaps, silent_s=max(now_s - grown_s, 0.0))
        if found.silent_s is None:
            found = rhythm
        if len(gaps) >= _FEWEST_ROWS - 1:
            return Rhythm(found.silent_s, found.rows_per_s, rhythm.stalled)
    return found


def _newest(run_dir: Path, stream: str) -> tuple[float, Segment] | None:
    grown = ((_grown_s(segment.path), segment) for segment in run_segments(run_dir, stream))
    return max(grown, key=lambda entry: (entry[0], entry[1].number), default=None)


def _grown_s(path: Path) -> float:
    try:
        return segment_file(path).lstat().st_mtime
    except OSError:
        return 0.0


def _tail(segment: Segment) -> tuple[list[float], list[float]]:
    """Return the times of the last rows, and the seconds from step to step.

    Several rows of one step come at once and say nothing of how long a step takes.
    """
    try:
        start = max(segment_size(segment.path) - _TAIL_BYTES, 0)
    except OSError:
        return [], []
    start = line_start(segment.path, start) if start else 0
    times: list[float] = []
    begun: list[float] = []
    last: object = begun
    for batch in row_batches(segment, Tally(), start=start):
        for step, time_s in zip(batch.steps, batch.times, strict=True):
            if time_s is None:
                continue
            times.append(time_s)
            if step is None or step != last:
                begun.append(time_s)
            last = step
    gaps = [later - earlier for earlier, later in pairwise(begun)]
    return times, [gap for gap in gaps if gap >= 0]


def _judged(times: list[float], gaps: list[float], *, silent_s: float) -> Rhythm:
    span_s = max(times) - min(times) if times else 0.0
    rate = (len(times) - 1) / span_s if span_s > 0 else None
    if len(gaps) < _FEWEST_ROWS - 1:
        return Rhythm(silent_s, rate)
    patience_s = max(LEAST_S, _MEDIANS * median(gaps), _LONGEST * max(gaps))
    stalled = math.isfinite(patience_s) and silent_s > patience_s
    return Rhythm(silent_s, rate, stalled)
