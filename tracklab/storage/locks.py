"""To be the only process that does something: a file's lock, which the kernel frees in any case."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from tracklab.storage.permissions import create_file, make_directory

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["take_lock"]


def take_lock(path: Path) -> int | None:
    """Be the only one who holds the lock of `path`, until the returned descriptor is closed.

    Args:
        path: the file; it and its directory are made.

    Returns:
        None if another process holds it.

    Raises:
        OSError: the directory cannot be written, or has no locks.
    """
    make_directory(path.parent)
    descriptor = create_file(path, 0)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
