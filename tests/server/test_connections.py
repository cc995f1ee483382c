"""Connections that keep the server waiting: how long, and how many of them."""

from __future__ import annotations

import select
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import orjson
import pytest
from websockets.sync.client import connect

from tests.server.serving import ADDRESS, append, row, running
from tracklab.server.connections import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.server.app import App

pytestmark = pytest.mark.integration

POST = b"POST /api/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class Hasty(Connection):
    """Waits for nobody; for a head as long as a busy machine may need to send one."""

    head_s = 1.0
    body_s = stall_s = 0.2


class Narrow(Connection):
    """Keeps few connections, and those as long as the test runs."""

    head_s = 600.0
    most = 5


class Tight(Connection):
    """Lets two answers or three wait to be taken, and for those that are being taken any time."""

    head_s = stall_s = 600.0
    still_s = 1.0
    untaken_bytes = 10 << 20


@pytest.fixture
def hasty(app: App) -> Iterator[int]:
    """Return the port of a server that waits for nobody."""
    with running(app, Hasty) as port:
        yield port


@pytest.fixture
def narrow(app: App) -> Iterator[int]:
    """Return the port of a server that keeps few connections."""
    with running(app, Narrow) as port:
        yield port


@pytest.fixture
def tight(app: App, run: Path) -> Iterator[int]:
    """Return the port of a server that lets little wait, with a run whose rows are 4 MiB."""
    append(run / "history.jsonl", *(row(20 + n, text="x" * 30_000) for n in range(140)))
    with running(app, Tight) as port:
        yield port


def asking_for_much(port: int) -> socket.socket:
    """Ask for 4 MiB on a connection of its own, and take one byte when the answer comes."""
    connection = socket.socket()
    connection.settimeout(60)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
    connection.connect(("127.0.0.1", port))
    path = f"/api/rows?run={ADDRESS}&limit=1000"
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    connection.recv(1)
    return connection


def body_bytes(connection: socket.socket, *, pause_s: float = 0.0) -> int:
    """Take an answer, with a pause before each piece; return the size of its body."""
    with connection.makefile("rb", buffering=0) as reply:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += reply.read(1) or b""
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        left = size
        while left:
            time.sleep(pause_s)
            piece = reply.read(min(left, 1 << 16))
            assert piece
            left -= len(piece)
    return size


def has_ended(connection: socket.socket) -> bool:
    """Return whether the server has cut the connection off, without taking anything."""
    asked_of = select.poll()
    asked_of.register(connection, 0)
    return bool(asked_of.poll(0))


def opened(port: int) -> socket.socket:
    """Return a connection that says nothing yet."""
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def heard(connection: socket.socket) -> bytes:
    """Return everything that comes until the server closes."""
    with connection:
        return b"".join(iter(lambda: connection.recv(1 << 20), b""))


def asked(port: int, path: str = "/api/self") -> bytes:
    """Ask on a connection of its own; return the reply."""
    connection = opened(port)
    text = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    connection.sendall(text.encode())
    return heard(connection)


def shout(connection: socket.socket) -> None:
    """Ask and ask, and hear nothing."""
    while True:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1_000)


@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        (b"GET / HTTP/1.1\r\nHost: lo", b"The head did not come within 1 s."),
        (POST + b"Content-Length: 100\r\n\r\n{", b"The body did not come within 0.2 s."),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"The body did not come within 0.2 s."),
    ],
)
def test_who_does_not_go_on_is_closed(hasty: int, sent: bytes, missing: bytes) -> None:
    """Who began is told what did not come."""
    connection = opened(hasty)
    connection.sendall(sent)
    reply = heard(connection)
    assert reply.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert missing in reply
    assert b"nosniff" in reply


def test_who_says_nothing_is_told_nothing(hasty: int) -> None:
    """A browser opens connections that it may not need."""
    assert heard(opened(hasty)) == b""


def test_one_byte_after_the_other_is_no_way_to_stay(hasty: int) -> None:
    """The time of a head is that of all of it."""
    with opened(hasty) as connection:
        connection.settimeout(0.02)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        reply = b""
        while not reply:
            connection.sendall(b"x")
            with suppress(TimeoutError):
                reply = connection.recv(1 << 16)
    assert reply.startswith(b"HTTP/1.1 408")


def test_who_goes_on_asking_may_stay(hasty: int) -> None:
    """After each answer the time begins anew: together these take longer than one of them."""
    with opened(hasty) as connection:
        for _ in range(6):
            connection.sendall(b"GET /api/config HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200")
            time.sleep(0.25)


def test_who_does_not_take_the_answer_is_cut_off(hasty: int, run: Path) -> None:
    """It would hold the answer in memory for ever."""
    (run / "files" / "large.bin").write_bytes(bytes(32 << 20))
    path = f"/api/runs/{ADDRESS}/files/files/large.bin"
    deaf = opened(hasty)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
    deaf.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    with deaf:
        deaf.recv(1)
        with pytest.raises(ConnectionError):
            shout(deaf)


def test_who_takes_nothing_costs_nobody_else_the_answer(tight: int) -> None:
    """Those that have stood still for longest go first, and none that goes on taking."""
    with ExitStack() as opened_here, ThreadPoolExecutor() as beside:
        deaf = [opened_here.enter_context(asking_for_much(tight)) for _ in range(4)]
        slow = opened_here.enter_context(asking_for_much(tight))
        taken = beside.submit(body_bytes, slow, pause_s=0.005)
        deaf += [opened_here.enter_context(asking_for_much(tight)) for _ in range(4)]
        ends_s = time.monotonic() + 60
        while not all(has_ended(one) for one in deaf[:6]) and time.monotonic() < ends_s:
            time.sleep(0.1)
        assert [has_ended(one) for one in deaf] == [True] * 6 + [has_ended(deaf[6]), False]
        assert taken.result() == body_bytes(deaf[7])


def test_the_next_question_waits_until_an_answer_was_taken(tight: int, run: Path) -> None:
    """A connection has one answer in memory, however many it asks for at once."""
    with asking_for_much(tight) as connection:
        path = f"/api/rows?run={ADDRESS}&keys=late"
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        time.sleep(0.3)
        append(run / "history.jsonl", row(200, late=1.0))
        assert body_bytes(connection) > 4 << 20
        assert b'"late":1.0' in b"".join(iter(lambda: connection.recv(1 << 16), b""))


def test_idle_connections_give_way_to_who_asks(narrow: int) -> None:
    """The oldest first; nobody locks anybody out by standing there."""
    idle = [opened(narrow) for _ in range(20)]
    assert asked(narrow).startswith(b"HTTP/1.1 200")
    assert heard(idle[0]) == b""
    idle[-1].sendall(b"GET /api/self HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert heard(idle[-1]).startswith(b"HTTP/1.1 200")
    for one in idle:
        one.close()


def test_where_all_are_in_use_the_next_is_told_to_come_again(narrow: int) -> None:
    """A page that is open is not closed for another."""
    address = f"ws://localhost:{narrow}/ws"
    with ExitStack() as opened_here:
        pages = [opened_here.enter_context(connect(address)) for _ in range(Narrow.most)]
        head, _, body = asked(narrow).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 5" in head.lower()
        assert "Too many connections" in orjson.loads(body)["detail"]
        assert all(page.ping().wait(60) for page in pages)
    assert asked(narrow).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_like_everything_else(port: int, sent: bytes) -> None:
    """With a problem and the headers that every reply has."""
    connection = opened(port)
    connection.sendall(sent)
    head, _, body = heard(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"application/problem+json" in head
    assert b"nosniff" in head
    assert orjson.loads(body)["status"] == 400
