"""Events of a run in their order, filtered, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from tracklab.errors import QueryError
from tracklab.query.answers.events import Event, EventPage
from tracklab.query.cursors import Page
from tracklab.records.lines import LEVELS
from tracklab.storage.ordering import PLACE_SHAPE, placed_events
from tracklab.storage.streams import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.storage.ordering import Placed

__all__ = ["as_event", "read_events"]


def read_events(
    run_dir: Path,
    *,
    kind: str | None,
    level: str | None,
    search: str | None,
    after: str | None,
    limit: int,
    descending: bool,
) -> EventPage:
    """Return one page of events; see `Engine.events`.

    Raises:
        QueryError: the level is unknown or `after` is no cursor.

    Cost: reads the stream; only the page is kept.
    """
    wanted = _Wanted(kind, level, search)
    tally = Tally()
    page: Page[Placed] = Page(after, PLACE_SHAPE, limit, descending=descending)
    page.fill(event for event in placed_events(run_dir, "events", tally) if wanted(event.record))
    found = [as_event(event.record, event.segment.writer) for event in page.shown]
    return EventPage(found, page.total, page.cursor, tally.bad_lines)


class _Wanted:
    """Whether an event is asked for."""

    def __init__(self, kind: str | None, level: str | None, search: str | None) -> None:
        words = [word.strip() for word in (kind or "").split(",") if word.strip()]
        self._logs = "log" in words
        self._kinds = {word if "." in word else f"tracklab.{word}" for word in words}
        self._levels = set(LEVELS[_level_index(level) :])
        self._search = (search or "").casefold()

    def __call__(self, record: dict[str, Any]) -> bool:
        logger = record["logger"]
        if self._kinds and not (
            logger in self._kinds or (self._logs and not logger.startswith("tracklab."))
        ):
            return False
        return record["level"] in self._levels and self._holds_text(record)

    def _holds_text(self, record: dict[str, Any]) -> bool:
        if not self._search:
            return True
        texts = (record["message"], record["logger"], orjson.dumps(record["data"]).decode())
        return any(self._search in text.casefold() for text in texts)


def _level_index(level: str | None) -> int:
    name = (level or LEVELS[0]).upper()
    if name in LEVELS:
        return LEVELS.index(name)
    raise QueryError(f"level is one of {', '.join(LEVELS)}; got {level!r}.")


def as_event(record: dict[str, Any], writer: str | None) -> Event:
    """Return a decoded event as results show it; `writer` is the segment's."""
    return Event(
        timestamp=record["timestamp"],
        level=record["level"],
        logger=record["logger"],
        message=record["message"],
        seq=record["seq"],
        writer=writer,
        data=record["data"],
        rank=record["rank"],
        trace_id=record["trace_id"],
        span_id=record["span_id"],
    )
