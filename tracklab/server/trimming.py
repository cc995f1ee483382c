"""Memory that large answers have taken goes back to the system when the work is done.

What is freed stays with the C library, in as many heaps as threads have worked, until it is told
to give it back. glibc can be told; elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Final

from tracklab import clock

__all__ = ["Trimmer"]

_LARGE_BYTES: Final = 1 << 20
_LONG_S: Final = 0.5
#: After the last large work: by then its answer has mostly been sent.
_REST_S: Final = 1.0


class Trimmer:
    """Gives freed memory back a moment after large work, once however many have done it."""

    def __init__(self) -> None:
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        self._lock = threading.Lock()
        self._due_s: float | None = None

    def worked(self, *, seconds: float, size_bytes: int) -> None:
        """Note what an answer took; called from the thread that has worked it out.

        Args:
            seconds: that it took.
            size_bytes: of the answer.
        """
        if self._trim is None or (seconds < _LONG_S and size_bytes < _LARGE_BYTES):
            return
        with self._lock:
            waits = self._due_s is not None
            self._due_s = clock.monotonic() + _REST_S
        if not waits:
            self._wait(_REST_S)

    def _wait(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._give_back)
        timer.daemon = True
        timer.start()

    def _give_back(self) -> None:
        with self._lock:
            left_s = (self._due_s or 0.0) - clock.monotonic()
            if left_s <= 0:
                self._due_s = None
        if left_s > 0:
            self._wait(left_s)
        elif self._trim is not None:
            self._trim(0)
