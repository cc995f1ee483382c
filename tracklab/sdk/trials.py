"""A run that is a trial of a sweep: whose parameters it takes, and when it ends before its time.

What the agent decided stands in the environment, so that a program which it starts, and what that
starts, take part without knowing. The run's place is the sweep's, its parameters are locked, and
where the sweep stops trials early, each value of the metric is compared with those that other
trials have written into the sweep's files.
"""

from __future__ import annotations

import logging
import math
import os
import sys
import time
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.records.flat import lookup
from tracklab.sdk import current
from tracklab.sdk.config import config_values
from tracklab.sdk.current import of_environment
from tracklab.sdk.locked import merged
from tracklab.sdk.terminal import termwarn
from tracklab.storage.lined import append
from tracklab.storage.sweeps import config_in, trial_at, trials_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.sdk.run import Run

__all__ = ["TrialStopped", "TrialToRun", "bands_of", "falls_behind", "trial_to_run"]

#: Between its bands a trial looks at the others no more often than this.
_LOOK_EVERY_S: Final = 5.0
#: More bands than a trial of any length comes to.
_MOST_BANDS: Final = 100
_LONGEST: Final = 2**63


class TrialStopped(SystemExit):
    """Raised by `log()` when a trial ends early, because others are better: exit code 0.

    As a `SystemExit` it passes a program's `except Exception`, runs what ends cleanly, and ends a
    program without a traceback.
    """

    def __init__(self) -> None:
        super().__init__(0)


@dataclass(frozen=True, slots=True)
class TrialToRun:
    """What the environment says of the trial that the next run is.

    Attributes:
        sweep_id: its sweep.
        parameters_path: the document of its parameters.
        parameters: what it holds.
    """

    sweep_id: str | None
    parameters_path: Path
    parameters: Mapping[str, Any]

    def place(self, **given: Any) -> tuple[Any, ...]:
        """Return the trial's own `project`, `id` and `dir`: what the program says is left out."""
        ours = {
            "project": of_environment("PROJECT"),
            "id": of_environment("RUN_ID"),
            "dir": os.environ.get("TRACKLAB_DATA_DIR"),
        }
        for name, value in given.items():
            if value is not None and ours[name] is not None and str(value) != ours[name]:
                termwarn(f"init({name}={value!r}) is left out: the sweep decides.", repeat=False)
        return tuple(ours[name] or value for name, value in given.items())

    def put_into(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the program's configuration with the trial's parameters over it."""
        return merged(config, self.parameters)

    def lock(self, run: Run) -> None:
        """Lock the run's parameters, and let it end early where its sweep says so."""
        run.config.merge_locked(self.parameters, "sweep")
        log = self.parameters_path.with_suffix(".jsonl")
        rule = _rule(log)
        if rule is None or run.disabled or run.rank:
            return
        comparing = _Comparing(log, **rule)
        logger = logging.getLogger(f"tracklab.run.{run.id}")
        logger.addHandler(comparing)
        run.at_finish(lambda: logger.removeHandler(comparing))


def trial_to_run() -> TrialToRun | None:
    """Return the trial that the next run is; None outside of sweeps, or while it runs already."""
    path = of_environment("SWEEP_PARAM_PATH")
    running = current.run()
    if not path or (running is not None and running.id == of_environment("RUN_ID")):
        return None
    return TrialToRun(of_environment("SWEEP_ID"), Path(path), config_values(path))


def bands_of(rule: Mapping[str, Any]) -> list[int]:
    """Return after how many values of its metric a trial is compared with others.

    Args:
        rule: `eta`, and `min_iter` for ever larger bands or `max_iter` and `s` for `s` smaller
            ones.

    Source: Li et al., Hyperband, 2018, and the settings that wandb's sweeps have for it.
    """
    eta = rule["eta"]
    if "max_iter" in rule:
        powers = range(1, min(rule["s"], _MOST_BANDS) + 1)
        smaller = (rule["max_iter"] / eta**power for power in powers)
        return sorted({int(band) for band in takewhile(lambda band: band >= 1, smaller)})
    larger = (rule["min_iter"] * eta**power for power in range(_MOST_BANDS))
    return sorted({int(band) for band in takewhile(lambda band: band <= _LONGEST, larger)})


def falls_behind(mine: float, all_values: list[float], eta: float) -> bool:
    """Return whether a value is not among the best of its band.

    One in `eta` goes on, and one more, as wandb counts them; of those that diverged none does.

    Args:
        mine: smaller is better; the largest float if it diverged.
        all_values: those of every trial that came so far, this one's included.
        eta: above 1.
    """
    ordered = sorted(all_values)
    return mine > ordered[int(len(ordered) / eta)] or ordered[0] < mine == sys.float_info.max


class _Comparing(logging.Handler):
    """Hears each row of a trial's run, and ends it when it falls behind."""

    def __init__(
        self, log: Path, *, metric: Mapping[str, Any], bands: list[int], eta: float, strict: bool
    ) -> None:
        super().__init__()
        self._log = log
        self._name = metric["name"]
        self._sign = -1.0 if metric["goal"] == "maximize" else 1.0
        self._bands, self._eta, self._strict = bands, eta, strict
        self._count = 0
        self._best = math.inf
        self._band = 0
        self._looked_s = -math.inf

    def emit(self, record: logging.LogRecord) -> None:
        """Count a value of the metric; see the class.

        Raises:
            TrialStopped: the trial has fallen behind.
        """
        value = lookup(getattr(record, "data", {}), self._name)
        if not record.name.endswith(".history") or not isinstance(value, int | float):
            return
        if not math.isfinite(value):
            value = self._sign * sys.float_info.max  # it diverged: no value is worse
        self._count += 1
        self._best = min(self._best, self._sign * value)
        if self._count in self._bands:
            self._band = self._count
            self._tell({"op": "band", "band": self._count, "value": float(value)})
        elif not self._band or time.monotonic() - self._looked_s < _LOOK_EVERY_S:
            return
        self._looked_s = time.monotonic()
        if self._behind():
            self._tell({"op": "result", "state": "stopped"})
            raise TrialStopped

    def _tell(self, line: Mapping[str, Any]) -> None:
        try:
            append(self._log, line)
        except OSError as error:  # the training goes on; it is only not compared with others
            termwarn(f"The sweep's files cannot be written ({error}).", repeat=False)

    def _behind(self) -> bool:
        others = {trial.path: trial.bands.get(self._band) for trial in trials_in(self._log.parent)}
        values = [self._sign * value for value in others.values() if value is not None]
        mine = others.get(self._log) if self._strict else self._sign * self._best
        if mine is None or not values:
            return False
        return falls_behind(self._sign * mine if self._strict else mine, values, self._eta)


def _rule(log: Path) -> dict[str, Any] | None:
    """Return how a trial's sweep stops trials early; None where it does not."""
    config = config_in(log.parent) if trial_at(log).run_id else {}
    rule = config.get("early_terminate")
    if not rule:
        return None
    return {
        "metric": config["metric"], "bands": bands_of(rule), "eta": rule["eta"],
        "strict": rule["strict"],
    }  # fmt: skip
