"""How clients take their answers: one that goes on taking is waited for, one that stands still not.

An answer is in memory until its client has taken it. What the system holds of it on its way is
asked of the system: from within the process a slow client cannot be told from one that has gone
to sleep until megabytes have been taken.
"""

from __future__ import annotations

import fcntl
import sys
from contextlib import suppress
from termios import TIOCOUTQ
from typing import TYPE_CHECKING, Final

from tracklab import clock

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Iterator

__all__ = ["Taking", "standing_still"]

#: Whoever takes less than this stands still.
_STEP_BYTES: Final = 16 * 1024


class Taking:
    """How one client takes an answer, from the moment at which it does not come at once.

    Args:
        transport: of the connection.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._since_s = clock.monotonic()
        self._left_bytes = self.untaken_bytes()

    def untaken_bytes(self) -> int:
        """Return how many bytes wait, in this process and in the system.

        An answer that was written at once is kept whole until the last of it is on its way.
        """
        return self._transport.get_write_buffer_size() + self._sent_bytes()

    def still_s(self) -> float:
        """Return for how many seconds the client has taken nothing, or next to nothing.

        It is known as well as it is asked for: what was taken since the last time may have been
        taken at any moment.
        """
        left_bytes, now_s = self.untaken_bytes(), clock.monotonic()
        if left_bytes <= self._left_bytes - _STEP_BYTES:
            self._left_bytes, self._since_s = left_bytes, now_s
        return now_s - self._since_s

    def _sent_bytes(self) -> int:
        """Return how many bytes the system has taken of us and the client not of the system."""
        answer = bytes(4)
        with suppress(OSError, ValueError):  # closed, or of a kind that does not tell
            answer = fcntl.ioctl(self._transport.get_extra_info("socket"), TIOCOUTQ, answer)
        return int.from_bytes(answer, sys.byteorder)


def standing_still(
    clients: Iterable[Taking], *, most_bytes: int, least_s: float
) -> Iterator[Taking]:
    """Yield whom to let go of, so that no more than `most_bytes` wait for all together.

    Those come first that have stood still for longest, and none comes that has for less than
    `least_s`: what waits for clients that take it waits, however much it is.
    """
    found = [(one.still_s(), one.untaken_bytes(), one) for one in clients]
    waiting_bytes = sum(untaken_bytes for _, untaken_bytes, _ in found)
    for still_s, untaken_bytes, one in sorted(found, key=lambda entry: entry[0], reverse=True):
        if waiting_bytes <= most_bytes or still_s < least_s:
            return
        waiting_bytes -= untaken_bytes
        yield one
