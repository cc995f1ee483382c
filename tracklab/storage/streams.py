"""The segments of a run in reading order, and their lines as records, a block at a time.

Segments come by attempt, then writer, then number. Writers come by generation, those of one
generation with the creator first, then by name: a process that goes on with a run stands behind
those it found there, whatever the clocks say. A writer appends under one lock and belongs to one
attempt for life, so within that order lines stand by their number: whoever reads them one after
the other may let a later value of a step replace an earlier one.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from io import FileIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from tracklab.records.decode import (
    BadLine,
    Header,
    decode_event,
    decode_row,
    moment,
    parse_block,
    row_of,
)
from tracklab.storage.layout import parse_segment_name, segments
from tracklab.storage.reading import Reading, open_segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = [
    "Batch",
    "Place",
    "Segment",
    "Tally",
    "are_canonical",
    "events",
    "first_hidden_steps",
    "lines_of",
    "needle",
    "row_batches",
    "rows_of",
    "run_segments",
]

# Enough for nearly every header, and for one of the longest line we write.
_HEAD_BYTES = (4_096, 36_000)
# Parsing only the lines that hold a key pays when fewer than this share of them does.
_SPARSE = 4
# A larger timestamp is not in seconds: 1e11 s is the year 5138.
_MILLIS = 1e11


class Place(NamedTuple):
    """Where a writer stands among all that wrote to a run; places compare in that order.

    `began` is when its segment was begun, RFC 3339, and empty where the generation is told: it
    orders only files of before there were generations.
    """

    attempt: int
    generation: int
    began: str
    joined: bool
    writer: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; `rank` numbers the writers of its stream in their order.

    `body` is where the lines after a header that stands first begin, `size` where the segment
    ended when it was found: reading stops there, however fast it grows; None for a compressed
    one, which does not. `header` is None where another program wrote the segment.
    """

    path: Path
    writer: str | None
    rank: int
    number: int
    attempt: int
    body: int
    header: Header | None
    size: int | None

    @property
    def place(self) -> Place:
        """The place of its writer."""
        return _place(self.writer, self.header)


@dataclass(slots=True)
class Tally:
    """Counts of one pass, filled while reading.

    Attributes:
        lines: lines read, headers and bad ones included.
        bad_lines: lines that are no record, runs of NUL bytes, over-long lines.
        unread: segments that could not be read to their end.
    """

    lines: int = 0
    bad_lines: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one segment in file order, with their steps and times as columns.

    `nested` says that some may hold objects, `nulls` that some may hold None. A step or time is
    None where a row has none.
    """

    rows: list[dict[str, Any]]
    steps: Sequence[int | None]
    times: Sequence[float | None]
    nested: bool
    nulls: bool


def run_segments(run_dir: Path, stream: str) -> list[Segment]:
    """Return the segments of `stream` in reading order. Cost: one small read for each."""
    found = []
    places: dict[str | None, Place] = {}
    for path in segments(run_dir, stream):
        name = parse_segment_name(path.name)
        assert name is not None
        header, body, size = _head(path)
        place = _place(name.writer, header)
        places[name.writer] = min(place, places.get(name.writer, place))
        found.append((path, name, header, body, size))
    ranks = {writer: rank for rank, writer in enumerate(sorted(places, key=places.__getitem__))}
    return sorted(
        (
            Segment(
                path, name.writer, ranks[name.writer], name.number,
                header.attempt if header else 0, body, header, size,
            )
            for path, name, header, body, size in found
        ),
        key=lambda segment: (segment.attempt, segment.rank, segment.number),
    )  # fmt: skip


def _place(writer: str | None, header: Header | None) -> Place:
    attempt = header.attempt if header else 0
    if header and header.generation is not None:
        began, generation = "", header.generation
    else:
        began, generation = (moment(header.data.get("started")) or "") if header else "", 0
    return Place(attempt, generation, began, writer is not None, writer or "")


def needle(key: str) -> bytes | None:
    r"""Return bytes that any line holding `key`, nested or not, contains; None if unknown.

    A JSON encoder may write any character as `\uXXXX`; blocks that hold such are read whole.
    """
    last = key.rpartition(".")[2]
    plain = last.isascii() and last.isprintable() and not set(last) & set('"\\/')
    return b'%b"' % last.encode() if plain else None


def row_batches(
    segment: Segment, tally: Tally, *, keys: Sequence[str] = (), start: int = 0
) -> Iterator[Batch]:
    """Yield the rows of a segment.

    Args:
        segment: a segment of `history` or `system_metrics`.
        tally: counts what is read.
        keys: if given, rows without any of them may be left out, and are then not parsed.
        start: byte offset where a line starts.
    """
    needles = [needle(key) for key in keys]
    reading = Reading(segment.path, start=max(start, segment.body), until=segment.size)
    tally.lines += bool(segment.body and start < segment.body)
    for _, block in reading.blocks():
        tally.lines += block.count(b"\n")
        chosen = _chosen(block, needles)
        if chosen:
            yield rows_of(chosen, parse_block(chosen), tally)
    _close(reading, tally)


def events(
    segment: Segment, tally: Tally, *, holding: Sequence[bytes] = (b"",), start: int = 0
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the events of a segment, each with the offset of its line.

    Args:
        segment: a segment of `events` or `llm`.
        tally: counts what is read.
        holding: lines with none of these are left out, not parsed and not counted as bad.
        start: byte offset where a line starts.
    """
    for at, line in lines_of(segment, tally, start=start):
        if not any(mark in line for mark in holding):
            continue
        record = decode_event(line)
        if isinstance(record, dict):
            yield at, record
        elif isinstance(record, BadLine):
            tally.bad_lines += 1


def lines_of(segment: Segment, tally: Tally, *, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a segment behind its header, each with its offset."""
    reading = Reading(segment.path, start=max(start, segment.body), until=segment.size)
    tally.lines += bool(segment.body and start < segment.body)
    for at, line in reading.lines():
        tally.lines += 1
        yield at, line
    _close(reading, tally)


def first_hidden_steps(
    segments: Sequence[Segment], *, attempts: Iterable[int] = ()
) -> dict[int, float]:
    """Return by attempt the step from which on later attempts have replaced it.

    An attempt begins at the first step that any of its writers wrote; that hides earlier
    attempts from there on. The newest attempt is not in the answer.

    Args:
        segments: of history.
        attempts: others that are asked for, whose writers have no rows.

    Cost: nothing for one attempt; otherwise the first rows of each writer of the later ones.
    """
    newest_first = sorted({segment.attempt for segment in segments} | {*attempts}, reverse=True)
    hidden: dict[int, float] = {}
    begin = math.inf
    for later, earlier in pairwise(newest_first):
        writers = {segment.rank for segment in segments if segment.attempt == later}
        firsts = (
            _first_step([part for part in segments if (part.attempt, part.rank) == (later, rank)])
            for rank in writers
        )
        begin = min([begin, *firsts])
        hidden[earlier] = begin
    return hidden


def _first_step(segments: Sequence[Segment]) -> float:
    for segment in segments:
        for batch in row_batches(segment, Tally()):
            for step in batch.steps:
                if step is not None:
                    return float(step)
    return math.inf


def _head(path: Path) -> tuple[Header | None, int, int | None]:
    """Return the segment's header, where its body begins if that stands first, and its size."""
    header, body, head = None, 0, b""
    try:
        with open_segment(path) as file:
            for more in _HEAD_BYTES:
                head += file.read(more)
                header, body = _header_in(head)
                if header is not None:
                    break
            size = file.seek(0, os.SEEK_END) if isinstance(file, FileIO) else None
    except OSError:
        return None, 0, None
    return header, body, size


def _header_in(head: bytes) -> tuple[Header | None, int]:
    # A header after a torn one: a writer whose disk was full tries again in the same file.
    at = 0
    while (end := head.find(b"\n", at)) >= 0:
        line = head[at:end]
        if b'"tracklab.segment"' in line:
            record = decode_row(line)
            if isinstance(record, Header):
                return record, 0 if at else end + 1
        at = end + 1
    return None, 0


def _chosen(block: bytes, needles: list[bytes | None]) -> bytes:
    """Return the lines of `block` that may hold a key: all of them, some, or none."""
    sought = [mark for mark in needles if mark is not None]
    if not sought or len(sought) < len(needles) or b"\\u" in block:
        return block
    hits = sum(block.count(mark) for mark in sought)
    if hits == 0:
        return b""
    if hits * _SPARSE > block.count(b"\n"):
        return block
    lines = [line for line in block.split(b"\n") if any(mark in line for mark in sought)]
    return b"\n".join(lines) + b"\n"


def rows_of(block: bytes, records: list[dict[str, Any]] | None, tally: Tally) -> Batch:
    """Return the rows of some whole lines; those that are no record are counted.

    Args:
        block: the lines.
        records: what `parse_block` makes of them.
        tally: counts what is no record.
    """
    nested, nulls = block.count(b"{") > block.count(b"\n"), b"null" in block
    if records is None:
        return _batch_of(list(_rows_by_line(block, tally)), nested=nested, nulls=nulls)
    if b'"_nonfinite"' not in block:
        times: list[Any] = [record.get("_timestamp") for record in records]
        steps: list[Any] = [record.get("_step") for record in records]
        if are_canonical(times, steps):
            return Batch(records, steps, times, nested, nulls)
    rows = (row_of(record) for record in records)
    return _batch_of([row for row in rows if isinstance(row, dict)], nested=nested, nulls=nulls)


def are_canonical(times: Sequence[Any], steps: Sequence[Any]) -> bool:
    """Return whether `row_of` would leave all rows of these times and steps as they are."""
    if set(map(type, times)) != {float} or max(map(abs, times)) >= _MILLIS:
        return False
    return set(map(type, steps)) in ({int}, {type(None)})


def _batch_of(rows: list[dict[str, Any]], *, nested: bool, nulls: bool) -> Batch:
    steps = [row.get("_step") for row in rows]
    times = [row.get("_timestamp") for row in rows]
    return Batch(rows, steps, times, nested, nulls)


def _rows_by_line(block: bytes, tally: Tally) -> Iterator[dict[str, Any]]:
    for line in block.split(b"\n"):
        if not line or line.isspace():
            continue
        row = decode_row(line)
        if isinstance(row, dict):
            yield row
        elif isinstance(row, BadLine):
            tally.bad_lines += 1


def _close(reading: Reading, tally: Tally) -> None:
    tally.bad_lines += reading.skipped
    tally.unread += reading.fault is not None
