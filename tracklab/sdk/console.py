r"""What a program prints, kept beside its records: `logs/stdout.log` and `logs/stderr.log`.

The user's own output goes through unchanged and first. A progress bar redraws its line with
`\r` many times a second; at most one state a second is kept, and the last.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TextIO

from tracklab import clock
from tracklab.storage.permissions import PRIVATE, create_file, make_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["capture_console"]

_REDRAW_EVERY_S: Final = 1.0
_STREAMS: Final = ("stdout", "stderr")


def capture_console(directory: Path, *, file_mode: int = PRIVATE) -> Callable[[], None]:
    """Keep what Python prints in `directory` from now on, and return what ends that.

    A stream that cannot be kept stays as it is: printing never fails because of us.
    """
    undo = []
    for name in _STREAMS:
        stream = getattr(sys, name)
        if stream is None:  # pythonw, some daemons
            continue
        with suppress(OSError):
            make_directory(directory, file_mode=file_mode)
            path = directory / f"{name}.log"
            descriptor = create_file(path, os.O_APPEND, file_mode=file_mode)
            tee = _Tee(stream, descriptor)
            setattr(sys, name, tee)
            undo.append((name, tee, stream))

    def end() -> None:
        for name, tee, stream in undo:
            # Someone may have wrapped our wrapper; then theirs stays, and ours only forwards.
            if getattr(sys, name) is tee:
                setattr(sys, name, stream)
            tee.end()

    return end


class _Tee:
    """A text stream that also appends whole lines to a file."""

    def __init__(self, stream: TextIO, descriptor: int) -> None:
        self._stream = stream
        self._descriptor = descriptor
        self._lock = threading.RLock()
        self._line = ""
        self._redraw_due_s = 0.0
        self._redrawn = False

    def write(self, text: str) -> int:
        written = self._stream.write(text)
        with self._lock:
            self._keep(text)
        return written if isinstance(written, int) else len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def _keep(self, text: str) -> None:
        if self._descriptor < 0:
            return
        done, newline, self._line = (self._line + text).rpartition("\n")
        if newline:
            # A state of this line that is in the file already must be drawn over, not extended.
            start = "\r" if self._redrawn else ""
            self._redrawn = False
            self._append(start + "\n".join(map(_last_state, done.split("\n"))) + "\n")
        if "\r" in self._line:
            self._line = "\r" + _last_state(self._line)
            now_s = clock.monotonic()
            if now_s >= self._redraw_due_s:
                self._redraw_due_s = now_s + _REDRAW_EVERY_S
                self._redrawn = True
                self._append(self._line)

    def _append(self, text: str) -> None:
        with suppress(OSError):  # a full disk must not make print() fail
            os.write(self._descriptor, text.encode("utf-8", "replace"))

    def end(self) -> None:
        with self._lock:
            if self._line:
                self._append(self._line)
            descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __iter__(self) -> Any:
        return iter(self._stream)


def _last_state(line: str) -> str:
    r"""Return what a terminal shows of a line redrawn with `\r`: its last non-empty state."""
    states = [state for state in line.split("\r") if state]
    return states[-1] if states else ""
