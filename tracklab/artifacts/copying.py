"""Contents: told by their digests, and copied without sharing what a later write could change."""

from __future__ import annotations

import base64
import errno
import fcntl
import hashlib
import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "Digests",
    "clone",
    "digests_of",
    "hand_out",
    "link_or_clone",
    "part_of",
    "snapshot",
    "sync_file",
]

_BLOCK_BYTES: Final = 1 << 20
#: `ioctl` that lets two files share blocks until one is written. Source: ioctl_ficlone(2).
_FICLONE: Final = 0x40049409


class Digests(NamedTuple):
    """What a content is told by: base64 of MD5, hex of SHA-256, bytes."""

    md5: str
    sha256: str
    size: int


def digests_of(path: Path) -> Digests:
    """Return the digests of a file. Cost: one pass over it.

    Raises:
        OSError: it cannot be read.
    """
    md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    with open(path, "rb", buffering=0) as file:
        while block := file.read(_BLOCK_BYTES):
            md5.update(block)
            sha256.update(block)
            size += len(block)
    return Digests(base64.b64encode(md5.digest()).decode(), sha256.hexdigest(), size)


def clone(source: Path, target: Path) -> bool:
    """Make `target`, a new file with the content of `source`, and return whether blocks are shared.

    Sharing is the file system's own: a write to either file changes only that one.

    Raises:
        OSError: it cannot be read or written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with suppress(FileNotFoundError):
        target.unlink()
    with open(source, "rb", buffering=0) as read, open(os.open(target, flags, 0o600), "wb") as made:
        try:
            fcntl.ioctl(made.fileno(), _FICLONE, read.fileno())
        except OSError:  # another file system, or one that cannot
            _copy(read.fileno(), made.fileno())
            return False
    return True


def snapshot(source: Path, target: Path, *, known: Callable[[str], Path]) -> Digests:
    """Put the content that a file has now at `target`, and return its digests.

    Args:
        source: the user's file; what is written to it later does not matter.
        target: a new file; a second name of what is known already, or a copy.
        known: returns where a content lies that is known, by its SHA-256; it need not be there.

    Raises:
        UsageError: the source is no regular file.
        OSError: it cannot be read or written.

    Cost: a pass over it, and a copy if it is new, which moves nothing where the file system can
    share blocks; a pass over what is known if it is not.
    """
    if not source.is_file():
        raise UsageError(f"Path is not a file: {os.fspath(source)!r}. Give the path of a file.")
    before = _stamp(source)
    found = digests_of(source)
    with suppress(OSError):
        os.link(known(found.sha256), target)
        if digests_of(target).sha256 == found.sha256:
            return found  # and not damaged
    clone(source, target)
    # What was copied is told, also if the source changed while it was read.
    return found if _stamp(source) == before else digests_of(target)


def _stamp(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def link_or_clone(source: Path, target: Path) -> None:
    """Give a read-only file a second name, or a copy where the file system cannot.

    Raises:
        OSError: neither works.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOSPC, errno.EIO, errno.EDQUOT}:
            raise
        part = part_of(target)
        clone(source, part)
        part.chmod(source.stat().st_mode & 0o777)
        sync_file(part)
        part.rename(target)  # so that nobody finds half of it under its name


def part_of(target: Path) -> Path:
    """Return a name beside `target` for what is not whole yet: short, and nobody else's."""
    return target.with_name(f".{secrets.token_hex(8)}.part")


def hand_out(source: Path, target: Path, *, digest: str | None = None) -> bool:
    """Put a file of one's own at `target`: what is written to it later changes no version.

    Args:
        source: the content.
        target: what lies there is replaced when the copy is whole.
        digest: the content's MD5 or SHA-256 as in `Digests`; None compares nothing.

    Returns:
        Whether it has that digest; nothing is put there if it has not.

    Raises:
        OSError: it cannot be read or written.

    Cost: a copy, and a pass over it for the digest.
    """
    part = part_of(target)
    try:
        clone(source, part)
        if digest is not None and digest not in digests_of(part):
            return False
        part.chmod(0o644 & ~_umask())
        part.replace(target)
        return True
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    """Return the process's umask. Source: proc(5), so that no other thread sees it changed."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            return next(int(line.split()[1], 8) for line in status if line.startswith("Umask:"))
    except (OSError, StopIteration, ValueError):
        return 0o077


def sync_file(path: Path) -> None:
    """Wait until the disk holds a file.

    Raises:
        OSError: it cannot be read, or the disk has failed.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(source: int, target: int) -> None:
    """Copy through the kernel, without the bytes coming by here."""
    try:
        while os.sendfile(target, source, None, 1 << 30):
            pass
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    while block := os.read(source, _BLOCK_BYTES):  # a source that cannot be mapped, as in /proc
        while block:
            block = block[os.write(target, block) :]
