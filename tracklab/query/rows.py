"""Rows as a table: history merged per step, system samples by time; a page at a time.

Memory follows the page, not the run: of the rows read only those that the page can still show
are kept.
"""

from __future__ import annotations

import heapq
import math
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from tracklab.index.shelves import Shelf
from tracklab.query.answers.series import RowPage
from tracklab.query.columns import STREAM_OF
from tracklab.query.cursors import PAGE_BYTES, Page, pack, size_of, unpack
from tracklab.query.stretches import Merged, rows_down, rows_of, rows_up, stretches
from tracklab.records.flat import OWN_FIELDS, flatten
from tracklab.storage.blobs import fetched
from tracklab.storage.streams import Tally, first_hidden_steps, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tracklab.query.answers.series import RowStream

__all__ = ["read_rows"]

_MARKS = frozenset({"_part", "_lossy"})  # about the line, not the row
_SAMPLE_PLACE = ((int, float), int, int)


def read_rows(
    run_dir: Path,
    stream: RowStream,
    *,
    keys: Sequence[str],
    after: str | None,
    limit: int,
    descending: bool,
    shelf: Shelf | None = None,
) -> RowPage:
    """Return one page of rows with dotted names; see `Engine.rows`.

    Rows without a step are no part of history, and rows without a time none of system rows.

    Raises:
        QueryError: `after` is no cursor of this query.

    Cost: reads the stream, and drops rows that the page cannot show; where the index `shelf`
    tells that steps rise, only as far as the page goes.
    """
    if stream == "history":
        page = _history_page(
            run_dir, keys, after, limit, descending=descending, shelf=shelf or Shelf(None)
        )
        found, more = page.rows(), page.more
    else:
        samples: Page[_Sample] = Page(after, _SAMPLE_PLACE, limit, descending=descending)
        samples.fill(_samples(run_dir, keys))
        found, more = samples.shown, samples.cursor is not None
    return _told(run_dir, found, more=more)


def _told(run_dir: Path, found: Sequence[_Sample], *, more: bool) -> RowPage:
    """Return the page with the values that lie in files, which may be too much for one page."""
    rows: list[dict[str, Any]] = []
    size = 0
    while len(rows) < len(found) and size < PAGE_BYTES:
        row = found[len(rows)].record
        rows.append(fetched(run_dir, row, room_bytes=PAGE_BYTES - size))
        size += 0 if rows[-1] is row else size_of(rows[-1])
    more = more or len(rows) < len(found)
    return RowPage(rows, pack(found[len(rows) - 1].place) if more and rows else None)


def _history_page(
    run_dir: Path,
    keys: Sequence[str],
    after: str | None,
    limit: int,
    *,
    descending: bool,
    shelf: Shelf,
) -> _Steps:
    behind = None if after is None else unpack(after, (int,))[0]
    page = _Steps(limit, behind, descending=descending)
    segments = run_segments(run_dir, STREAM_OF["history"])
    hidden = first_hidden_steps(segments)
    asked = partial(_asked, keys=keys)
    for segment in segments:
        end = hidden.get(segment.attempt, math.inf)
        for stretch in stretches(segment, shelf):
            if stretch.rising and descending:
                below = end if behind is None else min(end, behind)
                for step, row in rows_down(
                    stretch, keys, below=below, count=limit + 1, asked=asked
                ):
                    if page.wants(step):
                        page.add(step, row)
                continue
            rows = (
                rows_up(stretch, keys, behind=behind, ends=page.is_over)
                if stretch.rising
                else rows_of(stretch, keys)
            )
            for step, row in rows:
                if step < end and page.wants(step):
                    page.add(step, asked(row))
    return page


class _Sample(NamedTuple):
    """A row with its place: its step, or its time, then segment and row within it."""

    place: tuple[Any, ...]
    record: dict[str, Any]


def _samples(run_dir: Path, keys: Sequence[str]) -> Iterator[_Sample]:
    for at, segment in enumerate(run_segments(run_dir, STREAM_OF["system"])):
        before = 0
        for batch in row_batches(segment, Tally(), keys=keys):
            for number, time_s in enumerate(batch.times):
                asked = _asked(batch.rows[number], keys) if time_s is not None else {}
                if asked:
                    yield _Sample((time_s, at, before + number), asked)
            before += len(batch.rows)


def _asked(row: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Return the row with dotted names, or what it has of `keys`; nothing if that is nothing."""
    flat = flatten(row)
    if keys:
        found = {key: flat[key] for key in keys if flat.get(key) is not None}
        if not found:
            return {}
        flat = {key: value for key, value in flat.items() if key in OWN_FIELDS} | found
    return {key: value for key, value in flat.items() if key not in _MARKS}


class _Steps:
    """The merged rows of the first steps in order, beyond the step `behind`.

    At most `limit` of them, and no more than up to the one with which they come to `PAGE_BYTES`.

    Attributes:
        more: whether there are others behind them.
    """

    def __init__(self, limit: int, behind: int | None, *, descending: bool) -> None:
        self.more = False
        self._limit = limit
        self._behind = behind
        self._sign = -1 if descending else 1
        self._rows: dict[int, Merged] = {}
        self._size = 0
        self._last: list[int] = []  # a heap with the last of the kept steps on top
        self._end = math.inf  # the rank of the first step that was dropped

    def wants(self, step: int) -> bool:
        """Return whether the page may show `step`, as far as is known by now."""
        if self._behind is not None and self._sign * (step - self._behind) <= 0:
            return False
        return self._sign * step < self._end

    def is_over(self, step: int) -> bool:
        """Return whether the page is full and neither this step nor a later one can come on it."""
        return self._sign * step >= self._end

    def add(self, step: int, row: dict[str, Any]) -> None:
        """Merge `row` into its step; see `Merged`."""
        if not row:
            return
        kept = self._rows.get(step)
        if kept is None:
            kept = self._rows[step] = Merged(row)
            self._size += kept.size
            heapq.heappush(self._last, -self._sign * step)
        else:
            self._size += kept.add(row)
        while len(self._rows) > self._limit or self._is_full_without_last():
            self._drop_last()

    def _is_full_without_last(self) -> bool:
        last = -self._sign * self._last[0]
        return len(self._rows) > 1 and self._size - self._rows[last].size >= PAGE_BYTES

    def _drop_last(self) -> None:
        """Drop the last step for good: all that is kept, or comes yet, stands before it."""
        rank = -heapq.heappop(self._last)
        self._size -= self._rows.pop(self._sign * rank).size
        self._end = rank
        self.more = True

    def rows(self) -> list[_Sample]:
        """Return the rows by step, each with its place."""
        steps = sorted(self._rows, key=self._rank)
        return [_Sample((step,), self._rows[step].row) for step in steps]

    def _rank(self, step: int) -> int:
        return self._sign * step
