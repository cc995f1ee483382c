"""Requests to a server: how often they are repeated, how long they wait, and what errors say."""

from __future__ import annotations

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
     "http://h/a b", "http://h/\u00e9"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    """With what to write instead, and without a password."""
    with pytest.raises(UsageError, match="Write http://HOST:PORT") as refused:
        address_of(url, by="--otlp")
    assert "s3cret" not in str(refused.value)
