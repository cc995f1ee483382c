"""The one end of a run: anybody may ask for it at any moment, and nobody waits for long.

A disk that stalls holds only the thread that writes the end. A signal handler may ask for it in
the middle of a call, whose lock its own thread holds: then the end comes right after that call.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from tracklab import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracklab.storage.writer import Writer

    #: Does a job on another thread and returns whether it was done within so many seconds.
    Carry = Callable[[Callable[[], None], float], bool]

__all__ = ["Ending", "carried", "end_state"]


class Ending:
    """Lets one of those who ask for a run's end write it, and lets the others wait for that.

    Args:
        writer: the run's writer.
        timeout_s: how long anybody waits, in seconds; infinity for as long as it takes.

    Attributes:
        carry: what lets another thread write the end.
    """

    def __init__(self, writer: Writer, *, timeout_s: float) -> None:
        self._writer = writer
        self._timeout_s = timeout_s
        self._begun = threading.Lock()  # held from the first who asks on
        self._asker: int | None = None  # the thread that is inside
        self._written = threading.Event()
        self._actions: list[Callable[[], None]] = []
        self.carry: Carry = writer.backlog.call if writer.backlog else carried

    def first(self, action: Callable[[], None]) -> None:
        """Call `action` before the end is written, the last one registered first."""
        self._actions.append(action)

    def ask(self, end: Callable[[float], None]) -> None:
        """Call `end`, once, with the moment by which it is due, or wait until it was written.

        Whoever is inside already, and a signal handler inside a call, waits for nothing.
        """
        if self._begun.acquire(blocking=False):
            self._asker = threading.get_ident()
            due_s = clock.monotonic() + self._timeout_s
            try:
                self._prepare()
                end(due_s)
            finally:
                self._asker = None
        elif self._asker != threading.get_ident() and not self._writer.entered():
            # Another thread ends it, or a handler has, whose end had to wait for a call.
            self._written.wait(min(self._timeout_s, threading.TIMEOUT_MAX))

    def _prepare(self) -> None:
        try:
            while self._actions:
                self._actions.pop()()
        except BaseException:
            self._begun.release()  # whoever asks again goes on with the rest
            raise

    def write(self, job: Callable[[], None], due_s: float) -> bool:
        """Let `job` write the end; return False if it is still at it when that was due."""

        def work() -> None:
            try:
                job()
            finally:
                self._written.set()

        left_s = min(max(due_s - clock.monotonic(), 0.0), threading.TIMEOUT_MAX)
        if not self._writer.entered():
            return self.carry(work, left_s)
        # A signal handler interrupted a call: the end can only come after that.
        self.carry(work, 0.0)
        self._await_at_exit(left_s)
        return True

    def _await_at_exit(self, timeout_s: float) -> None:
        """Let a worker of multiprocessing wait before it exits: it runs no `atexit`."""
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            util.Finalize(None, self._written.wait, args=(timeout_s,), exitpriority=0)


def carried(job: Callable[[], None], timeout_s: float) -> bool:
    """Let a thread do `job`, and return whether it was done in time; else it goes on alone.

    A call that waits for a disk cannot be interrupted: only its thread can be left behind. Who
    would wait for ever needs none.
    """
    if timeout_s >= threading.TIMEOUT_MAX:
        job()
        return True
    done = threading.Event()

    def work() -> None:
        try:
            job()
        finally:
            done.set()

    try:
        threading.Thread(target=work, name="tracklab-end", daemon=True).start()
    except RuntimeError:  # none may begin: CPython 3.12 at the interpreter's end, or a limit
        job()
        return True
    return done.wait(timeout_s)


def end_state(code: int, *, interrupted: bool, preempting: bool) -> str:
    """Return how a run ended that ends with `code`."""
    if code == 0:
        return "finished"
    if preempting:
        return "preempted"
    return "killed" if interrupted else "failed"
