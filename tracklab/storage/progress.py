"""How far a sweep has come: its state, its trials and the best of them, read from its files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracklab.records.parameters import leaves

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.storage.sweeps import Sweep, Trial

__all__ = ["Standing", "is_over", "standing_of", "trial_limit"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a sweep at a moment.

    Attributes:
        state: `RUNNING` while a trial runs or may begin, `FINISHED` afterwards.
        trials: its trials by number.
        states: `running`, `finished`, `failed` or `stopped`, by number.
        limit: most trials that it will have; None for no end.
        best: the trial with the best metric; None without one.
    """

    state: str
    trials: list[Trial]
    states: dict[int, str]
    limit: int | None
    best: Trial | None

    def to_data(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "state": self.state,
            "limit": self.limit,
            "best": self.best.run_id if self.best else None,
            "trials": [
                {
                    "number": trial.number, "run_id": trial.run_id, "value": trial.value,
                    "state": self.states[trial.number], "exit_code": trial.exit_code,
                    "parameters": trial.parameters,
                }
                for trial in self.trials
            ],
        }  # fmt: skip


def standing_of(sweep: Sweep) -> Standing:
    """Return how far a sweep has come. Cost: all of its files are read."""
    config, trials, where = sweep.config, sweep.trials, sweep.project_dir
    states = {trial.number: trial.told_state(where) for trial in trials}
    over = is_over(sweep, config, len(trials))
    state = "FINISHED" if over and "running" not in states.values() else "RUNNING"
    sign = _sign(config)
    measured = [trial for trial in trials if trial.value is not None]
    best = min(measured, key=lambda trial: sign * (trial.value or 0.0), default=None)
    return Standing(state, trials, states, trial_limit(config), best)


def is_over(sweep: Sweep, config: Mapping[str, Any], number: int) -> bool:
    """Return whether no trial of this number, or a later one, is to begin."""
    limit = trial_limit(config)
    if (limit is not None and number >= limit) or sweep.stopped:
        return True
    target = (config.get("metric") or {}).get("target")
    if target is None:
        return False
    sign = _sign(config)
    values = [trial.value for trial in sweep.trials if trial.value is not None]
    return any(sign * value <= sign * target for value in values)


def trial_limit(config: Mapping[str, Any]) -> int | None:
    """Return how many trials a sweep has at most; None for no end."""
    sizes = [config["run_cap"]] if config.get("run_cap") else []
    if config["method"] == "grid":
        found = leaves(config["parameters"])
        sizes.append(math.prod(len(parameter.choices()) for parameter in found))
    return min(sizes, default=None)


def _sign(config: Mapping[str, Any]) -> int:
    """Return what makes the better of two values of the metric the smaller one."""
    return -1 if (config.get("metric") or {}).get("goal") == "maximize" else 1
