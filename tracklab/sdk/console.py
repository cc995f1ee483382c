r"""What a program prints, kept beside its records: `logs/stdout.log` and `logs/stderr.log`.

`wrap` keeps what Python prints: a stream in front of `sys.stdout` takes each text, keeps it and
passes it on, so whatever a terminal has shown is in the file. `redirect` keeps what is written to
the descriptors as well; see `sdk.redirect`. A disk that fails never makes printing fail.
"""

from __future__ import annotations

import io
import os
import sys
import threading
import weakref
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TextIO

from tracklab import clock
from tracklab.sdk.folding import KeptText
from tracklab.storage.console import ConsoleFile
from tracklab.storage.permissions import PRIVATE
from tracklab.storage.writer import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["ConsolePlace", "capture_console"]

_STREAMS: Final = {"stdout": 1, "stderr": 2}
_MOST_HELD: Final = 1 << 16


@dataclass(frozen=True)
class ConsolePlace:
    """Where the text of one run goes.

    Attributes:
        directory: where its files lie.
        most_bytes: of one stream.
        file_mode: permission bits.
        turns: whether this process begins new parts; of several that share a run, one does.
    """

    directory: Path
    most_bytes: int = 64 << 20
    file_mode: int = PRIVATE
    turns: bool = True

    def open(self, stream: str, *, turns: bool = True) -> KeptText:
        """Open the text of one stream; raises OSError."""
        file = ConsoleFile(
            self.directory, stream, most_bytes=self.most_bytes, file_mode=self.file_mode,
            turns=turns and self.turns,
        )  # fmt: skip
        return KeptText(file)


def capture_console(place: ConsolePlace, *, how: str) -> Callable[[], None]:
    """Keep what the program prints in `place` from now on, and return what ends that.

    Args:
        place: where.
        how: `redirect`, or any other name for what `wrap` does.

    A stream that cannot be kept stays as it is: printing never fails because of us.
    """
    if how != "redirect":
        return _wrap(place, _STREAMS)
    from tracklab.sdk import redirect  # noqa: PLC0415 - only who asks for it

    try:
        end_redirect = redirect.redirect(place)
    except OSError as error:
        say(f"console='redirect' cannot be had ({error}); what Python prints is kept.")
        return _wrap(place, _STREAMS)
    # A notebook and a test runner put streams of their own in front, which lead elsewhere.
    elsewhere = [name for name, fd in _STREAMS.items() if not _leads_to(getattr(sys, name), fd)]
    end_wrap = _wrap(place, elsewhere, turns=False)

    def end() -> None:
        end_wrap()
        end_redirect()

    return end


def _leads_to(stream: Any, descriptor: int) -> bool:
    try:
        return bool(stream.fileno() == descriptor)
    except (AttributeError, ValueError, OSError):  # none, closed, or no file behind it
        return False


def _wrap(place: ConsolePlace, names: Any, *, turns: bool = True) -> Callable[[], None]:
    kept = []
    for name in names:
        stream = getattr(sys, name)
        if stream is None:  # pythonw, some daemons, a closed descriptor
            continue
        with suppress(OSError):
            text = place.open(name, turns=turns)
            tee = stream if isinstance(stream, _Tee) else _Tee(stream, name)
            tee.keep(text)
            kept.append((tee, text))

    def end() -> None:
        for tee, text in kept:
            tee.drop(text)

    return end


_TEES: weakref.WeakSet[_Tee] = weakref.WeakSet()


class _Tee:
    """A text stream that also keeps what passes: for one run, or for several of one process."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name
        # Others may show at once what they are given.
        self._holds = isinstance(stream, io.TextIOWrapper) and not stream.write_through
        self._texts: list[KeptText] = []
        self._held = b""  # of a line that nobody has been shown yet
        self._renew_lock()
        _TEES.add(self)
        setattr(sys, name, self)

    def _renew_lock(self) -> None:
        """A forked child has no thread that would ever free the lock of its parent's."""
        self._lock = threading.RLock()

    def keep(self, text: KeptText) -> None:
        with self._lock:
            self._keep_held()
            self._texts = [*self._texts, text]

    def drop(self, text: KeptText) -> None:
        with self._lock:
            self._keep_held()
            self._texts = [other for other in self._texts if other is not text]
            text.end()
            # Someone may have wrapped our wrapper; then theirs stays, and ours only forwards.
            if not self._texts and getattr(sys, self._name) is self:
                setattr(sys, self._name, self._stream)

    def write(self, text: str) -> int:
        # Kept first: what a terminal has shown when the process is killed is in the file.
        if isinstance(text, str) and text:
            with self._lock:
                self._held += text.encode("utf-8", "replace")
                long = len(self._held) > _MOST_HELD
                if not self._holds or long or "\n" in text or "\r" in text:
                    self._keep_held()
        written = self._stream.write(text)
        return written if isinstance(written, int) else len(text)

    def flush(self) -> None:
        with self._lock:
            self._keep_held()
        self._stream.flush()

    def _keep_held(self) -> None:
        data, self._held = self._held, b""
        for text in self._texts:
            text.add(data, clock.monotonic())

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __iter__(self) -> Any:
        return iter(self._stream)


def _renew_locks() -> None:
    for tee in _TEES:
        tee._renew_lock()  # noqa: SLF001 - of this module


os.register_at_fork(after_in_child=_renew_locks)
