"""Requests to a server: how often they are repeated, how long they wait, and what errors say."""

from __future__ import annotations

import gzip
import socket
import threading
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.transfer.receivers import PROTOBUF, Receiver, Reply, receiving
from tracklab.errors import CommError, UsageError
from tracklab.transfer.posting import Poster, address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

BODY = ExportLogsServiceRequest().SerializeToString()
HEADERS = {"Content-Type": PROTOBUF}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a server on loopback."""
    with receiving() as found:
        yield found


@pytest.fixture
def waits() -> list[float]:
    """Return where the waits of a poster are noted."""
    return []


@pytest.fixture
def poster(receiver: Receiver, waits: list[float]) -> Iterator[Poster]:
    """Return a poster that notes its waits instead of waiting."""
    found = Poster(address_of(receiver.url, by="--otlp"), {}, pause=waits.append)
    yield found
    found.close()


def test_waits_double_and_have_an_end(
    receiver: Receiver, poster: Poster, waits: list[float]
) -> None:
    """Six tries, and the error says what the server answered."""
    receiver.replies = [Reply(503, b"full")] * 9
    with pytest.raises(CommError, match="it answered 503 Service Unavailable: full"):
        poster.post("/v1/logs", BODY, HEADERS)
    assert waits == [0.5, 1, 2, 4, 8]
    assert (receiver.asked, poster.requests, poster.sent_bytes) == (6, 6, 0)


def test_a_server_says_how_long_to_wait(
    receiver: Receiver, poster: Poster, waits: list[float]
) -> None:
    """In seconds or as a date; what is neither counts for nothing."""
    later = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=30), usegmt=True)
    receiver.replies = [Reply(429, b"", {"Retry-After": one}) for one in ("7", later, "soon")]
    assert poster.post("/v1/logs", BODY, HEADERS).status == 200
    assert waits[0] == 7
    assert 0 < waits[1] <= 30
    assert waits[2] == 2


def test_a_connection_that_worked_and_breaks_is_opened_again(
    receiver: Receiver, poster: Poster, waits: list[float]
) -> None:
    """As a server does that has waited long for the next request."""
    poster.post("/v1/logs", BODY, HEADERS)
    receiver.replies = [Reply(0)]
    poster.post("/v1/logs", BODY, HEADERS)
    assert (len(receiver.requests), waits) == (2, [0.5])


def test_a_server_that_never_answered_is_not_waited_for(waits: list[float]) -> None:
    """Nobody listens there."""
    with receiving() as gone:
        address = address_of(gone.url, by="--otlp")
    with pytest.raises(CommError, match="it cannot be reached"):
        Poster(address, {}, pause=waits.append).post("/v1/logs", BODY, HEADERS)
    assert waits == []


def test_a_login_goes_along_and_is_not_shown(receiver: Receiver) -> None:
    """As in any address; a path stands before that of the request."""
    url = receiver.url.replace("//", "//me:p%40ss@") + "/"
    poster = Poster(address_of(url, by="--otlp"), {})
    poster.post("/v1/logs", BODY, HEADERS)
    poster.close()
    assert receiver.requests[0].headers["authorization"] == "Basic bWU6cEBzcw=="
    assert poster.shown == receiver.url


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://h", "http://", "http://h:x", "http://h:0", "http://me:s3cret@h/?a=1",
     "http://h/a b", "http://h/\u00e9", "http://h:8123/?user=me&password=s3cret",
     "me:s3cret@127.0.0.1:8123", "http:me:s3cret@h", "http:/me:s3cret@h", "http://me:s3cret@h\n",
     "http://me:1/s3cret@h"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    """With what to write instead, and nothing of what was given: it may hold a password."""
    with pytest.raises(UsageError, match="Write http://HOST:PORT") as refused:
        address_of(url, by="--otlp")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("host", ["a..b", "a" * 64])
def test_a_host_that_no_name_can_be_cannot_be_reached(host: str) -> None:
    """It is the world's failure: the usual error."""
    with pytest.raises(CommError, match="it cannot be reached"):
        Poster(address_of(f"http://{host}:4318", by="--otlp"), {}).post("/", BODY, HEADERS)


@contextmanager
def answering(head: bytes, drops: bytes = b"") -> Iterator[str]:
    """Answer one request with some bytes, and with others again and again; return the address."""
    done = threading.Event()

    def answer() -> None:
        with suppress(OSError), server.accept()[0] as connection:
            while (got := connection.recv(1 << 16)) and not got.endswith(END):
                pass
            connection.sendall(head)
            while drops and not done.wait(0.01):
                connection.sendall(drops)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            done.set()
            thread.join()


END = gzip.compress(BODY, 5, mtime=0)[-8:]
FINE = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\n"


@pytest.mark.parametrize(
    ("head", "drops", "words"),
    [(FINE + b"\r\n", b"\0", "no whole answer came within 0.3 s"),
     (b"", b"HTTP/1.1 100 Continue\r\n\r\n", "no whole answer came within 0.3 s"),
     (FINE + b"Content-Length: 100\r\n\r\n", b"", "its answer ended in the middle"),
     (FINE + b"Content-Length: 100\r\n\r\nab", b"", "its answer ended in the middle"),
     (b"HTTP/1.1 9999 \x1b[31mX\r\n\r\n", b"", "what it answered is no HTTP"),
     (b"HTTP/1.1 400 \x1b[31mBAD\x07\r\nContent-Length: 0\r\n\r\n", b"", "400 .31mBAD. Check")],
)  # fmt: skip
def test_an_answer_that_is_none_has_an_end_and_is_a_fault(
    head: bytes, drops: bytes, words: str
) -> None:
    """One that drips, one that ends early, and one that would drive the terminal."""
    with answering(head, drops) as url:
        poster = Poster(address_of(url, by="--otlp"), {}, timeout_s=0.3 if drops else 60)
        with pytest.raises(CommError, match=words) as refused:
            poster.post("/v1/logs", BODY, HEADERS)
        poster.close()
    assert str(refused.value).isprintable()


def test_a_slow_answer_leaves_the_next_request_its_time(receiver: Receiver, poster: Poster) -> None:
    """Also one whose server closes the connection behind it."""
    receiver.replies = [Reply(200, b"x" * 2_000, {"Connection": "close"})]
    assert poster.post("/v1/logs", BODY, HEADERS).body == b"x" * 2_000
    assert poster.post("/v1/logs", BODY, HEADERS).status == 200
    receiver.replies = [Reply(200, b"", {"Content-Type": "text/\x1b[31mhtml"})]
    assert poster.post("/v1/logs", BODY, HEADERS).kind == "text/[31mhtml"
