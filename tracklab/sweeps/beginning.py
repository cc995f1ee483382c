"""`sweep()`: from a configuration to a directory that agents work on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.records.names import check_project, new_run_id
from tracklab.sdk.arguments import default_project
from tracklab.settings import data_root
from tracklab.storage.layout import is_run_dir
from tracklab.storage.sweeps import create
from tracklab.sweeps.configuration import checked_config, checked_label
from tracklab.sweeps.notices import notices
from tracklab.sweeps.places import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tracklab.storage.sweeps import Sweep

__all__ = ["begin", "sweep"]


def sweep(
    sweep: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | str | Path,
    entity: str | None = None,
    project: str | None = None,
    prior_runs: Sequence[str] | None = None,
) -> str:
    """Begin a sweep: a search over parameters, whose trials `agent()` runs.

    Args:
        sweep: its configuration: a dict, a function that returns one, or the path of a YAML file.
        entity: whose runs its trials are, a label.
        project: the project of its runs; None for the configuration's, else that of runs that
            name none.
        prior_runs: ids of runs of the project that `bayes` is to learn from, too.

    Returns:
        The sweep's id.

    Raises:
        UsageError: the configuration or a name cannot be used, or there is no such prior run.
        ArgumentTypeError: an argument has the wrong type.
        StorageError: the place cannot be written.
    """
    tell = notices()
    begun = begin(sweep, entity=entity, project=project, prior_runs=prior_runs)
    tell(f"Sweep {begun.address} has begun. Run its trials: tracklab agent {begun.address}")
    return begun.sweep_id


def begin(
    given: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | str | Path,
    *,
    entity: str | None = None,
    project: str | None = None,
    prior_runs: Sequence[str] | None = None,
    root: Path | None = None,
) -> Sweep:
    """Return a new sweep; see `sweep`. `root` is the data directory, None for that of runs."""
    config = checked_config(given)
    place = data_root(root)
    name = check_project(project or config.get("project") or default_project())
    runs = _checked_runs(prior_runs, place / name)
    owner = checked_label("entity", entity) or config.get("entity")
    told = {"config": config, "entity": owner, "prior_runs": runs}
    with writing(place / name, by="sweep()"):
        return create(place, name, new_run_id(), told)


def _checked_runs(prior_runs: Sequence[str] | None, project_dir: Path) -> list[str]:
    if isinstance(prior_runs, str) or not all(isinstance(one, str) for one in prior_runs or ()):
        raise ArgumentTypeError(
            f"sweep() takes prior_runs as a list of run ids; got {prior_runs!r}. Write "
            "prior_runs=['...']."
        )
    for run_id in prior_runs or ():
        if not run_id or "/" in run_id or not is_run_dir(project_dir / run_id):
            raise UsageError(
                f"sweep() found no prior run {run_id!r} in the project. Check the id: "
                f"`tracklab ls -p {project_dir.name}`. {project_dir}"
            )
    return list(prior_runs or ())
