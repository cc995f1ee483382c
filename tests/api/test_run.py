"""One run through the Api: what it says, and what is changed in it from outside."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.query.files import rows, segment
from tracklab.api.paths import RunNotFoundError
from tracklab.errors import StorageError, UnsupportedError, UsageError
from tracklab.query.engines.local import LocalEngine
from tracklab.records.secrets import MASK
from tracklab.storage import trash
from tracklab.storage.compression import pack
from tracklab.storage.layout import segments

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.api.client import Api
    from tracklab.sdk.run import Run

pytestmark = pytest.mark.integration


@pytest.fixture
def ended(begun: Callable[..., Run]) -> Run:
    """Return a run that ended."""
    with begun("r", name="base", config={"lr": 0.1, "m": {"a": 1}}, tags=["x"], group="g",
               notes="first", job_type="train", entity="us") as run:  # fmt: skip
        run.define_metric("acc", summary="max,last")
        for step in range(3):
            run.log({"loss": 3 - step, "acc": step, "n": {"q": step}, "a.b": step})
        run.summary["best"] = {"loss": 1}
        run.summary["odd"] = math.inf
    return run


def test_a_run_says_what_it_is(ended: Run, api: Api) -> None:
    """Under wandb's names."""
    run = api.run("us/demo/r")
    told = (run.id, run.name, run.display_name, run.project, run.entity, run.path, run.group)
    assert told == ("r", "base", "base", "demo", "us", ["us", "demo", "r"], "g")
    assert (run.job_type, run.notes, run.tags, run.state) == ("train", "first", ["x"], "finished")
    assert (run.user.username, run.sweep, run.sweep_name) == ("us", None, None)
    assert run.created_at == run.createdAt == LocalEngine(run._root).glance("demo/r").created_at
    assert (run.heartbeat_at, run.storage_id) == (run.heartbeatAt, "demo/r")
    assert run.url == ended.run_dir.as_uri()
    assert "demo/r" in run.to_html(hidden=True)


def test_a_configuration_has_three_forms(ended: Run, api: Api) -> None:
    """As a dict, with wandb's wrapping, and as JSON."""
    run = api.run("r")
    assert run.config == {"lr": 0.1, "m": {"a": 1}}
    assert run.rawconfig == {"lr": {"value": 0.1}, "m": {"value": {"a": 1}}}
    assert orjson.loads(run.json_config) == run.rawconfig


def test_a_summary_is_nested(ended: Run, api: Api) -> None:
    """Items, attributes and dotted paths; a dot in a key is no nesting."""
    summary = api.run("r").summary
    assert (summary["loss"], summary["n"]["q"], summary.n.q, summary["n.q"]) == (1, 2, 2, 2)
    assert (summary["acc"]["max"], summary["a.b"], summary["best"]["loss"]) == (2, 2, 1)
    assert api.run("r").summary_metrics == summary._values
    assert (summary["odd"], summary.get("none", 7), "loss" in summary) == (math.inf, 7, True)
    assert not hasattr(summary, "none")
    with pytest.raises(KeyError):
        summary["none"]
    with pytest.raises(KeyError):
        _ = summary.none


def test_metadata_have_the_names_of_both(ended: Run, api: Api) -> None:
    """Where it ran and how."""
    metadata = api.run("r").metadata
    assert metadata["python"] == metadata["python_version"]
    assert metadata["startedAt"] == metadata["start_time"]
    assert metadata["host"]


def test_edits_are_lines(ended: Run, api: Api) -> None:
    """All that can be changed, stored at once; others see it, and the run's own lines stay."""
    before = {path: path.read_bytes() for path in segments(ended.run_dir, "events")}
    run = api.run("r")
    run.config["lr"] = 0.2
    run.config["api_key"] = "sk-123"
    run.summary["loss"] = 0
    run.summary["best"]["loss"] = 0.5
    run.tags.append("done")
    run.name, run.notes, run.group, run.job_type = "new", "second", "h", "eval"
    run.update()
    seen = api.run("r")
    assert seen.config == {"lr": 0.2, "m": {"a": 1}, "api_key": MASK}
    assert (seen.summary["loss"], seen.summary["best"]["loss"], seen.tags) == (
        0,
        0.5,
        ["x", "done"],
    )
    assert (seen.name, seen.notes, seen.group, seen.job_type) == ("new", "second", "h", "eval")
    assert (seen.state, seen.summary["n"]["q"], seen.lastHistoryStep) == ("finished", 2, 2)
    assert [run.name for run in api.runs(filters={"config.lr": 0.2, "tags": "done"})] == ["new"]
    assert all(path.read_bytes() == content for path, content in before.items())


def test_a_value_of_the_summary_can_be_deleted(ended: Run, api: Api) -> None:
    """By item, by path, by attribute and by `pop`; in the documents and in the lines."""
    run = api.run("r")
    del run.summary["loss"]
    del run.summary["n.q"]
    del run.summary.odd
    assert run.summary.pop("best") == {"loss": 1}
    with pytest.raises(KeyError):
        del run.summary["absent"]
    run.summary.update()
    assert api.run("r").summary.keys() & {"loss", "n", "odd", "best"} <= {"n"}
    (ended.run_dir / "summary.json").unlink()
    assert api.run("r").summary.keys() & {"loss", "n", "odd", "best"} <= {"n"}
    assert not api.run("r").summary["n"]


def test_edits_are_in_the_lines_alone(ended: Run, api: Api) -> None:
    """Whoever has no documents reads the same."""
    run = api.run("r")
    run.config["lr"], run.name = 7, "new"
    run.summary.update({"loss": 9})
    run.update()
    for name in ("config.yaml", "metadata.json", "summary.json"):
        (ended.run_dir / name).unlink()
    seen = api.run("r")
    assert (seen.config["lr"], seen.name, seen.summary["loss"]) == (7, "new", 9)


def test_what_was_said_can_be_taken_back(ended: Run, api: Api) -> None:
    """Notes and groups become empty."""
    run = api.run("r")
    run.notes = run.group = None
    run.update()
    assert not api.run("r").notes
    assert api.runs(filters={"group": "g"}).length == 0


def test_an_update_without_changes_writes_nothing(ended: Run, api: Api) -> None:
    """Not a file."""
    before = sorted(ended.run_dir.iterdir())
    api.run("r").update()
    api.run("r").summary.update()
    assert sorted(ended.run_dir.iterdir()) == before


def test_numbers_that_are_not_finite_can_be_stored(ended: Run, api: Api) -> None:
    """They come back as they were, and nothing that stands for them is seen."""
    run = api.run("r")
    run.config.update({"nan": math.nan, "n": {"q": [math.inf]}, "text": "a\ud800"})
    run.update()
    before = sorted(ended.run_dir.iterdir())
    run.update()
    assert sorted(ended.run_dir.iterdir()) == before  # nothing changed since
    run.config["lr"] = 0.2
    run.summary["text"] = "b\ud800"
    run.update()
    again = api.run("r")
    assert math.isnan(again.config.pop("nan"))
    assert again.config == {
        "lr": 0.2, "m": {"a": 1}, "n": {"q": [math.inf]}, "text": "a\ufffd",
    }  # fmt: skip
    assert orjson.loads(again.json_config).keys() == again.config.keys()
    assert not {"_nonfinite", "_lossy"} & again.summary.keys()


def test_many_changes_take_many_lines(ended: Run, api: Api) -> None:
    """Each fits; a value that fits none is refused before anything is written."""
    run = api.run("r")
    run.config.update({f"key{number}": "x" * 5_000 for number in range(20)})
    run.update()
    assert len(api.run("r").config) == 22
    run.summary["large"] = "x" * 40_000
    with pytest.raises(UsageError, match="upload_file"):
        run.update()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda run: run.config.pop("lr") and run.update(),
        lambda run: setattr(run, "name", 3),
        lambda run: setattr(run, "group", ["x"]),
        lambda run: setattr(run, "tags", "x"),
        lambda run: setattr(run, "tags", [1]),
        lambda run: run.update_state("pending"),
        lambda run: run.delete(delete_artifacts=True),
        lambda run: run.download_history_exports("."),
    ],
)
def test_what_cannot_be_done_is_refused(ended: Run, api: Api, wrong: Callable[[Any], Any]) -> None:
    """With what to do instead."""
    with pytest.raises(UsageError, match=r"\. "):
        wrong(api.run("r"))


def test_a_deleted_run_can_come_back(ended: Run, api: Api, root: Path) -> None:
    """It is in the trash."""
    run = api.run("r")
    run.delete()
    with pytest.raises(RunNotFoundError, match="tracklab restore demo/r"):
        run.load(force=True)
    trash.restore(root, "demo/r")
    assert run.load(force=True)["name"] == "base"


def test_what_has_gone_is_not_changed(ended: Run, api: Api, tmp_path: Path) -> None:
    """Nothing of a run that was deleted meanwhile can be written, deleted or copied."""
    run, other = api.run("r"), api.run("r")
    other.config["lr"] = 5
    document = run.file("config.yaml")
    (tmp_path / "x.bin").write_bytes(b"1")
    run.delete()
    for call in (
        run.delete, run.file("history.jsonl").delete, run.file("x.bin").delete, other.update,
        lambda: other.summary.update({"x": 1}), lambda: document.md5, document.download,
        lambda: run.upload_file(str(tmp_path / "x.bin"), root=str(tmp_path)),
    ):  # fmt: skip
        with pytest.raises(RunNotFoundError, match="any more"):
            call()


def test_a_run_that_is_written_is_read_and_edited(begun: Callable[..., Run], api: Api) -> None:
    """Its newest rows are there, and it cannot be deleted."""
    with begun("live", config={"lr": 1}) as written:
        written.log({"loss": 2, "n": {"q": 1}})
        run = api.run("live")
        assert (run.state, run.summary["n"]["q"], run.lastHistoryStep) == ("running", 1, 0)
        run.tags = ["seen"]
        run.update()
        written.log({"loss": 1})
        assert (api.run("live").tags, run.load(force=True)["state"]) == (["seen"], "running")
        assert [row["loss"] for row in run.scan_history(keys=["loss"])] == [2, 1]
        with pytest.raises(StorageError):
            run.delete()
    run.wait_until_finished()
    assert (run.state, api.run("live").tags) == ("finished", ["seen"])


def test_a_compressed_run_reads_the_same(ended: Run, api: Api) -> None:
    """Rows, summary and names."""
    before = (list(api.run("r").scan_history()), dict(api.run("r").summary), api.run("r").state)
    for stream in ("history", "events"):
        for path in segments(ended.run_dir, stream):
            pack(path, "gz")
    assert list(ended.run_dir.glob("*.jsonl.gz"))
    after = (list(api.run("r").scan_history()), dict(api.run("r").summary), api.run("r").state)
    assert after == before


def test_a_resumed_run_is_one_run(ended: Run, begun: Callable[..., Run], api: Api) -> None:
    """Its rows and configuration go on."""
    with begun("r", resume="must", config={"more": 1}) as run:
        run.log({"loss": 0.5})
    seen = api.run("r")
    assert [row["loss"] for row in seen.scan_history(keys=["loss"])] == [3, 2, 1, 0.5]
    assert (seen.lastHistoryStep, seen.config["lr"], seen.config["more"]) == (3, 0.1, 1)
    assert (seen.summary["loss"], seen.name) == (0.5, "base")


def test_the_rows_of_several_writers_are_merged(root: Path, api: Api) -> None:
    """Each step once, with what all of them say."""
    path = root / "demo" / "r"
    segment(path, rows((0, {"a": 1}), (1, {"a": 2})))
    segment(path, rows((0, {"b": 3}), (2, {"b": 4})), writer="n-1-1")
    found = [(row["_step"], row.get("a"), row.get("b")) for row in api.run("r").scan_history()]
    assert found == [(0, 1, 3), (1, 2, None), (2, None, 4)]
    assert dict(api.run("r").summary)["b"] == 4


BESIDE = """
import sys, tracklab
with tracklab.attach(sys.argv[1]) as run:
    for step in range(3):
        run.log({"b": step}, step=step)
"""


@pytest.mark.functional
def test_the_rows_of_two_processes_are_merged(begun: Callable[..., Run], api: Api) -> None:
    """One began the run, the other joined it."""
    with begun("r") as written:
        written.log({"a": 1})
        subprocess.run(
            [sys.executable, "-c", BESIDE, written._attach_id], check=True, timeout=120,
            env={**os.environ, "TRACKLAB_SILENT": "1"},
        )  # fmt: skip
        written.log({"a": 2})
    run = api.run("r")
    found = [(row["_step"], row.get("a"), row.get("b")) for row in run.scan_history()]
    assert found == [(0, 1, 0), (1, 2, 1), (2, None, 2)]
    assert (run.summary["a"], run.summary["b"], run.lastHistoryStep, run.state) == (
        2, 2, 2, "finished",
    )  # fmt: skip


PROGRAM = """
import sys, time, tracklab
run = tracklab.init(id="job", project="demo", dir=sys.argv[1], system_monitor=False)
run.log({"a": 1})
print("ready", flush=True)
time.sleep(120)
"""


@pytest.mark.functional
def test_a_run_of_another_process_can_be_stopped(root: Path, api: Api) -> None:
    """It is interrupted as by Ctrl-C; one that has ended is left alone."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(root)], stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL, env={**os.environ, "TRACKLAB_SILENT": "1"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        run = api.run("job")
        run.stop()
        assert process.wait(timeout=60) in {-signal.SIGINT, 1, 130}
    run.wait_until_finished()
    assert run.state == "killed"
    run.stop()


def test_a_run_of_another_machine_cannot_be_stopped(begun: Callable[..., Run], api: Api) -> None:
    """Its process is named."""
    with begun("far") as written:
        written.log({"a": 1})
        for path in written.run_dir.glob("*.jsonl"):
            path.write_bytes(path.read_bytes().replace(b'"boot_id":"', b'"boot_id":"f'))
        with pytest.raises(UnsupportedError, match=f"kill -INT {os.getpid()}"):
            api.run("far").stop()
