"""Lines of runs on their way out: each as it stands, with what it says, in the order of its file.

At most a block of a segment is in memory. Lines of a living run end where its segments ended when
they were found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tracklab.records.decode import BadLine, Header, decode_event, decode_row
from tracklab.storage.reading import Reading, segment_file
from tracklab.storage.streams import Segment, run_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tracklab.query.addresses import Place

__all__ = ["STREAMS", "Line", "Outgoing"]

#: What a table's lines are called on disk.
STREAMS: Final = {
    "history": "history", "system": "system_metrics", "events": "events", "llm": "llm",
}  # fmt: skip
_ROWS: Final = frozenset({"history", "system_metrics"})


class Line(NamedTuple):
    """One line: where it stands, its bytes without the line break, and what it says."""

    segment: Segment
    offset: int
    raw: bytes
    record: dict[str, Any] | Header

    @property
    def name(self) -> tuple[str, str]:
        """Writer and number of the line, which name it in its run for ever.

        The writer is empty for the run's creator. A line of another program, whose numbers
        nobody vouches for, is named by its segment and where it begins there: a segment only
        grows.
        """
        record, segment = self.record, self.segment
        if isinstance(record, Header):
            seq, writer = record.seq, None
        else:
            seq = record.get("seq", record.get("_seq"))
            writer = record.get("writer", record.get("_writer"))
        ours = segment.header is not None and (writer is None or writer == segment.writer)
        if ours and isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < 1 << 64:
            return segment.writer or "", str(seq)
        return segment.path.name, str(self.offset)


@dataclass(slots=True)
class Outgoing:
    """Lines of runs, and what became of them.

    Attributes:
        places: the runs.
        tables: which of `STREAMS`.
        tell: is told of bytes as they are read.
        runs: how many were read, so far.
        lines: lines that were read, without those that are no record.
        bad_lines: lines that are no record: torn by a crash, or no JSON.
        unread: segments that could not be read to their end.
    """

    places: Sequence[Place]
    tables: Sequence[str]
    tell: Callable[[int], None] = lambda _size_bytes: None
    runs: int = 0
    lines: int = 0
    bad_lines: int = 0
    unread: int = 0

    def size_bytes(self) -> int:
        """Return what there is to read, as it lies on disk. Cost: one `stat` a segment."""
        sizes = (
            _size(segment.path)
            for place in self.places
            for table in self.tables
            for segment in run_segments(place.path, STREAMS[table])
        )
        return sum(sizes)

    def streams(self) -> Iterator[tuple[Place, str, Iterator[Line]]]:
        """Yield the lines of each run and table; to be read before the next are asked for."""
        for place in self.places:
            for table in self.tables:
                yield place, table, self._lines(place, STREAMS[table])
            self.runs += 1

    def _lines(self, place: Place, stream: str) -> Iterator[Line]:
        decode = decode_row if stream in _ROWS else decode_event
        for segment in run_segments(place.path, stream):
            reading = Reading(segment.path, until=segment.size)
            read = 0
            for offset, raw in reading.lines():
                record = decode(raw)
                if isinstance(record, BadLine):
                    self.bad_lines += 1
                    continue
                self.lines += 1
                read += len(raw) + 1
                yield Line(segment, offset, raw, record)
                if read >= _TOLD_BYTES and segment.size is not None:
                    self.tell(read)
                    read = 0
            self.tell(read if segment.size is not None else _size(segment.path))
            self.bad_lines += reading.skipped
            self.unread += reading.fault is not None


#: A bar that moves more often only costs time.
_TOLD_BYTES: Final = 1 << 18


def _size(path: Path) -> int:
    try:
        return segment_file(path).lstat().st_size
    except OSError:
        return 0
