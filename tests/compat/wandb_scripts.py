"""Small programs for wandb, each a function; the same ones run on wandb and on tracklab.

As a program: run them all and print, as JSON, what each saw. What it prints about files comes from
wandb's `.wandb` file in one case and from `history.jsonl` in the other.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import struct
import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Script = Callable[[Any], Any]

SCRIPTS: dict[str, Script] = {}
#: What rows and summaries carry beside the user's keys.
_OURS = ("_timestamp", "_runtime", "_run_id", "_seq", "_writer", "_nonfinite", "_lossy", "_wandb")


def script(function: Script) -> Script:
    """Add a program to the table."""
    SCRIPTS[function.__name__] = function
    return function


# --- what a program left behind


def rows(run: Any) -> list[Any]:
    """Return the rows of a finished run as readers see them: one for each step, in order."""
    ours = Path(run.sync_dir) / "history.jsonl"
    found: dict[int, dict[str, Any]] = {}
    for row in _rows_of_tracklab(ours) if ours.exists() else _rows_of_wandb(Path(run.sync_dir)):
        found.setdefault(row["_step"], {}).update(row)
    return [[step, plain(strip(row))] for step, row in sorted(found.items())]


def _rows_of_tracklab(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().splitlines():
        row = json.loads(line)
        if "_step" in row:
            for key, text in row.get("_nonfinite", {}).items():
                row[key] = float(text)
            yield row


def _rows_of_wandb(place: Path) -> Iterator[dict[str, Any]]:
    wandb_internal_pb2 = import_module("wandb.proto.wandb_internal_pb2")

    def records() -> list[Any]:
        found = []
        for data in _records(next(place.glob("*.wandb")).read_bytes()):
            found.append(wandb_internal_pb2.Record())
            found[-1].ParseFromString(data)
        return found

    due_s = time.monotonic() + 20  # its second process writes a moment longer than finish() lasts
    while not any(record.WhichOneof("record_type") == "exit" for record in records()):
        assert time.monotonic() < due_s
        time.sleep(0.05)
    for record in records():
        if record.WhichOneof("record_type") != "history":
            continue
        row: dict[str, Any] = {"_step": record.history.step.num}
        for item in record.history.item:
            *outer, key = list(item.nested_key) or [item.key]
            place_in = row
            for name in outer:
                place_in = place_in.setdefault(name, {})
            place_in[key] = json.loads(item.value_json)
        yield row


def _records(content: bytes) -> Iterator[bytes]:
    """Yield what a LevelDB log holds, behind a header of 7 bytes, in blocks of 32 KiB."""
    at, whole = 7, b""
    while at + 7 <= len(content):
        left = 32_768 - at % 32_768
        if left < 7:
            at += left
            continue
        _, length, kind = struct.unpack_from("<IHB", content, at)
        whole += content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in {1, 4}:  # a whole record, or its last part
            yield whole
            whole = b""


def strip(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row or summary without what is not the user's."""
    return {key: value for key, value in row.items() if key not in {*_OURS, "_step"}}


def plain(value: Any) -> Any:
    """Return what JSON can say; numbers that are not finite as texts."""
    if hasattr(type(value), "keys"):
        return {str(key): plain(value[key]) for key in value.keys()}  # noqa: SIM118 - all it has
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    return value


def summary(run: Any) -> Any:
    """Return the user's part of a run's summary."""
    return plain(strip(dict(run.summary)))


def outcome(call: Callable[[], Any]) -> Any:
    """Return what a call returns, or which of the errors that programs catch it raises."""
    wandb = import_module("wandb")
    errors, config = wandb.errors, wandb.sdk.lib.config_util
    known = {
        "ConfigError": config.ConfigError, "UnsupportedError": errors.UnsupportedError,
        "UsageError": errors.UsageError, "CommError": errors.CommError, "Error": wandb.Error,
        **{kind.__name__: kind for kind in (KeyError, AttributeError, TypeError, ValueError)},
    }  # fmt: skip
    try:
        return plain(call())
    except tuple(known.values()) as error:
        return {"raises": [name for name, kind in known.items() if isinstance(error, kind)]}


# --- steps and rows


def _log(name: str, *calls: tuple[dict[str, Any], dict[str, Any]]) -> None:
    def run_calls(wandb: Any) -> Any:
        with wandb.init() as run:
            steps = []
            for data, arguments in calls:
                run.log(data, **arguments)
                steps.append(run.step)
        return [steps, rows(run)]

    SCRIPTS[f"log: {name}"] = run_calls


_log("one after the other", ({"a": 1}, {}), ({"a": 2}, {}))
_log("commit=False goes on", ({"a": 1}, {"commit": False}), ({"b": 2}, {}), ({"a": 3}, {}))
_log("a step stays open", ({"a": 1}, {"step": 5}), ({"b": 2}, {"step": 5}), ({"a": 3}, {}))
_log("a step and commit", ({"a": 1}, {"step": 5, "commit": True}), ({"a": 2}, {}))
_log("the last value wins", ({"a": 1}, {"step": 1}), ({"a": 2}, {"step": 1}))
_log("jumps", ({"a": 1}, {"step": 3}), ({"a": 2}, {"step": 10}), ({"a": 3}, {"step": 11}))
_log("nothing commits", ({"a": 1}, {"commit": False}), ({}, {}), ({"a": 2}, {}))
_log("nested", ({"x": {"y": 1, "z": {"w": 2}}, "x.y": 3}, {}))
_log("plain values", ({"b": True, "i": 1, "f": 0.5, "s": "t", "n": None}, {}))
_log("not finite", ({"a": float("nan"), "b": float("inf"), "c": float("-inf")}, {}))
_log("lists", ({"l": [1, 2], "t": (1, "a"), "e": []}, {}))
_log("own time", ({"_timestamp": 5.0, "_step": 77, "a": 1}, {}))


@script
def arrays(wandb: Any) -> Any:
    """Small arrays are lists, scalars and lone elements numbers, larger ones histograms."""
    import numpy as np  # noqa: PLC0415 - only here

    with wandb.init() as run:
        run.log({"s": np.float32(0.5), "b": np.bool_(True), "i": np.int64(3), "a": np.arange(3),
                 "z": np.zeros((2, 2)), "d": np.array(4), "one": np.array([7]),
                 "deep": np.array([[0.5]]), "in": {"yes": np.array([True])},
                 "t": np.array(["a"]), "o": np.array([{"k": 1}]), "e": np.array([])})  # fmt: skip
        run.log({"h": np.arange(100.0)})
    found = rows(run)
    histogram = found[1][1]["h"]
    shape = [histogram["_type"], len(histogram["values"]), len(histogram["bins"])]
    return [found[0], shape, sum(histogram["values"])]


@script
def wrong_rows(wandb: Any) -> Any:
    """What `log` refuses."""
    with wandb.init() as run:
        return [
            outcome(lambda: run.log([1])),
            outcome(lambda: run.log({1: 2})),
            outcome(lambda: run.log({"a": 1}, step=1.5)),
            outcome(lambda: run.log({"a": 1}, step="1")),
            outcome(lambda: run.log({"a": 1}, step=True)),
            outcome(lambda: run.log({"a": 1}, unheard=True)),
            run.step,
        ]


# --- summary and definitions


@script
def summary_of_rows(wandb: Any) -> Any:
    """Last values, except None; an assignment stays until the key is logged again."""
    with wandb.init() as run:
        run.log({"a": 1, "b": 2, "n": None})
        run.log({"a": 3})
        run.summary["b"] = 9
        run.summary["best"] = {"c": 1}
        run.summary["best"]["c"] = 2
        first = summary(run)
        run.log({"b": 5})
        return [first, summary(run), outcome(lambda: run.summary["none"]),
                run.summary.get("none", 4), outcome(lambda: run.summary.none)]  # fmt: skip


def _aggregate(kinds: str, values: list[float]) -> None:
    def run_values(wandb: Any) -> Any:
        with wandb.init() as run:
            run.define_metric("x", summary=kinds)
            for value in values:
                run.log({"x": value})
            return summary(run)

    SCRIPTS[f"summary: {kinds} of {values}"] = run_values


for _kinds in ("min", "max", "mean", "last", "first", "none", "copy", "min,max", "min,last"):
    _aggregate(_kinds, [3.0, 1.0, 2.0])
for _kinds in ("min", "max"):
    _aggregate(_kinds, [3.0, float("nan"), 2.0])


@script
def step_metrics(wandb: Any) -> Any:
    """The step metric is put into rows that lack it: its last value, or 0."""
    with wandb.init() as run:
        run.define_metric("epoch")
        run.define_metric("val/*", step_metric="epoch")
        run.define_metric("free", step_metric="epoch", step_sync=False)
        run.log({"val/loss": 1})
        run.log({"epoch": 3})
        run.log({"val/loss": 2})
        run.log({"free": 1})
    return rows(run)


@script
def definitions(wandb: Any) -> Any:
    """What a metric says of itself, and what cannot be one."""
    with wandb.init() as run:
        metric = run.define_metric("a", step_metric="s", summary="min", hidden=True)
        return [
            [metric.name, metric.step_metric, metric.hidden],
            outcome(lambda: run.define_metric("")),
            outcome(lambda: run.define_metric("a*b")),
            outcome(lambda: run.define_metric("*a")),
            outcome(lambda: run.define_metric("a", summary="median")),
            run.define_metric("*", step_metric="s").name,
            run.define_metric("b", step_metric=metric).step_metric,
        ]


# --- configuration


@script
def configuration(wandb: Any) -> Any:
    """Reading, changing, and what is refused."""
    with wandb.init(config={"lr": 0.1, "nested": {"a": 1}, "t": (1, 2)}) as run:
        config = run.config
        same = outcome(lambda: config.update({"lr": 0.1}))
        changed = outcome(lambda: config.update({"lr": 5}))
        item = outcome(lambda: config.__setitem__("lr", 5))
        attribute = outcome(lambda: setattr(config, "lr", 5))
        config.update({"lr": 5}, allow_val_change=True)
        config["new"] = 1
        config.newer = 2
        config.setdefaults({"lr": 6, "late": 7})
        return [
            same, changed, item, attribute, plain(config.as_dict()), config.lr, "lr" in config,
            config.get("none", 3), sorted(config.keys()), outcome(lambda: config.none),
            outcome(lambda: config["none"]), plain(dict(config)),
            outcome(lambda: setattr(run.config_static, "lr", 1)), run.config_static.lr,
        ]  # fmt: skip


@script
def configuration_of_arguments(wandb: Any) -> Any:
    """A namespace, and keys left out or taken alone."""
    given = argparse.Namespace(a=1, b=2)
    found = []
    for options in ({}, {"config_exclude_keys": ["a"]}, {"config_include_keys": ["a"]}):
        with wandb.init(config=given, **options) as run:
            found.append(plain(dict(run.config)))
    return found


@script
def nested_configuration_is_replaced(wandb: Any) -> Any:
    """A nested dict is one value, and plain."""
    with wandb.init(config={"a": {"b": 1, "c": 2}}) as run:
        run.config.update({"a": {"b": 3}}, allow_val_change=True)
        return [plain(dict(run.config)), type(run.config["a"]).__name__]


@script
def locked_configuration(wandb: Any) -> Any:
    """What a sweep has set stays."""
    with wandb.init() as run:
        run.config.update_locked({"lr": 1}, "sweep")
        run.config.update({"lr": 2}, allow_val_change=True)
        run.config.lr = 3
        return plain(dict(run.config))


@script
def wrong_configurations(wandb: Any) -> Any:
    """A number, a file that is not there, both lists."""
    both = {"config_exclude_keys": ["a"], "config_include_keys": ["b"]}
    return [
        outcome(lambda: wandb.init(config=3)),
        outcome(lambda: wandb.init(config="absent.yaml")),
        outcome(lambda: wandb.init(config={"a": 1}, **both)),
    ]


# --- the life of a run


@script
def before_init(wandb: Any) -> Any:
    """What a program is told that forgot it."""

    def told(call: Callable[[], Any]) -> str:
        try:
            call()
        except wandb.Error as error:
            return str(error)
        return "nothing"

    return [
        wandb.run, wandb.finish(), told(lambda: wandb.log({})), told(lambda: wandb.config.x),
        told(lambda: wandb.config["x"]), told(lambda: wandb.summary["x"]),
        told(lambda: wandb.save("x")), told(lambda: wandb.watch(None)),
        told(lambda: wandb.define_metric("x")),
    ]  # fmt: skip


@script
def after_finish(wandb: Any) -> Any:
    """What a run that is finished takes: nothing; what it says: as before."""
    run = wandb.init(config={"a": 1}, tags=["t"])
    run.finish()
    run.finish()

    def refused(call: Callable[[], Any]) -> bool:
        try:
            call()
        except wandb.errors.UsageError as error:
            return str(error).startswith(f"Run ({run.id}) is finished.")
        return False

    calls = (
        lambda: run.log({"a": 1}), lambda: run.config.update({"b": 1}),
        lambda: setattr(run, "name", "n"), lambda: run.save("x"), lambda: run.alert("t", "x"),
        lambda: run.define_metric("m"), run.mark_preempting,
    )  # fmt: skip
    return [[refused(call) for call in calls], wandb.run, run.config["a"], list(run.tags)]


@script
def several_runs(wandb: Any) -> Any:
    """What `reinit` does with the current run."""
    first = wandb.init()
    same = wandb.init() is first
    same_again = wandb.init(reinit="return_previous") is first
    beside = wandb.init(reinit="create_new")
    current = wandb.run is first
    other = wandb.init(reinit=True)
    found = [same, same_again, current, beside is first, other is first, wandb.run is other]
    beside.finish()
    other.finish()
    return [*found, wandb.run]


@script
def names(wandb: Any) -> Any:
    """What is given is said; what can be set can be set."""
    given = {
        "entity": "e", "project": "p", "id": "someid1", "name": "n", "notes": "w", "tags": ["a"],
        "group": "g", "job_type": "j",
    }  # fmt: skip
    with wandb.init(**given) as run:
        told = [run.entity, run.project, run.id, run.name or "n", run.notes, list(run.tags),
                run.group, run.job_type, run.path, run.disabled, run.sweep_id, run.step,
                run.starting_step]  # fmt: skip
        run.name, run.notes, run.tags = "m", "v", ["x", "x"]
        run.tags += ("y",)
        read_only = [
            outcome(partial(setattr, run, name, "z"))
            for name in ("id", "group", "project", "step", "dir")
        ]
        return [*told, run.name, run.notes, list(run.tags), read_only]


@script
def wrong_arguments(wandb: Any) -> Any:
    """Each is a ValueError, or a UsageError where wandb has one."""

    def is_refused(kind: type[Exception], **options: Any) -> bool:
        try:
            wandb.init(**options).finish()
        except kind:
            return True
        return False

    usage = wandb.errors.UsageError
    return [
        is_refused(ValueError, mode="x"), is_refused(ValueError, resume="x"),
        is_refused(ValueError, reinit="x"), is_refused(ValueError, tags=[""]),
        is_refused(ValueError, tags=["a" * 65]), is_refused(usage, id=""),
        is_refused(usage, id="a/b"), is_refused(usage, id="a:b"), is_refused(usage, project="a?b"),
        is_refused(usage, project="a" * 129), is_refused(ValueError, fork_from="x"),
        is_refused(ValueError, resume_from="x"), is_refused(TypeError, unheard=1),
        is_refused(ValueError, id="x", fork_from="x?_step=1"),
        is_refused(ValueError, settings={"silent": "perhaps"}),
    ]  # fmt: skip


@script
def settings(wandb: Any) -> Any:
    """What wins, and what is checked."""
    made = wandb.Settings(run_name="s", run_group="g")
    os.environ["WANDB_RUN_GROUP"] = "environment"
    try:
        with wandb.init(name="argument", settings=made) as run:
            told = [run.settings.run_id == run.id, run.group, run.settings.run_name]
    finally:
        del os.environ["WANDB_RUN_GROUP"]
    return [*told, outcome(lambda: setattr(made, "silent", "x")),
            "run_name" in made.model_dump(), made.x_primary, made.init_timeout]  # fmt: skip


@script
def files(wandb: Any) -> Any:
    """Where `save` places what it is given."""
    Path("saved/deep").mkdir(parents=True, exist_ok=True)
    for name in ("top.txt", "saved/a.txt", "saved/deep/b.txt"):
        Path(name).write_text("x")
    absolute = os.path.abspath("saved/deep/b.txt")  # noqa: PTH100 - a plain text is given

    with wandb.init() as run:

        def placed(*arguments: Any, **options: Any) -> Any:
            def call() -> Any:
                return sorted(
                    os.path.relpath(path, run.dir) for path in run.save(*arguments, **options)
                )

            return outcome(call)

        return [
            placed("top.txt"), placed("saved/a.txt"), placed("saved/*.txt"), placed(absolute),
            placed("saved/deep/*", base_path="saved"), placed("none*"), placed("gs://b/x"),
            placed("../x", base_path="."), placed("top.txt", policy="later"), placed(3),
            placed("top.txt", policy="now"), placed(Path("top.txt")),
        ]  # fmt: skip


@script
def watched_models(wandb: Any) -> Any:
    """Which distributions are logged, at which passes; and what `watch` refuses."""

    def counted(value: Any) -> Any:
        return sum(value["values"]) if isinstance(value, dict) else value

    torch = import_module("torch")
    found: list[Any] = []
    for log in ("gradients", "parameters", "all", None):
        model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Linear(2, 1, bias=False))
        with wandb.init() as run:
            run.watch(model, log=log, log_freq=2)
            again = outcome(partial(run.watch, model))
            for step in range(4):
                model(torch.ones(5, 3)).sum().backward()
                run.log({"step": step})
            run.unwatch(model)
            model(torch.ones(5, 3)).sum().backward()
        shown = [
            # wandb numbers models through all runs of a process, we those of a run.
            [step, {re.sub(r"/graph_\d", "/", key): counted(value) for key, value in row.items()}]
            for step, row in rows(run)
        ]
        found.append([again, shown])
    with wandb.init() as run:
        refused = [
            outcome(lambda: run.watch(torch.nn.Linear(1, 1), log="x")),
            outcome(lambda: run.watch("model")),
        ]
    return [found, refused]


@script
def alerts(wandb: Any) -> Any:
    """Levels, as texts and as members."""
    with wandb.init() as run:
        return [
            outcome(lambda: run.alert("t", "x")),
            outcome(lambda: run.alert("t", "x", level="warn")),
            outcome(lambda: run.alert("t", "x", level=wandb.AlertLevel.WARN, wait_duration=3)),
            [level.value for level in wandb.AlertLevel],
        ]


@script
def disabled(wandb: Any) -> Any:
    """Every call is allowed, and nothing is written."""
    with wandb.init(mode="disabled", project="q", config={"a": 1}) as run:
        run.log({"x": 1})
        run.summary["y"] = 2
        told = [
            isinstance(run, wandb.sdk.wandb_run.Run), run.name == f"dummy-{run.id}", run.project,
            run.entity, run.url, run.disabled, run.offline, run.step, run.config["a"],
            plain(dict(run.summary)), run.save("x"), wandb.run is run, run.resumed,
            run.log_artifact("x").wait() is None, run.use_artifact("x:v0"),
        ]  # fmt: skip
    run.finish()
    run.log({"x": 2})
    run.alert("t", "x")
    return [*told, wandb.run]


@script
def labels(wandb: Any) -> Any:
    """What frameworks say of themselves, and what they ask for."""
    with wandb.init() as run:
        run._label(code="transformers_trainer")
        run.pin_config_keys(["a"])
        run.write_logs("text")
        return [run.status().sync_items_pending, bool(run._attach_id), run.display(),
                outcome(lambda: wandb.require("service")), outcome(lambda: wandb.require("core")),
                outcome(lambda: wandb.require("time"))]  # fmt: skip


@script
def small_things(wandb: Any) -> Any:
    """What programs borrow."""
    import_module("wandb.env")
    import_module("wandb.util")
    env: dict[str, str] = {}
    wandb.env.set_project("told", env)
    names_there = [name for name in dir(wandb.env) if name.isupper() and name[0] != "_"]
    return [
        env, wandb.env.get_project(env=env), wandb.env.PROJECT, wandb.env.get_tags(env={}),
        wandb.util.json_dumps_safer({"a": 1, "b": [1.5, "x"]}),
        wandb.util.make_artifact_name_safe("a b/c"), len(wandb.sdk.lib.runid.generate_id()),
        len(names_there) > 20,
        [bool(wandb.env.strtobool(word)) for word in ("1", "yes", "off", "false")],
    ]  # fmt: skip


def main() -> None:
    """Run all programs and print what they saw."""
    wandb = import_module("wandb")

    found = {}
    for name, function in SCRIPTS.items():
        try:
            found[name] = function(wandb)
        except Exception as error:  # noqa: BLE001 - it is what the test reports
            found[name] = f"{type(error).__name__}: {error}"
        if wandb.run is not None:
            wandb.run.finish()
    json.dump(found, sys.stdout, default=lambda value: type(value).__name__)


if __name__ == "__main__":
    main()
