"""How far a sweep has come: its state, its trials and the best of them, read from its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracklab.sweeps.search import is_over, trial_limit

if TYPE_CHECKING:
    from tracklab.storage.sweeps import Sweep, Trial

__all__ = ["Standing", "standing_of"]


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
    config, trials = sweep.config, sweep.trials
    states = {trial.number: trial.told_state(sweep.project_dir) for trial in trials}
    over = is_over(sweep, config, len(trials))
    state = "FINISHED" if over and "running" not in states.values() else "RUNNING"
    sign = -1 if (config.get("metric") or {}).get("goal") == "maximize" else 1
    measured = [trial for trial in trials if trial.value is not None]
    best = min(measured, key=lambda trial: sign * (trial.value or 0.0), default=None)
    return Standing(state, trials, states, trial_limit(config), best)
