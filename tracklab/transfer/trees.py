"""What lies below a directory that somebody else wrote, and what only seems to.

A link in it may name any file of this machine, so none is followed out of the directory.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["files_of", "within"]


def files_of(directory: Path) -> Iterator[tuple[str, bool]]:
    """Yield the path of everything below but directories, and whether it is a regular file.

    Links are none, neither to files nor to directories.
    """
    for above, folders, names in os.walk(directory):
        folders.sort()
        links = [name for name in folders if Path(above, name).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(above, name)
            is_plain = path.is_file() and not path.is_symlink()
            yield path.relative_to(directory).as_posix(), is_plain


def within(path: Path, *tops: Path) -> bool:
    """Return whether `path`, wherever links lead, is a regular file below one of `tops`."""
    try:
        real = path.resolve()
        return real.is_file() and any(real.is_relative_to(top.resolve()) for top in tops)
    except (OSError, RuntimeError, ValueError):  # a loop of links, no name of a file
        return False
