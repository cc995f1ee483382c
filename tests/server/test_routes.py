"""Every route and the socket, walked: whatever is added later is held to the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute, Route

from tests.server.serving import Client, running
from tracklab.server.app import App, create_app
from tracklab.server.auth import Access
from tracklab.server.guard import Guard
from tracklab.server.problems import PROBLEM_TYPE, Problem
from tracklab.server.rates import Rates
from tracklab.server.tokens import TokenFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

JSON = {"Content-Type": "application/json"}
ATTACKS: dict[str, tuple[dict[str, str], int]] = {
    "foreign host": ({"Host": "evil.example"}, 421),
    "foreign origin": ({"Origin": "http://evil.example"}, 403),
    "opaque origin": ({"Origin": "null"}, 403),
    "other port": ({"Origin": "http://localhost:9"}, 403),
    "cross site": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "same site": ({"Sec-Fetch-Site": "same-site"}, 403),
    "large headers": ({f"X-{number}": "x" * 4_000 for number in range(9)}, 431),
}


def every_route(routes: Iterable[Any]) -> Iterator[Any]:
    """Yield the routes, those of included routers, too."""
    for route in routes:
        included = getattr(route, "original_router", None)
        yield from every_route(included.routes) if included is not None else (route,)


def http_routes(app: App) -> list[tuple[str, str]]:
    """Return method and path of every HTTP route, parameters filled in."""
    return [
        (method, fill(route.path))
        for route in every_route(app.routes)
        if isinstance(route, Route | APIRoute)
        for method in route.methods or ()
    ]


def fill(path: str) -> str:
    """Return the path of a route with its parameters given."""
    return re.sub(r"\{\w+(:path)?\}", "vision/demo1", path)


def problem(reply: Any) -> tuple[int, str]:
    """Return status and media type of a reply, having checked its shape as a problem."""
    body = reply.json()
    assert body.keys() == {"type", "title", "status", "detail"}
    assert body["status"] == reply.status_code
    return reply.status_code, reply.headers["content-type"]


def test_there_are_routes_to_walk(app: App) -> None:
    """The walk below is not empty, and knows every kind of route there is."""
    known: tuple[type[BaseRoute], ...] = (Route, APIRoute, APIWebSocketRoute)
    assert len(http_routes(app)) > 25
    assert all(isinstance(route, known) for route in every_route(app.routes))


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_route_refuses_other_sites(app: App, client: Client, attack: str) -> None:
    """No route answers a request that another website may have started."""
    headers, status = ATTACKS[attack]
    for method, path in http_routes(app):
        reply = client.request(method, path, headers=JSON | headers)
        assert reply.status_code == status, (method, path)
        assert reply.headers["x-content-type-options"] == "nosniff"
        if method != "HEAD":
            assert problem(reply) == (status, PROBLEM_TYPE)


def test_every_route_refuses_two_hosts(app: App, client: Client) -> None:
    """Which of two hosts is meant is nobody's guess."""
    for method, path in http_routes(app):
        headers = [("Host", "localhost:8000"), ("Host", "localhost:8000"), *JSON.items()]
        assert client.request(method, path, headers=headers).status_code == 421


def test_every_changing_route_wants_json(app: App, client: Client) -> None:
    """What a foreign form can send changes nothing."""
    unsafe = [pair for pair in http_routes(app) if pair[0] not in {"GET", "HEAD"}]
    assert len(unsafe) >= 4
    for method, path in unsafe:
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
            reply = client.request(method, path, headers={"Content-Type": kind}, content=b"a=1")
            assert problem(reply) == (415, PROBLEM_TYPE)


def test_every_route_refuses_a_large_body(app: App, client: Client) -> None:
    """The declared length is enough; nobody reads 11 MiB to find out."""
    for method, path in http_routes(app):
        headers = {**JSON, "Content-Length": str(11 * 1024 * 1024)}
        assert client.request(method, path, headers=headers).status_code == 413


def test_every_route_wants_to_know_who_asks(root: Path, run: Path) -> None:
    """Without proof nobody gets past the door, except to exchange a one-time code."""
    app = create_app(root)
    for method, path in http_routes(app):
        reply = Client(app).request(method, path, headers=JSON)
        assert reply.status_code == 401, (method, path)
        assert path == "/login" or reply.headers["www-authenticate"] == "Bearer"


def test_the_token_for_reading_opens_every_question_and_no_change(root: Path, run: Path) -> None:
    """Whoever shows it reads all there is; what would change something is refused."""
    app = create_app(root)
    shown = {"Authorization": f"Bearer {app.state.services.access.read_token()}"}
    questions = {("POST", "/api/series"), ("POST", "/api/query")}
    for method, path in http_routes(app):
        reply = Client(app).request(method, path, headers=JSON | shown)
        reads = method in {"GET", "HEAD"} or (method, path) in questions
        allowed = reply.status_code not in {401, 403} or path == "/login"
        assert allowed == reads, (method, path)


def test_who_asks_too_often_is_told_when_to_come_again(root: Path, run: Path) -> None:
    """Before anything is looked at, and only that address."""
    guard = Guard(create_app(root), access=Access(TokenFile(root), insecure=True), rates=Rates(2))

    def asked(address: str) -> Problem | None:
        headers = [(b"host", b"localhost")]
        scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
        return guard.judge({**scope, "client": (address, 5)})

    assert [asked("192.0.2.1") for _ in range(2)] == [None, None]
    problem = asked("192.0.2.1")
    assert problem is not None
    assert (problem.status, 0 < int(problem.headers["Retry-After"]) <= 60) == (429, True)
    assert asked("192.0.2.2") is None


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_socket_refuses_other_sites(port: int, attack: str) -> None:
    """A WebSocket passes the same check, before it is accepted."""
    headers, status = ATTACKS[attack]
    assert problem(handshake(port, headers)) == (status, PROBLEM_TYPE)


def test_the_socket_wants_to_know_who_asks(root: Path) -> None:
    """A socket without proof is not accepted."""
    with running(create_app(root)) as port:
        assert problem(handshake(port, {"Via": "1.1 proxy"})) == (401, PROBLEM_TYPE)


def handshake(port: int, headers: dict[str, str]) -> httpx.Response:
    """Ask for `/ws` with these headers; return the answer of a server that refuses."""
    asked = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    return httpx.get(f"http://localhost:{port}/ws", headers=asked | headers)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nowhere", 404),
        ("GET", "/api", 404),
        ("PUT", "/api/runs", 405),
        ("POST", "/api/projects", 405),
        ("GET", "/api/runs/vision/none", 404),
        ("GET", "/api/projects/none", 404),
        ("GET", "/api/runs?limit=0", 422),
        ("GET", "/api/runs?f=(((", 400),
        ("GET", "/api/runs?cursor=nonsense", 400),
        ("GET", "/api/series?runs=vision/demo1&keys=", 400),
        ("GET", "/api/series", 422),
        ("POST", "/api/series", 422),
        ("POST", '/api/series:{"runs":["a"],"keys":["\\ud800"]}', 422),
        ("PATCH", "/api/runs/vision/demo1:[]", 422),
        ("GET", "/api/runs/vision/demo1/files/../../../etc/passwd", 404),
        ("GET", "/assets/gone.js", 404),
        ("GET", "/login?code=guess", 401),
    ],
)
def test_errors_are_problems_that_tell_no_secret(
    client: Client, root: Path, method: str, path: str, status: int
) -> None:
    """Whatever goes wrong is told in one shape, without a path of this machine."""
    path, _, body = path.partition(":")
    reply = client.request(method, path, headers=JSON, content=body)
    assert problem(reply) == (status, PROBLEM_TYPE)
    assert str(root) not in reply.text
    assert "Traceback" not in reply.text


def test_a_fault_inside_is_a_problem_too(app: App, client: Client) -> None:
    """What went wrong stays in the log."""

    def fail() -> None:
        raise RuntimeError("secret detail")

    app.router.routes.insert(0, Route("/api/broken", lambda _request: fail()))
    reply = client.get("/api/broken")
    assert problem(reply) == (500, PROBLEM_TYPE)
    assert "secret" not in reply.text
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_document_describes_every_api_route(app: App, client: Client) -> None:
    """Each operation says what it does and what it returns; /docs shows them offline."""
    document = client.get("/openapi.json").json()
    page = client.get("/docs")
    operations = [
        (path, operation)
        for path, methods in document["paths"].items()
        for operation in methods.values()
    ]
    assert {path for _, path in http_routes(app) if path.startswith("/api/")} <= {
        fill(path) for path, _ in operations
    }
    for path, operation in operations:
        assert operation["description"], path
        assert path.replace("&", "&amp;") in page.text
        assert "4XX" in operation["responses"]
    assert "http" not in page.text.replace("http-equiv", "")
