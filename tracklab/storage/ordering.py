"""The events of a run in their order: within a writer by its lines, among writers by time.

An event takes its place by the latest time that its writer, or one that had ended before it began,
had shown by then. So no clock that jumped turns the order of what came one after the other; only
where writers wrote side by side does time decide.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tracklab.storage.streams import events, run_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tracklab.storage.streams import Segment, Tally

__all__ = ["PLACE_SHAPE", "Placed", "placed", "placed_events"]

_Said = TypeVar("_Said")

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

    def read(segment: Segment) -> Iterator[tuple[int, str | None, dict[str, Any]]]:
        for offset, record in events(segment, tally, holding=holding):
            yield offset, record["timestamp"], record

    return itertools.starmap(Placed, placed(run_dir, stream, read))


def placed(
    run_dir: Path, stream: str, read: Callable[[Segment], Iterator[tuple[int, str | None, _Said]]]
) -> Iterator[tuple[tuple[Any, ...], Segment, _Said]]:
    """Yield what is read of a stream with its place and segment, each segment's together.

    Args:
        run_dir: the run's directory.
        stream: `events` or `llm`.
        read: yields of a segment the offset of each event, its timestamp, and what is wanted of it.
    """
    shown = _Shown()
    for segment in sorted(run_segments(run_dir, stream), key=_generation):
        latest = shown.before(segment)
        for offset, timestamp, said in read(segment):
            latest = max(latest, timestamp or "")
            yield (latest, segment.rank, segment.number, offset), segment, said
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
