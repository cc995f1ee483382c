"""What a trial came to: read from its run's files, and written where every process sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.storage.identity import this_process
from tracklab.storage.lined import append
from tracklab.storage.sweeps import trial_at
from tracklab.sweeps.places import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.query.runs import Dossier
    from tracklab.storage.sweeps import Sweep, Trial

__all__ = ["Outcome", "conclude", "dossier_of", "metric_in"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial ended.

    Attributes:
        exit_code: 0 if it did what it was to do.
        stopped: whether it ended before its time because others are better.
        signal: what told the agent to end, too; None for nothing.
        error: what ends the agent and is raised again once the trial has its result; None for
            nothing.
    """

    exit_code: int
    stopped: bool = False
    signal: int | None = None
    error: BaseException | None = None

    @property
    def failed(self) -> bool:
        """Whether it went wrong."""
        return self.exit_code != 0 and not self.stopped


def conclude(sweep: Sweep, trial: Trial, outcome: Outcome) -> Outcome:
    """Write a trial's result, and return what it came to in the end.

    Raises:
        StorageError: its file cannot be written.
    """
    stopped = trial_at(trial.path).state == "stopped"  # the program said so itself
    ended = replace(outcome, stopped=stopped)
    state = "stopped" if ended.stopped else "failed" if ended.failed else "finished"
    metric = sweep.config.get("metric")
    value = metric_in(dossier_of(sweep, trial.run_id).summary, metric) if metric else None
    told = {"op": "result", "state": state, "exit_code": ended.exit_code, "value": value}
    with writing(sweep.path, by="agent()"):
        append(trial.path, told)
    return ended


def dossier_of(sweep: Sweep, run_id: str) -> Dossier:
    """Return what readers know of a run of the sweep's project; each part is read when asked for.

    Its summary and configuration are those of its documents, or of its lines where it ended
    without writing documents. Cost: the first one loads what reads lines, some 0.1 s.
    """
    from tracklab.query.addresses import Place  # noqa: PLC0415 - an agent that begins needs none
    from tracklab.query.runs import Dossier  # noqa: PLC0415 - as above

    place = Place(sweep.project, run_id, sweep.project_dir / run_id)
    return Dossier(place, now_s=clock.now(), here=this_process())


def metric_in(summary: Mapping[str, Any], metric: Mapping[str, Any]) -> float | None:
    """Return the metric's value in a summary; None without one that is a finite number.

    Where the summary keeps several aggregates of it, the one that its goal asks for.

    Args:
        summary: with dotted names.
        metric: `name` and `goal`.
    """
    name = metric.get("name", "")
    least = "max" if metric.get("goal") == "maximize" else "min"
    for key in (name, f"{name}.best", f"{name}.{least}", f"{name}.last"):
        value = summary.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    return None
