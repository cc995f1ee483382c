"""Where and how a run ran, also under the names of wandb's file of metadata."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracklab.query.runs import Dossier

__all__ = ["metadata_of"]


def metadata_of(dossier: Dossier) -> dict[str, Any]:
    """Return the metadata of a run, a copy; a name of wandb's never replaces one of ours."""
    ours = deepcopy(dossier.metadata)
    environment = ours.get("environment")
    around = environment if isinstance(environment, dict) else {}
    theirs = {
        "args": list(ours.get("argv") or [])[1:],
        "codePath": ours.get("program"),
        "cpu_count": around.get("cpu_count"),
        "os": around.get("platform"),
        "python": ours.get("python_version"),
        "startedAt": ours.get("start_time"),
    }
    git = ours.get("git")
    if isinstance(git, dict):
        ours["git"] = {"commit": ours.get("git_commit"), **git}
    return {**{key: value for key, value in theirs.items() if value is not None}, **ours}
