"""The door in isolation: which requests pass, and what the refused ones are told."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.server.serving import no_descriptor_left
from tracklab.server import peers, problems
from tracklab.server.auth import Access
from tracklab.server.guard import CSP, MAX_BODY_BYTES, Guard, csp
from tracklab.server.tokens import TokenFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import Message, Receive, Scope, Send

JSON = {"content-type": "application/json"}


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    """Read the whole body, then answer with its length."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    headers = [(b"x-length", str(length).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def ask(
    guard: Guard,
    *,
    headers: dict[str, str] | None = None,
    extra: list[tuple[bytes, bytes]] | None = None,
    body: Iterator[bytes] | None = None,
    **scope: Any,
) -> tuple[int, dict[str, str], bytes]:
    """Send one request through `guard`; return status, headers and body of the reply."""
    sent: list[Message] = []
    given = {"host": "localhost:8000", **(headers or {})}
    raw = [(name.encode(), value.encode()) for name, value in given.items() if value]
    base = {"type": "http", "method": "GET", "path": "/", "scheme": "http"}
    parts = body or iter((b"",))

    async def receive() -> Message:
        part = next(parts, None)
        return {"type": "http.request", "body": part or b"", "more_body": part is not None}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(guard({**base, "headers": raw + (extra or []), **scope}, receive, send))
    start = next(one for one in sent if one["type"].endswith("response.start"))
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], found, b"".join(one.get("body", b"") for one in sent)


@pytest.fixture
def guard(root: Path) -> Guard:
    """Return a guard that lets every sender in, in front of an echo."""
    return Guard(echo, access=Access(TokenFile(root), insecure=True), hosts=["Box.lan"])


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:1", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST", "box.lan:80"]
)
def test_a_host_on_the_list_passes(guard: Guard, host: str) -> None:
    """The loopback names and the configured ones are answered, on any port."""
    assert ask(guard, headers={"host": host})[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "localhost.evil.example", "localhost.", "127.0.0.1.nip.io", "[::2]",
        "localhost@evil.example", "localhost:8000:1", "localhost:x", " localhost", "127.1", "",
    ],
)  # fmt: skip
def test_another_host_is_refused(guard: Guard, host: str) -> None:
    """A name that a foreign DNS server may have pointed here is not answered."""
    status, _, body = ask(guard, headers={"host": host})
    assert status == 421
    assert orjson.loads(body)["status"] == 421


def test_two_host_headers_are_refused(guard: Guard) -> None:
    """Two hosts could mean one to a proxy and the other to us."""
    assert ask(guard, extra=[(b"host", b"localhost:8000")])[0] == 421


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8000", 200),
        ("http://LOCALHOST:8000", 200),
        ("http://localhost", 403),
        ("https://localhost:8000", 403),
        ("http://127.0.0.1:8000", 403),
        ("http://localhost:8000.evil.example", 403),
        ("http://localhost:8000/", 403),
        ("null", 403),
        ("http://evil.example", 403),
    ],
)
def test_only_the_own_origin_passes(guard: Guard, origin: str, status: int) -> None:
    """Scheme, host and port of Origin must equal those under which we were called."""
    assert ask(guard, headers={"origin": origin})[0] == status


def test_the_default_port_may_be_left_out(guard: Guard) -> None:
    """`http://localhost` and `localhost:80` are one origin."""
    assert ask(guard, headers={"host": "localhost:80", "origin": "http://localhost"})[0] == 200


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("box.lan", "https://box.lan", 200),
        ("box.lan:8443", "https://BOX.lan:8443", 200),
        ("box.lan:8000", "http://box.lan:8000", 200),
        ("box.lan", "https://box.lan:8443", 403),
        ("box.lan:8000", "https://box.lan", 403),
        ("box.lan", "https://evil.example", 403),
        ("localhost", "https://box.lan", 403),
        ("localhost:8000", "https://localhost:8000", 403),
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_proxy_may_do_tls_for_a_name_that_was_allowed(
    guard: Guard, kind: str, host: str, origin: str, status: int
) -> None:
    """The browser's page is of https then; name and port are still those it was called by."""
    given = {"host": host, "origin": origin} | (JSON if kind == "http" else {})
    scope = {"type": kind, "method": "POST", "path": "/ws", "scheme": "http"}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    problem = guard.judge({**scope, "headers": raw})
    assert (problem.status if problem else 200) == status


@pytest.mark.parametrize(
    ("site", "status"),
    [("none", 200), ("same-origin", 200), ("same-site", 403), ("cross-site", 403), ("?", 403)],
)
def test_requests_that_other_sites_start_are_refused(guard: Guard, site: str, status: int) -> None:
    """The browser says who started a request; only we and the user may."""
    assert ask(guard, headers={"sec-fetch-site": site})[0] == status


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "TRACE", "CONNECT", "PROPFIND"])
def test_unknown_methods_are_refused(guard: Guard, method: str) -> None:
    """Only five methods exist here; there is no CORS, so no preflight either."""
    status, headers, _ = ask(guard, method=method)
    assert (status, headers["Allow".lower()]) == (405, "DELETE, GET, HEAD, PATCH, POST")


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
    ],
)
def test_changes_must_be_json(guard: Guard, method: str, kind: str, status: int) -> None:
    """A foreign page can send forms without asking, but never JSON."""
    assert ask(guard, method=method, headers={"content-type": kind})[0] == status


def test_a_declared_body_that_is_too_large_is_refused(guard: Guard) -> None:
    """The declared length is enough to refuse; nothing is read."""
    headers = {**JSON, "content-length": str(MAX_BODY_BYTES + 1)}
    assert ask(guard, method="POST", headers=headers)[0] == 413


def test_an_undeclared_body_is_cut_off(guard: Guard) -> None:
    """A chunked body that grows beyond the limit gets the same refusal."""
    chunks = iter([b"x" * (1024 * 1024)] * 11)
    status, _, body = ask(guard, method="POST", headers=JSON, body=chunks)
    assert (status, orjson.loads(body)["status"]) == (413, 413)


def test_a_body_at_the_limit_passes(guard: Guard) -> None:
    """Exactly 10 MiB are allowed."""
    chunks = iter([b"x" * (1024 * 1024)] * 10)
    status, headers, _ = ask(guard, method="POST", headers=JSON, body=chunks)
    assert (status, headers["x-length"]) == (200, str(MAX_BODY_BYTES))


def test_headers_that_are_too_large_are_refused(guard: Guard) -> None:
    """32 KiB of headers are enough for anybody."""
    assert ask(guard, headers={"x": "y" * 40_000})[0] == 431


def test_every_reply_carries_the_security_headers(guard: Guard) -> None:
    """Good replies and refusals alike forbid sniffing, framing and foreign loads."""
    for host in ("localhost", "evil.example"):
        _, headers, _ = ask(guard, headers={"host": host})
        assert headers["content-security-policy"] == CSP
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["referrer-policy"] == "no-referrer"


def test_a_refusal_ends_the_connection(guard: Guard) -> None:
    """Who may not pass holds nothing open, however much it has sent already."""
    assert ask(guard, headers={"host": "evil.example"})[1]["connection"] == "close"
    assert "connection" not in ask(guard)[1]


@pytest.mark.parametrize("path", ["/", "/ws/", "/api/runs"])
def test_a_socket_elsewhere_is_a_problem(guard: Guard, path: str) -> None:
    """One address takes them; any other says where it is."""
    extension: dict[str, Any] = {"websocket.http.response": {}}
    status, headers, body = ask(
        guard, type="websocket", scheme="ws", extensions=extension, path=path
    )
    assert (status, headers["content-type"]) == (404, "application/problem+json")
    assert "/ws" in orjson.loads(body)["detail"]


@pytest.mark.skipif(not peers.table_readable(), reason="no /proc/net/tcp here")
def test_the_owner_is_not_asked_for_a_token_when_no_file_can_be_opened(root: Path) -> None:
    """Who asks cannot be looked up then: that is no proof against anybody."""
    guard = Guard(echo, access=Access(TokenFile(root)))
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
        server.accept()[0] as ours,
    ):
        asked = {
            "type": "http", "method": "GET", "path": "/", "scheme": "http",
            "headers": [(b"host", b"localhost")],
            "client": ours.getpeername(), "server": ours.getsockname(),
        }  # fmt: skip
        assert guard.judge(asked) is None
        with no_descriptor_left():
            problem = guard.judge(asked)
    assert problem is not None
    assert (problem.status, problem.headers) == (503, {"Retry-After": "5"})
    assert "Too many open files" in problem.detail


def test_nobody_is_told_that_there_is_nothing_when_no_file_can_be_opened(guard: Guard) -> None:
    """Readers would take a directory that they cannot open for an empty one."""
    asked = {"type": "http", "method": "GET", "path": "/", "scheme": "http"}
    with no_descriptor_left():
        problem = guard.judge({**asked, "headers": [(b"host", b"localhost")]})
    assert problem is not None
    assert problem.status == 503


def test_a_nonce_allows_styles_only() -> None:
    """The nonce of a page opens inline styles and nothing else."""
    assert csp("abc").replace(" 'nonce-abc'", "") == CSP
    assert "style-src 'self' 'nonce-abc';" in csp("abc")


def test_a_socket_is_refused_before_it_is_accepted(guard: Guard) -> None:
    """A WebSocket from a foreign page gets the same problem as a request would."""
    extension: dict[str, Any] = {"websocket.http.response": {}}
    status, _, body = ask(
        guard, headers={"origin": "http://evil.example"}, type="websocket", scheme="ws",
        extensions=extension,
    )  # fmt: skip
    assert (status, orjson.loads(body)["title"]) == (403, "Forbidden")


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_a_file_that_cannot_be_opened_halfway_is_no_fault_of_the_server(number: int) -> None:
    """It has begun to answer when the last descriptor goes: come again."""
    problem = problems._problem_of(OSError(number, "Too many open files", "/somewhere"))
    assert (problem.status, problem.headers) == (503, {"Retry-After": "5"})
    assert "/somewhere" not in problem.detail
