"""The alerts and rows of a run after a position, each with the position behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tracklab.query.events import as_event
from tracklab.records.decode import decode_event, decode_row
from tracklab.storage.layout import parse_segment_name, segments
from tracklab.storage.reading import Reading, line_start, segment_file, segment_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tracklab.query.answers.events import Event

__all__ = ["Found", "Row", "alerts_after", "rows_after", "size_of"]

_KIND: Final = "tracklab.alert"
#: Where rows of a time begin need not be known more exactly.
_NEAR_BYTES: Final = 1 << 18


class Found(NamedTuple):
    """One alert, or (None) the end of what a segment holds now; `end` is the byte behind it."""

    segment: str
    end: int
    alert: Event | None


class Row(NamedTuple):
    """One row of history and its writer, or (None) the end of what a segment holds now."""

    segment: str
    end: int
    writer: str | None
    row: dict[str, Any] | None


def alerts_after(run_dir: Path, offsets: Mapping[str, int]) -> Iterator[Found]:
    """Yield the alerts of a run that stand after some offsets, writer by writer.

    Args:
        run_dir: the run's directory.
        offsets: by segment name, where a line begins; segments without one are read whole.

    Cost: a `stat` per segment of events, and reading what has grown; a block in memory.
    """
    for path in segments(run_dir, "events"):
        start = offsets.get(path.name, 0)
        if _size(path) <= start:
            continue
        name = parse_segment_name(path.name)
        reading = Reading(path, start=start)
        for at, line in reading.lines():
            if _KIND.encode() not in line:
                continue
            record = decode_event(line)
            if isinstance(record, dict) and record["logger"] == _KIND:
                alert = as_event(record, name.writer if name else None)
                yield Found(path.name, at + len(line) + 1, alert)
        yield Found(path.name, reading.end, None)


def rows_after(run_dir: Path, offsets: Mapping[str, int], *, since_s: float) -> Iterator[Row]:
    """Yield the rows of history that stand after some offsets, writer by writer.

    Args:
        run_dir: the run's directory.
        offsets: by segment name, where a line begins.
        since_s: rows of segments without an offset that are older are left out; epoch seconds.

    Cost: as `alerts_after`, and some reads in a segment without an offset.
    """
    for path in segments(run_dir, "history"):
        known = offsets.get(path.name)
        start = _begin_of(path, since_s) if known is None else known
        if known is not None and _size(path) <= start:
            continue
        name = parse_segment_name(path.name)
        reading = Reading(path, start=start)
        for at, line in reading.lines():
            row = decode_row(line)
            if isinstance(row, dict) and (known is not None or _time_of(row) >= since_s):
                yield Row(path.name, at + len(line) + 1, name.writer if name else None, row)
        yield Row(path.name, reading.end, None, None)


def size_of(run_dir: Path, streams: Sequence[str]) -> int:
    """Return the bytes of some streams of a run: it grows with each line.

    Cost: a `stat` per segment.
    """
    return sum(_size(path) for stream in streams for path in segments(run_dir, stream))


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
