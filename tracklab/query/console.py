r"""Captured console text, line by line, as a terminal would show it.

A progress bar writes many times over one line with carriage returns; a reader sees the last
state only. Colour codes stay in the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tracklab.query.answers.text import ConsoleLine, ConsolePage
from tracklab.storage.console import parts, places
from tracklab.storage.reading import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.storage.console import Part

__all__ = ["read_console"]

_MAX_BYTES = 4 << 20
_TAIL_BYTES = 1 << 18


class _Piece(NamedTuple):
    """Bytes that stand together, and where in the text they begin."""

    start: int
    data: bytes


class _Line(NamedTuple):
    """One line: where it begins, what it says, and where the next one begins."""

    start: int
    text: bytes
    end: int


def read_console(
    run_dir: Path, stream: str, *, offset: int, limit: int, tail: bool, rank: int = 0
) -> ConsolePage:
    """Return console lines; see `Engine.logs`. A run without captured text has none.

    Cost: reads at most 4 MiB, and a quarter of a MiB more for a tail.
    """
    ranks = places(run_dir)
    found = parts(ranks[rank], stream) if rank in ranks else []
    size = found[-1].start + found[-1].size if found else 0
    if tail:
        lines = _last_lines(found, limit, size)
        start = lines[0].start if lines else size
    else:
        start = min(max(offset, 0), size)
        pieces = _pieces(found, start, _MAX_BYTES)
        start = pieces[0].start if pieces else start
        lines = list(_lines(pieces, size))[:limit]
    following = lines[-1].end if lines else start
    return ConsolePage(
        [ConsoleLine(line.start, _shown(line.text)) for line in lines], start, following, size,
        list(ranks),
    )  # fmt: skip


def _last_lines(found: list[Part], limit: int, size: int) -> list[_Line]:
    """Return the last `limit` lines, counting an unfinished one; within 4 MiB."""
    lines: list[_Line] = []
    for most in (_TAIL_BYTES, _MAX_BYTES):
        start = _start_of_last(found, min(most, _MAX_BYTES))
        lines = list(_lines(_pieces(found, start, most), size))
        if len(lines) > 1 and any(part.start < start <= part.start + part.size for part in found):
            del lines[0]  # it is cut
        if len(lines) >= limit or not found or start == found[0].start:
            break
    return lines[-limit:]


def _start_of_last(found: list[Part], most: int) -> int:
    """Return where the last `most` bytes begin that are there."""
    start = 0
    for part in reversed(found):
        start = part.start + max(part.size - most, 0)
        most -= part.size
        if most <= 0:
            break
    return start


def _pieces(found: list[Part], start: int, most: int) -> list[_Piece]:
    """Return up to `most` bytes from `start` on, as pieces between which text is left out."""
    pieces: list[_Piece] = []
    for part in found:
        begin = max(start, part.start)
        data = _bytes(part, begin - part.start, min(most, part.start + part.size - begin))
        most -= len(data)
        if data and pieces and pieces[-1].start + len(pieces[-1].data) == begin:
            pieces[-1] = _Piece(pieces[-1].start, pieces[-1].data + data)
        elif data:
            pieces.append(_Piece(begin, data))
    return pieces


def _bytes(part: Part, offset: int, size: int) -> bytes:
    if size <= 0:
        return b""
    try:
        with open(open_regular(part.path), "rb", buffering=0) as file:
            file.seek(offset)
            return file.read(size)
    except OSError:  # it has gone meanwhile
        return b""


def _lines(pieces: list[_Piece], size: int) -> Iterator[_Line]:
    """Yield lines; one that may still grow ends where it begins, so that it is read again."""
    for piece in pieces:
        at = piece.start
        *whole, rest = piece.data.split(b"\n")
        for text in whole:
            yield _Line(at, text, at + len(text) + 1)
            at += len(text) + 1
        if rest:
            # Nothing joins what stands before a gap. A line longer than we read at once comes
            # in pieces, or we would never get behind it.
            done = piece is not pieces[-1] or (not whole and at + len(rest) < size)
            yield _Line(at, rest, at + len(rest) if done else at)


def _shown(text: bytes) -> str:
    shown = text.rstrip(b"\r").rpartition(b"\r")[2]
    return shown.decode("utf-8", "replace")
