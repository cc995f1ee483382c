"""Small files of lines without a lock: made whole by one process, and appended to by any."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab import clock
from tracklab.records.encode import encode_object
from tracklab.storage.descriptors import close_file
from tracklab.storage.permissions import create_file
from tracklab.storage.reading import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["append", "lines_of", "make"]

#: How file systems say that a file has one name only.
_WITHOUT_LINKS: Final = frozenset(
    {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK}
)


def append(path: Path, told: Mapping[str, Any]) -> None:
    """Append a line to a file that is there.

    Raises:
        OSError: it cannot be written, or not all of it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    try:
        end = os.fstat(descriptor).st_size
        torn = end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"
        _write(descriptor, b"\n" * torn + _line(told))
    finally:
        close_file(descriptor)


def make(path: Path, told: Mapping[str, Any], *, draft: Path) -> bool:
    """Make a file of one line, which appears whole; return whether no other process was first.

    Raises:
        OSError: it cannot be written; then it is not there.
    """
    try:
        _write_new(draft, told)
        try:
            os.link(draft, path)
        except FileExistsError:  # over a network also of our own link, whose answer was lost
            return path.samefile(draft)
        except OSError as error:
            if error.errno not in _WITHOUT_LINKS:
                raise
            return _make_in_place(path, told)
    finally:
        _remove(draft)
    return True


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects in a file, without torn lines; nothing of one that cannot be read.

    Links are not followed: somebody else may have put them there, and pipes that nobody fills.
    """
    try:
        with open(open_regular(path), "rb") as file:
            content = file.read()
    except OSError:
        return
    for line in content.split(b"\n"):
        try:
            told = orjson.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict):
            yield told


def _make_in_place(path: Path, told: Mapping[str, Any]) -> bool:
    try:
        _write_new(path, told)
    except FileExistsError:
        return False
    return True


def _write_new(path: Path, told: Mapping[str, Any]) -> None:
    descriptor = create_file(path, os.O_EXCL | os.O_APPEND)
    try:
        _write(descriptor, _line(told))
    except OSError:
        _remove(path)
        raise
    finally:
        close_file(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    """Write all of it, with one call unless the disk takes less."""
    while content:
        content = content[os.write(descriptor, content) :]


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _line(told: Mapping[str, Any]) -> bytes:
    return encode_object({"timestamp": clock.rfc3339(clock.now()), **told}) + b"\n"
