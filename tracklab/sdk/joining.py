"""`attach()`: a second process writes to a run that another one began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracklab.errors import UsageError
from tracklab.sdk import current

if TYPE_CHECKING:
    from tracklab.sdk.naming import Named
    from tracklab.sdk.run import Run

__all__ = ["attach", "attach_id"]

_BETWEEN = "\n"  # in no path that init() takes, no project and no id


def attach_id(run: Named) -> str:
    """Return a text by which another process on this machine finds the run."""
    return _BETWEEN.join([str(run.root), run.project, run.id])


def attach(
    attach_id: str | None = None, run_id: str | None = None, *, run: Run | None = None
) -> Run:
    """Return a run that writes beside the process that began it, and make it the current one.

    Its lines go to segments of this process; the run ends when the process that began it says so.

    Args:
        attach_id: `run._attach_id` of the process that began it.
        run_id: the same.
        run: a run to make the current one, if it is of this process.

    Raises:
        UsageError: none is given, or there is no such run.
    """
    from tracklab.sdk.starting import open_run  # noqa: PLC0415 - which needs all of a run

    if run is not None:
        current.set_run(run)
        return run
    told = attach_id or run_id or ""
    root, _, address = told.partition(_BETWEEN)
    project, _, identifier = address.partition(_BETWEEN)
    here = current.run()
    if here is not None and identifier == here.id:
        return here
    if not identifier:
        raise UsageError(
            f"attach() got {told!r}. It takes run._attach_id of the process that began the run."
        )
    joined = open_run(project, run_id=identifier, root=root, resume="must")
    current.set_run(joined)
    return joined
