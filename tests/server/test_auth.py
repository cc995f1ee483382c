"""Who is let in, by the kernel's word, by token, and by cookie."""

from __future__ import annotations

import os
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.serving import no_descriptor_left
from tracklab.server import peers
from tracklab.server.auth import Access, comes_over_tls
from tracklab.server.tokens import TokenFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_table = pytest.mark.skipif(not peers.table_readable(), reason="no /proc/net/tcp here")
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another account")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Return a listening loopback socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def scope(client: Any, server: Any, **headers: str) -> dict[str, Any]:
    """Return the part of an ASGI scope that matters for access."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": client, "server": server, "headers": raw}


@needs_table
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_our_own_account_is_let_in(root: Path, host: str) -> None:
    """A connection that this account opened needs no secret."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.create_server((host, 0), family=family) as server,
        socket.create_connection(server.getsockname()[:2]),
        server.accept()[0] as ours,
    ):
        addresses = ours.getpeername()[:2], ours.getsockname()[:2]
        assert Access(TokenFile(root)).may_change(scope(*addresses))


@needs_table
@pytest.mark.parametrize(
    "name",
    [
        "forwarded", "via", "x_forwarded_for", "x_forwarded_host", "x_forwarded_proto",
        "x_forwarded_port", "x_forwarded_prefix", "x_forwarded_server", "x_original_forwarded_for",
        "x_real_ip", "x_client_ip", "true_client_ip", "cf_connecting_ip", "x_cluster_client_ip",
        "x_proxyuser_ip", "fastly_client_ip", "x_envoy_external_address", "x_envoy_peer_metadata",
    ],
)  # fmt: skip
def test_what_a_proxy_adds_is_no_proof(root: Path, listener: socket.socket, name: str) -> None:
    """The account at the other end is that of the proxy, whoever asked it."""
    with socket.create_connection(listener.getsockname()), listener.accept()[0] as ours:
        addresses = ours.getpeername(), ours.getsockname()
        access = Access(TokenFile(root))
        assert access.may_change(scope(*addresses, accept="*/*", x_request_id="1"))
        assert not access.may_change(scope(*addresses, **{name: "::1"}))


@needs_table
def test_an_old_address_written_as_a_new_one_is_recognised() -> None:
    """A server for both protocols sees 127.0.0.1 as ::ffff:127.0.0.1."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0] as ours:
            assert ours.getpeername()[0] == "::ffff:127.0.0.1"
            assert peers.same_user(ours.getpeername()[:2], ours.getsockname()[:2])


@needs_table
def test_a_closed_connection_proves_nothing(listener: socket.socket) -> None:
    """When the client is gone, its port may be anybody's."""
    client = socket.create_connection(listener.getsockname())
    with listener.accept()[0] as ours:
        addresses = ours.getpeername(), ours.getsockname()
        assert peers.same_user(*addresses)
        client.close()
        assert not peers.same_user(*addresses)


@needs_table
@needs_root
def test_another_account_is_not_let_in(root: Path, listener: socket.socket) -> None:
    """The kernel names the other account; with the token it may come in."""
    code = f"exec 3<>/dev/tcp/127.0.0.1/{listener.getsockname()[1]}; read -u 3"
    client = subprocess.Popen(["/bin/bash", "-c", code], user=12345, group=12345)
    with client, listener.accept()[0] as ours:
        addresses = ours.getpeername(), ours.getsockname()
        access = Access(TokenFile(root))
        bearer = f"Bearer {TokenFile(root).read()}"
        assert peers.peer_uid(*addresses) == 12345
        assert not access.may_change(scope(*addresses))
        assert access.may_change(scope(*addresses, authorization=bearer))


def test_a_peer_outside_the_machine_needs_the_token(root: Path) -> None:
    """An address that is not loopback is never looked up."""
    access = Access(TokenFile(root))
    asked = scope(("192.0.2.1", 5000), ("192.0.2.2", 8000))
    assert not access.may_change(asked)
    assert not access.may_change({**asked, "headers": [(b"authorization", b"Bearer wrong")]})


def test_a_private_socket_file_lets_in(root: Path) -> None:
    """Who opens a socket file of mode 0600 is this account; elsewhere no address proves nothing."""
    asked = scope(None, ("/run/tracklab.sock", None))
    assert Access(TokenFile(root), private_socket=True).may_change(asked)
    assert not Access(TokenFile(root)).may_change(asked)


def test_a_code_buys_the_cookie_once(root: Path) -> None:
    """The link works once; the cookie keeps working, also after a restart."""
    access = Access(TokenFile(root))
    code = access.new_code()
    cookie = access.exchange(code, secure=False)
    assert cookie is not None
    assert "HttpOnly; SameSite=Strict" in cookie
    assert access.exchange(code, secure=False) is None
    value = f'odd={{"a": 1}}; {cookie.split(";")[0]}'
    restarted = Access(TokenFile(root))
    assert restarted.may_change(scope(("192.0.2.1", 1), ("192.0.2.2", 2), cookie=value))


def test_a_cookie_of_another_server_is_worth_nothing(root: Path, tmp_path: Path) -> None:
    """Cookies ignore ports, so each server's has a name of its own."""
    other = tmp_path / "other"
    other.mkdir()
    foreign = Access(TokenFile(other))
    cookie = foreign.exchange(foreign.new_code(), secure=True) or ""
    access = Access(TokenFile(root))
    asked = scope(("192.0.2.1", 1), ("192.0.2.2", 2), cookie=cookie.split(";")[0])
    assert not access.may_change(asked)
    assert cookie.endswith("; Secure")


@pytest.mark.parametrize(
    ("headers", "secure"),
    [
        ({}, False),
        ({"x_forwarded_proto": "http"}, False),
        ({"x_forwarded_proto": "https"}, True),
        ({"x_forwarded_proto": "https, http"}, True),
        ({"forwarded": "for=192.0.2.1;proto=https;host=runs.example.org"}, True),
        ({"forwarded": "for=192.0.2.1;proto=http"}, False),
    ],
)
def test_a_proxy_tells_that_it_does_tls(headers: dict[str, str], *, secure: bool) -> None:
    """Then the cookie must never go over anything else."""
    asked = scope(("127.0.0.1", 1), ("127.0.0.1", 2), **headers)
    assert comes_over_tls(asked | {"scheme": "http"}) is secure
    assert comes_over_tls(asked | {"scheme": "https"})


def test_only_the_newest_codes_stay_valid(root: Path) -> None:
    """Codes that nobody uses do not pile up."""
    access = Access(TokenFile(root))
    codes = [access.new_code() for _ in range(20)]
    assert access.exchange(codes[0], secure=False) is None
    assert access.exchange(codes[-1], secure=False) is not None


def test_the_token_is_kept_in_a_private_file(root: Path) -> None:
    """Two servers of one directory share the token, which only its owner can read."""
    token = TokenFile(root)
    assert token.kept
    assert token.path.stat().st_mode & 0o777 == 0o600
    assert TokenFile(root).read() == token.read() == token.path.read_text().strip()
    assert [path.name for path in token.path.parent.iterdir()] == ["server-token"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606])
def test_a_token_that_others_can_read_is_not_trusted(
    root: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A token in memory takes its place, the log tells it, and the file is left alone."""
    path = TokenFile(root).path
    path.parent.mkdir()
    path.write_text("planted")
    path.chmod(mode)
    token = TokenFile(root)
    assert not token.kept
    assert token.read() != "planted"
    assert str(path) in caplog.text


@pytest.mark.parametrize("known", [True, False])
def test_a_fault_that_passes_changes_no_token(root: Path, *, known: bool) -> None:
    """The first look fails for want of a descriptor; the next one finds what people know."""
    before = TokenFile(root).read() if known else None
    token = TokenFile(root)
    with no_descriptor_left(), pytest.raises(OSError, match="Too many open files"):
        token.read()
    assert token.kept
    assert token.read() == TokenFile(root).read()
    assert before in {None, token.read()}


def test_a_token_behind_a_link_is_not_trusted(root: Path, tmp_path: Path) -> None:
    """A link planted in place of the file or its directory leads nowhere."""
    secret = tmp_path / "secret"
    secret.write_text("planted")
    secret.chmod(0o600)
    token = TokenFile(root)
    token.path.parent.mkdir()
    token.path.symlink_to(secret)
    assert (token.kept, token.read() != "planted") == (False, True)


def test_the_token_for_reading_changes_nothing(root: Path) -> None:
    """It is known again after a restart, and ends with the server's own token."""
    access = Access(TokenFile(root))
    asked = scope(("192.0.2.1", 1), ("192.0.2.2", 2), authorization=f"Bearer {access.read_token()}")
    assert (access.may_read(asked), access.may_change(asked)) == (True, False)
    assert Access(TokenFile(root)).may_read(asked)
    TokenFile(root).path.unlink()
    assert not Access(TokenFile(root)).may_read(asked)


def test_a_code_may_be_for_reading_only(root: Path) -> None:
    """The browser that it lets in may read."""
    access = Access(TokenFile(root))
    cookie = access.exchange(access.new_code(read_only=True), secure=False) or ""
    asked = scope(("192.0.2.1", 1), ("192.0.2.2", 2), cookie=cookie.split(";")[0])
    assert (access.may_read(asked), access.may_change(asked)) == (True, False)
