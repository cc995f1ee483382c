"""A builder beside a server: it works in a process of its own and is gone when it has finished.

The server tells which runs it had to read without an index, and otherwise goes on. Nothing
waits for the builder, and an index that cannot be written only means slower answers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from tracklab import clock

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Beside", "Progress"]

#: Starting a process takes some 0.2 s of a core: a run that grows is not worth it more often.
_PAUSE_S: Final = 2.0
#: After a failure (a full disk, a place that cannot be written) the next try waits longer.
_PAUSE_AFTER_FAILURE_S: Final = 30.0
_MOST_RUNS: Final = 64
#: Stands for the catalog among the runs that are wanted.
_CATALOG: Final = ""
_CATALOG_EVERY_S: Final = 30.0
#: Opening so many takes a listing some 30 ms.
_MANY_RUNS: Final = 200
#: Some 0.5 s of work.
_ALLOWANCE_BYTES: Final = 32 << 20


@dataclass(frozen=True, slots=True)
class Progress:
    """What the builder does: run it reads now, bytes read of it, runs that wait."""

    run: str | None
    read_bytes: int
    waiting: int


class Beside:
    """Builds the index of the runs it is told, one process at a time.

    Args:
        root: the data directory, absolute.
        pause_s: seconds between two processes.
    """

    def __init__(self, root: Path, *, pause_s: float = _PAUSE_S) -> None:
        self._root = root
        self._pause_s = pause_s
        self._lock = threading.Lock()
        self._wanted: dict[str, None] = {}
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = threading.Event()
        self._rest_until_s = 0.0
        self._failed = False
        self._listed_s = -_CATALOG_EVERY_S
        self._unlisted = 0
        self._run: str | None = None
        self._read_bytes = 0

    def want(self, address: str) -> None:
        """Have a run indexed soon. From any thread; returns at once."""
        with self._lock:
            if self._closed.is_set() or clock.monotonic() < self._rest_until_s:
                return
            self._wanted[address] = None
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="tracklab-indexing", daemon=True
                )
                self._thread.start()

    def want_catalog(self, unlisted: int) -> None:
        """Have the catalog brought up to date, if a listing had to open many runs for itself.

        Runs that live, or that ended without a word, are in no catalog: only more of them than
        the last time are a reason.
        """
        with self._lock:
            recent = clock.monotonic() - self._listed_s < _CATALOG_EVERY_S
            if recent or unlisted < max(_MANY_RUNS, self._unlisted * 1.1):
                return
            self._listed_s = clock.monotonic()
            self._unlisted = unlisted
        self.want(_CATALOG)

    def allowance(self) -> int | None:
        """Return how many bytes a question need parse itself, because the rest is indexed soon.

        None where that cannot be: then a question parses whatever there is.
        """
        return None if self._failed else _ALLOWANCE_BYTES

    def progress(self) -> Progress:
        """Return what is being done."""
        with self._lock:
            return Progress(self._run, self._read_bytes, len(self._wanted))

    def close(self) -> None:
        """End the builder: what it has finished counts."""
        self._closed.set()
        with self._lock:
            process, thread = self._process, self._thread
        if process is not None:
            process.terminate()
        if thread is not None:
            thread.join(timeout=5)

    def _work(self) -> None:
        while not self._closed.is_set():
            with self._lock:
                if not self._wanted:
                    self._thread = None  # gone when idle; the next wish starts another
                    return
                chosen = list(self._wanted)[:_MOST_RUNS]
                if _CATALOG in chosen:
                    chosen = [_CATALOG]
                for address in chosen:
                    del self._wanted[address]
            self._after(self._build(chosen), chosen)
            self._closed.wait(self._pause_s)

    def _after(self, status: int, addresses: list[str]) -> None:
        with self._lock:
            if status == os.EX_TEMPFAIL:  # another builder is at work: it may not want these
                self._wanted.update(dict.fromkeys(addresses))
                return
            self._failed = status != 0 and not self._closed.is_set()
            if self._failed:
                self._rest_until_s = clock.monotonic() + _PAUSE_AFTER_FAILURE_S
                self._wanted.clear()

    def _build(self, addresses: list[str]) -> int:
        """Run one process and return its exit status."""
        command = [
            sys.executable,
            "-m",
            "tracklab.server.builder",
            os.fspath(self._root),
            *filter(None, addresses),
        ]
        try:
            # From "/": Python looks for modules where it is started, which may be anybody's.
            process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError:
            return 1
        with self._lock:
            self._process = process
        if self._closed.is_set():
            process.terminate()
        with process:
            assert process.stdout is not None
            for line in process.stdout:
                self._note(line)
        with self._lock:
            self._process, self._run, self._read_bytes = None, None, 0
        return process.returncode

    def _note(self, line: bytes) -> None:
        told = orjson.loads(line)
        with self._lock:
            if told["run"] != self._run:
                self._run, self._read_bytes = told["run"], 0
            self._read_bytes += told["bytes"]
