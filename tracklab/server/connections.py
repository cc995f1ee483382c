"""Connections that keep the server waiting are closed, so that nobody takes all of them.

The web server below has no limit of time before a request is whole, and the descriptors of a
process are few. So a request's head and body must come within a time, a client must go on taking
its answer, and where connections are many, those from which no request is being answered give
way, the oldest first: whoever has something to ask comes in, however many only stand there.
"""

from __future__ import annotations

import logging
import resource
from typing import TYPE_CHECKING, Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from tracklab import clock
from tracklab.server import guard
from tracklab.server.problems import Problem
from tracklab.server.rates import Seldom

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Receive, Scope, Send

__all__ = ["Connection"]

_log = logging.getLogger("tracklab.server")

_NOT_HTTP = Problem(400, "This is no HTTP request that can be read.")
_FULL = Problem(
    503,
    "Too many connections are open. Ask again in a moment, or raise the number of open files "
    "(ulimit -n) where the server is started.",
    {"Retry-After": "5"},
)


class Connection(H11Protocol):
    """One HTTP connection, until it ends or becomes a WebSocket.

    Attributes:
        head_s: seconds from the connection, or from the answer before, to a whole head.
        body_s: seconds from there to the end of the body.
        stall_s: seconds in which a client must take something of its answer.
        most: connections that are kept, if this process may open twice as many files.
        waits_since_s: when it began to wait for a request, by the monotonic clock; None while one
            is being answered.
    """

    head_s: ClassVar[float] = 10.0
    body_s: ClassVar[float] = 60.0
    stall_s: ClassVar[float] = 60.0
    most: ClassVar[int] = 1_000
    _telling: ClassVar[Seldom] = Seldom()

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.waits_since_s: float | None = None
        self._state: object = None
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait; where there are too many, another one gives way, or this one is told."""
        if len(self.connections) >= self._room() and not self._make_room():
            self.app = _refuse_for_room
        super().connection_made(transport)
        self._note()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come, and see what is still missing."""
        super().data_received(data)
        self._note()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._note()

    def pause_writing(self) -> None:
        """Begin to watch a client that does not take its answer as fast as it comes."""
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Watch no more: the answer has been taken."""
        self._cancel("answer")
        super().resume_writing()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over; pings tell from there on whether somebody is there."""
        self._stop()
        super().handle_websocket_upgrade(event)

    def send_400_response(self, _msg: str) -> None:
        """Answer what is no HTTP as everything else is refused."""
        self._end(_NOT_HTTP)

    def is_idle(self) -> bool:
        """Return whether nothing is being answered, nor any answer still on its way."""
        return self.waits_since_s is not None and not self.transport.get_write_buffer_size()

    def leave(self) -> None:
        """Give way to another connection."""
        self._stop()
        self.transport.abort()

    def _should_upgrade(self) -> bool:
        return self.app is not _refuse_for_room and super()._should_upgrade()

    def _room(self) -> int:
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return self.most if files < 0 else min(self.most, files // 2)

    def _make_room(self) -> bool:
        """Close the connection that has waited longest; return whether there was one."""
        if self._telling.due():
            _log.warning("%d connections are open; idle ones give way.", len(self.connections))
        waiting = [one for one in self.connections if isinstance(one, Connection) and one.is_idle()]
        if waiting:
            min(waiting, key=lambda one: one.waits_since_s or 0.0).leave()
        return bool(waiting)

    def _note(self) -> None:
        """Start the time that the present state of the connection is given."""
        answering = self.cycle is not None and not self.cycle.response_complete
        state = self.conn.their_state if answering else self.cycle
        if "request" in self._timers and state is self._state:
            return
        self._state = state
        self._cancel("request")
        if self.transport.is_closing() or not isinstance(self.transport.get_protocol(), Connection):
            return
        self.waits_since_s = None if answering else clock.monotonic()
        if not answering:
            self._timers["request"] = self.loop.call_later(self.head_s, self._give_up)
        elif state is h11.SEND_BODY:
            self._timers["request"] = self.loop.call_later(self.body_s, self._give_up)

    def _give_up(self) -> None:
        missing = "body" if self.waits_since_s is None else "head"
        silent = missing == "head" and not self.conn.trailing_data[0]
        given_s = self.body_s if missing == "body" else self.head_s
        late = Problem(408, f"The {missing} did not come within {given_s:g} s.")
        self._end(None if silent else late)

    def _watch(self, waiting_bytes: int) -> None:
        """Cut off a client that has taken nothing since `waiting_bytes` were left to send."""
        later = self.loop.call_later(self.stall_s, self._look, waiting_bytes)
        self._timers["answer"] = later

    def _look(self, before_bytes: int) -> None:
        waiting_bytes = self.transport.get_write_buffer_size()
        if waiting_bytes >= before_bytes:
            self.transport.abort()
        else:
            self._watch(waiting_bytes)

    def _end(self, problem: Problem | None) -> None:
        """Close, and say why where no answer has begun."""
        if problem is not None and self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            reply = guard.refusal(problem)
            head = h11.Response(status_code=problem.status, headers=reply.raw_headers,
                                reason=problem.title)  # fmt: skip
            for event in (head, h11.Data(data=bytes(reply.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _stop(self) -> None:
        self.waits_since_s = None
        self._cancel("request", "answer")

    def _cancel(self, *names: str) -> None:
        for name in names:
            if name in self._timers:
                self._timers.pop(name).cancel()


async def _refuse_for_room(scope: Scope, receive: Receive, send: Send) -> None:
    await guard.refusal(_FULL)(scope, receive, send)
