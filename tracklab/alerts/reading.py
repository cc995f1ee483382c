"""The alerts and rows of a run after a position, each with the position behind it."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tracklab.query.events import as_event
from tracklab.records.decode import decode_event, decode_row
from tracklab.storage.layout import parse_segment_name, segments
from tracklab.storage.reading import (
    Reading,
    line_start,
    open_segment,
    segment_file,
    segment_size,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tracklab.query.answers.events import Event

__all__ = ["Found", "Row", "alerts_after", "grown_s", "rows_after", "size_of"]

_KIND: Final = "tracklab.alert"
#: Where rows of a time begin need not be known more exactly.
_NEAR_BYTES: Final = 1 << 18
#: No two segments of ours share their first bytes; those of others are told by their first line.
_HEAD_BYTES: Final = 1_000


class Found(NamedTuple):
    """One alert, or (None) the end of what a segment holds now; `end` is the byte behind it."""

    segment: str
    end: int
    alert: Event | None


class Row(NamedTuple):
    """One row of history and its writer, or (None) the end of what a segment holds now.

    It stands from `begin` to `end`.
    """

    segment: str
    begin: int
    end: int
    writer: str | None
    row: dict[str, Any] | None


def alerts_after(run_dir: Path, offsets: Mapping[str, int]) -> Iterator[Found]:
    """Yield the alerts of a run that stand after some offsets, writer by writer.

    Args:
        run_dir: the run's directory.
        offsets: by segment, where a line begins; segments without one are read whole.

    Cost: one small read per segment of events, and reading what has grown; a block in memory.
    """
    for path in segments(run_dir, "events"):
        segment, start = _known(path, offsets)
        if segment is None or _size(path) == start:
            continue
        start = start or 0
        name = parse_segment_name(path.name)
        reading = Reading(path, start=start)
        for at, line in reading.lines():
            if _KIND.encode() not in line:
                continue
            record = decode_event(line)
            if isinstance(record, dict) and record["logger"] == _KIND:
                alert = as_event(record, name.writer if name else None)
                yield Found(segment, at + len(line) + 1, alert)
        yield Found(segment, reading.end, None)


def rows_after(run_dir: Path, offsets: Mapping[str, int], *, since_s: float) -> Iterator[Row]:
    """Yield the rows of history that stand after some offsets, writer by writer.

    Args:
        run_dir: the run's directory.
        offsets: by segment, where a line begins.
        since_s: rows of segments without an offset that are older are left out; epoch seconds.

    Cost: as `alerts_after`, and some reads in a segment without an offset.
    """
    for path in segments(run_dir, "history"):
        segment, known = _known(path, offsets)
        if segment is None or _size(path) == known:
            continue
        start = _begin_of(path, since_s) if known is None else known
        name = parse_segment_name(path.name)
        reading = Reading(path, start=start)
        for at, line in reading.lines():
            row = decode_row(line)
            if isinstance(row, dict) and (known is not None or _time_of(row) >= since_s):
                yield Row(segment, at, at + len(line) + 1, name.writer if name else None, row)
        yield Row(segment, reading.end, reading.end, None, None)


def size_of(run_dir: Path, streams: Sequence[str]) -> int:
    """Return the bytes of some streams of a run: it grows with each line.

    Cost: a `stat` per segment.
    """
    return sum(_size(path) for stream in streams for path in segments(run_dir, stream))


def grown_s(run_dir: Path, streams: Sequence[str]) -> float:
    """Return when a run's directory or one of its segments changed last, in epoch seconds.

    That is when it did so here: a file that keeps its time where it is copied or moved to counts
    as changed.
    """
    paths = [segment_file(path) for stream in streams for path in segments(run_dir, stream)]
    return max(map(_arrived_s, [run_dir, *paths]))


def _known(path: Path, offsets: Mapping[str, int]) -> tuple[str | None, int | None]:
    """Return what names a segment for ever, and where to go on in it.

    It has no name before its first line is whole, and no place to go on if it has shrunk.
    """
    try:
        with open_segment(path) as file:
            head = b""
            while len(head) < _HEAD_BYTES and (more := file.read(_HEAD_BYTES - len(head))):
                head += more
    except OSError:
        return None, None
    line, broken, _ = head.partition(b"\n")
    if not broken and len(head) < _HEAD_BYTES:
        return None, None
    name = f"{path.name} {blake2b(line, digest_size=8).hexdigest()}"
    known = offsets.get(name)
    return name, None if known is None or known > _size(path) else known


def _arrived_s(path: Path) -> float:
    try:
        return path.lstat().st_ctime
    except OSError:
        return 0.0


def _begin_of(path: Path, since_s: float) -> int:
    """Return an offset with no younger row before it, and few older ones behind it."""
    low, high = 0, _size(path)
    if _changed_s(path) < since_s:
        return line_start(path, high)
    while high - low > _NEAR_BYTES:
        middle = (low + high) // 2
        rows = map(decode_row, (line for _, line in Reading(path, start=middle).lines()))
        times = (_time_of(row) for row in rows if isinstance(row, dict))
        if next(times, since_s) < since_s:
            low = middle
        else:
            high = middle
    return line_start(path, low) if low else 0


def _time_of(row: Mapping[str, Any]) -> float:
    """Return when a row was logged; one that does not tell counts as young."""
    time_s = row.get("_timestamp")
    return time_s if isinstance(time_s, float) else float("inf")


def _changed_s(path: Path) -> float:
    try:
        return segment_file(path).lstat().st_mtime
    except OSError:
        return 0.0


def _size(path: Path) -> int:
    try:
        return segment_size(path)
    except OSError:
        return 0
