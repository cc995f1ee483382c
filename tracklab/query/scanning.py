"""All rows of a run in their order, one at a time: memory does not grow with the run.

Each writer writes its steps in order, so the rows of several are merged as they are read. Where
one went back, which nothing forbids, the rows come a large page at a time instead.
"""

from __future__ import annotations

import heapq
import math
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from tracklab.query.columns import STREAM_OF
from tracklab.query.rows import read_rows
from tracklab.records.flat import flatten
from tracklab.storage.blobs import fetched
from tracklab.storage.streams import Tally, first_hidden_steps, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tracklab.query.answers.series import RowStream
    from tracklab.storage.streams import Batch, Segment

    #: The place of a row (step or time) and the row.
    _Placed = tuple[float, dict[str, Any]]

__all__ = ["scan_rows"]

_PAGE_ROWS: Final = 50_000
#: More are not read side by side: each keeps a file open.
_MOST_WRITERS: Final = 200
_MARKS: Final = frozenset({"_part", "_lossy"})  # about the line, not the row


def scan_rows(
    run_dir: Path, stream: RowStream, *, keys: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yield rows with dotted names: history merged per step, by step; system rows by time.

    Rows that are written meanwhile are left out.

    Args:
        run_dir: the run's directory.
        stream: which rows.
        keys: rows without any of them may be left out, and values of others in the same row.

    Cost: two passes over the stream, and a block per writer in memory; where a writer's rows are
    out of order, a pass and 50,000 rows in memory for each 50,000 rows.
    """
    segments = run_segments(run_dir, STREAM_OF[stream])
    hidden = first_hidden_steps(segments) if stream == "history" else {}
    own: dict[tuple[int, int], list[Segment]] = {}
    for segment in segments:
        own.setdefault((segment.attempt, segment.rank), []).append(segment)
    if len(own) > _MOST_WRITERS or not all(_in_order(parts, stream) for parts in own.values()):
        yield from _by_pages(run_dir, stream, keys)
        return
    placed = heapq.merge(
        *(
            _placed(run_dir, parts, stream, keys, end=hidden.get(attempt, math.inf))
            for (attempt, _), parts in own.items()
        ),
        key=itemgetter(0),
    )
    yield from _merged(placed) if stream == "history" else (row for _, row in placed)


def _places(batch: Batch, stream: RowStream) -> Sequence[float | None]:
    return batch.steps if stream == "history" else batch.times


def _in_order(segments: Sequence[Segment], stream: RowStream) -> bool:
    """Return whether the rows of one writer never go back. Cost: parses them."""
    last = -math.inf
    for segment in segments:
        for batch in row_batches(segment, Tally()):
            places = [place for place in _places(batch, stream) if place is not None]
            if places and (places[0] < last or places != sorted(places)):
                return False
            last = places[-1] if places else last
    return True


def _placed(
    run_dir: Path,
    segments: Sequence[Segment],
    stream: RowStream,
    keys: Sequence[str],
    *,
    end: float,
) -> Iterator[_Placed]:
    for segment in segments:
        for batch in row_batches(segment, Tally(), keys=keys):
            for place, row in zip(_places(batch, stream), batch.rows, strict=True):
                if place is not None and place < end:
                    yield place, fetched(run_dir, flatten(row)) if batch.nested else row


def _merged(placed: Iterator[_Placed]) -> Iterator[dict[str, Any]]:
    """Yield one row for each step; of several values of a key the last one that is not null."""
    merged: dict[str, Any] = {}
    here: float | None = None
    for place, row in placed:
        if not _MARKS.isdisjoint(row):
            row = {key: value for key, value in row.items() if key not in _MARKS}  # noqa: PLW2901 - the same row
        if place != here:
            if here is not None:
                yield merged
            here, merged = place, row
            continue
        merged.update(
            (key, value) for key, value in row.items() if value is not None or key not in merged
        )
    if here is not None:
        yield merged


def _by_pages(run_dir: Path, stream: RowStream, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        page = read_rows(
            run_dir, stream, keys=keys, after=after, limit=_PAGE_ROWS, descending=False
        )
        yield from page.rows
        after = page.cursor
        if after is None:
            return
