"""Is this still the segment that was indexed? Whoever cannot say yes reads the segment itself.

A segment is only appended to, so what was indexed holds as long as it is the same file, begins
with the same bytes and has the same bytes before the place up to which it was indexed. Of one that
has not been touched since, its status alone says so.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.storage.reading import open_regular, segment_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["fingerprint", "is_same", "is_untouched", "open_file"]

# A header is at least 1,100 bytes and unique in the first 1,000.
_HEAD_BYTES: Final = 1_024
_TAIL_BYTES: Final = 4_096
#: Two changes may bear the same time if they are no further apart than a tick of the kernel.
_TICK_NS: Final = 100_000_000


def open_file(segment: Path) -> tuple[int, bool]:
    """Return a descriptor of the file that holds a segment, and whether it is compressed.

    Raises:
        OSError: it cannot be opened.
    """
    with suppress(FileNotFoundError):
        return open_regular(segment), False
    path = segment_file(segment)
    return open_regular(path), path.name != segment.name


def fingerprint(descriptor: int, end: int | None) -> dict[str, Any]:
    """Return the facts of a segment that was read up to byte `end`.

    Args:
        descriptor: of the segment's file, open for reading.
        end: in bytes of the file; None for all of it, which is then never appended to.

    Raises:
        OSError: it cannot be read.

    Cost: two small reads.
    """
    status = os.fstat(descriptor)
    end = status.st_size if end is None else end
    tail_at = max(end - _TAIL_BYTES, 0)
    return {
        "device": status.st_dev,
        "inode": status.st_ino,
        "read_to": end,
        # Of a file that has not grown since, this must still be so; a growing one changes it.
        "changed_ns": status.st_mtime_ns if status.st_size == end else None,
        "head": _digest(os.pread(descriptor, min(_HEAD_BYTES, end), 0)),
        "tail": _digest(os.pread(descriptor, end - tail_at, tail_at)),
        "status": _settled(status) if status.st_size == end else None,
    }


def is_untouched(path: Path, known: Mapping[str, Any]) -> bool:
    """Return whether a file is, by its status, just what `known` was taken of.

    Nothing changes a file, or puts another in its place, without changing its inode or the time
    of its last change, which no program can set. False says nothing: see `is_same`.
    """
    told = known.get("status")
    return told is not None and told == _told(os.lstat(path))


def is_same(descriptor: int, known: Mapping[str, Any]) -> bool:
    """Return whether a segment is the one that `known` was taken of, grown or not.

    Raises:
        OSError: it cannot be read.
    """
    end = known.get("read_to")
    if not isinstance(end, int) or os.fstat(descriptor).st_size < end:
        return False
    now = {**fingerprint(descriptor, end), "status": known.get("status")}
    if None in {now["changed_ns"], known.get("changed_ns")}:  # it grew, then or since
        now = {**now, "changed_ns": known.get("changed_ns")}
    return now == {"status": None, **known}


def _told(status: os.stat_result) -> list[int]:
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _settled(status: os.stat_result) -> list[int] | None:
    """Return a status that no later change can share; None if the last change is too recent."""
    return _told(status) if int(clock.now() * 1e9) - status.st_ctime_ns > _TICK_NS else None


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()
