"""Finding runs: paths, filters, orders, pages."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.query.files import START_S, event, rows, segment
from tracklab.api.client import Api
from tracklab.errors import CommError, NotFoundError, QueryError, UsageError
from tracklab.sdk.starting import open_run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

LOSSES = {"one": 0.5, "two": 0.1, "three": 0.9, "four": None}


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with four runs that ended, the last without a loss and further below."""
    root = tmp_path_factory.mktemp("four")
    for number, (run_id, loss) in enumerate(LOSSES.items()):
        project = "demo/deep" if run_id == "four" else "demo"
        run = open_run(project, run_id=run_id, root=root, name=f"base-{number}", entity="team",
                       config={"lr": number / 10, "model": {"layers": number}, "value": number},
                       tags=["best", "x"] if number == 1 else ["x"], group="g")  # fmt: skip
        run.log({"loss": loss} if loss is not None else {"other": 1})
        run.finish(exit_code=number % 2)
    return root


@pytest.fixture
def runs_of(four: Path) -> Api:
    """Return an Api on these runs."""
    return Api({"dir": four})


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["one", "two", "three", "four"]),
        ({"config.lr": {"$gt": 0.05}}, ["two", "three", "four"]),
        ({"config.lr.value": {"$lte": 0.1}}, ["one", "two"]),
        ({"config.value.value": 2}, ["three"]),
        ({"config.model.layers": 3}, ["four"]),
        ({"config.model.value.layers": 3}, ["four"]),
        ({"config.model": {"layers": 1}}, ["two"]),
        ({"summary_metrics.loss": {"$lt": 0.6}}, ["one", "two"]),
        ({"summary_metrics.loss": {"$exists": False}}, ["four"]),
        ({"state": "failed"}, ["two", "four"]),
        ({"$or": [{"tags": "best"}, {"displayName": {"$regex": "2$"}}]}, ["two", "three"]),
        ({"name": {"$in": ["one", "four"]}}, ["one", "four"]),
        ({"tags": {"$nin": ["best"]}, "state": {"$ne": "failed"}}, ["one", "three"]),
        ({"username": "team", "group": "g", "jobType": None}, ["one", "two", "three", "four"]),
        ({"createdAt": {"$lt": "2026-01-01"}}, []),
        ({"sweep": None, "duration": {"$gte": 0}}, ["one", "two", "three", "four"]),
    ],
)
def test_filters_find_runs(runs_of: Api, filters: Any, expected: list[str]) -> None:
    """Under wandb's names for what a run has."""
    assert [run.id for run in runs_of.runs("demo", filters)] == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("+created_at", ["one", "two", "three", "four"]),
        ("-created_at", ["four", "three", "two", "one"]),
        ("-heartbeat_at", ["four", "three", "two", "one"]),
        ("+summary_metrics.loss", ["two", "one", "three", "four"]),
        ("-summary_metrics.loss", ["three", "one", "two", "four"]),
        ("-config.lr.value", ["four", "three", "two", "one"]),
        ("state", ["four", "two", "one", "three"]),
    ],
)
def test_orders_sort_runs(runs_of: Api, order: str, expected: list[str]) -> None:
    """Runs without the value come last either way, equal ones by address."""
    assert [run.id for run in runs_of.runs("team/demo", order=order)] == expected


def test_runs_are_a_lazy_sequence(runs_of: Api) -> None:
    """It has a length and can be cut, and makes what is asked for."""
    runs = runs_of.runs("demo", per_page=2)
    assert runs.objects == []
    runs.upgrade_to_full()
    assert (len(runs), runs.length, runs[1].id, runs[-1].id) == (4, 4, "two", "four")
    assert [run.id for run in runs[1:3]] == ["two", "three"]
    assert [run.id for run in runs] == [run.id for run in runs] == list(LOSSES)
    assert [runs.next().id, next(runs).id] == ["one", "two"]
    assert runs[0] is runs[0]
    with pytest.raises(IndexError):
        runs[4]


def test_a_page_is_made_when_it_is_reached(runs_of: Api) -> None:
    """Two at once, and no more."""
    runs = runs_of.runs("demo", per_page=2)
    assert (runs[0].id, len(runs.objects), runs.more) == ("one", 2, True)


@pytest.mark.parametrize(
    "path",
    ["demo/deep/four", "team/demo/deep/four", "four", "/demo/deep/runs/four", "demo/deep:four"],
)
def test_a_run_has_many_paths(runs_of: Api, path: str) -> None:
    """The id is taken from the right; an entity is a label."""
    assert runs_of.run(path).address == "demo/deep/four"


def test_overrides_say_where_an_id_is_looked_for(root: Path) -> None:
    """And which project is meant without one."""
    for project in ("demo", "other"):
        segment(root / project / "one", rows((0, {"a": 1})))
    api = Api({"dir": root, "project": "other", "entity": "us"})
    assert (api.run("one").address, len(api.runs()), api.default_entity) == ("other/one", 1, "us")
    with pytest.raises(CommError, match="not unique"):
        Api({"dir": root}).run("one")


@pytest.mark.parametrize("path", ["demo/none", "none", "", "team/none/one", "../../one"])
def test_a_run_that_is_not_there_is_told(runs_of: Api, path: str) -> None:
    """As the errors that programs catch."""
    with pytest.raises(CommError) as caught:
        runs_of.run(path)
    assert isinstance(caught.value, ValueError)


def test_a_project_that_is_not_there_is_told_when_it_is_asked(runs_of: Api) -> None:
    """With those that are."""
    runs = runs_of.runs("team/none")
    with pytest.raises(NotFoundError, match="demo, demo/deep"):
        len(runs)


@pytest.mark.parametrize("given", [{"order": "loss"}, {"order": ""}, {"per_page": 0}])
def test_wrong_questions_are_refused_at_the_call(api: Api, given: Any) -> None:
    """An order that there is not, pages of nothing."""
    with pytest.raises((QueryError, UsageError)):
        api.runs("demo", **given)


def test_an_unknown_override_is_refused(root: Path) -> None:
    """The message shows one."""
    with pytest.raises(UsageError, match="'colour'"):
        Api({"dir": root, "colour": "red"})


def test_runs_that_others_wrote_are_found(root: Path, api: Api) -> None:
    """Lines alone are a run; one whose end nobody saw has crashed."""
    segment(root / "p" / "r", rows((0, {"loss": 2.0})))
    data = {"values": {"lr": 0.5}}
    segment(root / "p" / "r", [event("tracklab.config", "config", data)], stream="events")
    for path in root.rglob("*.jsonl"):
        os.utime(path, (START_S, START_S))
    [run] = api.runs(filters={"config.lr": 0.5, "summary_metrics.loss": 2, "state": "crashed"})
    assert (run.state, run.config, run.created_at) == (
        "crashed", {"lr": 0.5}, "2026-11-20T17:40:00.000000Z",
    )  # fmt: skip
    assert api.runs(filters={"createdAt": START_S})[0].id == "r"


def test_projects_are_listed(runs_of: Api) -> None:
    """Last active first."""
    assert [project.name for project in runs_of.projects()] == ["demo/deep", "demo"]
    assert runs_of.project("demo").runs_count == 3


def test_a_project_that_was_made_has_no_run_yet(api: Api, root: Path) -> None:
    """It is there all the same."""
    api.create_project("new/one", "team")
    made = api.project("new/one", "team")
    assert (made.path, made.runs_count, made.last_activity, made.url) == (
        ["team", "new/one"], 0, None, (root / "new" / "one").as_uri(),
    )  # fmt: skip
    assert len(api.runs("new/one")) == 0


def test_a_path_may_be_of_either(runs_of: Api) -> None:
    """A run, or else a project."""
    assert type(runs_of.from_path("demo/one")).__name__ == "Run"
    assert runs_of.from_path("team/demo/deep").name == "demo/deep"
    with pytest.raises(CommError, match="neither"):
        runs_of.from_path("none/at/all")


def test_a_run_may_be_made_for_others(api: Api) -> None:
    """It ends at once, and `init(resume=)` goes on with it."""
    made = api.create_run(run_id="made", project="demo", entity="us")
    assert (made.path, made.state) == (["us", "demo", "made"], "finished")
    with pytest.raises(UsageError):
        api.create_run(run_id="made", project="demo")
