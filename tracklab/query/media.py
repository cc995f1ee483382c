"""Media of a run: every image, table, chart and the like, with the step that it was logged at."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from tracklab.clock import rfc3339
from tracklab.plot.specs import vega_lite
from tracklab.query.answers.media import MediaItem, MediaPage
from tracklab.query.columns import STREAM_OF
from tracklab.query.cursors import PAGE_BYTES, Page, pack
from tracklab.query.revs import parse_rev, rev_of
from tracklab.records.flat import OWN_FIELDS, flatten
from tracklab.storage.blobs import fetched
from tracklab.storage.streams import Tally, first_hidden_steps, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["media_state", "read_media"]

#: Words that stand in any row with media: in the row, or in the file of a value too large for it.
_MARKS = ("_type", "$ref")


class _Found(NamedTuple):
    """A record with its place: step, key, and a number for those logged twice."""

    place: tuple[int, str, int]
    time_s: float | None
    record: dict[str, Any]


def media_state(rev: str) -> str:
    """Return what changes with the media of a run, of what its rev says: how far its rows go.

    Files of media never change, and lines of other streams tell of none.
    """
    ends, origin = parse_rev(rev)
    rows = {name: end for name, end in ends.items() if name.startswith("history.")}
    return rev_of(rows, origin=origin)


def read_media(
    run_dir: Path,
    *,
    keys: Sequence[str],
    types: Sequence[str],
    after: str | None,
    limit: int,
    descending: bool,
) -> MediaPage:
    """Return one page of media by step and key; see `Engine.media`.

    Raises:
        QueryError: `after` is no cursor of this query.

    Cost: reads the rows; parses those that hold media or one of `keys`.
    """
    page: Page[_Found] = Page(after, (int, str, int), limit, descending=descending)
    page.fill(_found(run_dir, keys, types))
    items = _items(page.shown)
    ended = len(items) < len(page.shown)
    return MediaPage(
        items, page.total, pack(page.shown[len(items) - 1].place) if ended else page.cursor
    )


def _items(found: Sequence[_Found]) -> list[MediaItem]:
    """Return the media of a page, which ends earlier where what draws them takes its room."""
    items: list[MediaItem] = []
    size = 0
    while len(items) < len(found) and size < PAGE_BYTES:
        items.append(_item(found[len(items)]))
        size += len(orjson.dumps(items[-1]))
    return items


def _found(run_dir: Path, keys: Sequence[str], types: Sequence[str]) -> Iterator[_Found]:
    segments = run_segments(run_dir, STREAM_OF["history"])
    hidden = first_hidden_steps(segments)
    number = 0
    for segment in segments:
        end = hidden.get(segment.attempt, math.inf)
        for batch in row_batches(segment, Tally(), keys=keys or _MARKS):
            for step, time_s, row in zip(batch.steps, batch.times, batch.rows, strict=True):
                if step is None or step >= end:
                    continue
                for key, record in _records(run_dir, row):
                    if (not keys or key in keys) and (not types or record["_type"] in types):
                        number += 1
                        yield _Found((step, key, number), time_s, record)


def _records(run_dir: Path, row: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, value in fetched(run_dir, flatten(row), room_bytes=PAGE_BYTES).items():
        if key not in OWN_FIELDS:
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict) and isinstance(one.get("_type"), str):
                    yield key, one


def _item(found: _Found) -> MediaItem:
    step, key, _ = found.place
    return MediaItem(
        key=key,
        step=step,
        timestamp=None if found.time_s is None else rfc3339(found.time_s),
        type=found.record["_type"],
        record=found.record,
        vega_lite=_drawn(found.record.get("chart")),
    )


def _drawn(chart: Any) -> dict[str, Any] | None:
    """Return the spec of a table that says what to draw; None if it says nothing we know."""
    if not isinstance(chart, dict):
        return None
    fields, strings = chart.get("fields"), chart.get("strings")
    if not isinstance(fields, dict) or not isinstance(strings, dict):
        return None
    return vega_lite(str(chart.get("preset")), fields, strings)
