"""Work beside the caller: on a thread, or as a task whose faults end up in the log."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    #: Runs a question on a thread and returns its answer.
    Ask = Callable[[Callable[[], Any]], Awaitable[Any]]

__all__ = ["for_ever", "start"]

_log = logging.getLogger("tracklab.live")

_AFTER_FAULT_S = 5.0


def start(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Begin `work` and return its task, which the caller keeps: the loop does not."""
    task = asyncio.create_task(work)
    task.add_done_callback(_ended)
    return task


async def for_ever(turn: Callable[[], Awaitable[None]]) -> None:
    """Take `turn` after `turn`: one that fails is logged and costs one pause, not the rest."""
    while True:
        try:
            await turn()
        except Exception:  # noqa: BLE001, PERF203 - live updates outlive any fault; logged
            _log.exception("live updates failed; trying again in %g s", _AFTER_FAULT_S)
            await asyncio.sleep(_AFTER_FAULT_S)


def _ended(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.error("a live update failed", exc_info=error)
