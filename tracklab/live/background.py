"""Work beside the caller: on a thread, or as a task whose faults end up in the log."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    #: Runs a question on a thread and returns its answer.
    Ask = Callable[[Callable[[], Any]], Awaitable[Any]]

__all__ = ["start"]

_log = logging.getLogger("tracklab.live")


def start(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Begin `work` and return its task, which the caller keeps: the loop does not."""
    task = asyncio.create_task(work)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.error("a live update failed", exc_info=error)
