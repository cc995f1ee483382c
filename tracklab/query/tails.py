"""What has been written since: the lines of a run after a rev, as records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.query.answers.events import Tail, TailLine
from tracklab.query.cursors import PAGE_BYTES
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
    page = _Page(limit)
    for stream in streams:
        for path in segments(run_dir, stream):
            start = offsets.get(path.name, 0)
            if page.full or not _has_grown(path, start):
                continue
            reading = Reading(path, start=line_start(path, start) if start else 0)
            offsets[path.name] = page.read(reading, stream)
    return Tail(page.lines, rev_of(offsets, origin=origin), page.bad_lines, more=page.full)


def _has_grown(path: Path, start: int) -> bool:
    try:
        return segment_size(path) > start
    except OSError:
        return False


class _Page:
    """Records up to a number of lines, or to the one that brings it to `PAGE_BYTES`."""

    def __init__(self, limit: int) -> None:
        self.lines: list[TailLine] = []
        self.bad_lines = 0
        self._limit = limit
        self._bytes = 0

    @property
    def full(self) -> bool:
        return len(self.lines) >= self._limit or self._bytes >= PAGE_BYTES

    def read(self, reading: Reading, stream: str) -> int:
        """Append records; return where the next reading starts."""
        name = parse_segment_name(reading.path.name)
        writer = name.writer if name else None
        decode = decode_row if stream in _ROW_STREAMS else decode_event
        for at, line in reading.lines():
            record = decode(line)
            if isinstance(record, dict):
                self.lines.append(TailLine(stream, writer, _shown(record, stream, writer)))
                self._bytes += len(line)
            self.bad_lines += isinstance(record, BadLine)
            if self.full:
                return at + len(line) + 1
        self.bad_lines += reading.skipped
        return reading.end


def _shown(record: dict[str, Any], stream: str, writer: str | None) -> dict[str, Any] | Event:
    return flatten(record) if stream in _ROW_STREAMS else as_event(record, writer)
