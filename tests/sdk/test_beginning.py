"""How a run begins: arguments, settings and environment; resuming, going back, forking."""

from __future__ import annotations

import inspect
import json
import logging
import math
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import yaml

import tracklab
from tracklab.errors import ArgumentTypeError, SettingsError, UsageError
from tracklab.query.engines.local import LocalEngine
from tracklab.sdk.config import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.sdk.run import Run

QUIET = {"console": "off"}
#: The arguments of wandb 0.31.0's init(), in their order.
ORDER = [
    "entity", "project", "dir", "id", "name", "notes", "tags", "config", "config_exclude_keys",
    "config_include_keys", "allow_val_change", "group", "job_type", "mode", "force", "reinit",
    "resume", "resume_from", "fork_from", "save_code", "tensorboard", "sync_tensorboard",
    "monitor_gym", "settings", "anonymous",
]  # fmt: skip


def begin(root: Path, **options: Any) -> Run:
    """Begin a run in `root`, without helpers."""
    defaults = {"project": "p", "system_monitor": False, "settings": QUIET, "dir": root}
    return tracklab.init(**{"reinit": "finish_previous", **defaults, **options})


def losses(root: Path, address: str) -> list[tuple[int, float]]:
    """Return the steps and losses that a reader sees."""
    rows = LocalEngine(root).rows(address, limit=100).rows
    return [(row["_step"], row["loss"]) for row in rows if "loss" in row]


def test_arguments_have_the_order_that_programs_rely_on() -> None:
    """Positional calls written for wandb mean the same here."""
    assert list(inspect.signature(tracklab.init).parameters)[: len(ORDER)] == ORDER


@pytest.mark.parametrize(
    ("given", "environment", "name"),
    [
        ({"name": "a", "settings": {"run_name": "b"}}, {"TRACKLAB_NAME": "c"}, "a"),
        ({"settings": {"run_name": "b"}}, {"TRACKLAB_NAME": "c"}, "b"),
        ({"settings": tracklab.Settings(run_name="b")}, {"WANDB_NAME": "c"}, "b"),
        ({}, {"TRACKLAB_NAME": "c", "WANDB_NAME": "d"}, "c"),
        ({}, {"WANDB_NAME": "d"}, "d"),
    ],
)
def test_what_is_nearest_wins(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, Any],
    environment: dict[str, str],
    name: str,
) -> None:
    """Argument, settings, TRACKLAB_*, WANDB_*."""
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    with tracklab.init(dir=root, mode="offline", system_monitor=False, **given) as run:
        assert (run.name, run.settings.run_name, run.offline) == (name, name, True)


def test_settings_take_every_field_of_wandb(root: Path) -> None:
    """Checked where they are given and where they are assigned; an unknown one is left out."""
    settings = tracklab.Settings(
        https_proxy="http://p", x_disable_stats="true", run_tags=["a"], console="off", gone=1
    )
    settings.run_notes = "n"
    assert (settings.https_proxy, settings.x_disable_stats, settings.x_primary) == (
        "http://p", True, True,
    )  # fmt: skip
    assert {"https_proxy", "monitor_interval", "run_notes"} <= settings.model_dump().keys()
    with begin(root, settings=settings) as run:
        assert (run.tags, run.notes, run.settings.run_id) == (("a",), "n", run.id)


@pytest.mark.parametrize(
    ("field", "value"), [("silent", "xx"), ("x_primary", "xx"), ("monitor_interval", -1), ("no", 1)]
)
def test_an_assigned_setting_is_checked(field: str, value: Any) -> None:
    """At the assignment, not inside a run."""
    settings = tracklab.Settings()
    with pytest.raises(SettingsError, match=field):
        setattr(settings, field, value)


def test_loggers_that_are_named_go_into_the_run(root: Path) -> None:
    """From a level on, while the run lasts."""
    logger = logging.getLogger("app.captured")
    settings = {"console": "off", "capture_loggers": {"app.captured": "WARNING"}}
    with begin(root, settings=settings) as run:
        logger.info("not this")
        logger.warning("this")
    logger.warning("too late")
    lines = map(orjson.loads, (run.run_dir / "events.jsonl").read_bytes().splitlines())
    assert [line["message"] for line in lines if line["logger"] == "app.captured"] == ["this"]


def test_the_environment_of_wandb_is_read_at_each_init(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flags, modes and private fields; a variable of ours wins."""
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB__DISABLE_STATS", "1")
    monkeypatch.setenv("WANDB_MODE", "dryrun")
    monkeypatch.setenv("WANDB_RUN_GROUP", "g")
    with tracklab.init(dir=root, settings=QUIET) as run:
        told = (run.settings.silent, run.settings.x_disable_stats, run.offline, run.group)
    assert told == (True, True, True, "g")
    assert not list(run.run_dir.glob("system_metrics*"))
    monkeypatch.setenv("WANDB_DIR", str(root / "theirs"))
    monkeypatch.setenv("TRACKLAB_DATA_DIR", str(root / "ours"))
    with tracklab.init(settings=QUIET) as run:
        assert run.root == root / "ours"
    monkeypatch.setenv("TRACKLAB_SILENT", "0")
    monkeypatch.setenv("WANDB_MODE", "disabled")
    with tracklab.init(dir=root, settings=tracklab.Settings(console="off")) as run:
        assert (run.disabled, run.settings.silent) == (True, False)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"config": {"a": 1, "b": 2}, "config_exclude_keys": ["a"]}, {"b": 2}),
        ({"config": {"a": 1, "b": 2}, "config_include_keys": "a"}, {"a": 1}),
        ({"config": SimpleNamespace(a=1)}, {"a": 1}),
    ],
)
def test_a_configuration_is_what_is_wanted_of_it(
    root: Path, options: dict[str, Any], found: dict[str, Any]
) -> None:
    """Some keys, or the attributes of an object."""
    with begin(root, **options) as run:
        assert run.config.as_dict() == found


def test_a_configuration_file_may_describe_its_values(root: Path, tmp_path: Path) -> None:
    """As wandb's files do, beside plain ones."""
    path = tmp_path / "config.yaml"
    path.write_text("wandb_version: 1\nlr:\n  desc: rate\n  value: 0.1\nlayers: [1, 2]\n")
    with begin(root, config=str(path)) as run:
        assert run.config.as_dict() == {"lr": 0.1, "layers": [1, 2]}


@pytest.mark.parametrize(
    "options",
    [
        {"id": ""}, {"fork_from": "x"}, {"resume_from": "x?_step=-1"}, {"reinit": "x"},
        {"resume": "allow", "id": "y", "fork_from": "x?_step=1"},
        {"id": "x", "fork_from": "x?_step=1"}, {"id": "y", "resume_from": "x?_step=1"},
        {"fork_from": "absent?_step=1"}, {"resume_from": "absent?_step=1"},
        {"config_exclude_keys": ["a"], "config_include_keys": ["b"]},
    ],
)  # fmt: skip
def test_what_contradicts_is_refused(root: Path, options: dict[str, Any]) -> None:
    """Before anything is written."""
    with pytest.raises(UsageError):
        begin(root, **options)
    assert not list(root.rglob("*.jsonl"))


def test_a_resumed_run_keeps_its_names_unless_given_anew(root: Path) -> None:
    """Given tags replace; what is not given stays."""
    begin(root, id="r", name="n", tags=["a"], notes="first", group="g", config={"a": 1}).finish()
    with begin(root, id="r", resume="allow", config={"b": 2}) as run:
        assert (run.name, run.tags, run.notes, run.group) == ("n", ("a",), "first", "g")
        assert run.config.as_dict() == {"a": 1, "b": 2}
    with begin(root, id="r", resume="must", tags=["b"]) as run:
        assert (run.tags, run.resumed) == (("b",), True)


def test_going_back_hides_what_lies_behind(root: Path) -> None:
    """Nothing is cut off: readers see the newer attempt from the next step on, at once."""
    with begin(root, id="r", config={"lr": 1}) as run:
        run.define_metric("loss", summary="min")
        for step in range(6):
            run.log({"loss": 6.0 - step})
    with begin(root, resume_from="r?_step=2") as run:
        assert (run.id, run.step, run.starting_step, run.resumed) == ("r", 3, 3, True)
        assert (run.config.lr, run.summary["loss"]) == (1, {"min": 4.0})
        assert losses(root, "p/r") == [(0, 6.0), (1, 5.0), (2, 4.0)]
        run.log({"loss": 0.5})
    assert losses(root, "p/r") == [(0, 6.0), (1, 5.0), (2, 4.0), (3, 0.5)]
    lines = map(orjson.loads, (run.run_dir / "history.jsonl").read_bytes().splitlines())
    assert [line["loss"] for line in lines if "loss" in line] == [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]


def test_going_back_twice_sees_what_was_seen(root: Path) -> None:
    """The second time from a step that only the second attempt has."""
    with begin(root, id="r") as run:
        for step in range(4):
            run.log({"loss": float(step)})
    for back, value in ((1, 10.0), (2, 20.0)):
        with begin(root, resume_from=f"r?_step={back}") as run:
            run.log({"loss": value})
            run.log({"loss": value + 1})
    assert losses(root, "p/r") == [(0, 0.0), (1, 1.0), (2, 10.0), (3, 20.0), (4, 21.0)]


def test_a_fork_begins_with_the_rows_of_the_other(root: Path) -> None:
    """Values, times, definitions and configuration; the other run stays as it is."""
    with begin(root, id="r", config={"lr": 1}) as source:
        source.define_metric("loss", summary="max")
        for step in range(5):
            source.log({"loss": float(step), "text": "x" * 40_000, "bad": float("nan")})
    with begin(root, fork_from="r?_step=2", config={"lr": 2}) as fork:
        assert (fork.id != "r", fork.step, fork.resumed) == (True, 3, False)
        assert (fork.config.lr, fork.summary["loss"]) == (2, {"max": 2.0})
        fork.log({"loss": 9.0})
    assert losses(root, fork.address) == [(0, 0.0), (1, 1.0), (2, 2.0), (3, 9.0)]
    assert len(losses(root, "p/r")) == 5
    engine = LocalEngine(root)
    copied, original = (engine.rows(run, limit=3).rows for run in (fork.address, "p/r"))
    assert [row["_timestamp"] for row in copied] == [row["_timestamp"] for row in original]
    assert [math.isnan(row["bad"]) for row in copied] == [True] * 3
    assert [row["text"] for row in copied] == [row["text"] for row in original]
    (value,) = (fork.run_dir / "media" / "values").iterdir()
    assert value.read_bytes() == b'"%b"' % (b"x" * 40_000)


CRASHING = """
import os, sys, tracklab
run = tracklab.init(project="p", resume="auto", system_monitor=False, settings={"console": "off"})
run.log({"loss": 1.0})
print(run.id, run.resumed, run.step)
sys.stdout.flush()
if len(sys.argv) > 1:
    os._exit(1)
"""


@pytest.mark.integration
def test_auto_goes_on_where_the_program_broke_off(root: Path, tmp_path: Path) -> None:
    """After a crash the same run, after a clean end a new one."""
    script = tmp_path / "train.py"
    script.write_text(CRASHING)

    def start(*arguments: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, str(script), *arguments], capture_output=True, text=True, check=False,
            env={"TRACKLAB_DATA_DIR": str(root), "HOME": str(tmp_path)},
        )  # fmt: skip
        return done.stdout.split()

    first, second, third = start("crash"), start(), start()
    assert first[1:] == ["False", "1"]
    assert second == [first[0], "True", "2"]
    assert third[0] != first[0]
    assert third[1:] == ["False", "1"]


def test_processes_of_a_shared_run_write_one_run(root: Path) -> None:
    """`mode="shared"`: the second joins, and only the primary replaces the documents."""
    first = begin(root, id="s", mode="shared")
    second = begin(root, id="s", mode="shared", reinit="create_new",
                   settings={**QUIET, "x_primary": False, "x_label": "eval"})  # fmt: skip
    second.log({"loss": 1.0}, step=7)
    second.finish()
    first.log({"loss": 2.0})
    first.finish()
    assert json.loads((first.run_dir / "metadata.json").read_text()).get("label") is None
    assert sorted(losses(root, "p/s")) == [(0, 2.0), (7, 1.0)]


def test_a_disabled_run_takes_everything_and_writes_nothing(root: Path) -> None:
    """Of the class that frameworks ask for, also after its end."""
    run = begin(root, mode="disabled", project=None, config={"a": 1})
    run.log({"x": 1.0}, step=5)
    assert isinstance(run, tracklab.Run)
    assert (run.name, run.project, run.entity) == (f"dummy-{run.id}", "dummy", "dummy")
    assert (run.url, run.offline, run.path) == (None, False, f"dummy/dummy/{run.id}")
    assert (run.step, run.summary["x"], run.config.a, tracklab.run is run) == (0, 1.0, 1, True)
    assert (run.save("x"), run.restore("x"), run.display()) == (False, None, False)
    run.watch(None)
    assert (run.log_artifact("x").wait().name is None, run.use_artifact("x")) == (False, None)  # type: ignore[comparison-overlap] # of a disabled run
    run.alert("t", "x")
    run.finish()
    run.log({"x": 2})
    assert (tracklab.run, list(root.iterdir())) == (None, [])


def test_an_argument_of_a_wrong_type_says_so(root: Path) -> None:
    """Unknown ones are Python's own TypeError."""
    with pytest.raises(ArgumentTypeError, match="__dict__"):
        begin(root, config=3)
    with pytest.raises(TypeError, match="unheard"):
        begin(root, unheard=1)


def test_a_configuration_with_a_nan_goes_on_without_marks(root: Path) -> None:
    """What its document says of odd values is no value of the user's."""
    with tracklab.init(dir=root, id="odd", config={"x": float("nan"), "y": 1}):
        pass
    (root / "uncategorized/odd/config.yaml").write_text("x: null\ny: 1\n_nonfinite: {x: NaN}\n")
    with tracklab.init(dir=root, id="odd", resume="must") as run:
        assert sorted(run.config.keys()) == ["x", "y"]


def test_numbers_of_a_configuration_that_are_not_finite_stay_what_they_are(root: Path) -> None:
    """For the program, in the files as everywhere, for readers, and for a run that goes on."""
    given = {"clip": math.inf, "inner": {"list": [1, math.nan]}, "low": -math.inf}
    with tracklab.init(dir=root, id="odd", config=given) as run:
        assert repr(run.config.as_dict()) == repr(given)
        run.config.update({"inner": {"list": [1, math.nan]}})  # no change
        with pytest.raises(ConfigError):
            run.config.clip = -math.inf
    run_dir = root / "uncategorized/odd"
    names = {"clip": "Infinity", "inner.list.1": "NaN", "low": "-Infinity"}
    assert yaml.safe_load((run_dir / "config.yaml").read_text()) == {
        "clip": None, "inner": {"list": [1, None]}, "low": None, "_nonfinite": names
    }  # fmt: skip
    engine = LocalEngine(root)
    assert repr(engine.glance("odd").config) == repr(given)
    for f, count in {
        "config.clip > 5": 1,
        "config.clip = Infinity": 1,
        "config.low > 5": 0,
    }.items():
        assert engine.runs(f=f).total == count
    (run_dir / "config.yaml").unlink()  # the lines say the same
    assert repr(engine.glance("odd").config) == repr(given)
    with tracklab.init(dir=root, id="odd", resume="must") as run:
        assert repr(sorted(run.config.items())) == repr(sorted(given.items()))
