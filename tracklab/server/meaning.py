"""Which run an address below `/api/runs` names, and what of it: no name is reserved for a route.

A run may be called `metrics` and a project `files`; only the data directory tells whether
`vision/metrics` is such a run, or the metrics of the run with the unique id `vision`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracklab.errors import NotFoundError
from tracklab.query.addresses import resolve
from tracklab.storage.layout import MAX_PROJECT_DEPTH

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["meant"]


def meant(root: Path, address: str) -> tuple[str, str]:
    """Return the run, and the path behind it: empty for the run itself, or such as `metrics`.

    Runs do not lie in runs, so the first whole address is the run; where there is none, the first
    name may be an id. Cost: a few `lstat` for each slash, and of those 16 at most count.
    """
    parts = address.lstrip("/").split("/")
    for count in range(2, min(len(parts), MAX_PROJECT_DEPTH + 1) + 1):
        run = "/".join(parts[:count])
        try:
            resolve(root, run)
        except NotFoundError:
            continue
        return run, "/".join(parts[count:])
    return parts[0], "/".join(parts[1:])
