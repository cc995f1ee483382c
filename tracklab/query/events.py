"""Events of a run in their order, filtered, a page at a time."""

from __future__ import annotations

import re
from functools import partial
from itertools import starmap
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from tracklab.errors import QueryError
from tracklab.query.answers.events import Event, EventPage
from tracklab.query.cursors import Page
from tracklab.records.decode import BadLine, decode_event
from tracklab.records.lines import LEVELS, SEGMENT_LOGGER
from tracklab.storage.ordering import PLACE_SHAPE, placed
from tracklab.storage.streams import Tally, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.storage.streams import Segment

__all__ = ["as_event", "read_events"]

#: How each line of ours begins.
_HEAD: Final = re.compile(
    rb'\{"timestamp":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)",'
    rb'"level":"(DEBUG|INFO|WARNING|ERROR|CRITICAL)","logger":"([^"\\]*)","message":"'
)


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

    Cost: reads the stream, 1 to 2 s for a million events; only what is shown is parsed, or with
    `search` what holds the text.
    """
    wanted = _Wanted(kind, level)
    needle = (search or "").casefold()
    tally = Tally()
    page: Page[_Glanced] = Page(after, PLACE_SHAPE, limit, descending=descending, size=_length)
    read = partial(_read, tally=tally, wanted=wanted, needle=needle)
    page.fill(starmap(_Glanced, placed(run_dir, "events", read)))
    found = []
    for glanced in page.shown:
        record = glanced.record
        if isinstance(record, dict):
            found.append(as_event(record, glanced.segment.writer))
        else:
            tally.bad_lines += 1
    return EventPage(found, page.total, page.cursor, tally.bad_lines)


class _Glanced(NamedTuple):
    """An event of which no more was looked at than what it is chosen by."""

    place: tuple[Any, ...]
    segment: Segment
    line: bytes

    @property
    def record(self) -> Any:
        """The event; something else if its line turns out to be none."""
        return decode_event(self.line)


def _length(glanced: _Glanced) -> int:
    return len(glanced.line)


def _read(
    segment: Segment, *, tally: Tally, wanted: _Wanted, needle: str
) -> Iterator[tuple[int, str | None, bytes]]:
    """Yield of the events asked for where they stand, when they were, and their lines."""
    for offset, line in lines_of(segment, tally):
        head = None if needle else _HEAD.match(line)
        if head and line.endswith(b"}}"):
            timestamp, level, logger = (part.decode(errors="replace") for part in head.groups())
            told: str | None = timestamp
        else:
            record = decode_event(line)
            if not isinstance(record, dict):
                tally.bad_lines += isinstance(record, BadLine)
                continue
            told, level, logger = record["timestamp"], record["level"], record["logger"]
            if needle and not _holds_text(record, needle):
                level = ""
        if level and logger != SEGMENT_LOGGER and wanted(level, logger):
            yield offset, told, line


class _Wanted:
    """Whether an event is asked for."""

    def __init__(self, kind: str | None, level: str | None) -> None:
        words = [word.strip() for word in (kind or "").split(",") if word.strip()]
        self._logs = "log" in words
        self._kinds = {word if "." in word else f"tracklab.{word}" for word in words}
        self._levels = set(LEVELS[_level_index(level) :])

    def __call__(self, level: str, logger: str) -> bool:
        if self._kinds and not (
            logger in self._kinds or (self._logs and not logger.startswith("tracklab."))
        ):
            return False
        return level in self._levels


def _holds_text(record: dict[str, Any], needle: str) -> bool:
    texts = (record["message"], record["logger"], orjson.dumps(record["data"]).decode())
    return any(needle in text.casefold() for text in texts)


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
