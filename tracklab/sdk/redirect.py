"""Descriptors 1 and 2, led through a process that keeps what is written to them.

Whatever writes there is kept: C code, child processes, faulthandler. A terminal stays a terminal
for the program; anything else becomes a pipe. If the process that carries the text should die, a
thread carries it on, so printing neither fails nor hangs.

What it changes: text written to both descriptors within one instant may swap its order.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import socket
import subprocess
import sys
import termios
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tracklab.sdk.pump import BROKEN, DONE, copy_size, pass_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracklab.sdk.console import ConsolePlace

__all__ = ["redirect"]

_BEGIN_S: Final = 10.0
_ANSWER_S: Final = 2.0
_CHUNK: Final = 1 << 16
_MOST_WAITING: Final = 1 << 20  # bytes; more than a pipe holds by itself
_HIGH: Final = 10  # where shells keep copies, too: programs expect low numbers to be free
# It is not our child when it works: a program that waits for all of its children would hang.
_PUMP: Final = (
    "import os, sys\n"
    "if os.fork(): os._exit(0)\n"
    "sys.path.insert(0, sys.argv[1])\n"
    "from tracklab.sdk.pump import main\n"
    "main(sys.argv[2])\n"
)


class _Led(NamedTuple):
    """One descriptor that is led through the pump.

    Attributes:
        name: of the stream.
        descriptor: 1 or 2.
        before: a copy of what it was.
        source: where its text can be read, should the pump fail.
        file: what `os.fstat` says of the way to the pump: device, inode and kind.
    """

    name: str
    descriptor: int
    before: int
    source: int
    file: tuple[int, int, int]

    def lead_back(self) -> None:
        """Let the descriptor be what it was, unless the program has changed it since."""
        with suppress(OSError):
            if _file(self.descriptor) == self.file:
                os.dup2(self.before, self.descriptor)


class _Capture:
    """The descriptors of this process and their pump, shared by its runs."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._runs = 0
        self._answered = threading.Semaphore(0)
        self._ending = False
        self._libc_streams = _libc_streams()
        self._control, theirs = socket.socketpair()
        with theirs:
            self._led = self._begin(theirs)
        threading.Thread(target=self._watch, name="tracklab-console", daemon=True).start()

    def _begin(self, theirs: socket.socket) -> list[_Led]:
        ways = [(name, fd, *_way(fd)) for name, fd in _descriptors().items()]
        befores = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH) for _, fd, _, _ in ways]
        streams = [
            (name, source, before)
            for (name, _, source, _), before in zip(ways, befores, strict=True)
        ]
        _start_pump(streams, theirs)
        self._control.settimeout(_BEGIN_S)
        if self._control.recv(1) != DONE:
            raise OSError("the process that should carry the text did not begin")
        self._control.settimeout(None)
        self.flush()
        led = []
        for (name, fd, source, way), before in zip(ways, befores, strict=True):
            os.dup2(way, fd)
            os.close(way)
            led.append(_Led(name, fd, before, source, _file(fd)))
        return led

    def add(self, place: ConsolePlace) -> None:
        self.flush()  # what was printed before is not this run's
        self._runs += 1
        self._ask(
            do="keep", directory=os.fspath(place.directory), most_bytes=place.most_bytes,
            file_mode=place.file_mode, turns=place.turns,
        )  # fmt: skip

    def drop(self, place: ConsolePlace) -> None:
        """End one run's text, and with the last one the whole."""
        if self._pid != os.getpid():
            return  # a forked child, whose text its parent's pump goes on to carry
        self.flush()
        self._runs -= 1
        if self._runs == 0:
            _Shared.capture = None
            for led in self._led:
                led.lead_back()
        self._ask(do="drop", directory=os.fspath(place.directory))
        if self._runs == 0:
            self._end()

    def is_mine(self) -> bool:
        return self._pid == os.getpid()

    def flush(self) -> None:
        """Hand on what Python and C still hold, so that it goes where it belongs by now."""
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, ValueError, OSError):
                stream.flush()
        for flush in self._libc_streams:
            flush()

    def _ask(self, **command: Any) -> None:
        with suppress(OSError):
            self._control.sendall(json.dumps(command).encode() + b"\n")
            self._answered.acquire(timeout=_ANSWER_S)

    def _end(self) -> None:
        self._ending = True
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)

    def _watch(self) -> None:
        """Hear what the pump says, until it or the last run ends."""
        by_word = {BROKEN[led.name]: led for led in self._led}
        while word := self._word():
            if word == DONE:
                self._answered.release()
            elif word in by_word:
                # Whoever took the text has gone. Now the program learns it as it always did.
                _give_up(by_word.pop(word))
        if not self._ending:
            for led in by_word.values():
                _give_up(led)
            self._answered.release()
            return
        self._control.close()
        for led in by_word.values():
            os.close(led.before)
            os.close(led.source)

    def _word(self) -> bytes:
        try:
            return self._control.recv(1)
        except OSError:
            return b""


class _Shared:
    """The one capture of this process, if there is one."""

    capture: _Capture | None = None


def redirect(place: ConsolePlace) -> Callable[[], None]:
    """Keep what is written to descriptors 1 and 2 in `place`, and return what ends that.

    Raises:
        OSError: there is nothing to redirect, or no process to carry the text.

    Cost: some 50 ms for the first run of a process, which starts another one and a thread.
    """
    capture = _Shared.capture
    if capture is None or not capture.is_mine():
        capture = _Shared.capture = _Capture()
    capture.add(place)
    return lambda: capture.drop(place)


def _descriptors() -> dict[str, int]:
    """Return the standard descriptors that are what their names say.

    A program started with closed ones may have opened any file by their numbers.
    """
    found = {}
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        with suppress(AttributeError, ValueError, OSError):
            if getattr(sys, f"__{name}__").fileno() == descriptor:
                os.fstat(descriptor)
                found[name] = descriptor
    if not found:
        raise OSError("standard output and error are closed")
    return found


def _way(descriptor: int) -> tuple[int, int]:
    """Return both ends of what the descriptor shall be: where to read, where to write."""
    if not os.isatty(descriptor):
        return os.pipe()
    source, way = os.openpty()
    with suppress(OSError, termios.error):
        settings = termios.tcgetattr(descriptor)
        settings[1] &= ~termios.OPOST  # the real one does that; twice would be once too often
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(way, termios.TCSANOW, settings)
    copy_size(descriptor, way)
    return source, way


def _start_pump(streams: list[tuple[str, int, int]], control: socket.socket) -> None:
    if not sys.executable:
        raise OSError("no interpreter to carry the text is known")
    told = json.dumps({"control": control.fileno(), "streams": streams})
    package = Path(__file__).resolve().parents[2]
    passed = [fd for _, source, before in streams for fd in (source, before)]
    # -I and -S: nothing of the program's environment is loaded, which is quick, too.
    with subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-I", "-S", "-c", _PUMP, os.fspath(package), told], cwd="/",
        pass_fds=[control.fileno(), *passed], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ):  # fmt: skip
        pass


def _give_up(led: _Led) -> None:
    """Do without the pump: what it has not read goes on before what is written from now on."""
    for _ in range(_MOST_WAITING // _CHUNK):
        if not select.select([led.source], [], [], 0)[0] or not _carried(led):
            break
    led.lead_back()
    threading.Thread(target=_carry, args=(led,), daemon=True).start()


def _carry(led: _Led) -> None:
    """Carry what children still write, and whoever was in the middle of it."""
    while _carried(led):
        pass


def _carried(led: _Led) -> bool:
    """Carry some text to where it went before, and return whether more can come."""
    try:
        data = os.read(led.source, _CHUNK)
    except OSError:
        return False
    with suppress(OSError):  # nobody takes it; the program must not wait for that
        pass_on(led.before, data)
    return bool(data)


def _file(descriptor: int) -> tuple[int, int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino, found.st_rdev


def _libc_streams() -> list[Callable[[], None]]:
    """Return what flushes C's stdout and stderr; these alone, as others may be locked."""
    try:
        import ctypes  # noqa: PLC0415 - only here

        libc = ctypes.CDLL(None)
        pointers = [ctypes.c_void_p.in_dll(libc, name) for name in ("stdout", "stderr")]
    except (ImportError, OSError, ValueError):
        return []
    return [lambda pointer=pointer: libc.fflush(pointer) for pointer in pointers]  # type: ignore[misc]
