"""Who may read what we write: only its owner, or the group that ships logs, whatever the umask."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from itertools import cycle
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PRIVATE", "close_file", "create_file", "is_open", "make_directory"]

#: Permission bits of files by default. 0640 lets a group read, 0644 everybody.
PRIVATE: Final = 0o600
#: Descriptors are given out from the lowest number up: few programs come as far as ours. Each
#: of ours gets another number than the last ones had: whoever still holds the number of one
#: that the program has closed must not reach another of our files by it.
_FIRST_NUMBER: Final = min(os.sysconf("SC_OPEN_MAX") * 3 // 4, 3_072)
_numbers: Final = cycle(range(_FIRST_NUMBER, _FIRST_NUMBER * 4 // 3))


def make_directory(path: Path, *, file_mode: int = PRIVATE) -> None:
    """Make `path` and what is missing above it; those that exist stay as they are.

    Args:
        path: the directory.
        file_mode: bits of the files in it; whoever may read them may also search here.

    Raises:
        OSError: it cannot be made.
    """
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    # Each right to read a file brings the right to search its directory.
    mode = file_mode | 0o100 | (file_mode & 0o444) >> 2
    for directory in reversed(missing):
        with suppress(FileExistsError):
            directory.mkdir(mode=mode)
            with suppress(OSError):  # some file systems know no modes
                directory.chmod(mode)  # mkdir leaves out what the umask names


def create_file(path: Path, flags: int, *, file_mode: int = PRIVATE) -> int:
    """Open `path` for writing with `flags` and return a descriptor; a child does not inherit it.

    Raises:
        OSError: it cannot be opened.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flags, file_mode)
    with suppress(OSError):  # then it is as private as the umask made it, or more
        os.fchmod(descriptor, file_mode)
    return _moved_up(descriptor)


def _moved_up(descriptor: int) -> int:
    """Return the descriptor under a high number, and the low one to the program.

    A program that becomes a daemon closes all descriptors and opens files of its own. Those
    get the lowest numbers: under such a one our next line would land in a file of the user.
    """
    try:
        high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, next(_numbers))
    except OSError as error:
        if error.errno == errno.EBADF:
            raise  # another thread has closed it already
        return descriptor  # all numbers up there are taken
    os.close(descriptor)
    return high


def is_open(descriptor: int) -> bool:
    """Return whether a descriptor is open; it may be another file's by now."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_GETFD)
    except OSError:
        return False
    return True


def close_file(descriptor: int) -> None:
    """Close a descriptor; a disk that complains has nothing more to lose by it.

    What must be durable was synced before, and that is where a disk's complaint counts.
    """
    with suppress(OSError):
        os.close(descriptor)
