"""The process between a program's descriptors and its terminal, with `console="redirect"`.

It is a process and not a thread so that nothing of the program can stop it: C code that prints
while it holds the interpreter's lock, `os._exit()`, a kill. What was written is shown and kept,
however the program ended. It ends by itself when nobody can write to it any more.

It loads little: the standard library, and what writes the files.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import select
import signal
import socket
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tracklab.sdk.folding import KeptText
from tracklab.storage.console import ConsoleFile

__all__ = ["BROKEN", "DONE", "copy_size", "main", "pass_on"]

#: What it says to the program: a command is done (and at first: ready); stdout, stderr is closed.
DONE: Final = b"."
BROKEN: Final = {"stdout": b"1", "stderr": b"2"}

_CHUNK: Final = 1 << 16
_LOOK_EVERY_MS: Final = 500
_QUIET_S: Final = 0.03
_LOOK_AGAIN_S: Final = 0.002
_LAST_WORDS_S: Final = 1.5
# A terminal sends these to all that belong to a job; the program alone decides what they mean.
_FOR_THE_PROGRAM: Final = (
    signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP, signal.SIGTTOU,
)  # fmt: skip


class _Stream(threading.Thread):
    """Carries one stream to where it went before, and into the files of each run."""

    def __init__(self, name: str, source: int, sink: int, control: socket.socket) -> None:
        super().__init__(name=name, daemon=True)
        self.source = source
        self.sink = sink
        self._control = control
        self._texts: dict[str, KeptText] = {}
        self._lock = threading.Lock()
        # A terminal hands text over a little later; of a pipe it is exact what waits.
        self._quiet_s = _QUIET_S if os.isatty(source) else 0.0
        self._active_s = time.monotonic()
        self._busy = False
        self._ended = False

    def run(self) -> None:
        poll = select.poll()
        poll.register(self.source, select.POLLIN)
        while True:
            if not poll.poll(_LOOK_EVERY_MS):
                with self._lock:
                    for text in self._texts.values():
                        text.settle(time.monotonic())
                continue
            self._busy = True  # from before the text has left the pipe
            data = self._read()
            if not data:
                break
            with self._lock:  # the file first: what a terminal has shown is in it
                for text in self._texts.values():
                    text.add(data, time.monotonic())
            if not self._show(data):
                break
            self._active_s = time.monotonic()
            self._busy = False
        self._ended = True

    def _read(self) -> bytes:
        try:
            return os.read(self.source, _CHUNK)
        except OSError:  # EIO: nobody has the terminal open any more
            return b""

    def _show(self, data: bytes) -> bool:
        """Pass text on, and return whether anybody takes more."""
        if self.sink < 0:
            return True
        try:
            pass_on(self.sink, data)
        except OSError as error:
            if error.errno == errno.EPIPE:
                self._break()
                return False
            self.sink = -1  # the terminal has gone; the files go on
        return True

    def _break(self) -> None:
        """Let the program learn that nobody takes its text: it may end of that."""
        self._ended = True
        os.close(self.source)
        with suppress(OSError):
            self._control.send(BROKEN[self.name])

    def keep(self, place: str, text: KeptText) -> None:
        with self._lock:
            self._texts[place] = text

    def settle(self, *, due_s: float) -> None:
        """Wait until all that was printed so far has been carried."""
        while not self._is_quiet() and time.monotonic() < due_s:
            time.sleep(_LOOK_AGAIN_S)

    def drop(self, place: str) -> None:
        with self._lock:
            text = self._texts.pop(place, None)
            if text:
                text.end()

    def end(self) -> None:
        for place in list(self._texts):
            self.drop(place)

    def _is_quiet(self) -> bool:
        if self._ended:
            return True
        waiting = select.select([self.source], [], [], 0)[0]
        idle_s = time.monotonic() - self._active_s
        return not waiting and not self._busy and idle_s >= self._quiet_s


def main(told: str) -> None:
    """Carry text until no process can write any.

    Args:
        told: JSON: `control`, a socket to the program, and `streams`, for each its name, the
            descriptor to read, and where it goes.
    """
    options = json.loads(told)
    for number in _FOR_THE_PROGRAM:
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=options["control"])
    streams = [_Stream(name, source, sink, control) for name, source, sink in options["streams"]]

    def resized(*_: Any) -> None:
        for stream in streams:
            copy_size(stream.sink, stream.source)

    signal.signal(signal.SIGWINCH, resized)
    for stream in streams:
        stream.start()
    control.sendall(DONE)
    with control.makefile("rb") as commands:
        for line in commands:
            with suppress(OSError):  # a run whose files cannot be opened is not kept
                _obey(json.loads(line), streams)
            with suppress(OSError):
                control.sendall(DONE)
    for stream in streams:
        stream.join()
        stream.end()


def _obey(command: dict[str, Any], streams: list[_Stream]) -> None:
    place = command["directory"]
    due_s = time.monotonic() + _LAST_WORDS_S
    for stream in streams:
        stream.settle(due_s=due_s)
        if command["do"] == "drop":
            stream.drop(place)
        else:
            file = ConsoleFile(
                Path(place), stream.name, most_bytes=command["most_bytes"],
                file_mode=command["file_mode"], turns=command["turns"],
            )  # fmt: skip
            stream.keep(place, KeptText(file))


def pass_on(sink: int, data: bytes) -> None:
    """Write all of `data`; raises OSError."""
    while data:
        data = data[_written(sink, data) :]


def _written(sink: int, data: bytes) -> int:
    try:
        return os.write(sink, data)
    except BlockingIOError:  # somebody made the terminal non-blocking for all
        select.select([], [sink], [])
        return 0


def copy_size(terminal: int, other: int) -> None:
    """Give `other` the size of the window that `terminal` is, if both are terminals."""
    with suppress(OSError):
        size = fcntl.ioctl(terminal, termios.TIOCGWINSZ, b"\0" * 8)
        fcntl.ioctl(other, termios.TIOCSWINSZ, size)
