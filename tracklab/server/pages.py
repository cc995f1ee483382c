"""The built UI, as files of this package: everything a browser loads comes from here.

`index.html` differs with each reply, because it carries the nonce that its styles need; every
other file has a hash in its name and never changes.
"""

from __future__ import annotations

import html
import secrets
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from tracklab.errors import NotFoundError
from tracklab.server.files import open_regular
from tracklab.server.guard import csp
from tracklab.server.problems import RefusedError

if TYPE_CHECKING:
    from fastapi import Request

__all__ = ["STATIC", "asset", "built", "index", "page"]

STATIC = Path(__file__).parent / "static"

_NONCE_MARK = "__CSP_NONCE__"
_MAX_BYTES = 16 * 1024 * 1024
_FOREVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=3600"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ico": "image/x-icon",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "map": "application/json",
    "mjs": "text/javascript; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "wasm": "application/wasm",
    "webmanifest": "application/manifest+json",
    "woff2": "font/woff2",
}
_NOT_BUILT = """<p>The API is running, but this copy of TrackLab holds no web UI.</p>
<p>In a source checkout, build it with <code>make frontend</code>, then reload this page.</p>
<p><a href="docs">All routes of the API</a></p>"""


def built(static: Path = STATIC) -> bool:
    """Return whether the UI is there."""
    return (static / "index.html").is_file()


def index(static: Path = STATIC) -> Response:
    """Return the UI's one page with a fresh nonce, or a plain page that says how to build it."""
    if not built(static):
        return page("The UI is not built", _NOT_BUILT)
    nonce = secrets.token_urlsafe(16)
    text = (static / "index.html").read_text(encoding="utf-8").replace(_NONCE_MARK, nonce)
    return _html(text, nonce)


def page(title: str, body: str) -> Response:
    """Return a small page of ours; `body` is HTML that holds nothing from outside unescaped."""
    nonce = secrets.token_urlsafe(16)
    return _html(_PAGE.format(title=html.escape(title), nonce=nonce, body=body), nonce)


def asset(request: Request, path: str, static: Path = STATIC) -> Response | None:
    """Return a file of the built UI, gzipped where a twin exists and is welcome; else None.

    None means that the path is one of the UI's own addresses, which the browser resolves.

    Raises:
        RefusedError: 404 for a file that is missing, which must not become a page.
    """
    hashed = path.startswith("assets/")
    kind = _TYPES.get(PurePosixPath(path).suffix.removeprefix(".").lower())
    # A run may be called `model.js`; its page lies below other folders.
    if kind is None or ("/" in path and not hashed):
        return None
    headers = {
        "Content-Type": kind,
        # The build puts hashed names under assets/ and keeps the others at the top.
        "Cache-Control": _FOREVER if hashed else _BRIEFLY,
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        packed = _read(static, path + ".gz")
        if packed is not None:
            return Response(packed, headers=headers | {"Content-Encoding": "gzip"})
    data = _read(static, path)
    if data is None:
        raise RefusedError(404, "The UI has no such file. Reload the page.")
    return Response(data, headers=headers)


def _read(static: Path, path: str) -> bytes | None:
    try:
        file = open_regular(static, path)
    except (NotFoundError, ValueError):
        return None
    with open(file, "rb") as opened:
        return opened.read(_MAX_BYTES)


def _html(text: str, nonce: str) -> Response:
    headers = {"Content-Security-Policy": csp(nonce), "Cache-Control": "no-store"}
    return HTMLResponse(text, headers=headers)


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - TrackLab</title>
<style nonce="{nonce}">
:root {{ color-scheme: light dark; }}
body {{ font: 14px/20px system-ui, sans-serif; margin: 32px auto; max-width: 860px;
  padding: 0 16px; }}
h1 {{ font-size: 20px; }} h2 {{ font-size: 15px; margin-top: 28px; }}
code {{ font-family: ui-monospace, monospace; }}
dt {{ border-top: 1px solid #8884; padding-top: 8px; margin-top: 8px; }}
dd {{ margin: 0 0 4px 16px; }}
</style>
<h1>{title}</h1>
{body}
"""
