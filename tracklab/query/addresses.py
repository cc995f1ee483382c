"""Which run is meant: an address is `project/run_id`, or a `run_id` that is unique under the root.

No address names a path outside the root, and what a listing would not show (links, hidden and
reserved names) cannot be reached by name either. Names that we would not write ourselves, but
that lie there, can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracklab.errors import NotFoundError
from tracklab.records.names import RESERVED
from tracklab.storage.layout import MAX_PROJECT_DEPTH, find_runs, is_run_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Place", "places", "resolve"]

#: Folders of a run, which may hold what looks like a run: a file that was saved with it.
_INSIDE: Final = frozenset({"artifacts", "files", "logs", "media"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run lies; `where` is its directory, as whoever found it has it."""

    project: str
    run_id: str
    where: Path | str

    @property
    def path(self) -> Path:
        """Its directory. Cost: 3 us, which listing very many runs does without."""
        return Path(self.where)

    @property
    def address(self) -> str:
        """The full address, unique under the root."""
        return f"{self.project}/{self.run_id}"


def places(root: Path, *, project: str | None = None) -> Iterator[Place]:
    """Yield every run under `root`, or only those of `project` and its subprojects, by path.

    Cost: one directory scan per run.
    """
    for found, run_id, path in find_runs(root, project=project):
        yield Place(found, run_id, path)


def resolve(root: Path, address: str) -> Place:
    """Return the run that `address` names.

    Cost: a few `lstat` for a full address, a scan of all runs for a bare run id.

    Raises:
        NotFoundError: no run has this address, or several runs share the id.
    """
    address = address.strip("/")
    if "/" in address:
        project, _, run_id = address.rpartition("/")
        found = [Place(project, run_id, root / project / run_id)]
        matches = [place for place in found if _is_sound(place) and _is_plain(root, place)]
    else:
        matches = [place for place in places(root) if place.run_id == address]
    if len(matches) == 1:
        return matches[0]
    raise NotFoundError(_why_not(address, [match.address for match in matches]))


def _is_sound(place: Place) -> bool:
    parts = place.address.split("/")
    return (
        len(parts) <= MAX_PROJECT_DEPTH + 1
        and parts[0] not in RESERVED
        and not any(not part or part.startswith(".") or "\0" in part for part in parts)
    )


def _is_plain(root: Path, place: Place) -> bool:
    """Return whether the run is there, by no link, and is no folder inside of another run."""
    path = place.path
    try:
        while path != root:
            if path.is_symlink() or (path.name in _INSIDE and is_run_dir(path.parent)):
                return False
            path = path.parent
    except OSError:  # no name is that long
        return False
    return is_run_dir(place.path)


def _why_not(address: str, matches: list[str]) -> str:
    if not matches:
        return (
            f"There is no run {address!r}. A run is named `project/run_id`, or by a run id that "
            "is unique. `tracklab ls` lists the runs of this directory."
        )
    shown = ", ".join(sorted(matches)[:5]) + (", ..." if len(matches) > 5 else "")  # noqa: PLR2004 - enough to recognise the right one
    return (
        f"The run id {address!r} is not unique: {len(matches)} runs have it ({shown}). "
        "Write `project/run_id`."
    )
