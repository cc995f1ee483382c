"""Weave: what it asks of wandb, which is the current run."""

from __future__ import annotations

from dataclasses import dataclass

from tracklab.sdk import current

__all__ = ["RunPath", "active_run_path"]


@dataclass(frozen=True)
class RunPath:
    """Which run it is."""

    entity: str
    project: str
    run_id: str


def active_run_path() -> RunPath | None:
    """Return which run is the current one, None without one."""
    run = current.run()
    if run is None or run.disabled:
        return None
    return RunPath(run.entity, run.project, run.id)
