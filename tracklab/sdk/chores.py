"""What a run does a moment later, so that a call need not wait for the disk.

The helper thread does it within its next turn, a second at most. Where there is none, as in a
forked child, or where too much waits, it is done at once. What is left is done when the run ends.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Chores"]

_MOST: Final = 16
_GLANCE_S: Final = 0.05


class Chores:
    """Jobs of one run, done in the order in which they came. None of them raises."""

    def __init__(self) -> None:
        self._due: deque[Callable[[], None]] = deque()
        self._last: dict[str, Callable[[], None]] = {}
        self._lock = threading.RLock()  # a chore that is told of may bring another one
        self._pid = 0  # of the process whose helper thread looks after them

    def attended(self) -> None:
        """Say that a helper thread of this process calls `do` from now on."""
        self._pid = os.getpid()

    def add(self, chore: Callable[[], None]) -> None:
        """Let `chore` be done soon."""
        if self._pid == os.getpid():
            self._due.append(chore)
            if len(self._due) > _MOST:  # the end of the run must not take long
                self.do()
        else:  # what a forked child has inherited is its parent's to do, and to lock
            chore()

    def add_last(self, name: str, chore: Callable[[], None]) -> None:
        """Let `chore` be done when the run ends, once for each name."""
        self._last[name] = chore

    def do(self) -> None:
        """Do what is due; when this returns it is done, whoever did it."""
        if self._pid == os.getpid():
            with self._lock:
                while self._due:
                    self._due.popleft()()

    def end(self, held_up: Callable[[], bool]) -> None:
        """Do what is due, and what was meant for the end.

        Args:
            held_up: says whether another thread, which may be doing a chore, is kept by a
                listener: nobody waits for that one.
        """
        ours = self._pid == os.getpid()
        waited = False
        while ours and not waited and not held_up():
            waited = self._lock.acquire(timeout=_GLANCE_S)
        try:
            while ours and self._due:
                self._due.popleft()()
        finally:
            if waited:
                self._lock.release()
        while self._last:
            self._last.popitem()[1]()
