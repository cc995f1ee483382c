"""Numbers that no line has, until a gap event names them."""

from __future__ import annotations

import errno
from typing import Any, Final

__all__ = ["Gaps", "reason_of"]

# So many ranges fit on the line of a gap event.
_MAX_RANGES: Final = 1_000


class Gaps:
    """What could not be written since the last gap event, by stream and reason.

    Memory is bounded however long a disk fails: beyond 1,000 ranges the last one is widened, so
    a gap may name numbers that have a line, and never leaves one out that has none.
    """

    __slots__ = ("_ranges",)

    def __init__(self) -> None:
        self._ranges: dict[tuple[str, str], list[list[int]]] = {}

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def add(self, stream: str, seq: int, error: OSError) -> None:
        """Remember a number; those of a stream come in order."""
        key = (stream, reason_of(error))
        ranges = self._ranges.get(key)
        if ranges is None:
            self._ranges[key] = [[seq, seq]]
        elif ranges[-1][1] == seq - 1 or len(ranges) >= _MAX_RANGES:
            ranges[-1][1] = seq
        else:
            ranges.append([seq, seq])

    def told(self) -> list[dict[str, Any]]:
        """Return the data of one gap event for each stream and reason; `forget` what is written."""
        return [
            {"stream": stream, "ranges": [list(pair) for pair in ranges], "reason": reason}
            for (stream, reason), ranges in self._ranges.items()
        ]

    def forget(self, data: dict[str, Any]) -> None:
        """Forget what an event has told; what has been added since stays."""
        key, ranges = (data["stream"], data["reason"]), data["ranges"]
        (_, last), *later = self._ranges[key][len(ranges) - 1 :]
        told_last = ranges[-1][1]
        left = [[told_last + 1, last]] * (last > told_last) + later
        if left:
            self._ranges[key] = left
        else:
            del self._ranges[key]


def reason_of(error: OSError) -> str:
    """Return the system's name of an error, such as `ENOSPC`."""
    return errno.errorcode.get(error.errno or 0, str(error) or type(error).__name__)
