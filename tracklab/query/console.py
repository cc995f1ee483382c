r"""Captured console text, line by line, as a terminal would show it.

A progress bar writes many times over one line with carriage returns; a reader sees the last
state only. Colour codes stay in the text.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tracklab.query.engine import ConsoleLine, ConsolePage
from tracklab.storage.reading import open_regular

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

__all__ = ["read_console"]

_MAX_BYTES = 4 << 20
_BACKWARD_BYTES = 1 << 18


def read_console(run_dir: Path, stream: str, *, offset: int, limit: int, tail: bool) -> ConsolePage:
    """Return console lines; see `Engine.logs`. A run without captured text has none.

    Cost: reads at most 4 MiB.
    """
    try:
        with open(_open(run_dir, stream), "rb", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            start = _tail_start(file, size, limit) if tail else min(max(offset, 0), size)
            file.seek(start)
            data = file.read(min(_MAX_BYTES, size - start))
    except OSError:
        return ConsolePage([], 0, 0, 0)
    return _page(data, start, limit, size)


def _open(run_dir: Path, stream: str) -> int:
    directory = run_dir / "logs"
    if directory.is_symlink():
        raise OSError("logs is a link")
    return open_regular(directory / f"{stream}.log")


def _tail_start(file: FileIO, size: int, limit: int) -> int:
    """Return where the last `limit` lines begin, counting an unfinished one; within 4 MiB."""
    lowest, at, data = max(0, size - _MAX_BYTES), size, b""
    # The break that ends the last line separates nothing, so the search ends before it.
    while at > lowest and data.count(b"\n", 0, max(len(data) - 1, 0)) < limit:
        start = max(lowest, at - _BACKWARD_BYTES)
        file.seek(start)
        data, at = file.read(at - start) + data, start
    end = max(len(data) - 1, 0)
    for _ in range(limit):
        end = data.rfind(b"\n", 0, end)
        if end < 0:  # all there is, or all that may be read: then without its cut first line
            return at + data.find(b"\n") + 1 if at else 0
    return at + end + 1


def _page(data: bytes, start: int, limit: int, size: int) -> ConsolePage:
    lines: list[ConsoleLine] = []
    at = start
    *whole, rest = data.split(b"\n")
    for text in whole[:limit]:
        lines.append(ConsoleLine(at, _shown(text)))
        at += len(text) + 1
    if rest and len(lines) < limit:
        lines.append(ConsoleLine(at, _shown(rest)))
        if not whole and len(data) == _MAX_BYTES:
            at += len(rest)  # longer than we read at once: go on behind it, or never
    return ConsolePage(lines, start, at, size)


def _shown(text: bytes) -> str:
    shown = text.rstrip(b"\r").rpartition(b"\r")[2]
    return shown.decode("utf-8", "replace")
