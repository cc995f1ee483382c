"""Which sweep a path means: `entity/project/id`, `project/id` or an id; and writing there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracklab.errors import ArgumentTypeError, CommError, NotFoundError, StorageError
from tracklab.records.names import check_project
from tracklab.sdk.arguments import default_project
from tracklab.settings import data_root
from tracklab.storage.sweeps import Sweep, find_sweeps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["SweepNotFoundError", "find_sweep", "writing"]


class SweepNotFoundError(CommError, NotFoundError):
    """There is no such sweep, or its id alone is not unique."""


def find_sweep(path: str, *, project: str | None = None, root: Path | None = None) -> Sweep:
    """Return the sweep that a path means.

    Args:
        path: `entity/project/id`, `project/id` or `id`. An entity is a label: it is left out.
        project: where an id alone is looked for first; None for the project of runs that name
            none. Then everywhere.
        root: the data directory; None for the one that runs get.

    Raises:
        SweepNotFoundError: there is none, or an id alone is not unique.
        ArgumentTypeError: the path is no text.

    Cost: a few file looks; for an id alone that is in another project a scan of all runs.
    """
    if not isinstance(path, str):
        raise ArgumentTypeError(f"A sweep's path is text such as 'project/id'; got {path!r}.")
    place = data_root(root)
    *above, sweep_id = [part for part in path.strip().split("/") if part] or [""]
    projects = ["/".join(above), "/".join(above[1:])] if above else [project or default_project()]
    for name in filter(None, projects):
        found = Sweep(place, check_project(name), sweep_id)
        if sweep_id not in {"", ".", ".."} and "\0" not in sweep_id and found.config:
            return found
    everywhere = [] if above else find_sweeps(place)
    meant = [sweep for sweep in everywhere if sweep.sweep_id == sweep_id]
    if len(meant) == 1:
        return meant[0]
    several = ", ".join(sweep.address for sweep in meant)
    raise SweepNotFoundError(
        f"There are several sweeps {path!r}: {several}. Write one of these."
        if meant
        else f"There is no sweep {path!r}; a sweep is named 'project/id'. `tracklab sweep` lists "
        f"all, or name another data directory. {place}"
    )


@contextmanager
def writing(place: Path, *, by: str) -> Iterator[None]:
    """Let what the block writes there fail with a sentence.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{by} cannot write the sweep's directory ({error.strerror}). Make room, allow writing "
            f"there, or name another data directory. {place}"
        ) from None
