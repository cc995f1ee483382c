"""Where the index of a data directory lies: inside it, or where the user says."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

__all__ = ["index_root", "run_place"]


def index_root(root: Path) -> Path:
    """Return the directory of the index of `root`; it may be missing.

    TRACKLAB_INDEX_DIR, or TRACKLAB_DATABASE_PATH, names a directory for the indexes of several
    data directories, for roots that cannot be written; each has a subdirectory of its own there.
    """
    chosen = os.environ.get("TRACKLAB_INDEX_DIR") or os.environ.get("TRACKLAB_DATABASE_PATH")
    if not chosen:
        return root / ".tracklab" / "index"
    mark = blake2b(os.fsencode(root.absolute()), digest_size=4).hexdigest()
    return Path(chosen).expanduser().absolute() / f"{root.absolute().name}-{mark}"


def run_place(index: Path, project: str, run_id: str) -> Path:
    """Return where the parts of one run lie under `index_root`."""
    return index / "runs" / project / run_id
