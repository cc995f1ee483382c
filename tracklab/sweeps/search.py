"""Which parameters the next trial tries; from the sweep's files alone."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from tracklab.records.names import new_run_id
from tracklab.records.parameters import leaves, nested
from tracklab.storage.progress import is_over
from tracklab.sweeps.places import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.storage.sweeps import Sweep, Trial

__all__ = ["claim_next", "parameters_of"]


def claim_next(sweep: Sweep) -> Trial | None:
    """Return the next trial, which is this process's own from now on; None if none is left.

    Raises:
        StorageError: the sweep's directory cannot be written.
    """
    config = sweep.config
    number = sweep.next_number
    while not is_over(sweep, config, number):
        parameters = parameters_of(sweep, config, number)
        with writing(sweep.path, by="agent()"):
            trial = sweep.claim(number, new_run_id(), parameters)
        if trial is not None:
            return trial
        number += 1  # another process was first
    return None


def parameters_of(sweep: Sweep, config: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return what a trial tries.

    Of a grid and of a random search that is decided by its number; `bayes` learns from the trials
    before it, which are read anew.
    """
    found = leaves(config["parameters"])
    if config["method"] == "bayes":
        from tracklab.sweeps.bayes import suggest  # noqa: PLC0415 - needs optuna

        return nested(found, suggest(sweep, config, found, number))
    if config["method"] == "random":
        random = Random(f"{sweep.sweep_id}/{number}")  # noqa: S311 - nothing is kept secret by it
        return nested(found, [parameter.draw(random) for parameter in found])
    values: list[Any] = []
    for parameter in reversed(found):  # the last one changes quickest
        choices = parameter.choices()
        number, at = divmod(number, len(choices))
        values.insert(0, choices[at])
    return nested(found, values)
