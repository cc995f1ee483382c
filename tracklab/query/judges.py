"""Whether a line is what is searched for: lines of console text, and events.

What a judge says of many lines at once is never too little: where it says no, none of them fits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.errors import QueryError
from tracklab.query.answers.text import FoundLine
from tracklab.records.decode import OUR_FIELDS, BadLine, decode_event, parse_block
from tracklab.records.fields import epoch_s
from tracklab.records.lines import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracklab.query.patterns import Pattern
    from tracklab.query.searching import Search

__all__ = ["ConsoleJudge", "EventJudge"]

_MOST_SHOWN: Final = 10_000
_COLOUR: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")


class ConsoleJudge:
    """Judges lines of console text as a terminal shows them: without colours, bars folded."""

    def __init__(self, stream: str, rank: int, start: int, pattern: Pattern) -> None:
        self._stream = stream
        self._rank = rank
        self._start = start
        self._pattern = pattern

    def look(self, block: bytes) -> bool:
        """Return whether any line may fit; a colour within a word hides it from a quick look."""
        may_hold = self._pattern.may_hold
        if may_hold is None or b"\x1b" in block or b"\r" in block:
            return True
        return may_hold(block if block.isascii() else block.decode("utf-8", "replace").encode())

    def judge(self, offset: int, line: bytes) -> FoundLine | None:
        """Return a line of the file that begins at byte `offset`, if it fits."""
        text = line.rstrip(b"\r").rpartition(b"\r")[2].decode("utf-8", "replace")
        text = _COLOUR.sub("", text) if "\x1b" in text else text
        if not self._pattern.fits(text):
            return None
        return FoundLine(
            self._stream, None, self._rank, self._start + offset, None, None, None, _cut(text)
        )


class EventJudge:
    """Judges lines of events by kind, level, time and what they say."""

    def __init__(
        self, writer: str | None, kinds: Sequence[str], search: Search, pattern: Pattern
    ) -> None:
        self._writer = writer
        self._kinds = frozenset(kinds)
        self._search = search
        self._pattern = pattern
        self._levels = frozenset(LEVELS[_level_index(search.level) :])

    def look(self, block: bytes) -> bool:
        """Return whether any line may fit."""
        return self._pattern.words.may_stand_in(block)

    def sift(self, lines: bytes) -> bool:
        """Return whether any of some lines may fit, by what they say all together."""
        may_hold = self._pattern.may_hold
        texts = None if may_hold is None else _texts_of(lines)
        return may_hold is None or texts is None or may_hold(texts)

    def judge(self, offset: int, line: bytes) -> FoundLine | BadLine | None:
        """Return a line of the segment that begins at byte `offset`, if it fits or is damaged."""
        record = decode_event(line)
        if not isinstance(record, dict):
            return record if isinstance(record, BadLine) else None
        stream = _stream_of(record["logger"])
        if stream not in self._kinds or record["level"] not in self._levels:
            return None
        if not self._is_within(record["timestamp"]):
            return None
        text = _text_of(record)
        if not self._pattern.fits(text):
            return None
        return FoundLine(
            stream, self._writer, record["rank"], offset, record["timestamp"], record["level"],
            record["logger"], _cut(text),
        )  # fmt: skip

    def _is_within(self, timestamp: str | None) -> bool:
        x0, x1 = self._search.x0, self._search.x1
        if x0 is None and x1 is None:
            return True
        if timestamp is None:
            return False
        at = epoch_s(timestamp)
        return (x0 is None or at >= x0) and (x1 is None or at <= x1)


def _stream_of(logger: str) -> str:
    if logger == "tracklab.alert":
        return "alerts"
    return "events" if logger.startswith("tracklab.") else "app"


def _text_of(record: dict[str, Any]) -> str:
    """Return what an event says: its message, and its data as JSON."""
    data = record["data"]
    message: str = record["message"]
    return f"{message} {orjson.dumps(data).decode()}" if data else message


def _texts_of(lines: bytes) -> bytes | None:
    """Return `_text_of` each event, a line each; None where one is not as we write it."""
    records = parse_block(lines)
    if records is None or any(record.keys() != OUR_FIELDS for record in records):
        return None
    said = [(record["message"], record["data"]) for record in records]
    if not all(type(text) is str and type(data) is dict for text, data in said):
        return None
    if any("_nonfinite" in data for _, data in said):
        return None
    return "\n".join([_text_of(record) for record in records]).encode()


def _level_index(level: str | None) -> int:
    name = (level or LEVELS[0]).upper()
    if name in LEVELS:
        return LEVELS.index(name)
    raise QueryError(f"level is one of {', '.join(LEVELS)}; got {level!r}.")


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "..."
