"""Files of the index as a whole: data, a footer that says what lies where, and a trailer.

The trailer has a fixed size, so a reader finds the footer from the end. A file that was cut
short, or whose footer has changed, is not read at all; what the footer points to carries
checksums of its own.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.index.blocks import DamagedError
from tracklab.storage.permissions import create_file, make_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["checked", "new_file", "open_sealed", "put", "read_footer", "seal"]

_MAGIC: Final = b"TLINDEX1"
_TRAILER: Final = struct.Struct("<QII8s")  # footer's place, its length and checksum, magic
_FOOTER_MAX_BYTES: Final = 256 << 20
#: Read at once from the end: trailer, and most footers.
_END_BYTES: Final = 8 << 10


def open_sealed(path: str | Path) -> int:
    """Return a descriptor to read a file of the index; links are not followed.

    Raises:
        OSError: it cannot be opened.
    """
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)


def read_footer(descriptor: int, kind: str) -> dict[str, Any]:
    """Return what the footer says.

    Args:
        descriptor: open for reading.
        kind: what the file must be, with its version: `seal` wrote the same.

    Raises:
        DamagedError: the file is not what was written, or of another kind.
        OSError: it cannot be read.
    """
    size = os.fstat(descriptor).st_size
    end = os.pread(descriptor, _END_BYTES, max(size - _END_BYTES, 0))
    if len(end) < _TRAILER.size:
        raise DamagedError("no trailer")
    at, length, check, magic = _TRAILER.unpack_from(end, len(end) - _TRAILER.size)
    if magic != _MAGIC or at + length + _TRAILER.size != size or length > _FOOTER_MAX_BYTES:
        raise DamagedError("no trailer of this format")
    within = len(end) - _TRAILER.size - length
    if within >= 0:
        text = _confirmed(end[within : within + length], check)
    else:
        text = checked(descriptor, (at, length, check))
    footer: dict[str, Any] = orjson.loads(text)
    if footer.get("kind") != kind:
        raise DamagedError("another kind of file, or of another version")
    return footer


def checked(descriptor: int, place: tuple[int, int, int]) -> bytes:
    """Return bytes of a file: first byte, length and checksum.

    Raises:
        DamagedError: they are not what was written.
        OSError: they cannot be read.
    """
    at, length, check = place
    return _confirmed(os.pread(descriptor, length, at), check)


def _confirmed(data: bytes, check: int) -> bytes:
    if zlib.crc32(data) != check:
        raise DamagedError("the file has changed")
    return data


def put(file: BinaryIO, data: bytes) -> tuple[int, int, int]:
    """Append bytes and return where they lie, as `checked` takes it."""
    at = file.tell()
    file.write(data)
    return at, len(data), zlib.crc32(data)


def seal(file: BinaryIO, kind: str, footer: Mapping[str, Any]) -> None:
    """Append footer and trailer."""
    at, length, check = put(file, orjson.dumps({"kind": kind, **footer}))
    file.write(_TRAILER.pack(at, length, check, _MAGIC))


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that appears under its name when it is complete and on disk.

    Raises:
        OSError: it cannot be written.
    """
    make_directory(path.parent)
    working = path.with_name(f".{path.name}.new")
    with open(create_file(working, os.O_TRUNC), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    working.replace(path)
