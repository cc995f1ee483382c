"""What `init`, `log`, `config`, `summary` and `finish` promise, read back from the files."""

from __future__ import annotations

import json
import math
import os
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
import yaml

import tracklab
from tracklab.clock import rfc3339
from tracklab.errors import SettingsError, StorageError, TrackLabError, UsageError
from tracklab.sdk.config import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.sdk.run import Run

QUIET = {"console": "off"}


@pytest.fixture
def run(root: Path) -> Iterator[Run]:
    """Return a current run without helpers."""
    made = start(root)
    yield made
    made.finish()


def start(root: Path, **options: Any) -> Run:
    """Begin a run in `root`."""
    defaults = {"project": "demo", "system_monitor": False, "settings": QUIET}
    return tracklab.init(dir=root, **{"reinit": "finish_previous", **defaults, **options})


def lines(run: Run, stream: str = "history") -> list[dict[str, Any]]:
    """Return the lines of all segments of a stream, headers left out."""
    found = []
    for path in sorted(run.run_dir.glob(f"{stream}*.jsonl")):
        found += [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return [line for line in found if line.get("logger") != "tracklab.segment"]


def user(row: dict[str, Any]) -> dict[str, Any]:
    """Return the keys the user logged."""
    return {key: value for key, value in row.items() if not key.startswith("_")}


def test_each_call_is_a_line_at_once(run: Run) -> None:
    """No buffer: the row is in the file when `log` returns."""
    run.log({"loss": 0.5, "epoch": 1})
    (row,) = lines(run)
    assert user(row) == {"loss": 0.5, "epoch": 1}
    assert (row["_step"], row["_run_id"]) == (0, run.id)


@pytest.mark.parametrize(
    ("calls", "steps", "after"),
    [
        ([({}, {}), ({}, {})], [0, 1], 2),
        ([({"step": 5}, {}), ({"step": 5}, {})], [5, 5], 5),
        ([({"step": 5, "commit": True}, {})], [5], 6),
        ([({"commit": False}, {}), ({}, {})], [0, 0], 1),
        ([({"step": 9}, {}), ({}, {})], [9, 9], 10),
        ([({"step": 9}, {}), ({"step": 3}, {}), ({}, {})], [9, 3, 9], 10),
        ([({"step": np.int64(4)}, {})], [4], 4),
        ([({"step": -2}, {}), ({}, {})], [-2, 0], 1),
    ],
)
def test_steps_follow_commit(run: Run, calls: list[Any], steps: list[int], after: int) -> None:
    """`commit` is True without `step` and False with it; earlier steps are kept."""
    for arguments, _ in calls:
        run.log({"x": 1}, **arguments)
    assert [row["_step"] for row in lines(run)] == steps
    assert run.step == after


@pytest.mark.parametrize(
    ("data", "step", "said"),
    [
        ([1, 2], None, "takes a dict with string keys; got a list"),
        ({1: 2}, None, "got the key 1"),
        ({"a": 1}, 1.5, "integer step; got 1.5"),
        ({"a": 1}, "3", "integer step; got '3'"),
        ({"a": 1}, True, "integer step; got True"),
        ({"x": 1}, 1 << 63, "64 bits"),
        ({"x": [1]}, -(1 << 64), "64 bits"),
    ],
)
def test_wrong_use_raises_at_the_call(run: Run, data: Any, step: Any, said: str) -> None:
    """The message says what was received and what to write instead."""
    with pytest.raises((TypeError, ValueError), match=said) as caught:
        run.log(data, step=step)
    assert isinstance(caught.value, TrackLabError)
    assert lines(run) == []


@pytest.mark.parametrize(
    "value",
    [math.nan, object(), "\ud800", 10**5000, "x" * 10_000_000, [[]] * 3, {1: {2: 3}}, print],
    ids=["nan", "object", "surrogate", "huge", "long", "lists", "keys", "function"],
)
def test_no_value_makes_log_raise(run: Run, value: object) -> None:
    """Whatever a value is, its row is one strict line and the next row is unharmed."""
    run.log({"odd": value, "ok": 1})
    run.log({"ok": 2})
    assert [row["ok"] for row in lines(run)] == [1, 2]


def test_not_a_number_is_named_and_kept_in_the_summary(run: Run) -> None:
    """The line says null and `_nonfinite`; the summary answers with the float."""
    run.log({"loss": math.nan})
    row = lines(run)[0]
    assert (row["loss"], row["_nonfinite"]) == (None, {"loss": "NaN"})
    assert math.isnan(run.summary["loss"])


def test_reserved_names_are_ours_but_the_timestamp_is_the_users(run: Run) -> None:
    """A user's `_step` is overwritten, his `_timestamp` kept, as in wandb."""
    run.log({"_step": 99, "_runtime": 99, "_timestamp": 12.5, "x": 1})
    row = lines(run)[0]
    assert (row["_step"], row["_timestamp"]) == (0, 12.5)
    assert row["_runtime"] < 99


@pytest.mark.parametrize("beside", [{}, {"ok": 1}, {"text": "x"}, {"nested": {"": 1, "a": 2}}])
def test_a_value_without_a_name_is_left_out(run: Run, beside: dict[str, Any]) -> None:
    """By the quick way as by the careful one; the step goes on."""
    run.log({"": 1, **beside})
    kept = {"nested": {"a": 2}} if "nested" in beside else beside
    assert {k: v for k, v in lines(run)[0].items() if not k.startswith("_")} == kept
    assert ("" in run.summary, run.step) == (False, 1)


def test_a_run_takes_no_attributes_but_its_own(run: Run) -> None:
    """A slip of the pen raises; what frameworks keep on it, with `_` in front, stays."""
    with pytest.raises(UsageError, match="Attribute typo is not supported on Run object"):
        run.typo = 1  # type: ignore[attr-defined] # that is what is tested
    run._framework = 1  # type: ignore[attr-defined] # as frameworks do
    run.notes = "better"
    assert (run._framework, run.notes) == (1, "better")  # type: ignore[attr-defined] # as above


def test_a_large_array_becomes_a_histogram_and_a_small_one_a_list(run: Run) -> None:
    """32 elements are the border."""
    run.log({"small": np.arange(32), "large": np.arange(33)})
    row = lines(run)[0]
    assert row["small"] == list(range(32))
    assert row["large"]["_type"] == "histogram"
    assert sum(row["large"]["values"]) == 33


def test_the_summary_holds_the_last_value_of_each_key(run: Run) -> None:
    """Nulls leave the value before them; a set value stays until its key is logged."""
    run.log({"a": 1, "b": 2})
    run.log({"a": None, "b": 3})
    run.summary["a"] = 10
    run.summary["best"] = {"nested": {"deep": 1}}
    run.summary["best"]["nested"]["deep"] = 2
    run.log({"b": 4})
    assert run.summary.as_dict() == {"a": 10, "b": 4, "best": {"nested": {"deep": 2}}}
    assert lines(run, "events")[-1]["data"] == {"values": {"best": {"nested": {"deep": 2}}}}
    with pytest.raises(KeyError):
        run.summary["missing"]


def test_define_metric_keeps_what_was_asked(run: Run) -> None:
    """min, max and mean are exact; the longest prefix wins; `none` hides."""
    run.define_metric("val/*", summary="min,max")
    run.define_metric("val/acc*", summary="mean,best", goal="maximize")
    run.define_metric("secret", summary="none")
    for value in (3, 1, 2):
        run.log({"val/loss": value, "val/acc": value, "secret": value})
    assert run.summary["val/loss"] == {"min": 1, "max": 3}
    assert run.summary["val/acc"] == {"mean": 2.0, "best": 3}
    assert "secret" not in run.summary


@pytest.mark.parametrize("place", [0, 1, 2])
def test_not_a_number_stays_in_min_max_and_mean(run: Run, place: int) -> None:
    """Wherever it came, as in wandb; last goes on."""
    run.define_metric("v", summary="min,max,mean,last")
    values = [1.0, 2.0]
    values.insert(place, math.nan)
    for value in [*values, 3.0]:
        run.log({"v": value})
    kept = run.summary["v"]
    assert [math.isnan(kept[kind]) for kind in ("min", "max", "mean")] == [True] * 3
    assert kept["last"] == 3.0


def test_a_step_metric_is_put_into_rows_that_lack_it(run: Run) -> None:
    """Its last value, or 0 before there is one."""
    run.define_metric("val/*", step_metric="epoch")
    run.log({"val/loss": 1})
    run.log({"epoch": 3})
    run.log({"val/loss": 2})
    assert [row.get("epoch") for row in lines(run)] == [0, 3, 3]


@pytest.mark.parametrize(("name", "summary"), [("", None), ("a*b", None), ("a", "median")])
def test_a_wrong_definition_raises(run: Run, name: str, summary: str | None) -> None:
    """Names, globs and summaries are checked at the call."""
    with pytest.raises(UsageError):
        run.define_metric(name, summary=summary)


def test_the_config_refuses_silent_changes(run: Run) -> None:
    """A set value changes only when that is said; the file and the lines follow."""
    run.config.setdefaults({"lr": 0.1})
    run.config.setdefaults({"lr": 99})
    run.config["lr"] = 0.1
    with pytest.raises(ConfigError, match='change value of key "lr" from'):
        run.config.lr = 5
    run.config.update({"lr": 5, "shape": (1, 2)}, allow_val_change=True)
    written = yaml.safe_load((run.run_dir / "config.yaml").read_text())
    assert written == run.config.as_dict() == {"lr": 5, "shape": [1, 2]}


def test_a_run_leaves_its_documents(root: Path) -> None:
    """Metadata, config and summary are there, and say how it ended."""
    run = start(root, config={"lr": 0.1, "net": {"width": 8}}, tags=["a"], notes="n", name="first")
    run.log({"loss": 0.5})
    run.finish(exit_code=7)
    metadata = json.loads((run.run_dir / "metadata.json").read_text())
    summary = json.loads((run.run_dir / "summary.json").read_text())
    assert metadata["status"] == "failed"
    assert (metadata["exit_code"], metadata["name"], metadata["tags"]) == (7, "first", ["a"])
    assert metadata["end_time"] >= metadata["start_time"] == rfc3339(run.start_time)
    assert (summary["loss"], summary["_step"]) == (0.5, 0)
    assert lines(run, "events")[-1]["data"]["state"] == "failed"


def test_the_summary_document_says_what_the_lines_say(root: Path) -> None:
    """Large values stay references, numbers that are not finite are named wherever they are."""
    with start(root) as run:
        run.log({"long": "x" * 50_000, "n": {"a": math.inf, "b": [1, math.nan]}, "ok": 1})
    row = lines(run)[0]
    summary = json.loads((run.run_dir / "summary.json").read_text())
    assert summary["long"] == row["long"] == {"$ref": row["long"]["$ref"], "bytes": 50_002}
    assert summary["_nonfinite"] == row["_nonfinite"] == {"n.a": "Infinity", "n.b.1": "NaN"}
    assert (summary["ok"], run.summary["n"]["a"]) == (1, math.inf)


def test_a_late_row_does_not_move_the_last_step(root: Path) -> None:
    """The summary's `_step` is the greatest step of any row."""
    with start(root) as run:
        run.log({"x": 1}, step=29, commit=True)
        run.log({"x": 0}, step=7)
    assert json.loads((run.run_dir / "summary.json").read_text())["_step"] == 29


def test_a_group_may_read_everything_when_asked(root: Path) -> None:
    """file_mode 640: files 0640 and directories 0750, whatever the umask."""
    before = os.umask(0o077)
    try:
        settings = {"file_mode": 0o640}
        with tracklab.init(dir=root, settings=settings, reinit="finish_previous") as run:
            run.log({"long": "x" * 50_000})
            assert run.dir
    finally:
        os.umask(before)
    odd = [
        path for path in run.run_dir.rglob("*")
        if path.stat().st_mode & 0o777 != (0o750 if path.is_dir() else 0o640)
    ]  # fmt: skip
    assert odd == []


def test_documents_derive_from_lines(root: Path) -> None:
    """What the documents say, the start and config events say too."""
    run = start(root, config={"lr": 0.1}, name="first")
    started, configured = lines(run, "events")[:2]
    metadata = json.loads((run.run_dir / "metadata.json").read_text())
    assert started["data"] == metadata
    assert configured["data"]["values"] == {"lr": 0.1}


def test_a_finished_run_refuses_to_write(root: Path) -> None:
    """The message names the run, and reading still works."""
    run = start(root, config={"lr": 1})
    run.finish()
    run.finish()
    with pytest.raises(UsageError, match=rf"^Run \({run.id}\) is finished\."):
        run.log({"a": 1})
    with pytest.raises(UsageError, match="finished"):
        run.config["lr"] = 2
    assert run.config["lr"] == 1
    assert tracklab.run is None


def test_before_init_every_name_says_so() -> None:
    """The error names `init()`, whichever way the module is touched."""
    tracklab.finish()
    for touch in (
        lambda: tracklab.log({"a": 1}),
        lambda: tracklab.config.lr,
        lambda: tracklab.summary["a"],
    ):
        with pytest.raises(UsageError, match=r"You must call tracklab\.init\(\) before"):
            touch()


def test_the_module_names_follow_the_current_run(run: Run) -> None:
    """`tracklab.log`, `.config` and `.summary` are the current run's."""
    tracklab.log({"loss": 3})
    tracklab.config["k"] = 1
    assert tracklab.run is run
    assert (tracklab.summary["loss"], run.config["k"]) == (3, 1)


def test_reinit_decides_about_a_current_run(root: Path) -> None:
    """Return it, finish it, or leave it and begin another beside it."""
    first = start(root)
    assert tracklab.init(dir=root) is first
    beside = start(root, reinit="create_new")
    assert (tracklab.run, beside.finished) == (first, False)
    second = start(root, reinit="finish_previous")
    assert first.finished
    second.finish()
    beside.finish()


def test_resume_goes_on_where_the_run_stood(root: Path) -> None:
    """Same id and name, next step, configuration kept, lines in segments of their own."""
    first = start(root, id="abc", config={"lr": 1})
    for _ in range(3):
        first.log({"x": 1, "kept": 5})
    first.finish()
    again = start(root, id="abc", resume="must", config={"extra": 2})
    again.log({"x": 2})
    assert (again.resumed, again.name) == (True, first.name)
    assert again.config.as_dict() == {"lr": 1, "extra": 2}
    assert again.summary["kept"] == 5
    assert sorted(row["_step"] for row in lines(again)) == [0, 1, 2, 3]
    assert [row["_step"] for row in lines(again) if "_writer" in row] == [3]
    again.finish()


def test_the_same_id_without_resume_is_a_new_attempt(root: Path) -> None:
    """Nothing is overwritten; the header counts the attempt."""
    for _ in range(2):
        start(root, id="abc").finish()
    heads = [
        orjson.loads(path.read_bytes().splitlines()[0])["data"]["attempt"]
        for path in sorted((root / "demo/abc").glob("events*.jsonl"))
    ]
    assert sorted(heads) == [0, 1]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"project": "a?b"}, UsageError),
        ({"project": "../x"}, UsageError),
        ({"project": "artifacts"}, UsageError),
        ({"id": "a/b"}, UsageError),
        ({"id": ".."}, UsageError),
        ({"resume": "perhaps"}, UsageError),
        ({"id": "absent", "resume": "must"}, UsageError),
        ({"tags": [""]}, UsageError),
        ({"tags": [1]}, TypeError),
        ({"mode": "sideways"}, SettingsError),
        ({"config": 3}, TypeError),
        ({"config": "missing.yaml"}, ConfigError),
    ],
)
def test_init_refuses_what_it_cannot_use(
    root: Path, options: dict[str, Any], error: type[Exception]
) -> None:
    """At the call, and leaving nothing behind."""
    with pytest.raises(error) as caught:
        start(root, **options)
    assert isinstance(caught.value, TrackLabError)
    assert not list(root.rglob("*.jsonl"))


def test_init_refuses_a_place_it_cannot_write() -> None:
    """One sentence with the reason, and the path last."""
    with pytest.raises(StorageError, match="cannot write the run"):
        tracklab.init(dir="/proc/nowhere", reinit="create_new")


def test_settings_come_from_arguments_then_the_environment(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TRACKLAB_* wins over WANDB_*, an argument over both."""
    monkeypatch.setenv("TRACKLAB_PROJECT", "ours")
    monkeypatch.setenv("WANDB_PROJECT", "theirs")
    monkeypatch.setenv("WANDB_NAME", "named")
    monkeypatch.setenv("TRACKLAB_MONITOR_INTERVAL", "7")
    run = tracklab.init(dir=root, reinit="finish_previous", system_monitor=False, settings=QUIET)
    assert (run.project, run.name, run.settings.monitor_interval) == ("ours", "named", 7.0)
    run.finish()
    assert start(root, project="given").project == "given"


def test_a_disabled_run_writes_nothing(root: Path) -> None:
    """Config and summary work; no file appears; calls after finish are silent."""
    run = start(root, mode="disabled", config={"lr": 1})
    run.log({"a": 1})
    run.config["b"] = 2
    run.alert("x")
    run.finish()
    run.log({"a": 1})
    assert (run.config["b"], run.step, run.disabled) == (2, 0, True)
    assert start(root, mode="disabled", settings=tracklab.Settings()).disabled
    assert list(root.iterdir()) == []


def test_an_exception_in_the_block_fails_the_run_and_goes_on_up(root: Path) -> None:
    """The run records type and frames, never local values."""

    def fail(planted: str) -> float:
        return len(planted) / 0

    with pytest.raises(ZeroDivisionError), start(root) as run:
        fail("planted value")
    *_, exception, end = lines(run, "events")
    assert exception["data"]["exception"]["type"] == "ZeroDivisionError"
    assert "planted value" not in json.dumps(exception)
    assert end["data"]["exit_code"] == 1


def test_other_handlers_on_the_run_hear_every_record(root: Path) -> None:
    """A handler on `tracklab.run` gets rows and events as LogRecords."""
    import logging  # noqa: PLC0415 - beside its only use

    heard: list[tuple[str, Any]] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append((record.name.rpartition(".")[2], vars(record)["data"]))

    ear = Ear()
    logging.getLogger("tracklab.run").addHandler(ear)
    try:
        with start(root) as run:
            run.log({"loss": 1})
            run.alert("hot")
    finally:
        logging.getLogger("tracklab.run").removeHandler(ear)
    assert ("history", {"loss": 1}) in heard
    assert len([name for name, _ in heard if name == "alert"]) == 1


def test_only_one_end_is_written(run: Run) -> None:
    """What is done at the end may ask for the end itself, and others may ask at the same time."""
    run.at_finish(run.finish)
    others = [threading.Thread(target=run.finish) for _ in range(4)]
    for thread in others:
        thread.start()
    for thread in others:
        thread.join()
    run.finish(3)
    assert [event["message"] for event in lines(run, "events")].count("finish") == 1
    assert len(list(run.run_dir.glob("events*.jsonl"))) == 1
