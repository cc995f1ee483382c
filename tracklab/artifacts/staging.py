"""Contents of a draft: copied when they are added, so that later writes to the source are not in.

They lie where versions are built, on the same file system, so that becoming one moves nothing;
in disabled mode, where nothing becomes one, in the system's temporary directory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from tracklab.artifacts.copying import snapshot
from tracklab.artifacts.layout import blob_path, building_dir
from tracklab.settings import data_root
from tracklab.storage.creation import latest_root, writes_nothing

if TYPE_CHECKING:
    from tracklab.artifacts.copying import Digests

__all__ = ["Staging"]


class Staging:
    """A place for the contents of one draft; it goes with the draft, or with the process."""

    def __init__(self) -> None:
        self._place: Path | None = None
        self._root = data_root()
        self._count = 0

    def take(self, source: Path) -> tuple[Path, Digests]:
        """Keep what a file holds now; return where, and its digests.

        Raises:
            UsageError: it is no regular file.
            OSError: it cannot be read, or kept.
        """
        target = self.fresh()
        return target, snapshot(source, target, known=lambda sha: blob_path(self._root, sha))

    def fresh(self) -> Path:
        """Return a path that nothing has yet.

        Raises:
            OSError: there is no room for a directory.
        """
        if self._place is None:
            self._root = latest_root() or data_root()
            self._place = _of_the_system() if writes_nothing() else building_dir(self._root)
            weakref.finalize(self, _remove, self._place, os.getpid())
        self._count += 1
        return self._place / str(self._count)


def _of_the_system() -> Path:
    """Return a directory for what no run will have: disabled mode leaves nothing in the user's."""
    return Path(tempfile.mkdtemp(prefix="tracklab-draft-"))


def _remove(place: Path, pid: int) -> None:
    if os.getpid() == pid:  # a forked child's copy of the draft is not the draft
        shutil.rmtree(place, ignore_errors=True)
