"""Closed segments that take less room: `history.jsonl.gz` or `.zst` beside or instead of the plain.

The promises: offsets are those of the plain content, so a cursor outlives the compression; a
damaged or cut file is a fault of that file, never silence; gzip needs nothing but Python, and
Zstandard says what to install where it is missing.
"""

from __future__ import annotations

import errno
import fcntl
import gzip
import os
import zlib
from typing import TYPE_CHECKING, Any, Final, Protocol

from tracklab.errors import StorageError
from tracklab.storage.documents import sync_directory
from tracklab.storage.layout import packed_path
from tracklab.storage.permissions import create_file
from tracklab.storage.zstd import zstandard

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import BinaryIO

    from typing_extensions import Self

    from tracklab.storage.zstd import Zstandard

__all__ = ["Unpacked", "pack"]

_BLOCK_BYTES: Final = 1 << 20
_GZIP_LEVEL: Final = 6
_HEAD_BYTES: Final = 18  # the longest frame header of Zstandard
# gzip keeps the size of the content in 32 bits.
_GZIP_MAX_BYTES: Final = 1 << 32


class _BusyError(StorageError):
    """The part belongs to somebody else."""


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Unpacked:
    """The plain content of a compressed segment, read from any offset.

    Args:
        descriptor: the open compressed file; closed with this.
        form: one of `FORMATS`.

    Raises:
        OSError: it is no file of that format; Zstandard is missing.

    Cost: going to an offset unpacks what stands before it, some 0.5 GB/s (zst) or 0.2 GB/s (gz).
    """

    def __init__(self, descriptor: int, form: str) -> None:
        self._file: BinaryIO = open(descriptor, "rb")  # noqa: SIM115 - closed by close()
        self._form = form
        self._at = 0
        try:
            self.size = _plain_size(self._file, form)
            self._source = self._begin()
        except BaseException:
            self._file.close()
            raise

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end. Raises OSError: damaged or cut."""
        data = _guarded(self._source, size)
        self._at += len(data)
        if not data and self._at < self.size:
            raise OSError(errno.EIO, "the compressed segment ends early")
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to an offset of the plain content and return it."""
        target = self.size + offset if whence == os.SEEK_END else offset
        if target == self.size:
            self._at = target  # the end is known without unpacking
            self._source = _Nothing()
            return target
        if target < self._at or isinstance(self._source, _Nothing):
            self._at = 0
            self._source = self._begin()
        while self._at < target and self.read(min(target - self._at, _BLOCK_BYTES)):
            pass
        return self._at

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _begin(self) -> _Source:
        self._file.seek(0)
        if self._form == "gz":
            return gzip.GzipFile(fileobj=self._file, mode="rb")
        reader: _Source = zstandard().reader(self._file)
        return reader

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()


class _Nothing:
    """What is read at the end."""

    def read(self, _size: int, /) -> bytes:
        return b""


def pack(path: Path, form: str) -> Path:
    """Compress the closed segment at `path`, and remove the plain file last.

    The new file is written under a temporary name, synced, read back and compared, and renamed;
    until the last step a reader finds the plain one. It keeps the time of the last line.

    Returns:
        The compressed file.

    Raises:
        StorageError: the package for `form` is missing, the segment is too large for it, or what
            was written does not read back.
        OSError: the disk refuses; the plain file is as it was.
    """
    seen = path.stat()
    if form == "gz" and seen.st_size >= _GZIP_MAX_BYTES:
        raise StorageError(
            f"gzip cannot tell the size of {seen.st_size:,} bytes; it takes less than 4 GiB. "
            f"Use --format zst. {path}"
        )
    target = packed_path(path, form)
    part = target.with_name(f".{target.name}.part")
    descriptor = create_file(part, 0, file_mode=seen.st_mode & 0o666)
    try:
        with open(descriptor, "wb") as file:
            _claim(descriptor, path)
            _write(path, file, form, seen.st_size)
            file.flush()
            os.fsync(file.fileno())
        _compare(path, part, form)
        os.utime(part, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        part.rename(target)
    except _BusyError:
        raise
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)
    if os.lstat(path).st_size != seen.st_size:  # the last look before the plain file goes
        target.unlink()
        raise StorageError(f"The segment is still being written; nothing was changed. {path}")
    path.unlink()
    return target


def _claim(descriptor: int, path: Path) -> None:
    """Be the one who writes the part, and begin it anew: a killed process may have left it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _BusyError(
            f"Another process compresses this segment; nothing was changed. {path}"
        ) from None
    except OSError:
        pass  # no locks here: two that meet fail the comparison, and the plain file stays
    os.ftruncate(descriptor, 0)


def _write(path: Path, file: BinaryIO, form: str, size: int) -> None:
    writer: Any
    if form == "gz":
        writer = gzip.GzipFile(
            filename="", mode="wb", compresslevel=_GZIP_LEVEL, fileobj=file, mtime=0
        )
    else:
        writer = zstandard().writer(file, size)
    left = size
    with open(path, "rb") as plain:
        while left and (block := plain.read(min(left, _BLOCK_BYTES))):
            writer.write(block)
            left -= len(block)
    writer.close()


def _compare(path: Path, part: Path, form: str) -> None:
    """Raise StorageError unless `part` unpacks to exactly what `path` holds now."""
    with open(path, "rb") as plain, Unpacked(os.open(part, os.O_RDONLY), form) as packed:
        while True:
            expected = plain.read(_BLOCK_BYTES)
            found = b""
            while len(found) < len(expected) and (more := packed.read(len(expected) - len(found))):
                found += more
            if expected != found or (not expected and packed.read(1)):
                raise StorageError(f"The compressed copy differs; nothing was changed. {path}")
            if not expected:
                return


def _plain_size(file: BinaryIO, form: str) -> int:
    if form == "gz":
        file.seek(-4, os.SEEK_END)
        return int.from_bytes(file.read(4), "little")
    library = zstandard()
    try:
        told = library.content_size(file.read(_HEAD_BYTES))
    except library.error as error:
        raise OSError(errno.EIO, f"the compressed segment is damaged: {error}") from None
    return _counted(library, file) if told is None else told


def _counted(library: Zstandard, file: BinaryIO) -> int:
    """Return the size of a content that was compressed out of a pipe, by unpacking it."""
    file.seek(0)
    source, size = library.reader(file), 0
    while block := _guarded(source, _BLOCK_BYTES):
        size += len(block)
    return size


def _guarded(source: _Source, size: int) -> bytes:
    """Read; what the formats' own errors say becomes an OSError, as of any damaged file."""
    try:
        return source.read(size)
    except OSError:
        raise
    except (EOFError, zlib.error) as error:
        raise OSError(errno.EIO, f"the compressed segment is damaged: {error}") from None
    except Exception as error:
        if type(error).__name__ != "ZstdError":
            raise
        raise OSError(errno.EIO, f"the compressed segment is damaged: {error}") from None
