"""Which run directories have changed, found without looking into any of them.

Whatever begins, resumes, ends or edits a run makes or replaces a file in its directory, and that
moves the directory's time. Only times of one file system are compared with each other: its
clock may differ from ours.
"""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING

from tracklab.records.names import RESERVED
from tracklab.storage.layout import find_runs, is_run_dir

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Scan"]


class Scan:
    """Compares the directories below a root with the scan before.

    Args:
        root: the data directory.

    Attributes:
        directories: the root and all projects: where new runs appear.
    """

    def __init__(self, root: Path) -> None:
        self.directories = {root}
        self._root = root
        self._newest_ns = 0
        self._newest: set[Path] = set()

    def begin(self) -> None:
        """Take what is there now for seen. Cost: one directory scan for each run."""
        self.directories |= {path.parent for _, _, path in find_runs(self._root)}
        for directory in self.directories:
            for time_ns, path in self._inside(directory):
                self._mark(time_ns, path)

    def changed(self) -> list[Path]:
        """Return the run directories changed since the last call, newest first.

        New projects are found on the way. Cost: a `stat` for each run.
        """
        since_ns, seen = self._newest_ns, set(self._newest)
        found = []
        waiting = deque(self.directories)
        while waiting:
            for time_ns, path in self._inside(waiting.popleft()):
                # Several changes may share one tick of a coarse clock.
                if time_ns < since_ns or (time_ns == since_ns and path in seen):
                    continue
                self._mark(time_ns, path)
                if path.parent != self._root and is_run_dir(path):
                    found.append((time_ns, path))
                elif path not in self.directories:
                    self.directories.add(path)
                    waiting.append(path)
        return [path for _, path in sorted(found, reverse=True)]

    def _mark(self, time_ns: int, path: Path) -> None:
        if time_ns > self._newest_ns:
            self._newest_ns, self._newest = time_ns, set()
        if time_ns == self._newest_ns:
            self._newest.add(path)

    def _inside(self, directory: Path) -> Iterator[tuple[int, Path]]:
        """Yield runs and projects in `directory` with the time of their last change, in ns."""
        taken = RESERVED if directory == self._root else frozenset()
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    shown = not entry.name.startswith(".") and entry.name not in taken
                    if shown and entry.is_dir(follow_symlinks=False):
                        yield entry.stat(follow_symlinks=False).st_mtime_ns, directory / entry.name
        except OSError:
            return
