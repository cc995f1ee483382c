"""The UI's files, its one page with a nonce, and what is said when it is not built."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request

from tracklab.server import pages
from tracklab.server.guard import csp
from tracklab.server.problems import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.responses import Response

    from tests.server.serving import Client

INDEX = '<meta property="csp-nonce" content="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style>'


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """Return a folder with a small built UI."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "assets" / "app-1a2b.js").write_text("start()")
    (folder / "assets" / "app-1a2b.js.gz").write_bytes(gzip.compress(b"start()"))
    (folder / "favicon.svg").write_text("<svg/>")
    return folder


def asset(static: Path, path: str, encoding: str = "") -> Response | None:
    """Ask for one file of the UI."""
    headers = [(b"accept-encoding", encoding.encode())]
    return pages.asset(Request({"type": "http", "headers": headers}), path, static)


def test_the_page_carries_a_fresh_nonce(static: Path) -> None:
    """Nonce and policy agree, change with each reply, and nobody stores the page."""
    replies = [pages.index(static) for _ in range(2)]
    nonces = [re.findall(rb'(?:content|nonce)="([^"]+)"', bytes(one.body)) for one in replies]
    assert len({*map(tuple, nonces)}) == 2
    for reply, (meta, style) in zip(replies, nonces, strict=True):
        assert meta == style
        assert reply.headers["content-security-policy"] == csp(meta.decode())
        assert reply.headers["cache-control"] == "no-store"


def test_hashed_files_are_kept_for_ever_and_sent_packed(static: Path) -> None:
    """A browser that takes gzip gets the packed twin, another the plain file."""
    plain, packed = (
        asset(static, "assets/app-1a2b.js"),
        asset(static, "assets/app-1a2b.js", "br, gzip"),
    )
    assert plain is not None
    assert packed is not None
    assert (plain.body, gzip.decompress(bytes(packed.body))) == (b"start()", b"start()")
    assert packed.headers["content-encoding"] == "gzip"
    assert "immutable" in packed.headers["cache-control"]
    assert packed.headers["content-type"] == "text/javascript; charset=utf-8"


def test_other_files_are_kept_briefly(static: Path) -> None:
    """A name without a hash may mean something else tomorrow."""
    reply = asset(static, "favicon.svg")
    assert reply is not None
    assert "immutable" not in reply.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["", "p/vision", "p/a.b/r/x", "system", "p/x/r/model.js", "../pages.js"]
)
def test_the_addresses_of_the_ui_are_its_own(static: Path, path: str) -> None:
    """What is no file is resolved by the page in the browser."""
    assert asset(static, path) is None


@pytest.mark.parametrize(
    "path", ["assets/gone.js", "gone.js", "assets/../../x.css", "assets//b.js"]
)
def test_a_missing_file_is_no_page(static: Path, path: str) -> None:
    """A script that is gone must not become HTML."""
    with pytest.raises(RefusedError) as refused:
        asset(static, path)
    assert refused.value.problem.status == 404


def test_without_a_build_the_page_names_the_command(tmp_path: Path) -> None:
    """The API runs; the page says how to get the UI."""
    reply = pages.index(tmp_path)
    assert b"make frontend" in bytes(reply.body)
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/p/vision", "/p/my%2Fproject/r/x/charts", "/settings"])
def test_every_other_address_is_the_page(client: Client, path: str) -> None:
    """A link into the UI works on a fresh browser."""
    reply = client.get(path)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/none", "/api/none/x.js"])
def test_api_addresses_never_are(client: Client, path: str) -> None:
    """A wrong API address is an error, not a page."""
    assert client.get(path).status_code == 404


def test_the_page_never_holds_what_was_asked(client: Client) -> None:
    """Nothing from the address ends up in HTML."""
    assert "<script>" not in client.get("/p/<script>alert(1)</script>").text
