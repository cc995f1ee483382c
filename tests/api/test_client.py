"""Who and where; what only a cloud answers; what asking costs."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tracklab.api.client import Api
from tracklab.errors import ArgumentTypeError, CommError, UnsupportedError
from tracklab.sdk.current import default_entity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIGHT = """
import sys
import tracklab
loaded = {"numpy", "pandas", "tracklab.query", "tracklab.api"} & set(sys.modules)
tracklab.Api
print(sorted(loaded), "tracklab.query.runs" in sys.modules, "pandas" in sys.modules)
"""


def test_importing_tracklab_loads_no_reader() -> None:
    """Not before `Api` is used, and pandas not even then."""
    told = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert told.stdout == "[] True False\n"


def test_the_data_of_the_last_run_are_meant(root: Path, begun: Callable[..., Any]) -> None:
    """A program that began a run elsewhere finds it without saying where."""
    begun("r").finish()
    assert Api().run("demo/r").address == "demo/r"


def test_the_environment_says_where_else(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whose, and which project."""
    monkeypatch.setenv("TRACKLAB_PROJECT", "named")
    monkeypatch.setenv("WANDB_ENTITY", "us")
    api = Api({"dir": root}, timeout=3, api_key="secret")
    assert api.settings == {
        "entity": "us", "project": "named", "run": None, "base_url": root.as_uri(),
    }  # fmt: skip
    assert (api.default_entity, api.viewer.username) == ("us", default_entity())
    assert (api.api_key, api.client, "secret" in str(vars(api))) == ("local", api, False)
    assert (api.viewer.teams, api.viewer.api_keys, api.viewer.admin) == ([], [], True)
    assert (api.viewer.email, api.user_agent) == (None, f"tracklab/{tracklab.__version__}")
    api.flush()


def test_overrides_are_a_mapping() -> None:
    """A text alone could mean anything."""
    with pytest.raises(ArgumentTypeError, match="as a dict; got 'x'"):
        Api("x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "ask",
    [
        lambda api: api.team("x"), lambda api: api.create_team("x"),
        lambda api: api.job("x"), lambda api: api.run_queue("e", "q"),
        lambda api: api.registry("x"), lambda api: api.automation("x"),
        lambda api: api.create_custom_chart("e", "n", "d", "vega2", "private", {}),
        lambda api: api.sync_tensorboard("logs"),
    ],
)  # fmt: skip
def test_what_needs_a_cloud_is_refused(api: Api, ask: Callable[[Api], Any]) -> None:
    """With what to use instead."""
    with pytest.raises(UnsupportedError, match=r"needs wandb's cloud, .*\. [A-Z]"):
        ask(api)


def test_lists_that_a_cloud_would_have_are_empty(api: Api) -> None:
    """A program that goes through them goes on."""
    lists = (api.reports("x"), api.users("x"), api.registries(), api.list_jobs("e", "p"))
    assert lists == ([], [], [], [])
    assert [*api.automations(), *api.integrations(), *api.slack_integrations()] == []
    assert not api.users("x")
    assert list(api.project("demo").sweeps()) == []
    with pytest.raises(CommError, match="no sweep"):
        api.sweep("demo/x")


def test_it_is_found_under_both_names() -> None:
    """`tracklab.Api`, and `tracklab.api` where wandb has its key."""
    assert tracklab.Api is Api
    assert sys.modules["tracklab.api"].api_key == "local"


PROGRAM = """
import wandb
from wandb.apis.public import File, Run, Runs
from wandb.apis.public.runs import RunNotFoundError
from wandb.errors import CommError

with wandb.init(project="demo", id="r", config={"lr": 0.1}) as run:
    run.log({"loss": 0.5})
api = wandb.Api(overrides={"entity": "us"}, timeout=29)
runs = api.runs("us/demo", {"config.lr": 0.1}, order="-created_at")
found = api.run("us/demo/r")
assert isinstance(runs, Runs) and isinstance(found, Run) and wandb.PublicApi is wandb.Api
assert found.summary["loss"] == 0.5 and [row["loss"] for row in found.scan_history()] == [0.5]
assert isinstance(found.files()[0], File) and wandb.InternalApi().api_key == "local"
try:
    api.run("us/demo/none")
except CommError as error:
    assert isinstance(error, RunNotFoundError)
    print("told")
"""


@pytest.mark.functional
def test_a_program_for_wandb_asks_without_a_change(tmp_path: Path) -> None:
    """Classes, errors and answers under wandb's names, in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=tmp_path, check=True,
        env={**os.environ, "TRACKLAB_AS_WANDB": "1", "WANDB_SILENT": "true"},
    )  # fmt: skip
    assert told.stdout == "told\n"
