"""An agent with a function: which trials it runs, what a run of one is, and when it ends."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tests.full_disk import files_of_at_most
from tracklab.errors import ArgumentTypeError, CommError, StorageError, UsageError
from tracklab.records.parameters import leaves
from tracklab.sdk.trials import bands_of
from tracklab.storage.progress import standing_of
from tracklab.storage.sweeps import create
from tracklab.sweeps.agent import work
from tracklab.sweeps.bayes import known_places
from tracklab.sweeps.configuration import checked_config
from tracklab.sweeps.search import claim_next

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.storage.sweeps import Sweep

pytestmark = pytest.mark.integration

QUIET: dict[str, Any] = {"system_monitor": False, "settings": {"silent": True}}
LOSS = {"name": "loss"}


def states(sweep: Sweep) -> list[str]:
    """Return the state of each trial."""
    return list(standing_of(sweep).states.values())


def test_a_grid_is_the_product_of_its_values(begun: Callable[..., Sweep]) -> None:
    """Each once, nested ones too, the last one changing quickest; then the agent ends."""
    model = {"parameters": {"layers": {"min": 1, "max": 3}, "act": {"values": ["relu", "gelu"]}}}
    sweep = begun(parameters={"lr": {"values": [0.1, 0.2]}, "model": model, "seed": {"value": 7}})
    tried = []

    def train() -> None:
        with tracklab.init(**QUIET) as run:
            model = run.config.model
            tried.append((run.config.lr, model["layers"], model["act"], run.config.seed))

    tracklab.agent(sweep.address, train)
    assert tried == list(product([0.1, 0.2], [1, 2, 3], ["relu", "gelu"], [7]))
    assert states(sweep) == ["finished"] * 12


def test_a_run_of_a_trial_is_the_sweeps(begun: Callable[..., Sweep], tmp_path: Path) -> None:
    """Its place and parameters are, whatever the program says; the environment is as before."""
    sweep = begun(parameters={"rate": {"values": [1, 2]}})
    before = dict(os.environ)
    seen: list[Any] = []

    def train() -> None:
        given = {"rate": 9, "epochs": 5}
        run = tracklab.init(project="other", id="mine", dir=tmp_path, config=given, **QUIET)
        run.config.rate = 10
        run.config.update({"rate": 11}, allow_val_change=True)
        seen.append((run.project, run.id, run.root, run.config.as_dict(), run.sweep_id))
        assert run.sweep_url == sweep.path.as_uri()

    tracklab.agent(sweep.sweep_id, train, project="demo", count=1)
    (trial,) = sweep.trials
    assert seen == [("demo", trial.run_id, sweep.root, {"rate": 1, "epochs": 5}, sweep.sweep_id)]
    assert (dict(os.environ), tracklab.run) == (before, None)


def test_parameters_are_put_into_what_the_program_nests(begun: Callable[..., Sweep]) -> None:
    """Beside its own values, which are set as ever; what the sweep chose stays."""
    sweep = begun(parameters={"m": {"parameters": {"layers": {"value": 3}}}})
    seen: list[Any] = []

    def train() -> None:
        run = tracklab.init(config={"m": {"layers": 1, "dim": 8}}, **QUIET)
        seen.append(run.config.m)
        run.config.update({"m": {"layers": 2, "heads": 4}})
        with pytest.raises(tracklab.UsageError, match='value of key "m"'):
            run.config.m = {"dim": 9}
        run.config.update({"m": {"dim": 9}}, allow_val_change=True)
        run.config.m = 5
        seen.append(run.config.m)

    tracklab.agent(sweep.address, train)
    (run,) = tracklab.Api({"dir": sweep.root}).runs()
    assert seen == [{"layers": 3, "dim": 8}, {"layers": 3, "dim": 9, "heads": 4}]
    assert run.config == {"m": seen[1]}


def test_a_disabled_run_gets_its_parameters(begun: Callable[..., Sweep]) -> None:
    """A function can be tried out without writing a run."""
    seen = []

    def train() -> None:
        seen.append(tracklab.init(mode="disabled").config.lr)

    tracklab.agent(begun().address, train)
    assert seen == [1, 2, 3]


def test_a_sweep_is_no_run(begun: Callable[..., Sweep]) -> None:
    """Readers list its trials, and nothing else."""
    sweep = begun()
    tracklab.agent(sweep.address, lambda: tracklab.init(**QUIET))
    api = tracklab.Api({"dir": sweep.root})
    assert {run.id for run in api.runs()} == {trial.run_id for trial in sweep.trials}
    assert [project.name for project in api.projects()] == ["demo"]


def test_a_random_search_ends_at_its_cap(begun: Callable[..., Sweep]) -> None:
    """Over all agents; and each draw is another."""
    parameters = {"lr": {"min": 0.0, "max": 1.0}}
    sweep = begun(method="random", parameters=parameters, run_cap=5)
    tried: list[float] = []

    def train() -> None:
        tried.append(tracklab.init(**QUIET).config.lr)

    tracklab.agent(sweep.address, train, count=2)
    tracklab.agent(sweep.address, train)
    assert (len(tried), len(set(tried)), states(sweep)) == (5, 5, ["finished"] * 5)
    assert all(0 <= value <= 1 for value in tried)


def test_a_search_ends_when_a_run_reaches_the_target(begun: Callable[..., Sweep]) -> None:
    """Also when the metric is to grow."""
    sweep = begun(metric={**LOSS, "goal": "maximize", "target": 2})

    def train() -> None:
        with tracklab.init(**QUIET) as run:
            run.log({"loss": run.config.lr})

    tracklab.agent(sweep.address, train)
    assert [trial.value for trial in sweep.trials] == [1, 2]
    assert standing_of(sweep).state == "FINISHED"


def test_a_search_ends_when_somebody_stops_it(begun: Callable[..., Sweep]) -> None:
    """Trials that run go on."""
    sweep = begun()
    tracklab.agent(sweep.address, sweep.stop)
    assert (states(sweep), standing_of(sweep).state) == (["finished"], "FINISHED")


@pytest.mark.parametrize(
    ("ending", "state", "code"),
    [(SystemExit(0), "finished", 0), (SystemExit(7), "failed", 7), (ValueError("no"), "failed", 1)],
)
def test_a_trial_ends_as_its_function_does(
    begun: Callable[..., Sweep], ending: BaseException, state: str, code: int
) -> None:
    """And so does its run; the agent goes on."""
    sweep = begun()

    def train() -> None:
        run = tracklab.init(**QUIET)
        if run.config.lr == 1:
            raise ending

    assert work(sweep, train) == 0
    first = sweep.trials[0]
    run = tracklab.Api({"dir": sweep.root}).run(f"demo/{first.run_id}")
    assert (first.state, first.exit_code, run.state) == (state, code, state)
    assert states(sweep)[1:] == ["finished", "finished"]


def test_an_agent_ends_when_everything_fails_at_once(
    begun: Callable[..., Sweep], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three failures in its first minute; unless it is told to go on."""
    sweep = begun(method="random", parameters={"x": {"min": 0, "max": 9}}, run_cap=5)

    def train() -> None:
        raise ValueError

    assert work(sweep, train) == 1
    assert states(sweep) == ["failed"] * 3
    monkeypatch.setenv("WANDB_AGENT_DISABLE_FLAPPING", "true")
    assert work(sweep, train) == 0
    assert states(sweep) == ["failed"] * 5


def test_an_agent_ends_after_failures_in_a_row(
    begun: Callable[..., Sweep], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as it is told."""
    monkeypatch.setenv("TRACKLAB_AGENT_DISABLE_FLAPPING", "true")
    sweep = begun(parameters={"x": {"min": 0, "max": 9}})

    def train() -> None:
        if tracklab.init(**QUIET).config.x != 1:
            raise ValueError

    tracklab.agent(sweep.address, train, max_consecutive_failed_runs=2)
    assert states(sweep) == ["failed", "finished", "failed", "failed"]


def test_ctrl_c_ends_the_trial_and_the_agent(begun: Callable[..., Sweep]) -> None:
    """The program goes on behind it, as with wandb's."""
    sweep = begun()

    def train() -> None:
        tracklab.init(**QUIET)
        raise KeyboardInterrupt

    assert work(sweep, train) == 130
    assert states(sweep) == ["failed"]


def test_what_ends_a_task_ends_the_trial_and_is_raised(begun: Callable[..., Sweep]) -> None:
    """It is the program's own affair; the trial has failed, and no run is left."""
    sweep = begun()

    def train() -> None:
        tracklab.init(**QUIET)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        tracklab.agent(sweep.address, train)
    assert (states(sweep), tracklab.run) == (["failed"], None)


def test_a_second_thread_gets_no_agent_with_a_function(begun: Callable[..., Sweep]) -> None:
    """Their trials would be mixed; one inside of the other is served."""
    sweep, other = begun(), begun(parameters={"b": {"value": 1}})
    before = dict(os.environ)

    def train() -> None:
        with ThreadPoolExecutor(1) as pool:
            refused = pool.submit(tracklab.agent, sweep.address, train)
        assert isinstance(refused.exception(), UsageError)
        tracklab.agent(other.address, lambda: tracklab.init(**QUIET).config.b)

    tracklab.agent(sweep.address, train)
    assert (states(sweep), states(other)) == (["finished"] * 3, ["finished"])
    assert dict(os.environ) == before


def test_a_result_that_does_not_fit_is_a_storage_error(begun: Callable[..., Sweep]) -> None:
    """And the agent ends: whoever makes room starts it again."""
    sweep = begun()
    with ExitStack() as stack:

        def train() -> None:
            size_bytes = sweep.trials[0].path.stat().st_size
            stack.enter_context(files_of_at_most(size_bytes + 20))

        with pytest.raises(StorageError, match=r"agent.. cannot write .* Make room"):
            tracklab.agent(sweep.address, train)
    tracklab.agent(sweep.address, lambda: None)
    assert states(sweep) == ["running", "finished", "finished"]


@pytest.mark.parametrize("silent", ["TRACKLAB_SILENT", "WANDB_SILENT", ""])
def test_notices_keep_secrets_and_can_be_silenced(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], silent: str
) -> None:
    """As all other notices."""
    if silent:
        monkeypatch.setenv(silent, "true")
    parameters = {"api_key": {"value": "hush"}, "long": {"value": "x" * 9999}}
    sweep_id = tracklab.sweep({"method": "grid", "parameters": parameters}, project="demo")
    tracklab.agent(sweep_id, lambda: None)
    told = capsys.readouterr().err
    assert ("has begun" in told, "'api_key': '***'" in told) == (not silent, not silent)
    assert "hush" not in told
    assert len(told) < 700


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"function": 3}, ArgumentTypeError, "takes a function without arguments; got 3"),
        ({"function": print, "count": 0}, UsageError, "takes count of 1 or more; got 0"),
        ({"function": print, "count": 1.5}, ArgumentTypeError, "count as a whole number"),
        ({"function": print, "max_consecutive_failed_runs": True}, TypeError, "got True"),
        ({"function": print, "max_consecutive_failed_runs": 0}, ValueError, "got 0"),
        ({}, UsageError, "names no program, and agent.. got no function"),
    ],
)
def test_a_wrong_call_is_refused(
    begun: Callable[..., Sweep], arguments: dict[str, Any], error: type[Exception], said: str
) -> None:
    """Before a trial is claimed."""
    sweep = begun()
    with pytest.raises(error, match=said):
        tracklab.agent(sweep.address, **arguments)
    assert sweep.trials == []


def test_a_sweep_is_found_by_every_path(begun: Callable[..., Sweep]) -> None:
    """With an entity, a project, or neither; else it is a CommError that says where it looked."""
    sweep = begun()
    for path in (sweep.sweep_id, sweep.address, f"somebody/{sweep.address}"):
        tracklab.agent(path, lambda: None, count=1)
    assert len(sweep.trials) == 3
    for wrong in ("demo/none", "none", "", "..", "demo/a\0b", "a\0b"):
        with pytest.raises(CommError, match="There is no sweep"):
            tracklab.agent(wrong, lambda: None)
    with pytest.raises(ArgumentTypeError, match="is text such as"):
        tracklab.agent(3, lambda: None)  # type: ignore[arg-type]


def seeded(root: Path, prior_runs: list[str], **parameters: Any) -> Sweep:
    """Return a sweep with the method bayes whose draws are the same each time."""
    config = {"method": "bayes", "metric": LOSS, "parameters": parameters}
    told = {"config": checked_config(config), "prior_runs": prior_runs}
    return create(root, "demo", "seeded", told)


def test_bayes_learns_from_the_files(here: Path) -> None:
    """It comes closer than its first draws did, and takes values of any type."""
    inner = {"parameters": {"kind": {"values": [[1], None, "a"]}, "n": {"min": 1, "max": 9}}}
    sweep = seeded(here, [], x={"min": -10.0, "max": 10.0}, one={"value": 1}, inner=inner)

    def train() -> None:
        with tracklab.init(**QUIET) as run:
            run.log({"loss": (run.config.x - 3) ** 2})

    tracklab.agent(sweep.address, train, count=30)
    values = [trial.value or 0.0 for trial in sweep.trials]
    assert min(values[10:]) < min(values[:10])
    assert {repr(trial.parameters["inner"]["kind"]) for trial in sweep.trials} <= {
        "[1]", "None", "'a'",
    }  # fmt: skip


def test_bayes_is_told_of_prior_runs(here: Path) -> None:
    """Their parameters and what they measured count as trials; they are runs of the sweep."""
    runs = [f"r{number}" for number in range(12)]
    for number, run_id in enumerate(runs):
        with tracklab.init(
            project="demo", id=run_id, config={"x": 80 * number}, **QUIET
        ) as run:  # fmt: skip
            run.log({"loss": abs(number - 4)})
    sweep = seeded(here, runs, x={"min": 0, "max": 1000})
    tracklab.agent(sweep.address, lambda: tracklab.init(**QUIET).log({"loss": 9}), count=6)
    assert sum(abs(trial.parameters["x"] - 320) for trial in sweep.trials) / 6 < 200  # of any: 282
    assert len(tracklab.Api().sweep(sweep.address).runs) == 18


def test_bayes_passes_over_runs_outside_of_its_space(here: Path) -> None:
    """Whatever they had: one that is near the end would pull the search there."""
    runs = []
    for n, x in [(77, 0.5), (2.5, 0.5), (True, 0.5), (3, 77.0), (3, "a"), (3, None), (3, 0.5)]:
        with tracklab.init(project="demo", config={"n": n, "x": x}, **QUIET) as run:
            run.log({"loss": 1})
        runs.append(run.id)
    sweep = seeded(here, runs, n={"min": 0, "max": 10}, x={"min": 0.0, "max": 1.0})
    searched = {one.name: one for one in leaves(sweep.config["parameters"])}
    assert [places for places, _, _ in known_places(sweep, sweep.config, searched)] == [
        {"n": 3, "x": pytest.approx(0.5)}
    ]
    tracklab.agent(sweep.address, lambda: None, count=1)


def test_bayes_leaves_out_what_has_no_probability(here: Path) -> None:
    """Of the others it learns how likely each is to be good."""
    spec = {"values": ["never", "a", "no", "b"], "probabilities": [0, 0.9, 0, 0.1]}
    sweep = seeded(here, [], x=spec)
    tracklab.agent(sweep.address, lambda: None, count=12)
    assert {trial.parameters["x"] for trial in sweep.trials} == {"a", "b"}


@pytest.mark.parametrize(
    ("rule", "bands"),
    [
        ({"min_iter": 3, "eta": 3}, [3, 9, 27, 81]),
        ({"min_iter": 3, "eta": 2000.5}, [3, 6001, 12006000, 24018004500]),
        ({"min_iter": 3, "eta": 1e308}, [3]),
        ({"max_iter": 27, "s": 2, "eta": 3}, [3, 9]),
        ({"max_iter": 27, "s": 10**15, "eta": 3}, [1, 3, 9]),
        ({"max_iter": 27, "s": 3, "eta": 1e308}, []),
    ],
)
def test_bands_are_as_many_as_a_trial_may_come_to(rule: dict[str, Any], bands: list[int]) -> None:
    """Whatever the rule says, none is beyond counting."""
    found = bands_of(rule)
    assert found[: len(bands)] == bands
    assert found[-1:] <= [2**63]


@pytest.mark.parametrize("strict", [True, False])
def test_a_trial_that_falls_behind_ends_early(begun: Callable[..., Sweep], strict: bool) -> None:  # noqa: FBT001 - a case
    """At its bands, where one in three goes on; `except Exception` does not keep it."""
    rule = {"type": "hyperband", "min_iter": 2, "strict": strict}
    sweep = begun(
        metric=LOSS, early_terminate=rule, parameters={"loss": {"values": [5, 9, 3, 7, 1]}}
    )
    steps = []

    def train() -> None:
        with tracklab.init(**QUIET) as run:
            for step in range(9):
                steps.append((run.config.loss, step))
                try:
                    run.log({"loss": run.config.loss - step / 100})
                except Exception:  # noqa: BLE001, S112 - as programs have it
                    continue

    tracklab.agent(sweep.address, train)
    ends = dict(steps)
    assert ends == {5: 8, 9: 1, 3: 8, 7: 1, 1: 8}
    assert states(sweep) == ["finished", "stopped", "finished", "stopped", "finished"]
    run = tracklab.Api({"dir": sweep.root}).run(f"demo/{sweep.trials[1].run_id}")
    assert (run.state, len(list(run.scan_history()))) == ("finished", 2)


def test_a_trial_that_diverges_is_behind_all_others(begun: Callable[..., Sweep]) -> None:
    """A value that is not finite is the worst, whichever way is better."""
    rule = {"type": "hyperband", "max_iter": 4, "s": 1, "eta": 2, "strict": True}
    metric = {**LOSS, "goal": "maximize"}
    sweep = begun(metric=metric, early_terminate=rule)

    def train() -> None:
        with tracklab.init(**QUIET) as run:
            for _ in range(4):
                run.log({"loss": 1.0 if run.config.lr == 1 else float("nan")})

    tracklab.agent(sweep.address, train)
    assert states(sweep) == ["finished", "stopped", "stopped"]


def test_a_claim_whose_process_is_gone_has_failed(begun: Callable[..., Sweep]) -> None:
    """It stays claimed: nobody runs it again."""
    sweep = begun()
    child = os.fork()
    if child == 0:
        claim_next(sweep)
        os._exit(0)
    os.waitpid(child, 0)
    assert (states(sweep), standing_of(sweep).state) == (["failed"], "RUNNING")
    tracklab.agent(sweep.address, lambda: None)
    assert states(sweep) == ["failed", "finished", "finished"]
    assert standing_of(sweep).state == "FINISHED"
