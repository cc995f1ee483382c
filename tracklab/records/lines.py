"""How a line begins: the fields that every row and every event carries, in their order.

A row is flat, so that pandas and DuckDB make columns of it. An event is a log record, so that a
log pipeline takes it as it is. Both end with what the caller logged.

What the caller logged is encoded before a line gets its number; putting both together is plain
bytes and runs no user code.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import orjson

from tracklab.clock import rfc3339
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FORMAT_VERSION",
    "HEADER_MIN_BYTES",
    "LEVELS",
    "LINE_MAX_BYTES",
    "SEGMENT_LOGGER",
    "event_line",
    "header_line",
    "row_line",
]

#: Version of the line format. It only grows, and every version ever written stays readable.
FORMAT_VERSION = 1
#: Longest line we write. Fluent Bit stops following a file at a longer one.
LINE_MAX_BYTES = 32_000
#: Shippers tell files apart by their first 1,000 or 1,024 bytes and skip smaller files.
HEADER_MIN_BYTES = 1_100
#: The logger name of a segment's first line; readers of rows drop lines that carry it.
SEGMENT_LOGGER = "tracklab.segment"
#: Levels of events, the standard library's five.
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def row_line(fields: Mapping[str, Any], body: bytes) -> bytes:
    """Return a row: our `fields`, then the user's object `body` (JSON), on one line."""
    if body == b"{}":
        return orjson.dumps(fields) + b"\n"
    return b"%b,%b\n" % (orjson.dumps(fields)[:-1], body[1:])


def event_line(fields: Mapping[str, Any], data: bytes) -> bytes:
    """Return an event: its `fields`, then its `data` (JSON), on one line."""
    return b'%b,"data":%b}\n' % (orjson.dumps(fields)[:-1], data)


def header_line(
    run_id: str,
    *,
    writer: str,
    seq: int,
    stream: str,
    number: int,
    started_s: float,
    facts: Mapping[str, Any],
) -> bytes:
    """Return the first line of a segment, line break included.

    Its beginning names run, writer, stream and number before anything else, and 16 random hex
    digits stand there too, so that no two segments share their first 1,000 bytes.

    Args:
        run_id: the run.
        writer: the writer's own name, also for the run's creator.
        seq: the line's number in its writer's count.
        stream: the stream this segment belongs to.
        number: the segment's number in its stream, from 0.
        started_s: epoch seconds.
        facts: what else readers need: project, host, pid, attempt, resource, ...
    """
    data = {
        "schema": FORMAT_VERSION,
        "stream": stream,
        "segment": number,
        "id": os.urandom(8).hex(),
        "started": rfc3339(started_s),
        **facts,
    }
    fields = {
        "run_id": run_id,
        "writer": writer,
        "seq": seq,
        "timestamp": rfc3339(started_s),
        "level": "INFO",
        "logger": SEGMENT_LOGGER,
        "message": "segment",
    }
    bare = len(event_line(fields, encode_object({**data, "pad": ""})))
    return event_line(fields, encode_object({**data, "pad": " " * (HEADER_MIN_BYTES - bare)}))
