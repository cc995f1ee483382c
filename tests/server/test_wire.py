"""Requests as raw bytes: clients tidy up paths and headers before they send them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.server.serving import ADDRESS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

FILES = f"/api/runs/{ADDRESS}/files/"


def send(port: int, target: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    """Send one request exactly as given; return everything that comes back."""
    lines = [f"{method} {target} HTTP/1.1", *(headers or (f"Host: localhost:{port}",))]
    text = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text + body)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_plain_request_works(port: int) -> None:
    """The attacks below fail for their own reasons."""
    reply = send(port, f"{FILES}files/note.txt")
    assert reply.startswith(b"HTTP/1.1 200")
    assert reply.endswith(b"hello")


@pytest.mark.parametrize("target", ["/", "/api/projects", f"{FILES}files/note.txt"])
def test_what_can_be_read_can_be_asked_about(port: int, target: str) -> None:
    """HEAD answers like GET, without the body."""
    asked = send(port, target, method="HEAD").partition(b"\r\n\r\n")
    read = send(port, target).partition(b"\r\n\r\n")
    assert asked[0].splitlines()[0] == read[0].splitlines()[0] == b"HTTP/1.1 200 OK"
    assert (asked[2], bool(read[2])) == (b"", True)


@pytest.mark.parametrize(
    "path",
    [
        "../../../secret", "..%2f..%2f..%2fsecret", "%2e%2e/%2e%2e/%2e%2e/secret",
        "files/../../../../secret", "files/%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret",
        "%2fetc%2fpasswd", "/etc/passwd", "//etc/passwd", "..\\..\\..\\secret",
        "..%5c..%5c..%5csecret", "%252e%252e/secret", "files/note.txt%00.png", "files/note.txt/",
        ".../secret", "%c0%ae%c0%ae/secret", "files/link", "files/up/secret", "run.lock/../../x",
    ],
)  # fmt: skip
def test_no_spelling_of_a_path_leaves_the_run(port: int, root: Path, run: Path, path: str) -> None:
    """Traversal in every encoding, absolute paths, NUL, and links inside the run."""
    (root.parent / "secret").write_text("top secret")
    (run / "files" / "link").symlink_to(root.parent / "secret")
    (run / "files" / "up").symlink_to(root.parent)
    reply = send(port, FILES + path)
    assert reply.split(b" ")[1] in {b"400", b"404"}
    assert b"top secret" not in reply
    assert b"root:" not in reply


@pytest.mark.parametrize(
    "target",
    [
        f"/api/runs/..%2f{ADDRESS}/files/files/note.txt", "/api/runs/../../../etc/files/passwd",
        "/api/runs/.tracklab/trash/files/x", "/assets/../app.py", "/assets/%2e%2e/app.py",
        "/%2e%2e/app.py", "/..%2fapp.py",
    ],
)  # fmt: skip
def test_no_other_part_of_an_address_leads_out_either(port: int, target: str) -> None:
    """The run's address and the UI's own files follow the same rule."""
    reply = send(port, target)
    assert reply.split(b" ")[1] in {b"200", b"400", b"404"}
    assert b"create_app" not in reply
    assert b"hello" not in reply


@pytest.mark.parametrize(
    "headers",
    [
        ("Host: localhost", "Host: localhost"),
        ("Host: localhost", "host: evil.example"),
        ("Host: localhost, evil.example",),
        ("Host: evil.example",),
        ("X-Forwarded-Host: localhost",),
    ],
)
def test_no_pair_of_hosts_gets_through(port: int, headers: tuple[str, ...]) -> None:
    """Parser and guard between them refuse whatever does not name us once."""
    assert send(port, "/api/self", *headers).split(b" ")[1] in {b"400", b"421"}


def test_endless_headers_are_not_collected(port: int) -> None:
    """The parser gives up long before memory is at stake."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        reply = b""
        try:
            for _ in range(64):
                connection.sendall(b"x" * 65536)
            reply = connection.recv(65536)
        except ConnectionError:
            reply = b"HTTP/1.1 400"
    assert reply.split(b" ")[1] == b"400"


def test_an_endless_body_is_cut_off(port: int) -> None:
    """A chunked body of more than 10 MiB gets its refusal while it is still coming."""
    kind = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    # Not one byte more than it takes: a server that closes with unread bytes resets the line.
    body = chunk * 10 + b"1\r\nx\r\n"
    reply = send(port, "/api/series", f"Host: localhost:{port}", *kind, method="POST", body=body)
    assert reply.split(b" ")[1] == b"413"
