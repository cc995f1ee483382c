"""Questions are bounded in number and time, and a fault in one is its asker's alone."""

from __future__ import annotations

import asyncio
import ctypes
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, cast

import psutil
import pytest
from starlette.datastructures import Address
from starlette.responses import Response

from tracklab import clock
from tracklab.server.problems import RefusedError
from tracklab.server.workers import Workers

if TYPE_CHECKING:
    from fastapi import Request


class Asker:
    """A request as far as the workers look at it."""

    def __init__(self, *, host: str = "box", gone: bool = False) -> None:
        self.gone = gone
        self.client = Address(host, 1)
        self.scope: dict[str, object] = {}

    async def is_disconnected(self) -> bool:
        """Return whether the asker has hung up."""
        return self.gone


def asker(*, host: str = "box", gone: bool = False) -> Request:
    """Return a request that is still there, or not."""
    return cast("Request", Asker(host=host, gone=gone))


def test_an_answer_or_a_fault_comes_back() -> None:
    """What the question returns or raises is what the asker gets."""

    async def scene() -> None:
        workers = Workers()
        assert await workers.ask(asker(), lambda: 42) == 42
        with pytest.raises(ZeroDivisionError):
            await workers.ask(asker(), lambda: 1 / 0)
        workers.close()

    asyncio.run(scene())


def test_a_full_waiting_room_refuses_with_429() -> None:
    """One runs, one waits, the third is told to come back."""

    async def scene() -> None:
        workers, free = Workers(at_once=1, waiting=1), threading.Event()
        busy = [asyncio.ensure_future(workers.ask(asker(), free.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(RefusedError) as refused:
            await workers.ask(asker(), free.wait)
        problem = refused.value.problem
        assert (problem.status, problem.headers) == (429, {"Retry-After": "1"})
        free.set()
        assert await asyncio.gather(*busy) == [True, True]
        assert await workers.ask(asker(), lambda: 1) == 1
        workers.close()

    asyncio.run(scene())


@pytest.mark.parametrize("gone", [False, True])
def test_a_question_ends_at_its_deadline_or_with_its_asker(*, gone: bool) -> None:
    """The reply does not wait for the thread, which is free again when the work ends."""

    async def scene() -> None:
        workers, free = Workers(at_once=1, deadline_s=30 if gone else 0.01), threading.Event()
        with pytest.raises(RefusedError) as refused:
            await workers.ask(asker(gone=gone), free.wait)
        assert refused.value.problem.status == 503
        free.set()
        workers.close()

    asyncio.run(scene())


def test_those_who_wait_take_turns() -> None:
    """Who asks much waits behind who asks little, and everybody is answered."""

    async def scene() -> None:
        workers, free = Workers(at_once=1), threading.Event()
        order: list[str] = []
        busy = asyncio.ensure_future(workers.ask(asker(), free.wait))
        await asyncio.sleep(0)
        asked = [
            asyncio.ensure_future(workers.ask(asker(host=host), partial(order.append, name)))
            for host, name in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")]
        ]
        await asyncio.sleep(0)
        free.set()
        await asyncio.gather(busy, *asked)
        assert order == ["a1", "b1", "c1", "a2", "a3"]
        workers.close()

    asyncio.run(scene())


def test_a_question_that_was_given_up_is_never_begun() -> None:
    """The thread goes to the next in line as soon as it is free."""

    async def scene() -> None:
        workers, free = Workers(at_once=1), threading.Event()
        begun: list[str] = []
        busy = asyncio.ensure_future(workers.ask(asker(), free.wait))
        await asyncio.sleep(0)
        with pytest.raises(RefusedError):
            await workers.ask(asker(gone=True), partial(begun.append, "gone"))
        kept = asyncio.ensure_future(workers.ask(asker(), partial(begun.append, "kept")))
        await asyncio.sleep(0)
        free.set()
        await asyncio.gather(busy, kept)
        assert begun == ["kept"]
        workers.close()

    asyncio.run(scene())


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="glibc can be told")
def test_memory_of_large_work_is_given_back() -> None:
    """Also what lies in between of what is kept, which the C library keeps with it."""
    kept: list[bytes] = []

    def work() -> Response:
        made = [bytes([n % 255 + 1]) * 50_000 for n in range(3_000)]
        kept.extend(made[::100])
        return Response(bytes(1 << 20))

    async def scene() -> None:
        workers = Workers(at_once=1)
        await workers.ask(asker(), work)
        workers.close()

    asyncio.run(scene())
    process, ends_s = psutil.Process(), clock.monotonic() + 60
    most_bytes = process.memory_info().rss - (100 << 20)
    while process.memory_info().rss > most_bytes and clock.monotonic() < ends_s:
        time.sleep(0.05)
    assert process.memory_info().rss <= most_bytes
