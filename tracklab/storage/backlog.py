"""Lines that wait for a thread to write them: the opt-in for disks that stall.

The promises: whoever logs never waits for the disk while there is room; memory is bounded; lines
are written in their order, many with one call; what is dropped is told to the caller, who counts
it. The price: killing the process loses what waits. Without this mode none of it is loaded.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, NamedTuple

from tracklab import clock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Backlog", "BacklogLimits", "WaitingLine"]

_FOREVER_S: Final = threading.TIMEOUT_MAX
_LEAVING_S: Final = 5.0


class WaitingLine(NamedTuple):
    """A line that has its number and its bytes, and only needs a disk."""

    stream: str
    seq: int
    timestamp_s: float
    content: bytes


@dataclass(frozen=True, slots=True)
class BacklogLimits:
    """How much may wait, and for how long whoever logs waits for room.

    Attributes:
        batch_lines: most lines that are written with one call.
        max_lines: most lines that wait.
        max_bytes: most bytes that wait, but for the last line.
        patience_s: seconds without any progress after which new lines are dropped.
    """

    batch_lines: int = 100
    max_lines: int = 100_000
    max_bytes: int = 64 << 20
    patience_s: float = 30.0


class Backlog:
    """A bounded queue and the one thread that empties it, started at the first line.

    Args:
        write: writes lines in order; called by the thread, and by `put` when there is none.
        limits: how much may wait.

    Attributes:
        taken: how many lines it ever let wait.
    """

    def __init__(
        self, write: Callable[[list[WaitingLine]], None], limits: BacklogLimits | None = None
    ) -> None:
        self._write = write
        self._limits = limits or BacklogLimits()
        self.start_over()

    def start_over(self) -> None:
        """Forget all that waits: what a forked child finds here is its parent's to write."""
        # Its methods are C: whoever interrupts one, such as a signal handler, may call another.
        self._queue: SimpleQueue[WaitingLine | Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._serving = threading.Lock()  # held for good by the one thread that writes
        self._closed = False
        self._leaves = False  # what a worker does at its end is registered
        # Each pair has one side that only callers change, under their lock, and one that only
        # the thread changes: so neither needs a lock for counting.
        self.taken = self._put_bytes = 0
        self._done_lines = self._done_bytes = 0
        self._moved = threading.Condition()
        self._full_since_s: float | None = None

    @property
    def lines(self) -> int:
        """How many lines wait."""
        return self.taken - self._done_lines

    @property
    def passes_on(self) -> bool:
        """Whether the next line is written at once, for want of a thread."""
        return self._closed or self._thread is None

    def put(self, line: WaitingLine) -> bool:
        """Let `line` wait; return False if it was dropped. The caller holds his own lock.

        There may be no room, if the caller has not waited for some: one line of each thread more.
        Without a thread, and at the interpreter's end, where none may be started any more, the
        line is written here and now.
        """
        if self.passes_on and (self._closed or not self._start()):
            self._write([line])
            return True
        if not self.has_room and self._patience_left_s() <= 0:
            return False
        self._put_bytes += len(line.content)
        self.taken += 1  # and nothing can interrupt before the next call
        self._queue.put(line)
        return True

    def call(self, job: Callable[[], None], timeout_s: float = _FOREVER_S) -> bool:
        """Do `job` after everything that waits now; return whether it was done in time.

        It is done later if it was not, while the process lives.
        """
        thread = self._thread
        if thread is None or thread is threading.current_thread():
            self._empty()
            job()
            return True
        done = threading.Event()

        def told() -> None:
            try:
                job()
            finally:
                done.set()

        self._queue.put(told)
        return done.wait(timeout_s)

    def refuse(self) -> None:
        """Let no further line wait: each is written at once. The caller holds his own lock."""
        self._closed = True

    def close(self) -> None:
        """Write what waits and end the thread; `refuse` came before."""
        self.call(_nothing)
        self._queue.put(None)
        self._thread = None

    def _start(self) -> bool:
        # The main thread counts as dead from the interpreter's end on, before `atexit` runs.
        if not threading.main_thread().is_alive():
            return False
        workers = sys.modules.get("multiprocessing.util")
        if workers is not None and not self._leaves:
            self._leaves = True
            # A worker ends without `atexit`; this is what it does instead.
            workers.Finalize(None, self.call, (_nothing, _LEAVING_S), exitpriority=0)
        self._thread = self._worker()
        try:
            self._thread.start()
        except RuntimeError:  # the system allows no more threads
            self._thread = None
        except BaseException:
            # A signal handler has raised, and nobody knows whether the thread began before that.
            self._thread = self._worker()
            self._thread.start()
            raise
        return self._thread is not None

    def _worker(self) -> threading.Thread:
        return threading.Thread(target=self._work, name="tracklab-writer", daemon=True)

    @property
    def has_room(self) -> bool:
        """Whether one more line may wait."""
        waiting_bytes = self._put_bytes - self._done_bytes
        return self.lines < self._limits.max_lines and waiting_bytes < self._limits.max_bytes

    def wait_for_room(self) -> None:
        """Wait while lines are still being written, then at most as long as `patience_s`.

        The caller holds no lock that the thread might need for its next line.
        """
        with self._moved:
            while not (self.has_room or self.passes_on):
                left_s = self._patience_left_s()
                if left_s <= 0:
                    break
                self._moved.wait(left_s)

    def _patience_left_s(self) -> float:
        if self._full_since_s is None:
            self._full_since_s = clock.monotonic()
        return self._full_since_s + self._limits.patience_s - clock.monotonic()

    def _work(self) -> None:
        if self._serving.acquire(blocking=False):
            self._thread = threading.current_thread()
            while self._step(block=True):
                pass

    def _empty(self) -> None:
        while self._step(block=False):
            pass

    def _step(self, *, block: bool) -> bool:
        """Write one batch, or do one job; return False when there is nothing (more) to do."""
        lines: list[WaitingLine] = []
        item = None
        try:
            while len(lines) < self._limits.batch_lines:
                item = self._queue.get(block and not lines)
                if not isinstance(item, WaitingLine):
                    break
                lines.append(item)
        except Empty:
            if not lines:
                return False
        if lines:
            self._write(lines)
            self._count(lines)
        if isinstance(item, WaitingLine):
            return True
        if item is not None:
            item()
        return item is not None

    def _count(self, lines: list[WaitingLine]) -> None:
        with self._moved:
            self._done_lines += len(lines)
            self._done_bytes += sum(len(line.content) for line in lines)
            self._full_since_s = None
            self._moved.notify_all()


def _nothing() -> None:
    pass
