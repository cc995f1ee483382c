"""Which keys runs have logged: name, kind, how many values, and the last of them."""

from __future__ import annotations

import math
from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from tracklab.index.blocks import DamagedError
from tracklab.query.answers.series import Key, KeyPage
from tracklab.query.columns import STREAM_OF
from tracklab.query.reach import Reach, mean_coverage
from tracklab.records.flat import OWN_FIELDS, flatten
from tracklab.storage.standing import shown
from tracklab.storage.streams import Tally, first_hidden_steps, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tracklab.index.shelves import Shelf
    from tracklab.query.answers.series import RowStream
    from tracklab.storage.streams import Batch, Segment

__all__ = ["kind_of", "run_keys"]


def run_keys(
    run_dirs: Sequence[Path],
    stream: RowStream,
    *,
    shelves: Sequence[Shelf] = (),
    reaches: Sequence[Reach] = (),
) -> KeyPage:
    """Return the keys of several runs; see `Engine.keys`.

    Args:
        run_dirs: their directories.
        stream: which rows.
        shelves: the index of each run, or none at all.
        reaches: for each run how much may be read, and was; or none at all.

    Cost: reads of the stream of each run what is not indexed.
    """
    counts: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    last: dict[str, Any] = {}
    reaches = reaches or [Reach() for _ in run_dirs]
    for run_dir, shelf, reach in zip_longest(run_dirs, shelves, reaches):
        own: Counter[str] = Counter()
        tally = Tally()
        segments = run_segments(run_dir, STREAM_OF[stream])
        hidden = first_hidden_steps(segments) if stream == "history" else {}
        for segment in segments:
            end = hidden.get(segment.attempt, math.inf)
            start = _indexed(segment, shelf, own, last, end=end) if shelf else 0
            if not reach.may_parse(segment.path, start):
                continue
            for batch in row_batches(segment, tally, start=start):
                _count(shown(batch, end), own, last)
        reach.unread += tally.unread
        counts.update(own)
        runs.update(own.keys())
    keys = [
        Key(key, kind_of(last[key]), counts[key], last[key], runs[key])
        for key in sorted(counts.keys() - OWN_FIELDS)
    ]
    return KeyPage(keys, mean_coverage(reaches))


def _indexed(
    segment: Segment, shelf: Shelf, counts: Counter[str], last: dict[str, Any], *, end: float
) -> int:
    """Count what the index tells of a segment, and return where it ends.

    It tells nothing from the first part on that holds rows of the step `end`, or later ones.
    """
    told = 0
    for part in shelf.parts(segment.path):
        reached = part.counts.reached
        if end < math.inf and (reached is None or reached >= end):
            break
        try:
            lasts = part.lasts()
        except (DamagedError, OSError):
            shelf.discard()
            break
        last.update(lasts)
        for key in lasts:
            facts = part.facts(key)
            counts[key] += facts.count if facts else 0
        told = part.end
    return told


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
