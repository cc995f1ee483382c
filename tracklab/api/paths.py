"""Which run or project a path means: `entity/project/run`, `project/run`, or a run id alone.

Projects may hold slashes, so the id is taken from the right. The entity is a label and no part of
where a run lies: it is left out where the project is found without it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tracklab.errors import CommError, NotFoundError, UsageError
from tracklab.query.addresses import Place, places, resolve
from tracklab.records.names import check_project
from tracklab.storage.layout import is_run_dir

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RunNotFoundError", "check_there", "existing_project", "find_run", "split_project"]


class RunNotFoundError(CommError, NotFoundError):
    """There is no such run, or its id alone is not unique."""


def find_run(root: Path, path: str, *, project: str | None = None) -> Place:
    """Return the run that a path means.

    Args:
        root: the data directory.
        path: `entity/project/run`, `project/run` or `run`, also with `runs/` before the id.
        project: where an id alone is looked for first; None for everywhere.

    Raises:
        RunNotFoundError: no run has this path, or several share the id.

    Cost: a few `lstat`; for an id alone a scan of all runs.
    """
    parts = _parts(path)
    if len(parts) > 2 and parts[-2] in {"runs", "r"}:  # noqa: PLR2004 - as in the address of a page
        del parts[-2]
    tried = ["/".join(parts[start:]) for start in range(2) if len(parts) - start > 1]
    if len(parts) == 1:
        tried = [f"{project}/{parts[0]}"] if project else []
        tried.append(parts[0])
    reason = ""
    for address in tried:
        try:
            return resolve(root, address)
        except NotFoundError as error:  # noqa: PERF203 - two at most
            reason = reason or str(error)
    raise RunNotFoundError(
        reason or f"Api.run() takes 'project/run_id'; got {path!r}. `tracklab ls` lists the runs."
    )


def check_there(place: Place) -> None:
    """Refuse a run that has gone since it was found.

    Raises:
        RunNotFoundError: it has been deleted.
    """
    if not is_run_dir(place.path):
        raise RunNotFoundError(
            f"There is no run {place.address!r} any more. `tracklab restore {place.address}` "
            "brings back what was deleted."
        )


def split_project(path: str | None) -> list[str]:
    """Return the projects that a path may mean, the likeliest first; none for every project.

    Raises:
        UsageError: it cannot be the path of a project.
    """
    parts = _parts(path or "")
    if not parts:
        return []
    meant = ["/".join(parts)] + (["/".join(parts[1:])] if len(parts) > 1 else [])
    for project in meant:
        check_project(project)
    return meant


def existing_project(root: Path, meant: list[str]) -> str | None:
    """Return the project that is there, None where all are meant.

    Raises:
        NotFoundError: none of them is there.
    """
    if not meant:
        return None
    for project in meant:
        if root.joinpath(project).is_dir() and not (root / project).is_symlink():
            return project
    known = sorted({place.project for place in places(root)})
    shown = ", ".join(known[:5]) + (", ..." if len(known) > 5 else "")  # noqa: PLR2004 - enough to recognise one
    raise NotFoundError(
        f"Could not find project {meant[-1]!r}; there are {shown or 'none'}. Check the name, or "
        f'where runs lie: Api({{"dir": "..."}}). {os.fspath(root)}'
    )


def _parts(path: str) -> list[str]:
    if not isinstance(path, str):
        raise UsageError(f"A path is text such as 'project/run_id'; got {path!r}.")
    return [part for part in path.strip().replace(":", "/").split("/") if part]
