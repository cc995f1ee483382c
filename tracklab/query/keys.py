"""Which keys runs have logged: name, kind, how many values, and the last of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tracklab.query.columns import STREAM_OF
from tracklab.query.engine import Key, KeyPage
from tracklab.query.streams import Tally, row_batches, run_segments
from tracklab.records.flat import OWN_FIELDS, flatten

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracklab.query.engine import RowStream
    from tracklab.query.streams import Batch

__all__ = ["kind_of", "run_keys"]


def run_keys(run_dirs: Iterable[Path], stream: RowStream) -> KeyPage:
    """Return the keys of several runs; see `Engine.keys`. Cost: reads the stream of each."""
    counts: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    last: dict[str, Any] = {}
    tally, segment_count = Tally(), 0
    for run_dir in run_dirs:
        segments = run_segments(run_dir, STREAM_OF[stream])
        segment_count += len(segments)
        own: Counter[str] = Counter()
        for segment in segments:
            for batch in row_batches(segment, tally):
                _count(batch, own, last)
        counts.update(own)
        runs.update(own.keys())
    keys = [
        Key(key, kind_of(last[key]), counts[key], last[key], runs[key])
        for key in sorted(counts.keys() - OWN_FIELDS)
    ]
    return KeyPage(keys, 1.0 - tally.unread / max(segment_count, 1))


def kind_of(value: object) -> str:
    """Return the kind of a value: number, bool, string, list, object, or a medium's `_type`."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict) and isinstance(value.get("_type"), str):
        return str(value["_type"])
    return "object"


def _count(batch: Batch, counts: Counter[str], last: dict[str, Any]) -> None:
    rows = batch.rows
    if batch.nested:
        rows = [flatten(row) for row in rows]
    if batch.nulls:
        rows = [{key: value for key, value in row.items() if value is not None} for row in rows]
    # Most rows of a run have the same keys: counting these sets is much less work.
    for shape, count in Counter(map(tuple, rows)).items():
        for key in shape:
            counts[key] += count
    for row in rows:
        last.update(row)
