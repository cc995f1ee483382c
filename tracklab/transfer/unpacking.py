"""What may be in an archive, and how much of it is read.

Source of the rules: the standard library's filter for data (PEP 706) refuses traversal, absolute
names, links out of the directory and devices; an archive of runs needs no links at all, no sparse
files, and no name that a run or project could not have.
"""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING, BinaryIO, Final

from tracklab.errors import StorageError, UsageError
from tracklab.records.names import check_project, check_run_id

if TYPE_CHECKING:
    from typing import Protocol

    class _Source(Protocol):
        def read(self, size: int, /) -> bytes: ...


__all__ = ["FORMAT", "HEADER", "MANIFEST", "ForwardReader", "fault_of_name", "refusal"]

#: The format that is written, and the only one that is read.
FORMAT: Final = 1
#: The first member: how long the tar is. Archives of earlier versions have none.
HEADER: Final = "tracklab-archive-size.json"
#: The last member: what must be in the archive.
MANIFEST: Final = "tracklab-archive.json"

#: More than gzip makes of zeros.
_MOST_RATIO: Final = 1_100
#: Of the free room, so much an archive may fill.
_ROOM_SHARE: Final = 0.95
_HEADER_MAX_BYTES: Final = 4_096
_SMALL_BYTES: Final = 64 * 1024 * 1024
_MANIFEST_MAX_BYTES: Final = 1 << 30
_MOST_AT_ONCE: Final = 16 * 1024 * 1024
_PARTS_MAX: Final = 64
_PART_MAX_BYTES: Final = 255


def refusal(member: tarfile.TarInfo, *, first: bool, ended: bool) -> str | None:
    """Return why a member may not be in an archive, None if it may.

    Args:
        member: as its header says.
        first: whether it is the first one.
        ended: whether the manifest, which comes last, was seen.
    """
    if ended:
        return "stands behind the manifest"
    if member.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or member.issparse():
        return "is no plain file"
    if member.name == HEADER:
        return None if first and member.size <= _HEADER_MAX_BYTES else "is not the first, or large"
    if member.name == MANIFEST:
        return "is too large" if member.size > _MANIFEST_MAX_BYTES else None
    try:
        tarfile.data_filter(member, "/nowhere")
    except tarfile.FilterError as error:
        return f"is no safe name ({type(error).__name__})"
    return fault_of_name(member.name)


def fault_of_name(name: str) -> str | None:
    """Return why a member may not have this name, None if it may."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return "is no name in UTF-8"
    parts = name.split("/")
    if any(part in {"", ".", ".."} or "\0" in part or "\\" in part for part in parts):
        return "is no safe name"
    if len(parts) > _PARTS_MAX or any(len(p.encode()) > _PART_MAX_BYTES for p in parts):
        return "is too long a name"
    # A project may be a tree, so where the run begins is for the manifest to say; whatever it
    # says, these two must hold of the first names.
    try:
        check_project(parts[0])
        check_run_id(parts[1] if len(parts) == 3 else "r")  # noqa: PLR2004 - project, run, file
    except UsageError:
        return "is in no project that can be"
    return None if len(parts) > 2 else "is in no run"  # noqa: PLR2004 - as above


class ForwardReader:
    """A file that is only read forward, and only as far as is reasonable.

    Args:
        source: the plain content.
        file: the file it is read from, for how far that is.
        packed_bytes: size of the file. Until `expect()` says how much comes, content of more than
            1,100 times that, beyond 64 MiB, is a trap: zeros take a thousandth in a gzip file.
        room_bytes: how much is free on the disk; a twentieth of it stays free.
    """

    def __init__(
        self, source: _Source, file: BinaryIO, *, packed_bytes: int, room_bytes: int
    ) -> None:
        self._source = source
        self._file = file
        self._at = 0
        self._room = int(room_bytes * _ROOM_SHARE)
        self._limit = min(max(packed_bytes * _MOST_RATIO, _SMALL_BYTES), self._room)

    def expect(self, size_bytes: int) -> None:
        """Take the archive's own word for how long its content is, and hold it to that.

        Raises:
            StorageError: the disk has no room for it.
        """
        if size_bytes > self._room:
            raise StorageError(
                f"The archive needs {size_bytes:,} bytes, and {self._room:,} may be used of what "
                "is free on the data directory's disk. Nothing of it was kept. Make room, or "
                "choose another data directory with --dir."
            )
        self._limit = size_bytes

    @property
    def read_bytes(self) -> int:
        """How much of the archive has been read."""
        return self._file.tell()

    def tell(self) -> int:
        """Return where it stands."""
        return self._at

    def seek(self, offset: int, _whence: int = 0) -> int:
        """Go forward, by reading."""
        while self._at < offset:
            if not self.read(min(offset - self._at, _MOST_AT_ONCE)):
                break
        return self._at

    def read(self, size: int) -> bytes:
        """Return the next bytes, all of them unless the file ends.

        Raises:
            StorageError: that would be more than is reasonable.
        """
        if size > _MOST_AT_ONCE or self._at + size > self._limit:
            raise StorageError(
                "The archive was refused: it holds more than it says, or than its size or this "
                f"disk allows (at {self._at:,} bytes). Nothing of it was kept. Make room, or do "
                "not trust it."
            )
        parts: list[bytes] = []
        left = size
        while left and (data := self._source.read(left)):
            parts.append(data)
            left -= len(data)
        self._at += size - left
        return b"".join(parts)
