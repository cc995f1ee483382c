"""Who may read what we write: only its owner, or the group that ships logs, whatever the umask."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tracklab.storage.descriptors import moved_up, spared

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PRIVATE", "create_file", "make_directory"]

#: Permission bits of files by default. 0640 lets a group read, 0644 everybody.
PRIVATE: Final = 0o600


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
    descriptor = spared(os.open, path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flags, file_mode)
    with suppress(OSError):  # then it is as private as the umask made it, or more
        os.fchmod(descriptor, file_mode)
    return moved_up(descriptor)
