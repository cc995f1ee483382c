"""Files of a run, and nothing else on this machine: one way to open them, for every route.

A path from outside is taken as a list of names. Each directory is opened below the one before,
links refused, so there is no moment between checking a path and using it in which somebody
could swap a part of it. What is sent is the descriptor that was checked, never a path.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from tracklab.errors import NotFoundError, QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

__all__ = ["SANDBOX_PAGE", "FileReply", "list_files", "media_type", "open_regular"]

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a named pipe would wait for a writer, before fstat can refuse it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK_BYTES = 256 * 1024
_MAX_DEPTH = 32
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")

#: Our own table: the system's would let a foreign entry turn data into a document.
_TYPES = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "css": "text/plain",
    "csv": "text/csv",
    "flac": "audio/flac",
    "gif": "image/gif",
    "gz": "application/gzip",
    "htm": "text/html",
    "html": "text/html",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/plain",
    "json": "application/json",
    "jsonl": "text/plain",
    "log": "text/plain",
    "m4a": "audio/mp4",
    "md": "text/plain",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "npy": "application/octet-stream",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "py": "text/plain",
    "svg": "image/svg+xml",
    "toml": "text/plain",
    "txt": "text/plain",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "yaml": "text/plain",
    "yml": "text/plain",
    "zip": "application/zip",
}

_SANDBOX = "sandbox; frame-ancestors 'self'"
#: A saved page may run its own scripts, in an origin of its own and without any network.
SANDBOX_PAGE = (
    "sandbox allow-scripts; default-src 'none'; "
    "script-src 'unsafe-inline' 'unsafe-eval' data: blob:; style-src 'unsafe-inline' data:; "
    "img-src data: blob:; media-src data: blob:; font-src data:; frame-ancestors 'self'"
)


def media_type(name: str) -> str:
    """Return the content type for a file name; bytes for an ending that we do not know."""
    ending = PurePosixPath(name).suffix.removeprefix(".").lower()
    return _TYPES.get(ending, "application/octet-stream")


def open_regular(directory: Path, path: str) -> int:
    """Return a descriptor, for reading, of the regular file `path` below `directory`.

    Args:
        directory: where to start; trusted.
        path: names with `/` between them, already decoded; not trusted.

    Raises:
        QueryError: a name is empty, `.`, `..`, or holds a separator or NUL.
        NotFoundError: there is no such file, or a link, pipe or device in its place.
    """
    *folders, name = _names(path)
    try:
        below = os.open(directory, _DIRECTORY)
        try:
            for folder in folders:
                inner = os.open(folder, _DIRECTORY, dir_fd=below)
                os.close(below)
                below = inner
            file = os.open(name, _FILE, dir_fd=below)
        finally:
            os.close(below)
    except OSError:
        raise NotFoundError(_MISSING) from None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise NotFoundError(_MISSING)
    return file


_MISSING = "This run has no such file. GET /api/runs/{run}/files lists what it has."


def _names(path: str) -> list[str]:
    names = path.split("/")
    if any(name in {"", ".", ".."} or "\\" in name or "\0" in name for name in names):
        raise QueryError(
            "A file is named by the path that GET /api/runs/{run}/files lists: names with one "
            "slash between them, no '.', '..' or backslash."
        )
    return names


def list_files(directory: Path, *, limit: int) -> list[dict[str, Any]]:
    """Return path, size and age of the regular files below `directory`, sorted by path.

    Links are neither listed nor followed. Stops at `limit` files and 32 levels.

    Cost: one `lstat` for each file.
    """
    found: list[dict[str, Any]] = []
    for entry, path in _walk(directory, "", 0):
        if len(found) >= limit:
            break
        status = entry.stat(follow_symlinks=False)
        found.append({"path": path, "size": status.st_size, "modified": status.st_mtime})
    return sorted(found, key=lambda file: file["path"])


def _walk(directory: Path | str, prefix: str, depth: int) -> Iterator[tuple[os.DirEntry[str], str]]:
    try:
        with os.scandir(directory) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = prefix + entry.name
        if entry.is_dir(follow_symlinks=False) and depth < _MAX_DEPTH:
            yield from _walk(entry.path, path + "/", depth + 1)
        elif entry.is_file(follow_symlinks=False):
            yield entry, path


class FileReply(Response):
    """An open file as a reply: a download that no browser runs, with single byte ranges.

    Args:
        file: descriptor of a regular file; closed when the reply has been sent or given up.
        name: its name, for content type and download.
        span: the request's Range header, or None.
        inline: show instead of download; HTML then gets its own closed-off origin.
    """

    def __init__(self, file: int, name: str, *, span: str | None, inline: bool) -> None:
        size = os.fstat(file).st_size
        self._file = file
        self._first, self._last, status = _span(span, size)
        kind = media_type(name)
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        page = inline and kind in {"text/html", "image/svg+xml"}
        way = "inline" if inline else "attachment"
        headers = {
            "Content-Type": kind + charset,
            "Content-Length": str(self._last - self._first),
            "Content-Disposition": f"{way}; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": SANDBOX_PAGE if page else _SANDBOX,
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-cache",
        }
        if status == _PARTIAL:
            headers["Content-Range"] = f"bytes {self._first}-{self._last - 1}/{size}"
        super().__init__(status_code=status, headers=headers)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the bytes that were there when the reply began; a growing file is cut there."""
        try:
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **start})
            at = self._first
            while at < self._last:
                want = min(_CHUNK_BYTES, self._last - at)
                data = await run_in_threadpool(os.pread, self._file, want, at)
                if not data:
                    break  # somebody has shortened it: the length tells the client
                at += len(data)
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            os.close(self._file)


_PARTIAL = 206


def _span(header: str | None, size: int) -> tuple[int, int, int]:
    """Return first byte, byte after the last, and status for a Range header.

    Anything but one satisfiable range gets the whole file, as RFC 9110 §14.2 allows.
    """
    match = _RANGE.fullmatch(header or "")
    if match is None or not size or match.group(1, 2) == ("", ""):
        return 0, size, 200
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    return (start, end, _PARTIAL) if start < end else (0, size, 200)
