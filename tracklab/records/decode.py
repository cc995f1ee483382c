"""Lines become records, whoever wrote them: strict first, then lenient, then counted as bad.

The promise to readers: nothing here raises because of a line's bytes. A line is a `dict` with
canonical names, a `Header`, or a `BadLine` that says why. Floats that JSON cannot say, and that
the writer named in `_nonfinite`, are floats again.

Beside our own lines, these dialects are understood: rows with `step` and `timestamp`; events of
a `performance_metrics` logger without run or number; python-json-logger (`asctime`, `levelname`,
`name`, bare NaN); structlog (`event`); the Elastic Common Schema (`@timestamp`, `log.level`).
"""

from __future__ import annotations

import json
import math
import re
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import methodcaller
from typing import TYPE_CHECKING, Any

import orjson

from tracklab.clock import parse_time, rfc3339
from tracklab.records.encode import MAX_DEPTH, MAX_KEYS
from tracklab.records.lines import LEVELS, SEGMENT_LOGGER

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "OUR_FIELDS",
    "BadLine",
    "Header",
    "decode_event",
    "decode_row",
    "event_of",
    "moment",
    "parse_block",
    "restore",
    "row_of",
]

_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_CANONICAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1
# A line shorter than this cannot hold too many keys: the shortest, `"":0,`, has 5 bytes.
_MANY_KEYS_BYTES = 5 * MAX_KEYS
# A path of `_nonfinite` may be read in several ways when keys hold dots; lines are not trusted.
_PATH_TRIES = 1_000
_INDEX_DIGITS = 9

_BRACES_IN, _SQUARES_IN = methodcaller("count", b"{"), methodcaller("count", b"[")

_TIME_NAMES = ("timestamp", "@timestamp", "asctime", "time", "ts")
_LEVEL_NAMES = ("level", "levelname", "log.level", "severity")
_LOGGER_NAMES = ("logger", "name", "log.logger")
_MESSAGE_NAMES = ("message", "event", "msg")
#: The fields of our own events without context: most lines, and these need no change.
OUR_FIELDS = frozenset({"timestamp", "level", "logger", "message", "run_id", "seq", "data"})
_NO_CONTEXT = dict.fromkeys(("writer", "rank", "trace_id", "span_id"))
_LEVELS = frozenset(LEVELS)
_LEVEL_ALIASES = {"WARN": "WARNING", "FATAL": "CRITICAL", "TRACE": "DEBUG", "ERR": "ERROR"}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no record; `reason` is for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a segment: who writes it, and when in the run's life.

    Attributes:
        run_id: the run.
        writer: the writer's own name, also of the run's creator.
        seq: the line's number.
        attempt: of the run.
        generation: above that of every writer whose lines were there before; None if not told.
        follows: writers of lower generations had ended by then.
        data: all that it tells.
    """

    run_id: str | None
    writer: str | None
    seq: int | None
    attempt: int
    generation: int | None
    follows: int
    data: dict[str, Any]


def decode_row(line: bytes) -> dict[str, Any] | Header | BadLine:
    """Return the row on `line`, with nested values still nested.

    `_timestamp` is a float in epoch seconds and `_step` an int; either is absent where the line
    has none that can be read.
    """
    record = _parse(line)
    return record if isinstance(record, BadLine) else row_of(record)


def decode_event(line: bytes) -> dict[str, Any] | Header | BadLine:
    """Return the event on `line` under its canonical names.

    Always there: `timestamp` (RFC 3339 with microseconds and Z, or None), `level` (one of five),
    `logger`, `message`, `run_id`, `seq`, `writer`, `rank`, `trace_id`, `span_id` (None if
    absent) and `data`, which takes up every field that has no place of its own.
    """
    record = _parse(line)
    return record if isinstance(record, BadLine) else event_of(record)


def parse_block(block: bytes) -> list[dict[str, Any]] | None:
    """Return one object per line of `block`, or None if any line is unusual.

    Args:
        block: whole lines; each ends with its line break.

    Cost: about half of decoding line by line.
    """
    lines = block.split(b"\n")[:-1]
    if len(block) > _MANY_KEYS_BYTES or _may_be_deep(block, lines):
        return None
    try:
        records: list[dict[str, Any]] = list(map(orjson.loads, lines))
    except orjson.JSONDecodeError:
        return None
    return records if set(map(type, records)) == {dict} else None


def _may_be_deep(block: bytes, lines: list[bytes]) -> bool:
    if _brackets(block) <= len(lines) + MAX_DEPTH:
        return False
    braces: int = max(map(_BRACES_IN, lines))
    return braces + (max(map(_SQUARES_IN, lines)) if b"[" in block else 0) > MAX_DEPTH


def row_of(record: dict[str, Any]) -> dict[str, Any] | Header:
    """Return `record` as a row with canonical names; it is changed in place."""
    if record.get("logger") == SEGMENT_LOGGER and "_timestamp" not in record:
        return _header(record)
    restore(record)
    if "_timestamp" not in record:
        for bare in ("timestamp", "step"):
            if bare in record and f"_{bare}" not in record:
                record[f"_{bare}"] = record.pop(bare)
    _settle(record, "_timestamp", _epoch_s(record.get("_timestamp")))
    _settle(record, "_step", _whole(record.get("_step")))
    return record


def event_of(record: dict[str, Any]) -> dict[str, Any] | Header:
    """Return `record` as an event with canonical names; it is changed in place."""
    if record.get("logger") == SEGMENT_LOGGER:
        return _header(record)
    if record.keys() == OUR_FIELDS and _is_canonical(record):
        return {**_NO_CONTEXT, **record}
    data = record.pop("data", None)
    if not isinstance(data, dict):
        data = {} if data is None else {"data": data}
    restore(data)
    restore(record)
    _open_ecs(record)
    event = {
        "timestamp": moment(_take(record, _TIME_NAMES)),
        "level": _level(_take(record, _LEVEL_NAMES)),
        "logger": _text(_take(record, _LOGGER_NAMES)),
        "message": _text(_take(record, _MESSAGE_NAMES)),
        "run_id": _text_or_none(record.pop("run_id", None)),
        "seq": _whole(record.pop("seq", None)),
        "writer": _text_or_none(record.pop("writer", None)),
        "rank": _whole(record.pop("rank", None)),
        "trace_id": _text_or_none(_take(record, ("trace_id", "trace.id"))),
        "span_id": _text_or_none(_take(record, ("span_id", "span.id"))),
        "data": data,
    }
    for name, value in record.items():
        data.setdefault(name, value)
    return event


def _is_canonical(event: dict[str, Any]) -> bool:
    """Return whether every field is as we write it ourselves: then nothing is to be changed."""
    data, timestamp = event["data"], event["timestamp"]
    return (
        type(data) is dict
        and "_nonfinite" not in data
        and type(event["level"]) is str
        and event["level"] in _LEVELS
        and type(event["seq"]) is int
        and type(event["logger"]) is type(event["message"]) is type(event["run_id"]) is str
        and type(timestamp) is str
        and moment(timestamp) == timestamp
    )


def _parse(line: bytes) -> dict[str, Any] | BadLine:
    if len(line) > _MANY_KEYS_BYTES and line.count(b":") > MAX_KEYS:
        return BadLine(f"more than {MAX_KEYS} keys")
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if b"NaN" not in line and b"Infinity" not in line:
            return BadLine(str(error))
        record = _parse_leniently(line)
    if isinstance(record, BadLine):
        return record
    if not isinstance(record, dict):
        return BadLine(f"a line holds an object, not {type(record).__name__}")
    if _brackets(line) > MAX_DEPTH and _depth(record) > MAX_DEPTH:
        return BadLine(f"nested deeper than {MAX_DEPTH}")
    return record


def _parse_leniently(line: bytes) -> Any:
    """Parse what the standard library's encoder writes by default: bare NaN and Infinity."""
    try:
        record = json.loads(line, parse_int=_bounded_int)
        orjson.dumps(record)  # what strict JSON cannot say again would fail in a reply
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        return BadLine(str(error))
    return record


def _bounded_int(digits: str) -> float:
    value = int(digits)
    return value if _INT_MIN <= value <= _INT_MAX else float(value)


def _brackets(text: bytes) -> int:
    """Return an upper bound of the levels of nesting, at the cost of two searches."""
    return text.count(b"{") + (text.count(b"[") if b"[" in text else 0)


def _depth(value: object) -> int:
    """Return the levels of nesting, without recursion; stops counting past the limit."""
    level: list[object] = [value]
    depth = 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        inner = [child for parent in level for child in _children(parent)]
        level = [child for child in inner if isinstance(child, (dict, list))]
    return depth


def _children(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _header(record: dict[str, Any]) -> Header:
    data = record.get("data")
    data = data if isinstance(data, dict) else {}
    run_id, writer = record.get("run_id"), record.get("writer")
    return Header(
        run_id=run_id if isinstance(run_id, str) else None,
        writer=writer if isinstance(writer, str) else None,
        seq=_whole(record.get("seq")),
        attempt=_whole(data.get("attempt")) or 0,
        generation=_whole(data.get("generation")),
        follows=_whole(data.get("follows")) or 0,
        data=data,
    )


def restore(record: dict[str, Any]) -> None:
    """Put floats back where the record's `_nonfinite` names them, and drop it."""
    names = record.get("_nonfinite")
    if not isinstance(names, dict):
        return
    del record["_nonfinite"]
    for path, name in names.items():
        number = _NUMBERS.get(name) if isinstance(name, str) else None
        if number is not None:
            _put(record, path, number)


def _put(record: dict[str, Any], path: str, number: float) -> None:
    """Replace the null at a dotted path; keys may hold dots themselves, so ways are tried."""
    ways: deque[tuple[Any, str]] = deque([(record, path)])
    for _ in range(_PATH_TRIES):
        if not ways:
            return
        holder, rest = ways.popleft()
        if _at(holder, rest) is None:
            holder[int(rest) if isinstance(holder, list) else rest] = number
            return
        for dot in islice(re.finditer(r"\.", rest), _PATH_TRIES):
            child = _at(holder, rest[: dot.start()])
            if isinstance(child, (dict, list)):
                ways.append((child, rest[dot.end() :]))


def _at(holder: Any, name: str) -> Any:
    """Return what a dict or list holds under `name`; Ellipsis, which JSON lacks, for nothing."""
    if isinstance(holder, dict):
        return holder.get(name, ...)
    fits = name.isdecimal() and len(name) < _INDEX_DIGITS and int(name) < len(holder)
    return holder[int(name)] if fits else ...


def _open_ecs(record: dict[str, Any]) -> None:
    """Lift the nested spelling of ECS fields, `log: {level}`, to the dotted one."""
    if "@timestamp" not in record:
        return
    for outer, inner in (("log", "level"), ("log", "logger"), ("trace", "id"), ("span", "id")):
        holder = record.get(outer)
        if isinstance(holder, dict) and inner in holder:
            record.setdefault(f"{outer}.{inner}", holder.pop(inner))


def moment(value: object) -> str | None:
    """Return a time, however it is written, as RFC 3339 with microseconds and Z; else None.

    Cost: 0.3 us if it is written so already, some 3 us otherwise.
    """
    if isinstance(value, str) and _CANONICAL_TIME.fullmatch(value):
        with suppress(ValueError):  # the 31st of February, or a leap second
            datetime.fromisoformat(value[:-1])
            return value
    seconds = _epoch_s(value)
    try:
        return None if seconds is None else rfc3339(seconds)
    except OverflowError:  # beyond the years 1 to 9999
        return None


def _take(record: dict[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        if name in record:
            return record.pop(name)
    return None


def _settle(record: dict[str, Any], name: str, value: float | None) -> None:
    if value is None:
        record.pop(name, None)
    else:
        record[name] = value


def _epoch_s(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        seconds = parse_time(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) else None


def _whole(value: object) -> int | None:
    """Return a whole number of 64 bits, also when it is written as a float."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if _INT_MIN <= value <= _INT_MAX else None


def _level(value: object) -> str:
    if isinstance(value, int):  # the standard library's numbers: DEBUG is 10, CRITICAL 50
        return LEVELS[min(max(value // 10 - 1, 0), len(LEVELS) - 1)]
    name = value.upper() if isinstance(value, str) else "INFO"
    name = _LEVEL_ALIASES.get(name, name)
    return name if name in LEVELS else "INFO"


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else str(value)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
