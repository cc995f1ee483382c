"""Sweeps as a reader sees them: all of a project, and one with its trials."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.errors import NotFoundError, UsageError
from tracklab.query.answers.sweeps import (
    BestTrial,
    SweepDetail,
    SweepList,
    SweepMetric,
    SweepParameter,
    SweepSummary,
    SweepTrial,
)
from tracklab.query.versions import files_version
from tracklab.records.parameters import leaves
from tracklab.records.secrets import masked_mapping
from tracklab.storage.layout import may_hold_runs
from tracklab.storage.progress import is_over, standing_of
from tracklab.storage.sweeps import Sweep, find_sweeps, sweeps_in, trials_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracklab.records.parameters import Parameter
    from tracklab.storage.progress import Standing
    from tracklab.storage.sweeps import Trial

__all__ = ["list_sweeps", "show_sweep", "sweep_state", "sweeps_state"]

#: What each trial of a sweep may be.
_STATES: Final = ("running", "finished", "failed", "stopped")


class _Read(Sweep):
    """A sweep whose trials are read once for each answer; secrets are `***`."""

    @cached_property
    def trials(self) -> list[Trial]:
        return [
            replace(trial, parameters=masked_mapping(trial.parameters))
            for trial in trials_in(self.path)
        ]


def list_sweeps(root: Path, *, project: str | None, limit: int) -> SweepList:
    """Return the newest sweeps of a project, those below it not counted; or of all projects.

    Cost: that of `sweeps_state`; its trials are read.
    """
    found = _listed(root, project)
    told = [SweepSummary(**_facts(sweep, standing_of(sweep))) for sweep in found[:limit]]
    return SweepList(told, len(found))


def show_sweep(root: Path, address: str, *, after: int, limit: int) -> SweepDetail:
    """Return one sweep, with the trials that were claimed after one of this number.

    Raises:
        NotFoundError: there is no such sweep.

    Cost: that of `sweep_state`; its trials are read.
    """
    sweep = _resolved(root, address)
    standing, parameters = standing_of(sweep), leaves(sweep.config["parameters"])
    later = [trial for trial in standing.trials if trial.number > after]
    page = later[:limit]
    return SweepDetail(
        **_facts(sweep, standing),
        parameters=[_parameter(one) for one in parameters],
        trials=[_told(sweep, standing, parameters, trial) for trial in page],
        cursor=page[-1].number if len(later) > limit else None,
    )


def sweeps_state(root: Path, *, project: str | None, limit: int) -> str:
    """Return what changes whenever the answer of `list_sweeps` does.

    Cost: for each sweep that of `sweep_state`; without a project that of listing all runs, too.
    """
    found = _listed(root, project)
    return f"{len(found)} {[_state(sweep) for sweep in found[:limit]]}"


def sweep_state(root: Path, address: str) -> str:
    """Return what changes whenever the answer of `show_sweep` does.

    Raises:
        NotFoundError: there is no such sweep.

    Cost: its trials are read, and the agent of each that has no result is looked for.
    """
    return _state(_resolved(root, address))


def _listed(root: Path, project: str | None) -> list[_Read]:
    """Return sweeps, the newest first."""
    found: Iterable[Sweep] = ()
    if project is None:
        found = find_sweeps(root)
    elif may_hold_runs(root, tuple(project.split("/"))):
        found = sweeps_in(root, project)
    known = (_Read(root, one.project, one.sweep_id) for one in found)
    return [sweep for sweep in known if _is_sound(sweep)][::-1]


def _resolved(root: Path, address: str) -> _Read:
    project, _, sweep_id = address.strip("/").rpartition("/")
    sweep = _Read(root, project, sweep_id)
    named = sweep_id[:1] not in {"", "."} and "\0" not in sweep_id
    if named and may_hold_runs(root, tuple(project.split("/"))) and _is_sound(sweep):
        return sweep
    raise NotFoundError(
        f"There is no sweep {address!r}. A sweep is named `project/id`. `tracklab sweep` lists the "
        "sweeps of this directory."
    )


def _is_sound(sweep: Sweep) -> bool:
    """Return whether it lies in its project, and its configuration is one that can be read.

    A sweep is checked when it is made; what lies there may be somebody else's.
    """
    config = sweep.config
    try:
        leaves(config["parameters"])
        _metric(config.get("metric"))
        is_over(sweep, config, 0)
    except (ArithmeticError, AttributeError, LookupError, TypeError, UsageError):
        return False
    return not any(path.is_symlink() for path in (sweep.path, sweep.path.parent))


def _state(sweep: Sweep) -> str:
    # An agent that is killed changes no file.
    open_ones = [
        (trial.number, trial.told_state(sweep.project_dir))
        for trial in sweep.trials
        if trial.state is None
    ]
    return f"{sweep.address} {files_version(sweep.path)} {open_ones}"


def _facts(sweep: Sweep, standing: Standing) -> dict[str, Any]:
    """Return the fields of a summary."""
    config, best = sweep.config, standing.best
    created_at = sweep.first.get("timestamp")
    counts = Counter(standing.states.values())
    touched_s = max((trial.touched_s for trial in standing.trials), default=None)
    return {
        "sweep": sweep.address, "sweep_id": sweep.sweep_id, "project": sweep.project,
        "name": str(config.get("name") or sweep.sweep_id), "description": config.get("description"),
        "method": config["method"], "metric": _metric(config.get("metric")),
        "state": standing.state, "count": len(standing.trials), "limit": standing.limit,
        "states": {name: counts[name] for name in _STATES},
        "best": BestTrial(best.number, _run_of(sweep, best), best.value or 0.0) if best else None,
        "created_at": created_at,
        "updated_at": created_at if touched_s is None else clock.rfc3339(touched_s),
    }  # fmt: skip


def _metric(told: dict[str, Any] | None) -> SweepMetric | None:
    if not told:
        return None
    return SweepMetric(told["name"], told.get("goal", "minimize"), told.get("target"))


def _parameter(parameter: Parameter) -> SweepParameter:
    fields = {
        name: [_masked(parameter, one) for one in value]
        if name == "values"
        else _masked(parameter, value)
        for name, value in parameter.spec.items()
    }
    values = parameter.spec.get("values") or [parameter.at(0.0), parameter.at(1.0)]
    varies = any(value != values[0] for value in values)
    return SweepParameter(parameter.name, parameter.kind, fields, varies)


def _told(
    sweep: Sweep, standing: Standing, parameters: list[Parameter], trial: Trial
) -> SweepTrial:
    values = {}
    for parameter in parameters:
        with suppress(KeyError, TypeError):
            values[parameter.name] = parameter.found_in(trial.parameters)
    return SweepTrial(
        number=trial.number, run=_run_of(sweep, trial), state=standing.states[trial.number],
        value=trial.value, parameters=values, exit_code=trial.exit_code,
        began_at=trial.began_at, ended_at=trial.ended_at,
    )  # fmt: skip


def _run_of(sweep: Sweep, trial: Trial) -> str | None:
    return f"{sweep.project}/{trial.run_id}" if trial.run_id else None


def _masked(parameter: Parameter, value: Any) -> Any:
    """Return a value of a parameter, `***` for a secret: sweeps keep what they were told."""
    name = parameter.path[-1]
    return masked_mapping({name: value})[name]
