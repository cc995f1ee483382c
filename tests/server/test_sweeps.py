"""Sweeps over HTTP: as the Api tells them, also of what runs at this moment or was killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tracklab.storage.sweeps import Sweep, create

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.server.serving import Client

pytestmark = pytest.mark.integration

CONFIG = {
    "name": "a search",
    "method": "grid",
    "metric": {"name": "acc", "goal": "maximize"},
    "parameters": {
        "lr": {"values": [0.1, 0.3]},
        "model": {"parameters": {"layers": {"min": 1, "max": 2}}},
        "epochs": {"value": 3},
    },
}
#: An agent whose second trial says that it runs, and then waits for its end.
AGENT = """
import sys, tracklab
def train():
    with tracklab.init(system_monitor=False) as run:
        run.log({"acc": run.config.lr})
        if run.config.model["layers"] == 2:
            print("here", flush=True)
            sys.stdin.read()
tracklab.agent(sys.argv[1], train)
"""


@pytest.fixture
def sweep(root: Path, monkeypatch: pytest.MonkeyPatch) -> Sweep:
    """Begin a sweep of four trials."""
    monkeypatch.setenv("TRACKLAB_DATA_DIR", str(root))
    monkeypatch.setenv("TRACKLAB_SILENT", "true")
    return Sweep(root, "demo", tracklab.sweep(CONFIG, project="demo"))


@pytest.fixture
def ask(client: Client) -> Callable[..., Any]:
    """Return what asks for a sweep; with the tag of an answer it may be told that it is that."""

    def get(sweep: Sweep, options: str = "", *, tag: str = "") -> Any:
        return client.get(f"/api/sweeps/{sweep.address}{options}", headers={"If-None-Match": tag})

    return get


def train() -> None:
    """Measure more with more layers, and fail with the larger rate."""
    with tracklab.init(system_monitor=False) as run:
        run.log({"acc": run.config.model["layers"] * run.config.lr})
        if run.config.lr > 0.2:
            raise ValueError


def compare(told: dict[str, Any], sweep: Sweep) -> None:
    """Fail unless an answer says what the Api says."""
    twin = tracklab.Api({"dir": sweep.root}).sweep(sweep.address)
    best = twin.best_run()
    assert (told["state"], told["limit"]) == (twin.state, twin.expected_run_count)
    assert (told["name"], told["sweep_id"]) == (twin.name, twin.id)
    assert told["metric"] == {**twin.config["metric"], "target": None}
    assert [one["run"] for one in told["trials"]] == [f"demo/{run.id}" for run in twin.runs]
    assert told["best"]["run"] == f"demo/{best and best.id}"
    for trial, run in zip(told["trials"], twin.runs, strict=True):
        tried = {"lr": run.config["lr"], "model.layers": run.config["model"]["layers"]}
        assert trial["parameters"] == {**tried, "epochs": 3}
        assert trial["value"] in {run.summary["acc"], None}
        assert (trial["value"] is None) == (trial["ended_at"] is None)


def test_a_sweep_is_told_as_by_the_api(sweep: Sweep, ask: Callable[..., Any]) -> None:
    """What is searched, and each trial; a parameter that never differs is told as such."""
    tracklab.agent(sweep.address, train)
    told = ask(sweep).json()
    compare(told, sweep)
    assert told["states"] == {"running": 0, "finished": 2, "failed": 2, "stopped": 0}
    assert [(one["name"], one["kind"], one["varies"]) for one in told["parameters"]] == [
        ("lr", "categorical", True), ("model.layers", "int_uniform", True),
        ("epochs", "constant", False),
    ]  # fmt: skip
    assert told["parameters"][1]["fields"] == {"min": 1, "max": 2}
    first = told["trials"][0]
    assert told["created_at"] < first["began_at"] < first["ended_at"] < told["updated_at"]


def test_an_agent_at_work_is_seen_and_so_is_its_death(
    sweep: Sweep, ask: Callable[..., Any]
) -> None:
    """Though a kill writes nothing: until then nothing is told anew."""
    command = [sys.executable, "-c", AGENT, sweep.address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as agent:
        assert agent.stdout is not None
        assert agent.stdout.readline() == b"here\n"
        seen = ask(sweep)
        compare(seen.json(), sweep)
        assert [one["state"] for one in seen.json()["trials"]] == ["finished", "running"]
        assert ask(sweep, tag=seen.headers["etag"]).status_code == 304
        agent.kill()
    seen = ask(sweep, tag=seen.headers["etag"])
    assert seen.status_code == 200
    assert [one["state"] for one in seen.json()["trials"]] == ["finished", "failed"]
    assert seen.json()["state"] == "RUNNING"


def test_an_answer_has_a_tag_until_something_is_decided(
    sweep: Sweep, client: Client, ask: Callable[..., Any]
) -> None:
    """A claim, a result, or that no further trial begins."""
    tags = []

    def look() -> None:
        every = [client.get("/api/sweeps?project=demo"), client.get("/api/sweeps"), ask(sweep)]
        tags.append(tuple(one.headers["etag"] for one in every))

    look()
    tracklab.agent(sweep.address, look, count=1)
    look()
    sweep.stop()
    look()
    assert [len(set(column)) for column in zip(*tags, strict=True)] == [4, 4, 4]
    assert ask(sweep).json()["state"] == "FINISHED"


def test_sweeps_are_listed_the_newest_first(sweep: Sweep, client: Client) -> None:
    """Those of a project as the Api lists them, or all; and it is said how many there are."""
    tracklab.agent(sweep.address, train, count=1)
    tracklab.sweep(CONFIG, project="demo/below")
    tracklab.sweep({**CONFIG, "run_cap": 3}, project="demo")
    told = client.get("/api/sweeps?project=demo").json()
    twin = tracklab.Api({"dir": sweep.root}).project("demo").sweeps()
    assert [one["sweep_id"] for one in told["sweeps"]] == [one.id for one in twin][::-1]
    assert [(one["count"], one["limit"]) for one in told["sweeps"]] == [(0, 3), (1, 4)]
    assert [one["best"] and one["best"]["value"] for one in told["sweeps"]] == [None, 0.1]
    assert client.get("/api/sweeps?limit=1").json()["total"] == 3
    assert client.get("/api/sweeps?project=other").json() == {"sweeps": [], "total": 0}


def test_trials_come_in_pages(sweep: Sweep, ask: Callable[..., Any]) -> None:
    """A page says after which trial the next one begins; the best one is that of all."""
    tracklab.agent(sweep.address, train)
    first = ask(sweep, "?limit=3").json()
    last = ask(sweep, f"?limit=3&after={first['cursor']}").json()
    numbers = [[one["number"] for one in page["trials"]] for page in (first, last)]
    assert (numbers, last["cursor"]) == ([[0, 1, 2], [3]], None)
    assert first["best"] == last["best"]
    assert first["best"]["number"] == 3


def test_secrets_are_hidden(root: Path, ask: Callable[..., Any]) -> None:
    """The files hold what they were told."""
    told = {"method": "grid", "parameters": {"api_key": {"values": ["k-1", "k-2"]}}}
    sweep = create(root, "demo", "one", {"config": told})
    sweep.claim(0, "abc", {"api_key": "k-1"})
    reply = ask(sweep)
    assert reply.json()["trials"][0]["parameters"] == {"api_key": "***"}
    assert "k-1" not in reply.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"parameters": {"lr": 3}}, {"parameters": {"lr": {"min": 0.0, "max": 1.0}}},
        {"parameters": []}, {"metric": "loss"}, {"metric": {"goal": "minimize"}},
        {"run_cap": "many"},
    ],
)  # fmt: skip
def test_what_is_no_sweep_of_ours_is_passed_over(
    root: Path, client: Client, ask: Callable[..., Any], wrong: dict[str, Any]
) -> None:
    """Somebody put it there, and the others are told."""
    sound = {"method": "grid", "parameters": {"lr": {"values": [1]}}}
    create(root, "demo", "good", {"config": sound})
    bad = create(root, "demo", "bad", {"config": {**sound, **wrong}})
    assert [one["sweep_id"] for one in client.get("/api/sweeps").json()["sweeps"]] == ["good"]
    assert ask(bad).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["demo/none", "none", "demo/%2e%2e", "..%2f/x", "demo/.sweeps", "demo/%00", f"a/{300 * 'x'}"],
)
def test_what_is_not_there_is_a_problem(client: Client, address: str) -> None:
    """And no address leads out of the directory."""
    reply = client.get(f"/api/sweeps/{address}")
    assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json")


def test_a_link_to_a_sweep_is_not_followed(root: Path, tmp_path: Path, client: Client) -> None:
    """Somebody put it there."""
    told = {"config": {"method": "grid", "parameters": {"lr": {"values": [1]}}}}
    outside = create(tmp_path / "elsewhere", "demo", "one", told)
    here = create(root, "demo", "two", told)
    (here.path.parent / "one").symlink_to(outside.path)
    assert [one["sweep_id"] for one in client.get("/api/sweeps").json()["sweeps"]] == ["two"]
    assert client.get("/api/sweeps/demo/one").status_code == 404


def test_lines_of_no_sense_cost_only_themselves(root: Path, ask: Callable[..., Any]) -> None:
    """A claim cut short is a trial without a run, and so is what is no file."""
    told = {"method": "random", "parameters": {"lr": {"min": 0.0, "max": 1.0}}}
    sweep = create(root, "demo", "one", {"config": told})
    (sweep.path / "trial.000000.jsonl").write_text('{"op": "cl')
    with (sweep.path / "trial.000001.jsonl").open("w") as file:
        json.dump({"op": "claim", "run_id": "r", "parameters": {"lr": 1}, "timestamp": 3}, file)
    os.mkfifo(sweep.path / "trial.000002.jsonl")
    told = ask(sweep).json()["trials"]
    assert [(one["run"], one["parameters"], one["began_at"]) for one in told] == [
        (None, {}, None), ("demo/r", {"lr": 1}, None), (None, {}, None),
    ]  # fmt: skip
