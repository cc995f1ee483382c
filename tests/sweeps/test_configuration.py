"""What a sweep may be told, and what is said of all else."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tracklab.errors import ArgumentTypeError, StorageError, UnsupportedError, UsageError
from tracklab.sweeps.beginning import begin
from tracklab.sweeps.configuration import checked_config

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"method": "random", "parameters": {"lr": {"min": 0.1, "max": 1}}}
METRIC = {"metric": {"name": "loss"}}


def hyperband(**rule: Any) -> dict[str, Any]:
    """Return a rule for stopping trials early, and the metric that it needs."""
    return {**METRIC, "early_terminate": {"type": "hyperband", **rule}}


def grid(**spec: Any) -> dict[str, Any]:
    """Return a grid over one parameter."""
    return {"method": "grid", "parameters": {"x": spec}}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"method": None}, "method is missing; it takes one of grid, random, bayes"),
        ({"method": "best"}, "method is 'best'"),
        ({"method": "grid"}, "A grid cannot try every value of 'lr' .uniform"),
        ({"parameters": {}}, "parameters is {}"),
        (grid(distribution="int_uniform", min=-(9 * 10**18), max=9 * 10**18), "count the values"),
        (grid(distribution="q_uniform", min=0, max=1, q=1e-300), "A grid cannot count .* 'x'"),
        (grid(values=[1.0, math.inf]), r"got Infinity as parameters.x.values.1, which no file"),
        (grid(value=["a", {"b": "x\0y"}]), r"the text 'x\\x00y' with a NUL"),
        (grid(value={"x\0y": 1}), r"the text 'x\\x00y' with a NUL"),
        ({"run_cap": 0}, "run_cap is 0; it takes a whole number of 1 or more"),
        ({"metric": "loss"}, "metric is 'loss'; it takes a dict"),
        ({"metric": {"name": "loss", "goal": "less"}}, "metric.goal is 'less'"),
        ({"metric": {"name": "loss", "aim": 1}}, "metric.aim is 1; it takes nothing there"),
        ({"metric": {"name": "loss", "target": "0"}}, "metric.target is '0'"),
        ({"early_terminate": {"type": "hyperband", "min_iter": 3}}, "metric is missing"),
        (hyperband(), "it takes min_iter, or max_iter and s"),
        (hyperband(max_iter=9), "it takes min_iter, or max_iter and s"),
        (hyperband(min_iter=0), "min_iter is 0"),
        (hyperband(min_iter=1, eta=1), "eta is 1; it takes a number above 1"),
        (hyperband(min_iter=1, strict="yes"), "strict is 'yes'"),
        ({**METRIC, "early_terminate": {"type": "median"}}, "early_terminate is"),
        ({"command": "python train.py"}, "command is 'python train.py'; it takes a list"),
        ({"program": 3}, "program is 3; it takes text"),
        ({"method": "bayes"}, "metric is missing; it takes what bayes searches by"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(more: dict[str, Any], said: str) -> None:
    """At the call, with what was found and what is accepted."""
    with pytest.raises(UsageError, match=said):
        checked_config({**GOOD, **more})


@pytest.mark.parametrize("name", ["job", "image_uri", "metrics", "scheduler"])
def test_what_needs_a_cloud_says_what_to_do_instead(name: str) -> None:
    """As everywhere."""
    with pytest.raises(UnsupportedError, match=f"no '{name}' here"):
        checked_config({**GOOD, name: "x"})


def test_an_unknown_name_is_left_out_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    """As wandb does."""
    assert checked_config({**GOOD, "conut": 3}) == GOOD
    assert "no 'conut'" in capsys.readouterr().err


def test_a_configuration_comes_as_dict_function_or_file(tmp_path: Path) -> None:
    """And is kept as JSON has it: what is read back is the same."""
    file = tmp_path / "sweep.yaml"
    file.write_text("method: random\nparameters: {lr: {min: 0.1, max: 1}}\n")
    tuples = {"method": "grid", "parameters": {"size": {"values": (1, (2, 3))}}}
    assert checked_config(lambda: GOOD) == checked_config(file) == checked_config(GOOD)
    assert checked_config(tuples)["parameters"] == {"size": {"values": [1, [2, 3]]}}


def test_other_things_are_no_configuration(tmp_path: Path) -> None:
    """A wrong type, a missing file, an object as a value."""
    with pytest.raises(ArgumentTypeError, match="got a list"):
        checked_config([GOOD])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no YAML mapping in this file"):
        checked_config(tmp_path / "missing.yaml")
    with pytest.raises(UsageError, match="a value that no file can hold"):
        checked_config({"method": "grid", "parameters": {"x": {"values": [object()]}}})


def test_an_entity_is_a_text_without_a_nul(here: Path) -> None:
    """It becomes a variable of the environment."""
    with pytest.raises(ArgumentTypeError, match="takes entity as text; got 5"):
        tracklab.sweep(GOOD, entity=5)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="entity without a NUL"):
        tracklab.sweep(GOOD, entity="a\0b")
    assert not list(here.iterdir())


def test_a_prior_run_must_be_there(here: Path) -> None:
    """And its list is a list."""
    with pytest.raises(UsageError, match="no prior run 'nope'"):
        tracklab.sweep(GOOD, project="demo", prior_runs=["nope"])
    with pytest.raises(ArgumentTypeError, match="as a list of run ids"):
        tracklab.sweep(GOOD, project="demo", prior_runs="nope")


def test_a_place_that_cannot_be_written_is_said(root: Path) -> None:
    """Before any trial."""
    root.rmdir()
    root.write_text("a file")
    with pytest.raises(StorageError, match="cannot write the sweep's directory"):
        begin(GOOD, project="demo", root=root)


@pytest.mark.integration
def test_bayes_without_optuna_names_what_to_install(here: Path) -> None:
    """At `sweep()`, where it is not installed."""
    code = (
        "import sys; sys.modules['optuna'] = None\n"
        "import tracklab\n"
        "tracklab.sweep({'method': 'bayes', 'metric': {'name': 'loss'},\n"
        "                'parameters': {'lr': {'min': 0.1, 'max': 1}}})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert 'pip install "tracklab-local[sweeps]"' in done.stderr
    assert not list(here.iterdir())
