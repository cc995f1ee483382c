r"""Segments as readers see them: whole lines from an offset, whatever a crash left behind.

The promises: memory stays within a block however long the file is; a last line without its line
break is not yet there and will be found by the next reading; runs of NUL bytes and lines beyond
the read limit are skipped and counted once; a file that cannot be read says so and raises
nothing. Only regular files are opened, and links are not followed.

A compressed segment is read by its plain name: where the plain file is missing, the compressed
one beside it is opened, and offsets are those of the plain content.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from io import FileIO
from typing import TYPE_CHECKING, Final

from tracklab.storage.layout import FORMATS, packed_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.storage.compression import Unpacked

__all__ = [
    "BLOCK_BYTES",
    "MAX_LINE_BYTES",
    "Reading",
    "line_start",
    "open_regular",
    "open_segment",
    "segment_file",
    "segment_size",
]

#: Bytes read at once: what is made of them should fit the processor's cache.
BLOCK_BYTES: Final = 1 << 18
#: A longer line is skipped without being held in memory.
MAX_LINE_BYTES: Final = 1 << 20

# NONBLOCK: a pipe of a segment's name must not stop the reader. NOFOLLOW: nor a link mislead it.
_FLAGS: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_BACKWARD_BYTES: Final = 1 << 16
_NULS = re.compile(rb"\0+")
_BETWEEN_NULS = re.compile(rb"[^\0\n]+")


class Reading:
    """One pass over a segment.

    Args:
        path: the segment.
        start: byte offset where a line starts.
        until: byte offset to stop at, so that a file that grows meanwhile has an end; None for
            the end of the file, wherever that is by then.

    Attributes:
        end: just past the last line handed out or skipped: where the next reading starts.
        skipped: runs of NUL bytes and over-long lines met.
        fault: why the file, or the rest of it, could not be read; None if it could.
    """

    def __init__(self, path: Path, *, start: int = 0, until: int | None = None) -> None:
        self.path = path
        self._until = until
        self.end = start
        self.skipped = 0
        self.fault: OSError | None = None
        self._held = b""  # the beginning of a line whose end has not been read, from `end` on
        self._nuls_to = -1  # where the last run of NUL bytes ended, so far

    def lines(self) -> Iterator[tuple[int, bytes]]:
        r"""Yield each line with the offset it starts at, without its line break.

        Empty lines are left out: a writer ends a torn line with a line break of its own.
        """
        for offset, block in self.blocks():
            at = offset
            for line in block.split(b"\n"):
                if line and not line.isspace():
                    yield at, line
                at += len(line) + 1

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield whole lines, many at once, with the offset of the first; each ends a line.

        Cost: one read per 256 KiB; at most a block and one unfinished line in memory.
        """
        skipping_bytes = 0  # of an over-long line, read and thrown away so far
        for chunk in self._chunks():
            first = chunk.find(b"\n") + 1
            if skipping_bytes and not first:
                skipping_bytes += len(chunk)
                continue
            if skipping_bytes:
                # Counted only now: a line without an end is not yet a line.
                self.end += skipping_bytes + first
                self.skipped += 1
                chunk, skipping_bytes = chunk[first:], 0  # noqa: PLW2901 - the rest of it
            yield from self._whole(chunk)
            if len(self._held) > MAX_LINE_BYTES:
                skipping_bytes, self._held = len(self._held), b""

    def _chunks(self) -> Iterator[bytes]:
        try:
            with open_segment(self.path) as file:
                at = file.seek(self.end)
                while chunk := file.read(self._room(at)):
                    at += len(chunk)
                    yield chunk
        except OSError as error:
            self.fault = error

    def _room(self, at: int) -> int:
        return BLOCK_BYTES if self._until is None else max(min(BLOCK_BYTES, self._until - at), 0)

    def _whole(self, chunk: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield what `chunk` completes, and hold back what it leaves open."""
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            self._held += chunk
        else:
            block, self._held = self._held + chunk[:cut], chunk[cut:]
            offset = self.end
            self.end += len(block)
            yield from self._clean(offset, block)
        if self._held.startswith(b"\0"):
            rest = self._held.lstrip(b"\0")
            self.skipped += self.end != self._nuls_to
            self.end += len(self._held) - len(rest)
            self._nuls_to, self._held = self.end, rest

    def _clean(self, offset: int, block: bytes) -> Iterator[tuple[int, bytes]]:
        first = block.index(b"\n") + 1 if len(block) > MAX_LINE_BYTES else 0
        if first > MAX_LINE_BYTES:
            self.skipped += 1
            offset, block = offset + first, block[first:]
        if b"\0" in block:
            continued = offset == self._nuls_to and block.startswith(b"\0")
            self.skipped += len(_NULS.findall(block)) - continued
            for match in _BETWEEN_NULS.finditer(block):
                yield offset + match.start(), match.group() + b"\n"
        elif block:
            yield offset, block


def open_regular(path: Path) -> int:
    """Return a descriptor to read the regular file at `path`; links are not followed.

    Raises:
        OSError: it is no regular file, or cannot be opened.
    """
    descriptor = os.open(path, _FLAGS)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "not a regular file", str(path))


def open_segment(path: Path) -> FileIO | Unpacked:
    """Open the segment named `path`, plain or compressed, to read its plain content.

    Raises:
        OSError: there is neither, or it cannot be read; a StorageError where a package is missing.
    """
    try:
        return open(open_regular(path), "rb", buffering=0)
    except FileNotFoundError:
        for form in FORMATS:
            try:
                descriptor = open_regular(packed_path(path, form))
            except FileNotFoundError:
                continue
            from tracklab.storage.compression import Unpacked  # noqa: PLC0415 - seldom needed

            return Unpacked(descriptor, form)
        raise


def segment_file(path: Path) -> Path:
    """Return the file that holds the segment named `path`; `path` itself if there is none."""
    candidates = (path, *(packed_path(path, form) for form in FORMATS))
    return next((found for found in candidates if os.path.lexists(found)), path)


def segment_size(path: Path) -> int:
    """Return the size in bytes of a segment's plain content.

    Raises:
        OSError: there is no such segment, or a compressed one does not tell.

    Cost: one `stat`; a compressed one is opened.
    """
    try:
        return os.lstat(path).st_size
    except FileNotFoundError:
        with open_segment(path) as file:
            return file.seek(0, os.SEEK_END)


def line_start(path: Path, offset: int) -> int:
    """Return where the line that byte `offset` continues begins; `offset` itself at a beginning.

    Args:
        path: the segment; one that cannot be read answers `offset`.
        offset: 0 to the size of the file.

    Cost: reads backward to the previous line break, at most the longest line.
    """
    try:
        with open_segment(path) as file:
            at = min(offset, file.seek(0, os.SEEK_END))
            lowest = max(0, at - MAX_LINE_BYTES)
            # A compressed one is unpacked from its beginning each time that it is gone back in.
            step = _BACKWARD_BYTES if isinstance(file, FileIO) else MAX_LINE_BYTES
            while at > lowest:
                start = max(lowest, at - step)
                file.seek(start)
                found = file.read(at - start).rfind(b"\n")
                if found >= 0:
                    return start + found + 1
                at = start
            return at
    except OSError:
        return offset
