"""The newest row of a run's machine, read from the end of its files, whatever their length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.query.columns import STREAM_OF
from tracklab.records.flat import flatten
from tracklab.storage.reading import line_start, segment_size
from tracklab.storage.streams import Tally, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracklab.storage.streams import Segment

__all__ = ["newest_row", "newest_sample"]

_TAIL_BYTES = 1 << 16


def newest_sample(run_dir: Path) -> dict[str, Any]:
    """Return the system row with the latest time, with dotted names; empty without any.

    Cost: the last 64 KiB of each writer's newest segment.
    """
    newest: dict[int, Segment] = {}
    for segment in run_segments(run_dir, STREAM_OF["system"]):
        newest[segment.rank] = segment
    return newest_row(newest.values())


def newest_row(segments: Iterable[Segment]) -> dict[str, Any]:
    """Return the row with the latest time at the ends of some segments, with dotted names.

    Empty without any. Cost: the last 64 KiB of each.
    """
    rows = (row for segment in segments for row in _last_rows(segment))
    return flatten(max(rows, key=lambda row: row["_timestamp"], default={}))


def _last_rows(segment: Segment) -> list[dict[str, Any]]:
    try:
        end = segment_size(segment.path)
    except OSError:
        return []
    start = line_start(segment.path, end - _TAIL_BYTES) if end > _TAIL_BYTES else 0
    batches = row_batches(segment, Tally(), start=start)
    return [row for batch in batches for row in batch.rows if row.get("_timestamp") is not None]
