"""How a process of the demo learns that it should come to an end."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["stopper"]


def stopper() -> Callable[[], bool]:
    """Return a function that tells whether to end: asked by a signal, or left by the demo."""
    parent = os.getppid()
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    return lambda: bool(asked) or os.getppid() != parent
