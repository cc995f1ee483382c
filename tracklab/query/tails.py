"""What has been written since: the lines of a run after a rev, as records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.query.answers.events import Tail, TailLine
from tracklab.query.events import as_event
from tracklab.query.revs import offsets_in, origin_of, rev_of
from tracklab.records.decode import BadLine, decode_event, decode_row
from tracklab.records.flat import flatten
from tracklab.storage.layout import parse_segment_name, segments
from tracklab.storage.reading import Reading, line_start, segment_size

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracklab.query.answers.events import Event

__all__ = ["read_tail"]

_ROW_STREAMS = frozenset({"history", "system_metrics"})


def read_tail(run_dir: Path, rev: str | None, streams: Iterable[str], limit: int) -> Tail:
    """Return the lines after `rev`; see `Engine.tail`.

    Raises:
        QueryError: `rev` is no rev, or one of another run that lay here before.

    Cost: a `stat` per segment, and reading what has grown.
    """
    offsets, origin = ({}, None) if rev is None else offsets_in(run_dir, rev)
    # Before reading: what is read then may be of a run made anew, never the other way round.
    origin = origin or origin_of(run_dir)
    lines: list[TailLine] = []
    bad_lines = 0
    for stream in streams:
        for path in segments(run_dir, stream):
            start = offsets.get(path.name, 0)
            if len(lines) >= limit or not _has_grown(path, start):
                continue
            reading = Reading(path, start=line_start(path, start) if start else 0)
            end, bad = _read(reading, stream, lines, limit)
            offsets[path.name] = end
            bad_lines += bad
    return Tail(lines, rev_of(offsets, origin=origin), bad_lines, more=len(lines) >= limit)


def _has_grown(path: Path, start: int) -> bool:
    try:
        return segment_size(path) > start
    except OSError:
        return False


def _read(reading: Reading, stream: str, lines: list[TailLine], limit: int) -> tuple[int, int]:
    """Append records up to `limit`; return where the next reading starts, and the bad lines."""
    name = parse_segment_name(reading.path.name)
    writer = name.writer if name else None
    decode = decode_row if stream in _ROW_STREAMS else decode_event
    bad = 0
    for at, line in reading.lines():
        record = decode(line)
        if isinstance(record, dict):
            lines.append(TailLine(stream, writer, _shown(record, stream, writer)))
        bad += isinstance(record, BadLine)
        if len(lines) >= limit:
            return at + len(line) + 1, bad
    return reading.end, bad + reading.skipped


def _shown(record: dict[str, Any], stream: str, writer: str | None) -> dict[str, Any] | Event:
    return flatten(record) if stream in _ROW_STREAMS else as_event(record, writer)
