"""Which server shows this data directory: one, and everybody can see where it is.

The server holds a lock while it serves, which the kernel frees however it ends, and says its
address in a file beside the lock. The file alone proves nothing.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracklab.storage.documents import read_json, write_json
from tracklab.storage.locks import take_lock

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Beacon", "light", "seen", "take", "take_turn"]

_PLACE: Final = ".tracklab"


@dataclass(frozen=True, slots=True)
class Beacon:
    """Where the server of a data directory is reached, and its process."""

    url: str
    pid: int


def take(root: Path) -> int | None:
    """Be the server of `root` that everybody sees, until the returned descriptor is closed.

    Returns:
        None if another server is.

    Raises:
        OSError: the directory cannot be written, or has no locks.
    """
    place = root / _PLACE
    descriptor = take_lock(place / "server.lock")
    if descriptor is not None:
        try:
            # What an earlier server left must not be taken for ours.
            (place / "server.json").unlink(missing_ok=True)
        except BaseException:
            os.close(descriptor)
            raise
    return descriptor


def take_turn(root: Path) -> int | None:
    """Be the one who starts a server for `root`, until the returned descriptor is closed.

    Returns:
        None if another process is starting one, or nothing can be written here.
    """
    try:
        return take_lock(root / _PLACE / "server-start.lock")
    except OSError:
        return None


def light(root: Path, url: str) -> None:
    """Say where the server is reached; only whoever took the place does.

    Raises:
        OSError: the directory cannot be written.
    """
    write_json(root / _PLACE / "server.json", {"url": url, "pid": os.getpid()})


def seen(root: Path) -> Beacon | None:
    """Return the server that shows `root`, None if there is none or it is not to be seen yet.

    Cost: 50 us.
    """
    place = root / _PLACE
    try:
        descriptor = os.open(place / "server.lock", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        told = read_json(place / "server.json") or {}
        url, pid = told.get("url"), told.get("pid")
        return Beacon(url, pid) if isinstance(url, str) and isinstance(pid, int) else None
    finally:
        os.close(descriptor)
    return None
