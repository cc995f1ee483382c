"""Sweeps through the Api, in the words of programs for wandb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import tracklab
from tracklab.errors import CommError
from tracklab.storage.progress import standing_of
from tracklab.sweeps.places import find_sweep

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.api.client import Api

pytestmark = pytest.mark.integration

CONFIG = {
    "name": "a search",
    "method": "grid",
    "metric": {"name": "acc", "goal": "maximize"},
    "parameters": {"x": {"values": [1, 3, 2]}},
}


@pytest.fixture
def sweep_id(root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a sweep of three trials in the project `demo`, beside a run that is none of them."""
    monkeypatch.setenv("TRACKLAB_DATA_DIR", str(root))
    tracklab.init(project="demo", id="lone", system_monitor=False).finish()
    sweep_id = tracklab.sweep(CONFIG, project="demo", entity="us")

    def train() -> None:
        with tracklab.init(system_monitor=False) as run:
            run.log({"acc": run.config.x})

    tracklab.agent(sweep_id, train)
    return sweep_id


def test_a_sweep_tells_what_it_is(api: Api, sweep_id: str) -> None:
    """By each of its paths."""
    sweep = api.sweep(f"demo/{sweep_id}")
    assert (sweep.id, sweep.name, sweep.state) == (sweep_id, "a search", "FINISHED")
    assert (sweep.entity, sweep.project) == ("us", "demo")
    assert (sweep.path, sweep.expected_run_count) == (["us", "demo", sweep_id], 3)
    assert sweep.config == CONFIG
    assert sweep.load(force=True)["config"] == CONFIG
    assert {api.sweep(path).url for path in (sweep_id, f"x/demo/{sweep_id}")} == {sweep.url}
    assert sweep.url.startswith("file:///")
    assert sweep.to_html() == f'<a href="{sweep.url}">a search</a>'


def test_a_sweep_has_its_runs_and_the_best_of_them(api: Api, sweep_id: str) -> None:
    """By its metric and goal, or by another order."""
    sweep = api.sweep(sweep_id)
    best, least = sweep.best_run(), sweep.best_run(order="+summary_metrics.acc")
    assert [run.config["x"] for run in sweep.runs] == [1, 3, 2]
    assert best is not None
    assert least is not None
    assert (best.config["x"], least.config["x"]) == (3, 1)
    assert [run.id for run in api.runs("demo", {"sweep": sweep_id})] == [r.id for r in sweep.runs]


@pytest.mark.parametrize("aggregate", ["max", "best", "min", "mean"])
def test_the_best_run_is_that_of_the_sweep(
    api: Api, root: Path, monkeypatch: pytest.MonkeyPatch, aggregate: str
) -> None:
    """Also where the summary has aggregates; without a value there is no best one."""
    monkeypatch.setenv("TRACKLAB_DATA_DIR", str(root))
    sweep_id = tracklab.sweep(CONFIG, project="demo")

    def train() -> None:
        with tracklab.init(system_monitor=False) as run:
            run.define_metric("acc", summary=aggregate, goal="maximize")
            run.log({"acc": run.config.x})
            run.log({"acc": -run.config.x})

    tracklab.agent(sweep_id, train)
    best, told = api.sweep(sweep_id).best_run(), standing_of(find_sweep(sweep_id)).best
    found = (best and best.id, best and best.config["x"])
    assert found == (told and told.run_id, {"max": 3, "best": 3}.get(aggregate))


def test_a_run_knows_its_sweep(api: Api, sweep_id: str) -> None:
    """And a run that is no trial has none."""
    (run, *_) = api.sweep(sweep_id).runs
    assert run.sweep is not None
    assert (run.sweep.id, run.sweep_name, api.run("demo/lone").sweep) == (sweep_id, sweep_id, None)


def test_a_project_lists_its_sweeps(api: Api, sweep_id: str) -> None:
    """Its own, not those of projects below it; one that ran nothing has no best run."""
    tracklab.sweep(CONFIG, project="demo/below")
    second = tracklab.sweep({**CONFIG, "run_cap": 2}, project="demo")
    found = api.project("demo").sweeps()
    assert [sweep.id for sweep in found] == [sweep_id, second]
    assert (found[1].state, found[1].expected_run_count) == ("RUNNING", 2)
    assert (found[1].best_run(), len(found[1].runs)) == (None, 0)


def test_a_sweep_that_is_not_there_is_a_comm_error(api: Api) -> None:
    """As a run that is not there."""
    with pytest.raises(CommError, match="There is no sweep 'demo/x'"):
        api.sweep("demo/x")
