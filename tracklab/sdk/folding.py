r"""Console text as it is kept: plain text at once, lines that are redrawn once a second.

A progress bar draws over its line with `\r` many times a second. At most one state a second is
kept, and the last. A state that is drawn over stands before a `\r` in the file, so a terminal
shows the file as it showed the program, and a reader takes what follows the last `\r` of a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tracklab.storage.console import ConsoleFile

__all__ = ["KeptText"]

_REDRAW_EVERY_S: Final = 1.0
_MOST_PENDING: Final = 1 << 16  # bytes of one state; a longer one is hardly a bar


class KeptText:
    """What one stream prints, on its way into a file.

    Memory: one state of one line, at most 64 KiB.
    """

    def __init__(self, file: ConsoleFile) -> None:
        self._file = file
        self._pending = b""  # of the open line's newest state: what the file does not have
        self._redraws = False  # the pending state is drawn over what stands before it
        self._returned = False  # the last byte was a \r: whatever comes is drawn over the line
        self._begun = False  # the file has something of the open line
        self._due_s = 0.0

    def add(self, data: bytes, now_s: float) -> None:
        """Keep what was just printed, some bytes, `now_s` seconds after some fixed moment."""
        if not data:
            return
        if not (self._pending or self._returned or b"\r" in data):
            self._begun = data[-1:] != b"\n"
            self._file.append(data)
            return
        *whole, rest = data.split(b"\n")
        out = b"".join(self._ended(line) for line in whole)
        self._draw(rest)
        if self._pending and (
            not self._redraws or now_s >= self._due_s or len(self._pending) > _MOST_PENDING
        ):
            out += self._taken(now_s)
        if out:
            self._file.append(out)

    def settle(self, now_s: float) -> None:
        """Keep a state that has waited for its second; whoever can ask now and then does."""
        if self._pending and now_s >= self._due_s:
            self._file.append(self._taken(now_s))

    def end(self) -> None:
        """Keep what is left, and nothing more."""
        if self._pending:
            self._file.append(self._taken(0.0))
        self._file.close()

    def _draw(self, text: bytes) -> None:
        r"""Take text without `\n` into the open line."""
        first, *states = text.split(b"\r")
        if first and self._returned:
            states.insert(0, first)
        else:
            self._pending += first
        for state in filter(None, states):
            self._pending, self._redraws = state, True
        if text:
            self._returned = text[-1:] == b"\r"

    def _ended(self, line: bytes) -> bytes:
        self._draw(line)
        out = self._taken(None) + b"\n"
        self._begun = self._returned = False
        return out

    def _taken(self, now_s: float | None) -> bytes:
        """Return the pending state as it goes into the file; at `now_s`, None for a full line."""
        # With nothing of this line in the file there is nothing to draw over.
        start = b"\r" if self._redraws and self._begun else b""
        if self._redraws and now_s is not None:
            self._due_s = now_s + _REDRAW_EVERY_S
        out, self._pending, self._redraws, self._begun = start + self._pending, b"", False, True
        return out
