"""A search that learns: optuna's TPE sampler, told all trials anew each time it is asked."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from tracklab.media.needs import needed
from tracklab.sweeps.results import dossier_of, metric_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracklab.records.parameters import Parameter
    from tracklab.storage.sweeps import Sweep

__all__ = ["known_places", "need_optuna", "suggest"]


def need_optuna() -> Any:
    """Return optuna.

    Raises:
        MissingPackageError: it is not installed.
    """
    return needed("optuna", by="A sweep with the method bayes", install="tracklab-local[sweeps]")


def suggest(
    sweep: Sweep, config: Mapping[str, Any], parameters: Sequence[Parameter], number: int
) -> list[Any]:
    """Return a value of each parameter, by what the trials so far have measured.

    Cost: every trial's file is read; some milliseconds for a hundred trials.
    """
    optuna = need_optuna()
    searched = {
        parameter.name: parameter for parameter in parameters if parameter.kind != "constant"
    }
    told = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # a study for each trial is no news
    try:
        study = optuna.create_study(
            direction=config["metric"]["goal"],
            sampler=optuna.samplers.TPESampler(
                seed=zlib.crc32(f"{sweep.sweep_id}/{number}".encode()), constant_liar=True
            ),
        )
    finally:
        optuna.logging.set_verbosity(told)
    space = {name: _space(optuna, parameter) for name, parameter in searched.items()}
    states = optuna.trial.TrialState
    for places, value, state in known_places(sweep, config, searched):
        ended = states.COMPLETE if value is not None else states.FAIL
        study.add_trial(
            optuna.create_trial(
                params=places, distributions=space, value=value,
                state=states.RUNNING if state == "running" else ended,
            )
        )  # fmt: skip
    found = study.ask(space).params
    return [
        _value(parameter, found[parameter.name]) if parameter.name in found else parameter.at(0)
        for parameter in parameters
    ]


def known_places(
    sweep: Sweep, config: Mapping[str, Any], searched: Mapping[str, Parameter]
) -> Iterator[tuple[dict[str, Any], float | None, str]]:
    """Yield where optuna has what a run tried, what it measured, and its state.

    Of prior runs and of every trial; a prior run that lies outside of this space is passed over.
    """
    for known, value, state in _known(sweep, config):
        try:
            places = {name: _place(one, one.found_in(known)) for name, one in searched.items()}
        except (KeyError, TypeError, ValueError):
            continue
        yield places, value, state


def _known(
    sweep: Sweep, config: Mapping[str, Any]
) -> Iterator[tuple[Mapping[str, Any], float | None, str]]:
    """Yield parameters, metric and state of prior runs and of every trial."""
    for run_id in sweep.first.get("prior_runs") or ():
        run = dossier_of(sweep, run_id)
        value = metric_in(run.summary, config["metric"])
        if value is not None:
            yield run.config, value, "finished"
    for trial in sweep.trials:
        state = trial.told_state(sweep.project_dir)
        # What was stopped early has measured something, too.
        yield trial.parameters, None if state == "failed" else trial.value, state


def _space(optuna: Any, parameter: Parameter) -> Any:
    kinds = optuna.distributions
    if "values" in parameter.spec:  # by number: a value may be what optuna has no type for
        return kinds.CategoricalDistribution(range(len(_values(parameter))))
    if parameter.kind == "int_uniform":
        return kinds.IntDistribution(parameter.spec["min"], parameter.spec["max"])
    return kinds.FloatDistribution(0.0, 1.0)


def _place(parameter: Parameter, value: Any) -> Any:
    """Return where optuna has a value.

    Raises:
        ValueError: the parameter never has it.
    """
    if "values" in parameter.spec:
        return _values(parameter).index(value)
    if parameter.kind != "int_uniform":
        return parameter.where(value)
    if isinstance(value, bool) or value not in parameter.choices():
        raise ValueError(value)
    return int(value)


def _value(parameter: Parameter, place: Any) -> Any:
    """Return the value that optuna has there."""
    if "values" in parameter.spec:
        return _values(parameter)[place]
    return place if parameter.kind == "int_uniform" else parameter.at(place)


def _values(parameter: Parameter) -> list[Any]:
    """Return what may be chosen; how likely each is, optuna has to learn."""
    values: list[Any] = parameter.spec["values"]
    weights = parameter.spec.get("probabilities") or [1.0] * len(values)
    return [value for value, weight in zip(values, weights, strict=True) if weight > 0]
