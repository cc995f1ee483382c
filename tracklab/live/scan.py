"""Which run directories have changed, found without looking into any of them.

Whatever begins, resumes, ends or edits a run makes or replaces a file in its directory, and that
moves the directory's time. What moves in from elsewhere is a new name, whatever its time. Times
are compared with those of the look before, for being others: no clock is believed.
"""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING

from tracklab.records.names import RESERVED
from tracklab.storage.layout import find_runs, is_run_dir

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Scan"]


class Scan:
    """Compares the directories below a root with the scan before.

    Kept is the time of each directory: about 200 bytes for each run.

    Args:
        root: the data directory.

    Attributes:
        directories: the root and all projects: where new runs appear.
    """

    def __init__(self, root: Path) -> None:
        self.directories = {root}
        self._root = root
        #: By project: the time of the last change of each directory in it, in ns.
        self._times: dict[Path, dict[str, int]] = {}

    def begin(self) -> None:
        """Take what is there now for seen. Cost: one directory scan for each run."""
        self.directories |= {path.parent for _, _, path in find_runs(self._root)}
        for directory in self.directories:
            self._times[directory] = self._inside(directory) or {}

    def changed(self) -> list[Path]:
        """Return the run directories changed since the last call, newest first, then those gone.

        New projects are found on the way. Cost: a `stat` for each run.
        """
        found: list[tuple[int, Path]] = []
        waiting = deque(self.directories)
        while waiting:
            directory = waiting.popleft()
            known, times = self._times.get(directory, {}), self._inside(directory)
            if times is None:
                continue  # it has gone, or cannot be read now: what was in it is no news later
            self._times[directory] = times
            gone = (directory / name for name in known.keys() - times.keys())
            found += [(0, path) for path in gone if path not in self.directories]
            for name, time_ns in times.items():
                if known.get(name) == time_ns:
                    continue
                path = directory / name
                if directory != self._root and is_run_dir(path):
                    self.directories.discard(path)  # it was seen before it held a run
                    found.append((time_ns, path))
                elif path not in self.directories:
                    self.directories.add(path)
                    waiting.append(path)
        return [path for _, path in sorted(found, reverse=True)]

    def known(self) -> list[Path]:
        """Return the runs and projects that the last scan saw."""
        return [directory / name for directory, times in self._times.items() for name in times]

    def _inside(self, directory: Path) -> dict[str, int] | None:
        """Return when runs and projects in `directory` changed last, in ns; None if unreadable."""
        taken = RESERVED if directory == self._root else frozenset()
        times = {}
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    shown = not entry.name.startswith(".") and entry.name not in taken
                    if shown and entry.is_dir(follow_symlinks=False):
                        times[entry.name] = entry.stat(follow_symlinks=False).st_mtime_ns
        except OSError:
            return None
        return times
