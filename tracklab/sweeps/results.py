"""What a trial came to: read from its run's files, and written where every process sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracklab.records.flat import flatten
from tracklab.storage.documents import read_json
from tracklab.storage.sweeps import append, trial_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.storage.sweeps import Sweep, Trial

__all__ = ["Outcome", "conclude", "metric_in"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial ended.

    Attributes:
        exit_code: 0 if it did what it was to do.
        stopped: whether it ended before its time because others are better.
        signal: what told the agent to end, too; None for nothing.
    """

    exit_code: int
    stopped: bool = False
    signal: int | None = None

    @property
    def failed(self) -> bool:
        """Whether it went wrong."""
        return self.exit_code != 0 and not self.stopped


def conclude(sweep: Sweep, trial: Trial, outcome: Outcome) -> Outcome:
    """Write a trial's result, and return what it came to in the end.

    Raises:
        OSError: its file cannot be written.
    """
    summary = read_json(sweep.project_dir / trial.run_id / "summary.json") or {}
    stopped = trial_at(trial.path).state == "stopped"  # the program said so itself
    ended = Outcome(outcome.exit_code, stopped=stopped, signal=outcome.signal)
    state = "stopped" if ended.stopped else "failed" if ended.failed else "finished"
    value = metric_in(summary, sweep.config.get("metric") or {})
    append(
        trial.path,
        {"op": "result", "state": state, "exit_code": ended.exit_code, "value": value},
    )
    return ended


def metric_in(summary: Mapping[str, Any], metric: Mapping[str, Any]) -> float | None:
    """Return the metric's value in a summary; None without one that is a finite number.

    Where the summary keeps several aggregates of it, the one that its goal asks for.
    """
    name = metric.get("name", "")
    least = "max" if metric.get("goal") == "maximize" else "min"
    flat = flatten(summary)
    for key in (name, f"{name}.best", f"{name}.{least}", f"{name}.last"):
        value = flat.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    return None
