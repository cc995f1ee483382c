"""How much of what was asked a query has seen, and how much of it without the index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracklab.storage.reading import segment_size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Reach", "mean_coverage"]


@dataclass(slots=True)
class Reach:
    """Filled while a stream is read.

    Attributes:
        allowed_bytes: how many bytes may be parsed; None for all there are. What is left out
            for that, `coverage` tells.
        total_bytes: of all segments met.
        parsed_bytes: of lines that the index did not tell.
        skipped_bytes: of lines left out.
        segments: segments met.
        unread: segments that could not be read to their end.
    """

    allowed_bytes: int | None = None
    total_bytes: int = 0
    parsed_bytes: int = 0
    skipped_bytes: int = 0
    segments: int = 0
    unread: int = 0

    def start_over(self) -> None:
        """Forget what was met: the stream is read again."""
        self.total_bytes = self.parsed_bytes = self.skipped_bytes = 0
        self.segments = self.unread = 0

    @property
    def coverage(self) -> float:
        """The share of the lines that the answer rests on, 0 to 1."""
        left_out = self.skipped_bytes / max(self.total_bytes, 1)
        return (1.0 - left_out) * (1.0 - self.unread / max(self.segments, 1))

    @property
    def unindexed_bytes(self) -> int:
        """Bytes that an index would have saved."""
        return self.parsed_bytes + self.skipped_bytes

    def may_parse(self, segment: Path, start: int) -> bool:
        """Take a segment into account, and return whether to parse it from `start` on, whole.

        One that would go beyond what is allowed is left out.
        """
        new_bytes = self._met(segment, start)
        if new_bytes is None:
            return True  # whoever reads it sees the fault
        if self.allowed_bytes is not None and self.parsed_bytes + new_bytes > self.allowed_bytes:
            self.skipped_bytes += new_bytes
            return False
        self.parsed_bytes += new_bytes
        return new_bytes > 0

    def parse_until(self, segment: Path, start: int) -> int:
        """Take a segment into account, and return up to where to parse it from `start` on.

        That is as far as what is allowed goes, also within a line; `start` for nothing.
        """
        new_bytes = self._met(segment, start)
        if new_bytes is None:
            self.unread += 1
            return start
        parsed = new_bytes
        if self.allowed_bytes is not None:
            parsed = max(min(new_bytes, self.allowed_bytes - self.parsed_bytes), 0)
        self.skipped_bytes += new_bytes - parsed
        self.parsed_bytes += parsed
        return start + parsed

    def _met(self, segment: Path, start: int) -> int | None:
        """Return how many bytes of a segment lie behind `start`; None if nothing tells."""
        self.segments += 1
        try:
            size = segment_size(segment)
        except OSError:
            self.total_bytes += start
            return None
        self.total_bytes += size
        return max(size - start, 0)


def mean_coverage(reaches: Sequence[Reach]) -> float:
    """Return the coverage of an answer over several runs, each counting alike."""
    return sum(reach.coverage for reach in reaches) / len(reaches) if reaches else 1.0
