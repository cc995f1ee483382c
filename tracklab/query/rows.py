"""Rows as a table: history merged per step, system samples by time; a page at a time.

Memory follows the page, not the run: of the rows read only those that the page can still show
are kept.
"""

from __future__ import annotations

import heapq
import math
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tracklab.index.shelves import Shelf
from tracklab.query.answers.series import RowPage
from tracklab.query.columns import STREAM_OF
from tracklab.query.cursors import pack, unpack
from tracklab.query.stretches import rows_down, rows_of, rows_up, stretches
from tracklab.records.flat import OWN_FIELDS, flatten
from tracklab.storage.blobs import fetched
from tracklab.storage.streams import Tally, first_hidden_steps, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tracklab.query.answers.series import RowStream

    _Placed = tuple[tuple[Any, ...], dict[str, Any]]

__all__ = ["read_rows"]

_MARKS = frozenset({"_part", "_lossy"})  # about the line, not the row


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
        found = _history_page(
            run_dir, keys, after, limit + 1, descending=descending, shelf=shelf or Shelf(None)
        )
    else:
        found = _system_page(run_dir, keys, after, limit + 1, descending=descending)
    shown = found[:limit]
    cursor = pack(shown[-1][0]) if len(found) > limit and shown else None
    return RowPage([fetched(run_dir, row) for _, row in shown], cursor)


def _history_page(
    run_dir: Path,
    keys: Sequence[str],
    after: str | None,
    limit: int,
    *,
    descending: bool,
    shelf: Shelf,
) -> list[_Placed]:
    behind = None if after is None else unpack(after, (int,))[0]
    page = _Steps(limit, behind, descending=descending)
    segments = run_segments(run_dir, STREAM_OF["history"])
    hidden = first_hidden_steps(segments)
    for segment in segments:
        end = hidden.get(segment.attempt, math.inf)
        for stretch in stretches(segment, shelf):
            if not stretch.rising:
                rows = rows_of(stretch, keys)
            elif descending:
                below = end if behind is None else min(end, behind)
                rows = rows_down(
                    stretch,
                    keys,
                    below=below,
                    count=limit,
                    shown=lambda row: bool(_asked(row, keys)),
                )
            else:
                rows = rows_up(stretch, keys, behind=behind, ends=page.is_over)
            for step, row in rows:
                if step < end and page.wants(step):
                    page.add(step, _asked(row, keys))
    return page.rows()


def _system_page(
    run_dir: Path, keys: Sequence[str], after: str | None, limit: int, *, descending: bool
) -> list[_Placed]:
    behind = None if after is None else unpack(after, ((int, float), int, int))
    pick = heapq.nlargest if descending else heapq.nsmallest
    rows = (
        (place, row)
        for place, row in _system_rows(run_dir, keys)
        if behind is None or (place < behind if descending else place > behind)
    )
    return pick(limit, rows, key=itemgetter(0))


def _system_rows(run_dir: Path, keys: Sequence[str]) -> Iterator[_Placed]:
    """Yield rows with their place: time, then segment and row within it."""
    for at, segment in enumerate(run_segments(run_dir, STREAM_OF["system"])):
        before = 0
        for batch in row_batches(segment, Tally(), keys=keys):
            for number, time_s in enumerate(batch.times):
                asked = _asked(batch.rows[number], keys) if time_s is not None else {}
                if asked:
                    yield (time_s, at, before + number), asked
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
    """The merged rows of the first `limit` steps in order, beyond the step `behind`."""

    def __init__(self, limit: int, behind: int | None, *, descending: bool) -> None:
        self._limit = limit
        self._behind = behind
        self._sign = -1 if descending else 1
        self._rows: dict[int, dict[str, Any]] = {}
        self._last: list[int] = []  # a heap with the last of the kept steps on top

    def wants(self, step: int) -> bool:
        """Return whether the page shows `step`, as far as is known by now."""
        if self._behind is not None and self._sign * (step - self._behind) <= 0:
            return False
        if step in self._rows or len(self._rows) < self._limit:
            return True
        return self._sign * step < -self._last[0]

    def is_over(self, step: int) -> bool:
        """Return whether the page is full and neither this step nor a later one can come on it."""
        return len(self._rows) == self._limit and self._sign * step > -self._last[0]

    def add(self, step: int, row: dict[str, Any]) -> None:
        """Merge `row` into its step; a later value of a key replaces an earlier one.

        A step that is dropped here cannot come back: all that is kept comes before it.
        """
        if not row:
            return
        kept = self._rows.get(step)
        if kept is not None:
            kept.update((key, value) for key, value in row.items() if value is not None)
            return
        self._rows[step] = row
        heapq.heappush(self._last, -self._sign * step)
        if len(self._rows) > self._limit:
            del self._rows[-self._sign * heapq.heappop(self._last)]

    def rows(self) -> list[_Placed]:
        """Return the rows by step, each with its place."""
        return [((step,), self._rows[step]) for step in sorted(self._rows, key=self._rank)]

    def _rank(self, step: int) -> int:
        return self._sign * step
