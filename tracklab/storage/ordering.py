"""The events of a run in their order: within a writer by its lines, among writers by time.

An event takes its place by the latest time that its writer, or one that had ended before it began,
had shown by then. So no clock that jumped turns the order of what came one after the other; only
where writers wrote side by side does time decide.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracklab.storage.streams import events, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tracklab.storage.streams import Segment, Tally

__all__ = ["PLACE_SHAPE", "Placed", "placed_events"]

#: What a place is made of: time, writer's rank, segment number, byte offset.
PLACE_SHAPE = (str, int, int, int)


@dataclass(frozen=True, slots=True)
class Placed:
    """One event and its place in the order of the run; see `PLACE_SHAPE`."""

    place: tuple[Any, ...]
    segment: Segment
    record: dict[str, Any]


def placed_events(
    run_dir: Path, stream: str, tally: Tally, *, holding: Sequence[bytes] = (b"",)
) -> Iterator[Placed]:
    """Yield the events of a stream, each segment's together; sorted by `place` they are in order.

    Args:
        run_dir: the run's directory.
        stream: `events` or `llm`.
        tally: counts what is read.
        holding: lines with none of these bytes are left out, not parsed and not counted as bad.
    """
    shown = _Shown()
    for segment in sorted(run_segments(run_dir, stream), key=_generation):
        latest = shown.before(segment)
        for offset, record in events(segment, tally, holding=holding):
            latest = max(latest, record["timestamp"] or "")
            yield Placed((latest, segment.rank, segment.number, offset), segment, record)
        shown.by(segment, latest)


def _generation(segment: Segment) -> int:
    return segment.place.generation


class _Shown:
    """The latest times that the segments before have shown; they come by generation."""

    def __init__(self) -> None:
        self._of_writer: dict[int, str] = {}
        self._generations: list[int] = []
        self._latest: list[str] = [""]  # of the first n segments

    def before(self, segment: Segment) -> str:
        """Return the latest time of what is certain to have been written before a segment."""
        follows = segment.header.follows if segment.header else 0
        ended = self._latest[bisect_left(self._generations, follows)]
        return max(ended, self._of_writer.get(segment.rank, ""))

    def by(self, segment: Segment, latest: str) -> None:
        """Take the time that a segment has shown at its end."""
        self._of_writer[segment.rank] = latest
        self._generations.append(_generation(segment))
        self._latest.append(max(self._latest[-1], latest))
