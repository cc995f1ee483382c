"""What waits to be sent to one client: bounded, coalesced, and never a reason to wait.

A slow client costs its own data, not the server's memory: beyond the bound, rows are dropped and
the client is told from which rev to ask again (`stale`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from tracklab import clock
from tracklab.query.frames import rows_frame
from tracklab.query.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LIMIT_BYTES", "Mailbox", "encode"]

LIMIT_BYTES = 1024 * 1024
#: Seconds between two `metric_update` of one run to one client. With the time it takes to notice
#: and read a line, a row of a busy run reaches its charts within 200 ms.
_ROWS_EVERY_S = 0.15


def encode(kind: str, data: Any) -> bytes:
    """Return one message as JSON bytes; non-finite numbers become their names."""
    return orjson.dumps({"type": kind, "data": plain(data)})


@dataclass(slots=True)
class _Waiting:
    """What waits of one run: `since` is the rev before its first line, `rev` after the last."""

    since: str
    rev: str
    rows: list[bytes] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    size: int = 0


class Mailbox:
    """Messages for one client, in the order in which they can be sent.

    Args:
        limit_bytes: bound of what may wait.
        clock_s: monotonic seconds.

    Attributes:
        binary: whether rows are sent as frames.
    """

    def __init__(
        self, *, limit_bytes: int = LIMIT_BYTES, clock_s: Callable[[], float] = clock.monotonic
    ) -> None:
        self._limit = limit_bytes
        self._clock_s = clock_s
        self.binary = False
        self._messages: dict[object, bytes] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._sent_s: dict[str, float] = {}
        self._size = 0
        self._news = asyncio.Event()
        self._taken = asyncio.Event()

    def put(self, key: object, message: bytes, *, run: str | None = None) -> None:
        """Let `message` wait; it takes the place of one that waits under the same `key`.

        In a full mailbox it is dropped; if it is about `run`, the client is told so. An empty one
        takes any message.
        """
        others = self._size - len(self._messages.get(key, b""))
        if others + len(message) <= self._limit or not others:
            self._keep(key, message)
        elif run is not None:
            self.put_stale(run, None)

    def put_rows(self, run: str, rows: Sequence[bytes], *, since: str, rev: str) -> None:
        """Let encoded rows of `run` wait; they were written after `since`, up to `rev`."""
        waiting = self._grow(run, sum(map(len, rows)), since=since, rev=rev)
        if waiting is not None:
            waiting.rows.extend(rows)

    def put_summary(self, run: str, values: dict[str, Any], *, since: str, rev: str) -> None:
        """Let the last values of changed keys wait; a newer value replaces one that waits."""
        waiting = self._grow(run, len(orjson.dumps(values)), since=since, rev=rev)
        if waiting is not None:
            waiting.summary |= values

    def put_stale(self, run: str, since: str | None) -> None:
        """Tell the client that it misses lines of `run`, written after `since` if that is known.

        Accepted above the bound: without it the client would miss data and not know.
        """
        if ("stale", run) not in self._messages:
            self._keep(("stale", run), encode("stale", {"run": run, "rev": since}))

    def forget(self, run: str) -> None:
        """Drop what waits of a run that is no longer wanted."""
        waiting = self._waiting.pop(run, None)
        if waiting is not None:
            self._size -= waiting.size
        self._sent_s.pop(run, None)

    def _grow(self, run: str, size: int, *, since: str, rev: str) -> _Waiting | None:
        """Make room for `size` bytes of `run`; without room, drop it all and say `stale`."""
        waiting = self._waiting.setdefault(run, _Waiting(since, rev))
        waiting.rev = rev
        if self._size + size > self._limit:
            self._drop(run, waiting)
            return None
        waiting.size += size
        self._size += size
        self._news.set()
        return waiting

    async def settled(self, key: object) -> None:
        """Wait until no message waits under `key`: back-pressure for a patient sender."""
        while key in self._messages:
            self._taken.clear()
            await self._taken.wait()

    async def take(self) -> str | bytes:
        """Return the next message, as soon as one may be sent: text, or a frame of rows."""
        while True:
            message = self._next()
            if message is not None:
                self._taken.set()
                return message
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), self._pause_s())
            except asyncio.TimeoutError:
                continue

    def _next(self) -> str | bytes | None:
        for key in self._messages:
            message = self._messages.pop(key)
            self._size -= len(message)
            return message.decode()
        now_s = self._clock_s()
        for run in self._waiting:
            if self._due_s(run) <= now_s:
                sent = self._sent_s.items()
                self._sent_s = {one: at_s for one, at_s in sent if at_s + _ROWS_EVERY_S > now_s}
                self._sent_s[run] = now_s
                return self._collect(run)
        return None

    def _collect(self, run: str) -> str | bytes:
        waiting = self._waiting.pop(run)
        self._size -= waiting.size
        if waiting.summary:
            return encode("metric_update", {"run": run, "summary": waiting.summary}).decode()
        if self.binary:
            return rows_frame(run, list(map(orjson.loads, waiting.rows)), rev=waiting.rev)
        head = orjson.dumps({"run": run, "rev": waiting.rev})
        rows = b",".join(waiting.rows)
        return (b'{"type":"metric_update","data":%b,"rows":[%b]}}' % (head[:-1], rows)).decode()

    def _due_s(self, run: str) -> float:
        return self._sent_s.get(run, -_ROWS_EVERY_S) + _ROWS_EVERY_S

    def _pause_s(self) -> float | None:
        if not self._waiting:
            return None
        return max(0.0, min(map(self._due_s, self._waiting)) - self._clock_s())

    def _drop(self, run: str, waiting: _Waiting) -> None:
        """Give up what waits of `run` and say from where to read it again."""
        self.forget(run)
        self.put_stale(run, waiting.since)

    def _keep(self, key: object, message: bytes) -> None:
        self._size += len(message) - len(self._messages.get(key, b""))
        self._messages[key] = message
        self._news.set()
