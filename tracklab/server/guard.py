"""The door: one check in front of every route and the socket, before any of them sees a byte.

Browsers let every website send requests to this machine. So a request must name this server as
its Host (a rebound DNS name does not), must not come from another site (Origin, Sec-Fetch-Site),
and may change something only as JSON, which a foreign form cannot send. Then `Access` decides
who is asking. HTTP and WebSocket pass the same check: a stock framework checks neither Origin.
"""

from __future__ import annotations

import errno
import logging
import os
import re
from typing import TYPE_CHECKING, Final

from tracklab.server import problems
from tracklab.server.problems import Problem
from tracklab.server.rates import PER_MINUTE, Rates, Seldom

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tracklab.server.auth import Access

__all__ = [
    "CSP",
    "LOGIN_PATH",
    "MAX_BODY_BYTES",
    "MAX_HEADER_BYTES",
    "NEEDS_TOKEN",
    "Guard",
    "csp",
    "refusal",
]

_log = logging.getLogger("tracklab.server")

MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_HEADER_BYTES = 32 * 1024

#: The only address that needs no proof: it is where a one-time code is exchanged for one.
LOGIN_PATH = "/login"
_SOCKET_PATH = "/ws"

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_UNSAFE_METHODS = frozenset({"POST", "PATCH", "DELETE"})
#: Questions that come with a body.
_QUESTIONS = frozenset({"/api/series", "/api/query"})
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_OWN_SITES = frozenset({b"none", b"same-origin"})
_Origin = tuple[str, str, int]
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?")

_DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'{style}",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)


def csp(nonce: str) -> str:
    """Return the content security policy of a page whose inline styles carry `nonce`."""
    return "; ".join(_DIRECTIVES).format(style=f" 'nonce-{nonce}'")


CSP = "; ".join(_DIRECTIVES).format(style="")

_HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """ASGI middleware that refuses, limits and labels; it is the outermost one.

    Args:
        app: what is guarded.
        access: who may enter.
        hosts: names by which this server may be called beside the loopback names, without port.
            Under these a proxy may stand in front that does TLS.
        rates: counts requests; None for the usual limit.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        access: Access,
        hosts: Collection[str] = (),
        rates: Rates | None = None,
    ) -> None:
        self._app = app
        self._rates = rates or Rates()
        self._access = access
        self._telling = Seldom()
        self._given = {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem, or let the request in with a bounded body."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        problem = self.judge(scope)
        if problem is not None:
            await _refuse(problem, scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._bounded(scope, receive, send)

    def judge(self, scope: Scope) -> Problem | None:
        """Return why this request may not pass, None if it may."""
        return (
            _judge_size(scope)
            or self._judge_rate(scope)
            or self._judge_source(scope)
            or (_judge_method(scope) if scope["type"] == "http" else _judge_socket(scope))
            or self._judge_sender(scope)
        )

    def _judge_rate(self, scope: Scope) -> Problem | None:
        client = scope.get("client")
        wait_s = self._rates.wait_s(client[0] if client else None)
        if not wait_s:
            return None
        return Problem(
            429,
            f"This address has asked {PER_MINUTE:,} times within a minute. Ask again in "
            f"{wait_s} s, and less often.",
            {"Retry-After": str(wait_s)},
        )

    def _judge_source(self, scope: Scope) -> Problem | None:
        hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
        host = _HOST.fullmatch(hosts[0].decode("latin-1")) if len(hosts) == 1 else None
        if host is None or host["name"].lower() not in _OWN_NAMES | self._given:
            return Problem(
                421,
                "This server does not answer to this Host name. Open it as localhost, or start "
                "it with --allow-host NAME.",
            )
        if any(_origin(value) not in self._own_origins(scope, host) for value in origins):
            return Problem(403, "Another website may not use this server (Origin).")
        if any(value not in _OWN_SITES for value in _values(scope, b"sec-fetch-site")):
            return Problem(
                403,
                "Another website may not use this server (Sec-Fetch-Site). To follow a link, "
                "copy it into the address bar.",
            )
        return None

    def _own_origins(self, scope: Scope, host: re.Match[str]) -> set[_Origin]:
        """Return the origins of our own pages, called by this Host.

        Where a proxy does TLS, the browser's page is of https, and what reaches us is not. Nobody
        else answers for that origin: it has the name and the port that the proxy passed on.
        """
        told = _SCHEMES[scope.get("scheme", "http")]
        return {
            _origin_of(scheme, host)
            for scheme in {told, *(("https",) if host["name"].lower() in self._given else ())}
        }

    def _judge_sender(self, scope: Scope) -> Problem | None:
        try:
            _open_anything()
            if _path(scope) == LOGIN_PATH or self._access.may_change(scope):
                return None
            if self._access.may_read(scope):
                return None if _only_reads(scope) else _READ_ONLY
        except OSError as error:
            # Nobody has been looked at: a 401 would tell the owner to show a token.
            reason = os.strerror(error.errno or errno.EIO)
            if self._telling.due():
                _log.error("requests are refused: %s", error)
            return Problem(
                503, f"The server cannot open files now ({reason}). Ask again in a moment.", _LATER
            )
        return NEEDS_TOKEN

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; cut it off when its body turns out larger than allowed."""
        taken, started, too_large = 0, False, False

        async def bounded_receive() -> Message:
            nonlocal taken, too_large
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                # A length that was not declared: to the app the client has hung up.
                too_large = True
                return {"type": "http.disconnect"}
            return message

        async def labelled_send(message: Message) -> None:
            nonlocal started
            if too_large and not started:
                return
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = _labelled(message.get("headers", ()))
            await send(message)

        if scope["method"] == "HEAD":
            # Every page that can be read can be asked about; the web server drops the body.
            scope = {**scope, "method": "GET"}
        try:
            await self._app(scope, bounded_receive, labelled_send)
        finally:
            if too_large and not started:
                await _refuse(_TOO_LARGE, scope, receive, send)


NEEDS_TOKEN: Final = Problem(
    401,
    "This server needs its token: send 'Authorization: Bearer TOKEN', or open the one-time link "
    "printed where it was started. The token is in .tracklab/server-token of its data directory.",
    {"WWW-Authenticate": "Bearer"},
)
_LATER: Final = {"Retry-After": "5"}
_READ_ONLY = Problem(
    403, "This token is for reading only. What changes something needs the server's own token."
)
_TOO_LARGE = Problem(413, "The body is larger than 10 MiB.")


def _judge_size(scope: Scope) -> Problem | None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if sum(len(name) + len(value) + 4 for name, value in headers) > MAX_HEADER_BYTES:
        return Problem(431, "The headers are larger than 32 KiB.")
    for value in _values(scope, b"content-length"):
        if not value.isdigit() or int(value) > MAX_BODY_BYTES:
            return _TOO_LARGE
    return None


def _open_anything() -> None:
    """Raise OSError where no file can be opened: readers would find that there is nothing."""
    os.close(os.open("/", os.O_RDONLY | os.O_CLOEXEC))


def _only_reads(scope: Scope) -> bool:
    return (
        scope["type"] == "websocket"
        or scope["method"] in _SAFE_METHODS
        or (scope["method"] == "POST" and _path(scope) in _QUESTIONS)
    )


def _judge_method(scope: Scope) -> Problem | None:
    method: str = scope["method"]
    if method in _SAFE_METHODS:
        return None
    if method not in _UNSAFE_METHODS:
        allowed = ", ".join(sorted(_SAFE_METHODS | _UNSAFE_METHODS))
        return Problem(405, "This server does not know this method.", {"Allow": allowed})
    types = _values(scope, b"content-type")
    media_type = types[0].split(b";")[0].strip().lower() if len(types) == 1 else b""
    if media_type != b"application/json":
        # The three types that a form can send need no permission from the browser.
        return Problem(415, "A request that changes or posts needs Content-Type: application/json.")
    return None


def _judge_socket(scope: Scope) -> Problem | None:
    if _path(scope) == _SOCKET_PATH:
        return None
    return Problem(404, "No WebSocket is served at this address. Live updates are at /ws.")


def refusal(problem: Problem) -> Response:
    """Return the reply of somebody who may not pass: it is the connection's last."""
    reply = problems.reply(problem)
    reply.raw_headers = [*_labelled(reply.raw_headers), (b"connection", b"close")]
    return reply


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    reply = refusal(problem)
    if scope["type"] == "http":
        await reply(scope, receive, send)
    elif "websocket.http.response" in scope.get("extensions", {}):
        start = {"status": problem.status, "headers": reply.raw_headers}
        await send({"type": "websocket.http.response.start", **start})
        await send({"type": "websocket.http.response.body", "body": reply.body})
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": problem.title})


def _labelled(headers: Collection[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return `headers` with the security headers that the reply did not set itself."""
    present = {name.lower() for name, _ in headers}
    return [*headers, *(pair for pair in _HEADERS if pair[0] not in present)]


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _origin_of(scheme: str, host: re.Match[str]) -> _Origin:
    return scheme, host["name"].lower(), int(host["port"] or _DEFAULT_PORTS[scheme])


def _origin(value: bytes) -> _Origin | None:
    """Return scheme, host and port of an Origin header; None for `null` and nonsense."""
    scheme, _, rest = value.decode("latin-1").partition("://")
    host = _HOST.fullmatch(rest)
    if scheme not in _DEFAULT_PORTS or host is None:
        return None
    return _origin_of(scheme, host)
