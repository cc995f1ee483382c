"""Where questions are worked out: on a few threads, never on the event loop, never for ever.

A thread cannot be stopped from outside. So a question past its deadline gets its refusal in
time but keeps its thread until it ends, and at most `at_once` threads can be kept that way.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from tracklab import clock
from tracklab.server.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request

__all__ = ["Workers"]

_T = TypeVar("_T")
_LOOK_EVERY_S = 0.25


class Workers:
    """Threads for questions, with a bounded waiting room.

    Args:
        at_once: threads, so questions that run at the same time.
        waiting: questions that may wait for a thread; the next one is refused.
        deadline_s: seconds from asking to the refusal, waiting included.
    """

    def __init__(self, *, at_once: int = 4, waiting: int = 60, deadline_s: float = 10.0) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="tracklab-query")
        self._room = at_once + waiting
        self._deadline_s = deadline_s
        self._pending = 0

    async def ask(self, request: Request, question: Callable[[], _T]) -> _T:
        """Return what `question` returns or raises.

        Raises:
            RefusedError: 429 when the waiting room is full, 503 at the deadline or when the
                asker has gone; a question that has not begun by then never does.
        """
        if self._pending >= self._room:
            raise RefusedError(
                429, "Too many questions at once. Ask again in a second.", Retry_After="1"
            )
        answer = asyncio.wrap_future(self._threads.submit(question))
        self._pending += 1
        answer.add_done_callback(self._leave)
        await self._wait(request, answer)
        return answer.result()

    def _leave(self, _answer: asyncio.Future[Any]) -> None:
        self._pending -= 1

    async def _wait(self, request: Request, answer: asyncio.Future[_T]) -> None:
        ends_s = clock.monotonic() + self._deadline_s
        while not answer.done():
            left_s = ends_s - clock.monotonic()
            if left_s <= 0:
                answer.cancel()
                raise RefusedError(
                    503, "This question took too long. Ask for less at once.", Retry_After="5"
                )
            await asyncio.wait({answer}, timeout=min(left_s, _LOOK_EVERY_S))
            if not answer.done() and await request.is_disconnected():
                answer.cancel()
                raise RefusedError(503, "The asker has gone.")

    def close(self) -> None:
        """Start no more questions; those that run end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
