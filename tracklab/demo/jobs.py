"""The demo's processes: started together, watched on one line, and ended together."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["Job", "Jobs"]

_GRACE_S = 10.0
_LOOK_EVERY_S = 0.1
_BEAT_S = 10.0
_TAIL_LINES = 15

_URL = re.compile(r"http://\S+")

#: One thread per process for products of matrices: two trainings share two processors.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Job:
    """One running module of Python, and the last thing it said.

    Args:
        name: what people read.
        arguments: a module and its arguments.
        errors: a file for what it writes to stderr.
    """

    def __init__(self, name: str, arguments: Sequence[str], *, errors: Path) -> None:
        self.name = name
        self.errors = errors
        self.started_s = time.monotonic()
        self.said = ""
        with errors.open("wb") as stderr:
            self.process = subprocess.Popen(  # noqa: S603  # this Python, our own modules
                [sys.executable, "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={**os.environ, **_ONE_THREAD, "PYTHONUNBUFFERED": "1"},
                # Ctrl-C is for the demo, which then ends its jobs in order.
                start_new_session=True,
            )
        self._address = ""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def address(self, *, timeout_s: float = 30.0) -> str:
        """Wait until the job has said where it answers, and return that URL.

        Raises:
            RuntimeError: it ended, or did not say so in time.
        """
        deadline_s = time.monotonic() + timeout_s
        while not self._address and self._listener.is_alive() and time.monotonic() < deadline_s:
            time.sleep(_LOOK_EVERY_S / 2)
        if not self._address:
            raise RuntimeError(f"{self.name} did not start. {self.complaint() or self.said}")
        return self._address

    @property
    def running(self) -> bool:
        """Whether the process has not ended yet."""
        return self.process.poll() is None

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started_s

    def end(self) -> None:
        """Ask the process to end, and wait for it, but not for long."""
        if self.running:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_GRACE_S)

    def last_words(self) -> str:
        """Return the last line of output of a job that has ended."""
        self._listener.join()
        return self.said

    def complaint(self) -> str:
        """Return the end of what the job wrote to stderr."""
        return "\n".join(self.errors.read_text("utf-8", "replace").splitlines()[-_TAIL_LINES:])

    def _listen(self) -> None:
        """Keep the last line, whether it ends or is drawn over."""
        assert self.process.stdout is not None
        text = ""
        while piece := os.read(self.process.stdout.fileno(), 4096):
            text += piece.decode("utf-8", "replace").replace("\r", "\n")
            *lines, text = text.split("\n")
            for line in filter(None, map(str.strip, [*lines, text])):
                self.said = line
            for line in lines:
                found = _URL.search(line)
                self._address = self._address or (found[0].rstrip("/") if found else "")
        self.process.stdout.close()


class Jobs:
    """All processes of a demo; whatever still runs is ended at the end of the block.

    Args:
        place: a directory for their messages.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._all: list[Job] = []
        self._beat_due_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        clear()
        try:
            # The last first: users before the service that answers them.
            for job in reversed(self._all):
                job.end()
        finally:  # Ctrl-C again: no more patience
            for job in self._all:
                job.process.kill()
                job.process.wait()

    def start(self, name: str, *arguments: str) -> Job:
        """Start one module of Python."""
        job = Job(name, arguments, errors=self._place / f"{name}.stderr")
        self._all.append(job)
        return job

    def show(self, watched: Sequence[Job]) -> None:
        """Wait a moment, and show what jobs do: one line drawn over, or now and then a new one."""
        time.sleep(_LOOK_EVERY_S)
        line = "   |   ".join(job.said for job in watched if job.running and job.said)
        if sys.stdout.isatty():
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{line[:width]}", end="", flush=True)
        elif line and time.monotonic() >= self._beat_due_s:
            self._beat_due_s = time.monotonic() + _BEAT_S
            print(line, flush=True)


def clear() -> None:
    """Remove the line that is drawn over."""
    if sys.stdout.isatty():
        print("\r\x1b[K", end="", flush=True)
