"""Where questions are worked out: on a few threads, never on the event loop, never for ever.

A thread cannot be stopped from outside. So a question past its deadline gets its refusal in
time but keeps its thread until it ends, and at most `at_once` threads can be kept that way.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from tracklab import clock
from tracklab.server.problems import RefusedError
from tracklab.server.trimming import Trimmer

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from fastapi import Request

__all__ = ["Workers"]

_T = TypeVar("_T")
_LOOK_EVERY_S = 0.25
# The memory is that of the process.
_TRIMMER = Trimmer()


class Workers:
    """Threads for questions, with a bounded waiting room.

    Those who wait take turns: who asks the same again and again waits behind all that others ask,
    and behind its own other questions.

    Args:
        at_once: threads, so questions that run at the same time.
        waiting: questions that may wait for a thread; the next one is refused.
        deadline_s: seconds from asking to the refusal, waiting included.
    """

    def __init__(self, *, at_once: int = 4, waiting: int = 60, deadline_s: float = 10.0) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="tracklab-query")
        self._at_once = at_once
        self._room = at_once + waiting
        self._deadline_s = deadline_s
        self._pending = 0
        self._running: set[Future[Any]] = set()
        # By who asks what; the first line is the next to be called.
        self._lines: dict[object, deque[tuple[asyncio.Future[Any], Callable[[], Any]]]] = {}

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
        answer: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._pending += 1
        answer.add_done_callback(self._leave)
        self._lines.setdefault(_line_of(request), deque()).append((answer, question))
        self._call_next()
        await self._wait(request, answer)
        return answer.result()

    def _leave(self, _answer: asyncio.Future[Any]) -> None:
        self._pending -= 1

    def _call_next(self) -> None:
        """Let questions begin while there are threads, one of each line in turn."""
        self._running = {one for one in self._running if not one.done()}
        while self._lines and len(self._running) < self._at_once:
            who = next(iter(self._lines))
            line = self._lines.pop(who)
            answer, question = line.popleft()
            if line:
                self._lines[who] = line
            if not answer.done():
                begun = self._threads.submit(_worked_out, question)
                self._running.add(begun)
                begun.add_done_callback(partial(self._from_thread, answer))

    def _from_thread(self, answer: asyncio.Future[Any], begun: Future[Any]) -> None:
        with suppress(RuntimeError):  # the loop has closed: nobody waits
            answer.get_loop().call_soon_threadsafe(self._settle, answer, begun)

    def _settle(self, answer: asyncio.Future[Any], begun: Future[Any]) -> None:
        fault = begun.exception()
        if answer.done():  # it came too late
            pass
        elif fault is not None:
            answer.set_exception(fault)
        else:
            answer.set_result(begun.result())
        self._call_next()

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
        self._lines.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)


def _worked_out(question: Callable[[], _T]) -> _T:
    """Return what `question` does, and have large work's memory given back afterwards."""
    began_s, answer = clock.monotonic(), None
    try:
        answer = question()
        return answer
    finally:
        size_bytes = len(getattr(answer, "body", b""))
        _TRIMMER.worked(seconds=clock.monotonic() - began_s, size_bytes=size_bytes)


def _line_of(request: Request) -> tuple[str, str]:
    """Return who asks, and which route."""
    host = request.client.host if request.client else ""
    return host, getattr(request.scope.get("route"), "path", "")
