"""Who may enter: our own account over loopback, and whoever shows this server's token.

Three proofs, tried in this order: the kernel names the account at the other end
(`peers.same_user`), the request carries `Authorization: Bearer <token>`, or it carries the
cookie that a one-time link was exchanged for. No state but unused one-time codes is kept: the
cookie is derived from the token, so both survive a restart; a server started without the token
file makes a new token, and the old ones are worth nothing.

A second token, derived from the first, is for sharing: who shows it may read and not change.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING

from tracklab.server import peers

if TYPE_CHECKING:
    from starlette.types import Scope

    from tracklab.server.tokens import TokenFile

__all__ = ["Access", "comes_over_tls"]

#: With one of these a proxy stands between: the socket's owner is the proxy, not the user.
_FORWARDED = re.compile(rb"via|.*forwarded.*|.*-(ip|ip-address|external-address)|x-envoy-.*")
_OVER_TLS = re.compile(rb"https\b.*|.*proto=\"?https\b.*", re.IGNORECASE)
_MAX_CODES = 16


class Access:
    """Decides whether the sender of a request may enter.

    Args:
        token: where this server's token is kept.
        insecure: everyone who reaches the port may enter.
        private_socket: connections without a network address come from a socket file that only
            our account can open.
    """

    def __init__(
        self, token: TokenFile, *, insecure: bool = False, private_socket: bool = False
    ) -> None:
        self._token = token
        self._insecure = insecure
        self._private_socket = private_socket
        self._codes: dict[str, bool] = {}  # whether each is for reading only

    def may_change(self, scope: Scope) -> bool:
        """Return whether the sender of this request or socket may do everything.

        Raises:
            OSError: neither account nor token can be looked up now; try again.
        """
        if self._insecure:
            return True
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if not any(_FORWARDED.fullmatch(name) for name, _ in headers) and self._same_account(scope):
            return True
        return self._shows(scope, self._token.read())

    def may_read(self, scope: Scope) -> bool:
        """Return whether the sender may read: it shows the token for that.

        Raises:
            OSError: as in `may_change`.
        """
        return self._shows(scope, self.read_token())

    def read_token(self) -> str:
        """Return the token for reading; it changes with the server's own."""
        key = self._token.read().encode()
        return f"read-{hmac.new(key, b'read-only', hashlib.sha256).hexdigest()}"

    def new_code(self, *, read_only: bool = False) -> str:
        """Return a fresh code that `exchange` takes once; only the newest 16 stay valid."""
        code = secrets.token_urlsafe(24)
        kept = list(self._codes.items())[-_MAX_CODES + 1 :]
        self._codes = {**dict(kept), code: read_only}
        return code

    def token_hint(self) -> str:
        """Return one sentence on where the token is; the token itself if no file holds it."""
        token = self._token
        if token.kept:
            return f"programs send 'Authorization: Bearer TOKEN' with the token in {token.path}"
        return f"programs send 'Authorization: Bearer {token.read()}' until this server ends"

    def exchange(self, code: str, *, secure: bool) -> str | None:
        """Return the `Set-Cookie` value that `code` buys, None when it buys nothing (any more).

        Args:
            code: from `new_code`.
            secure: the request came over TLS, so the cookie must, too.

        Raises:
            OSError: as in `may_change`.
        """
        known = [one for one in self._codes if _equal(one, code)]
        if not known:
            return None
        read_only = self._codes.pop(known[0])
        name, value = self._cookie(self.read_token() if read_only else self._token.read())
        flags = "; Secure" if secure else ""
        return f"{name}={value}; Path=/; HttpOnly; SameSite=Strict{flags}"

    def _same_account(self, scope: Scope) -> bool:
        client, server = scope.get("client"), scope.get("server")
        if server is None:
            return False
        if not client:
            return self._private_socket and server[1] is None
        return server[1] is not None and peers.same_user(
            (client[0], client[1]), (server[0], server[1])
        )

    def _shows(self, scope: Scope, token: str) -> bool:
        return any(
            (name == b"authorization" and _is_bearer(value, token))
            or (name == b"cookie" and self._is_ours(value, token))
            for name, value in scope["headers"]
        )

    def _is_ours(self, header: bytes, token: str) -> bool:
        # Split by hand: the library gives up at the first cookie that it finds odd, and every
        # program on this host can set one.
        ours = "=".join(self._cookie(token))
        return any(_equal(one.strip(), ours) for one in header.decode("latin-1").split(";"))

    def _cookie(self, token: str) -> tuple[str, str]:
        """Return name and value of the cookie that stands for a token.

        The name carries an instance id: browsers ignore ports, so two servers of one host
        would overwrite each other's cookie otherwise.
        """
        instance = hashlib.sha256(b"instance:" + self._token.read().encode()).hexdigest()[:12]
        value = hmac.new(token.encode(), b"cookie", hashlib.sha256).hexdigest()
        return f"tracklab-{instance}", value


def comes_over_tls(scope: Scope) -> bool:
    """Return whether the sender's own end of a request is https, as far as a proxy says so."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    told = (value for name, value in headers if name in {b"x-forwarded-proto", b"forwarded"})
    return scope["scheme"] == "https" or any(_OVER_TLS.fullmatch(value) for value in told)


def _is_bearer(header: bytes, token: str) -> bool:
    scheme, _, secret = header.decode("latin-1").partition(" ")
    return scheme.lower() == "bearer" and _equal(secret.strip(), token)


def _equal(given: str, expected: str) -> bool:
    """Compare in constant time: an early exit would tell how much of a guess is right."""
    return hmac.compare_digest(given.encode(), expected.encode())
