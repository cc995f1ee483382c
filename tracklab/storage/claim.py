"""A writer's name in a run, and the lock by which readers see that its process lives."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from itertools import chain
from typing import TYPE_CHECKING, Final

from tracklab.storage.descriptors import close_file, is_open
from tracklab.storage.layout import lock_name
from tracklab.storage.permissions import create_file, make_directory

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Claim"]

_NOT_TAKEN: Final = -1
_LOCK_TRIES: Final = 50
_LOCK_WAIT_S: Final = 0.001


class Claim:
    """The right of one process to write under a name that no other has.

    Creating the lock file is the claim: exclusive on every file system. The kernel frees the lock
    on it when the process dies, however it dies, and so tells readers.

    Args:
        run_dir: the run's directory.
        creates: whether it may take the name of the run's creator, which is None.
        file_mode: permission bits of the lock file.
    """

    __slots__ = ("_creates", "_descriptor", "_file_mode", "_name", "_run_dir")

    def __init__(self, run_dir: Path, *, creates: bool, file_mode: int) -> None:
        self._run_dir = run_dir
        self._creates = creates
        self._file_mode = file_mode
        self._descriptor = _NOT_TAKEN
        self._name: str | None = None

    def take(self, label: str) -> str | None:
        """Take the first name that is free and return it: the creator's, else `<label>-<n>`.

        Raises:
            OSError: the lock file cannot be made.
        """
        # The disk may have been full when the run began.
        make_directory(self._run_dir, file_mode=self._file_mode)
        # The creator's full name ends in -0, so the process's later writers start at -1.
        for name in chain([None] * self._creates, (f"{label}-{n}" for n in range(1, 10_000))):
            try:
                descriptor = self._lock_file(name, os.O_EXCL)
            except FileExistsError:
                continue
            self._name, self._descriptor = name, descriptor
            self._hold()
            return name
        raise OSError(errno.EEXIST, "no writer name is free", str(self._run_dir))

    def renew(self) -> None:
        """Take the lock anew if the program has closed its file.

        Raises:
            OSError: the lock file cannot be opened.
        """
        if self._descriptor != _NOT_TAKEN and not is_open(self._descriptor):
            self._descriptor = self._lock_file(self._name, 0)
            self._hold()

    def let_go(self) -> None:
        """Give the lock back, or a forked child's copy of it; `take` makes a new claim."""
        if self._descriptor != _NOT_TAKEN:
            descriptor, self._descriptor = self._descriptor, _NOT_TAKEN
            close_file(descriptor)

    def _lock_file(self, name: str | None, flags: int) -> int:
        return create_file(self._run_dir / lock_name(name), flags, file_mode=self._file_mode)

    def _hold(self) -> None:
        """Lock our own file; only a reader's probe can hold it, for an instant."""
        for _ in range(_LOCK_TRIES):
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # noqa: PERF203 - almost always the first try succeeds
                time.sleep(_LOCK_WAIT_S)
            except OSError:
                return  # no such locks on this file system: readers judge by the age of lines
            else:
                return
