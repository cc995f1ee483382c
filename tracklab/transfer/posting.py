"""Requests to one server of the user's choice: bounded, and repeated where that may help.

The promise: nothing is sent that nobody asked for, a server that is busy is given the time it asks
for, one that refuses is not asked again, and every wait has an end, also for a server that answers
a little now and then. An answer counts when all of it is there.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import io
import re
import ssl
import time
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from tracklab import clock
from tracklab.errors import CommError, UsageError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

__all__ = ["Address", "Answer", "Poster", "address_of"]

_TIMEOUT_S: Final = 60.0
_TRIES: Final = 6
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 60.0
_ANSWER_BYTES: Final = 1 << 20
_SHOWN: Final = 300
_PLAIN: Final = re.compile(r"[!-~]+")
#: The server is busy or away for a moment. Source: OTLP 1.7, "Retryable Response Codes".
_BUSY: Final = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address; `path` begins with a slash and ends with none, `shown` has no secret."""

    parts: SplitResult
    path: str
    user: str | None
    password: str

    @property
    def shown(self) -> str:
        """The address without user and password."""
        host = self.parts.netloc.rpartition("@")[2]
        return f"{self.parts.scheme}://{host}{self.path}"

    def at(self, path: str) -> Address:
        """Return the address of another path on the same server."""
        return replace(self, path=path)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered with a status from 200 to 299."""

    status: int
    kind: str
    body: bytes


def address_of(url: str, *, by: str) -> Address:
    """Return the parts of an address.

    Args:
        url: `http://` or `https://`, with a user and a password where they are needed.
        by: the option that took it.

    Raises:
        UsageError: it is none of these; nothing of it is shown, for it may hold a password.
    """
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number
        sound = False
    # An @ in a path is the end of a password that has a slash.
    if not sound or parts.query or parts.fragment or "@" in parts.path or not _PLAIN.fullmatch(url):
        raise UsageError(
            f"{by} takes the address of a server; got another text, which is not shown: it may "
            "hold a password. Write http://HOST:PORT or https://USER:PASSWORD@HOST:PORT, with a "
            "path if the server has one and without a question mark; other signs as %40."
        )
    user = None if parts.username is None else unquote(parts.username)
    return Address(parts, parts.path.rstrip("/"), user, unquote(parts.password or ""))


class _Timely(io.RawIOBase):
    """What comes from a socket within its timeout, which else begins anew at each byte."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._until_s = clock.monotonic() + (sock.gettimeout() or _TIMEOUT_S)
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s = self._until_s - clock.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._sock.settimeout(left_s)
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Reply(http.client.HTTPResponse):
    """An answer that is there in time as a whole, or not at all."""

    def __init__(self, sock: socket.socket, *arguments: Any, **more: Any) -> None:
        super().__init__(sock, *arguments, **more)
        self.fp.close()
        self.fp = io.BufferedReader(_Timely(sock))


class Poster:
    """A connection to one server, opened at the first request and kept.

    Args:
        address: of the server.
        headers: sent with every request.
        pause: waits some seconds.
        timeout_s: how long a connection, the sending of a request, and its whole answer may take.

    Attributes:
        shown: the server's address, without secrets.
        sent_bytes: of bodies that were taken, compressed.
        requests: that were answered.
    """

    def __init__(
        self,
        address: Address,
        headers: Mapping[str, str],
        *,
        pause: Callable[[float], None] = time.sleep,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self._address = address
        self._headers = {"User-Agent": "tracklab", **_login(address), **headers}
        self._pause = pause
        self._timeout_s = timeout_s
        self._answered = False
        parts = address.parts
        assert parts.hostname is not None
        self._connection: http.client.HTTPConnection = (
            http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=timeout_s,
                context=ssl.create_default_context(),
            )
            if parts.scheme == "https"
            else http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout_s)
        )  # fmt: skip
        self._connection.response_class = _Reply
        self.shown = address.shown
        self.sent_bytes = 0
        self.requests = 0

    def post(self, path: str, body: bytes | bytearray, headers: Mapping[str, str]) -> Answer:
        """Send a body, compressed, and return what the server says to it.

        A request is repeated, six times at most, where the server is busy or a connection that
        has worked breaks; the same body may then have been taken twice.

        Args:
            path: what follows the server's address.
            body: as it is before it is compressed.
            headers: of this request, beside those of all.

        Raises:
            CommError: the server is not there, refuses, or is busy for too long.
        """
        packed = gzip.compress(body, compresslevel=5, mtime=0)
        told = {**self._headers, **headers, "Content-Encoding": "gzip"}
        for number in range(1, _TRIES + 1):
            wait_s = _FIRST_WAIT_S * 2 ** (number - 1)
            try:
                answer, asked_s = self._ask(path, packed, told)
            # A host that no name can be is a UnicodeError.
            except (OSError, http.client.HTTPException, UnicodeError) as error:
                self._connection.close()
                fault = self._fault_of(error)
                # Where nobody ever listened, nobody will in a minute; a bad certificate stays bad.
                if not self._answered or isinstance(error, ssl.SSLError):
                    raise CommError(self._failed(fault), error) from None
            else:
                if isinstance(answer, Answer):
                    return answer
                fault = answer
                wait_s = wait_s if asked_s is None else asked_s
                if wait_s > _LONGEST_WAIT_S:
                    fault = f"{fault}; it asks to be left alone for {wait_s:.0f} s"
                    break
            if number < _TRIES:
                self._pause(wait_s)
        raise CommError(self._failed(fault))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(
        self, path: str, packed: bytes, headers: Mapping[str, str]
    ) -> tuple[Answer | str, float | None]:
        """Return the answer; of a server that is busy what it says, and for how many seconds.

        Raises:
            CommError: it refuses.
        """
        if self._connection.sock is not None:  # less was left of it while the last answer came
            self._connection.sock.settimeout(self._timeout_s)
        self._connection.request("POST", self._address.path + path, packed, dict(headers))
        with self._connection.getresponse() as reply:
            body = reply.read(_ANSWER_BYTES)
            if reply.length and len(body) < _ANSWER_BYTES:
                raise http.client.IncompleteRead(body, reply.length)
            if reply.read(1):  # the rest of an endless answer is not waited for
                self._connection.close()
        self._answered = True
        self.requests += 1
        if reply.status // 100 == 2:  # noqa: PLR2004 - the class of success
            self.sent_bytes += len(packed)
            kind = reply.headers.get_content_type() if reply.headers.get("Content-Type") else ""
            return Answer(reply.status, _one_line(kind), body), None
        said = _one_line(body[: 4 * _SHOWN].decode("utf-8", "replace"))
        fault = f"it answered {reply.status} {_one_line(reply.reason)}{said and f': {said}'}"
        if reply.status not in _BUSY:
            raise CommError(self._failed(fault))
        return fault, _asked_s(reply.headers.get("Retry-After"))

    def _fault_of(self, error: Exception) -> str:
        said = _one_line(str(error)) or type(error).__name__
        if isinstance(error, TimeoutError):
            return f"no whole answer came within {self._timeout_s:g} s"
        if isinstance(error, http.client.IncompleteRead):
            return "its answer ended in the middle"
        if isinstance(error, http.client.HTTPException) and not isinstance(error, OSError):
            return f"what it answered is no HTTP ({said})"
        return f"it cannot be reached ({said})"

    def _failed(self, fault: str) -> str:
        return (
            f"The server did not take what was sent: {fault}. Check the address, what it needs "
            f"to let you in, and its log, and send again: {self.shown}"
        )


def _login(address: Address) -> dict[str, str]:
    if address.user is None:
        return {}
    pair = f"{address.user}:{address.password}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _asked_s(value: str | None) -> float | None:
    """Return the seconds of a `Retry-After`, which may be a date; None if it tells none."""
    if not value:
        return None
    try:
        if value.strip().isdecimal():
            return float(value)
        return max(parsedate_to_datetime(value).timestamp() - clock.now(), 0.0)
    except (ValueError, OverflowError):
        return None


def _one_line(said: str) -> str:
    """Return the beginning of what a server says, as one line that drives no terminal."""
    text = " ".join(said.split())
    readable = "".join(
        char for char in text if char.isprintable() and char != "\N{REPLACEMENT CHARACTER}"
    )
    return readable[:_SHOWN]
