"""Connections that keep the server waiting are closed, so that nobody takes all of them.

The web server below has no limit of time before a request is whole, and the descriptors of a
process are few. So a request's head and body must come within a time, a client must go on taking
its answer, and where connections are many, those from which no request is being answered give
way, the oldest first: whoever has something to ask comes in, however many only stand there.
Where much waits to be taken, those go first that have taken nothing for longest.
"""

from __future__ import annotations

import logging
import os
import resource
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from tracklab import clock
from tracklab.server import guard
from tracklab.server.problems import Problem
from tracklab.server.rates import Seldom
from tracklab.server.taking import Taking, standing_still

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
        still_s: the same where too much waits to be taken.
        untaken_bytes: of answers that may wait to be taken, over all connections.
        most: connections that are kept, if this process may open twice as many files.
        waits_since_s: when it began to wait for a request, by the monotonic clock; None while one
            is being answered.
        taking: how the client takes its answer; None while nothing waits for it.
        has_answered: whether all that is left of an answer waits for the client to take it.
    """

    head_s: ClassVar[float] = 10.0
    body_s: ClassVar[float] = 60.0
    stall_s: ClassVar[float] = 60.0
    still_s: ClassVar[float] = 2.0
    untaken_bytes: ClassVar[int] = 64 * 1024**2
    most: ClassVar[int] = 1_000
    _telling: ClassVar[Seldom] = Seldom()
    _telling_untaken: ClassVar[Seldom] = Seldom()

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.waits_since_s: float | None = None
        self.taking: Taking | None = None
        self.has_answered = False
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
        """Wait for the next request, but look at none before the answer has been taken."""
        self.has_answered = self.taking is not None
        if self.has_answered:
            self._relieve()
        else:
            super().on_response_complete()
            self._note()

    def pause_writing(self) -> None:
        """Begin to watch a client that does not take its answer as fast as it comes."""
        super().pause_writing()
        self.taking = Taking(self.transport)
        self._watch(self.stall_s)

    def resume_writing(self) -> None:
        """Watch no more: the answer has been taken."""
        self._cancel("answer")
        self.taking = None
        super().resume_writing()
        if self.has_answered:
            self.on_response_complete()

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

    def is_relieving(self) -> bool:
        """Return whether it is to look again at what waits for all clients together."""
        return "relief" in self._timers

    def leave(self) -> None:
        """Give way to another connection."""
        self._stop()
        self.transport.abort()

    def break_off(self) -> None:
        """Let go of an answer that is not taken, and of what the system holds of it."""
        number = self.transport.get_extra_info("socket").fileno()
        with suppress(OSError), socket.socket(fileno=os.dup(number)) as own:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.leave()

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
        answering = self.has_answered or (
            self.cycle is not None and not self.cycle.response_complete
        )
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

    def _watch(self, seconds: float) -> None:
        self._timers["answer"] = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Cut off a client that has taken nothing for too long."""
        still_s = self.taking.still_s() if self.taking else 0.0
        if still_s >= self.stall_s:
            self.break_off()
        else:
            self._watch(self.stall_s - still_s)

    def _relieve(self) -> None:
        """Cut off those that take nothing while too much waits to be taken."""
        self._cancel("relief")
        open_now = [one for one in self.connections if isinstance(one, Connection)]
        takers = {one.taking: one for one in open_now if one.taking and one.has_answered}
        for taking in standing_still(takers, most_bytes=self.untaken_bytes, least_s=self.still_s):
            if self._telling_untaken.due():
                _log.warning("Too much waits to be taken; clients that take nothing are cut off.")
            takers.pop(taking).break_off()
        too_much = sum(taking.untaken_bytes() for taking in takers) > self.untaken_bytes
        if too_much and not any(one.is_relieving() for one in open_now):
            self._timers["relief"] = self.loop.call_later(self.still_s, self._relieve)

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
        self.waits_since_s = self.taking = None
        self._cancel("request", "answer")

    def _cancel(self, *names: str) -> None:
        for name in names:
            if name in self._timers:
                self._timers.pop(name).cancel()


async def _refuse_for_room(scope: Scope, receive: Receive, send: Send) -> None:
    await guard.refusal(_FULL)(scope, receive, send)
