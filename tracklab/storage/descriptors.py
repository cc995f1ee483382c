"""Our descriptors: where no program meets them, and some that are lent when it has no other left.

A program that leaks descriptors goes on being recorded: its segments are open. What comes to the
run later, such as its first picture, must still open a module, a directory or a file of its own.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import weakref
from contextlib import contextmanager, suppress
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["close_file", "is_open", "keep", "lent", "moved_up", "spared"]

#: Descriptors are given out from the lowest number up: few programs come as far as ours. Each
#: of ours gets another number than the last ones had: whoever still holds the number of one
#: that the program has closed must not reach another of our files by it.
_FIRST_NUMBER: Final = min(os.sysconf("SC_OPEN_MAX") * 3 // 4, 3_072)
_numbers: Final = cycle(range(_FIRST_NUMBER, _FIRST_NUMBER * 4 // 3))
#: A module that loads a library, a copy of a file and a thread that stores tables need some each.
_LENT: Final = 12
_lock = threading.RLock()  # a signal handler may come between
_kept: list[int] = []
_file: tuple[int, int] | None = None
_wanted = False
#: Who goes away without giving back, such as a thread that a fork leaves behind, is out of it.
_borrowers: weakref.WeakSet[_Borrower] = weakref.WeakSet()


class _Borrower:
    """Stands for one block that has been lent the reserve."""


def moved_up(descriptor: int) -> int:
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


def spared(opening: Callable[..., int], *args: Any) -> int:
    """Return what `opening(*args)` opens, with one of the reserve where there is no other.

    Raises:
        OSError: it cannot be opened.
    """
    try:
        return opening(*args)
    except OSError as error:
        if error.errno not in {errno.EMFILE, errno.ENFILE}:
            raise
    with lent():
        return opening(*args)


def keep() -> None:
    """Have a reserve from now on, where the kernel has files without a name."""
    global _wanted  # noqa: PLW0603 - descriptors are the process's, not a run's
    _wanted = hasattr(os, "memfd_create")
    _fill()


@contextmanager
def lent() -> Iterator[None]:
    """Leave the reserve to whatever the block opens, if there is little else; also a decorator.

    Cost: 5 us; some 60 us where it is needed.
    """
    borrower = None
    try:
        if _wanted and _is_short():
            borrower = _Borrower()
            with _lock:
                _borrowers.add(borrower)
                while len(_kept) > 1:  # one stays: the others are its copies
                    _close(_kept.pop())
        elif len(_kept) <= _LENT or not _is_ours(_kept[0]):
            _fill()
        yield
    finally:
        if borrower is not None:
            _borrowers.discard(borrower)
            _fill()


def _is_short() -> bool:
    """Return whether the program has used up most of its descriptors."""
    try:
        lowest = os.open(os.devnull, os.O_RDONLY)
    except OSError:
        return True
    os.close(lowest)
    return lowest > os.sysconf("SC_OPEN_MAX") // 2


def _fill() -> None:
    """Fill the reserve as far as descriptors can be had."""
    global _file  # noqa: PLW0603 - as above
    if not _wanted:
        return
    with _lock, suppress(OSError):
        if not _kept or not _is_ours(_kept[0]):  # at first, or the program has closed them all
            _kept.clear()
            _kept.append(moved_up(os.memfd_create("tracklab-reserve")))
            _file = _identity(_kept[0])
        while not _borrowers and len(_kept) <= _LENT:
            _kept.append(moved_up(os.dup(_kept[0])))


def _close(descriptor: int) -> None:
    """Close a descriptor, unless the program has given its number to another file."""
    if _is_ours(descriptor):
        close_file(descriptor)


def _is_ours(descriptor: int) -> bool:
    try:
        return _identity(descriptor) == _file
    except OSError:
        return False


def _identity(descriptor: int) -> tuple[int, int]:
    seen = os.fstat(descriptor)
    return seen.st_dev, seen.st_ino


def _renew() -> None:
    """Have a lock, in a forked child, that no thread of the parent holds."""
    global _lock  # noqa: PLW0603 - as above
    _lock = threading.RLock()
    _borrowers.clear()


os.register_at_fork(after_in_child=_renew)
