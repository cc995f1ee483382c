"""wandb's logs become runs; the logs are written by the tests, byte by byte."""

from __future__ import annotations

import math
from base64 import b64encode
from hashlib import md5
from typing import TYPE_CHECKING, Any

import pytest

from tests.transfer.encoding import (
    START_S,
    message,
    single,
    stamp,
    wandb_exit,
    wandb_log,
    wandb_row,
    wandb_run,
)
from tracklab.api.client import Api
from tracklab.transfer.wire import Message, WireError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from tracklab.query.engines.local import LocalEngine

    Rows = Callable[..., list[dict[str, Any]]]

pytestmark = pytest.mark.integration


def test_a_run_comes_as_it_was_logged(
    tmp_path: Path, told: Callable[..., Any], rows: Rows, engine: LocalEngine,
    sound: Callable[[str], None],
) -> None:  # fmt: skip
    """Names, configuration, rows with their own times, and how it ended."""
    log = wandb_log(
        tmp_path,
        [wandb_run(_6="g", _7="train", _9="why"),
         *(wandb_row(step, {"loss": 1 / (step + 1), "n": {"x": step}}) for step in range(3)),
         message(_5=message(_1=message(_1="late", _16="[1, 2]"))), wandb_exit(3)],
    )  # fmt: skip
    assert told("import", "wandb", log)[0]["address"] == "demo/r1"
    run = engine.run("demo/r1")
    assert (run.run.name, run.run.tags, run.run.status, run.run.exit_code) == (
        "first", ["a", "b"], "failed", 3,
    )  # fmt: skip
    assert run.run.config == {"lr": 0.1, "late": [1, 2]}
    assert rows("demo/r1", "_timestamp", "_runtime") == [
        {"_step": n, "_timestamp": START_S + n, "_runtime": n, "loss": 1 / (n + 1), "n.x": n}
        for n in range(3)
    ]
    sound("demo/r1")


def artifact(name: str, *files: tuple[str, Path, bytes], **said: Any) -> bytes:
    """Return a record of an artifact: paths in it, where they lie, and what they held."""
    entries = [
        message(_1=path, _2=b64encode(md5(content, usedforsecurity=False).digest()),
                _4=len(content), _6=str(place))
        for path, place, content in files
    ]  # fmt: skip
    return message(_8=message(_4="t", _5=name, _12=message(_4=entries), _14=1, **said))


def test_artifacts_come_with_files_that_are_what_they_were(
    tmp_path: Path, told: Callable[..., Any], root: Path, sound: Callable[[str], None]
) -> None:
    """Others are named, as are those that lie where the source has no say."""
    inside, outside = tmp_path / "log/staged", tmp_path / "outside"
    wandb_log(tmp_path / "log", [
        wandb_run(),
        artifact("good", ("a.txt", inside, b"held"), _11=["best", "latest"]),
        artifact("again", ("a.txt", inside, b"held"), _10=1),
        artifact("changed", ("a.txt", inside, b"other")),
        artifact("away", ("a.txt", outside, b"secret")),
        artifact("climbing", ("../x", inside, b"held")), artifact("job/x"),
        artifact("part", _100=1),
        message(_25=message(_2="t", _3="good:v7")),
    ])  # fmt: skip
    inside.write_bytes(b"held")
    outside.write_bytes(b"secret")
    (outcome,) = told("import", "wandb", tmp_path / "log")
    named = [what for what in outcome["lost"] for name in NAMES if f"'{name}" in what]
    assert (outcome["counts"]["artifacts"], len(named), len(outcome["lost"])) == (2, 6, 6)
    assert f"--files-from {tmp_path}" in outcome["lost"][1]
    run = Api({"dir": root}).run("demo/r1")
    assert [one.name for one in run.logged_artifacts()] == ["good:v0", "again:v0"]
    assert [one.name for one in run.used_artifacts()] == ["again:v0"]
    assert Api({"dir": root}).artifact("demo/good:best").size == 4
    sound("demo/r1")
    inside.unlink()  # as wandb does after an upload
    assert told("import", "wandb", tmp_path / "log")[0]["result"] == "unchanged"
    (again,) = told("import", "wandb", tmp_path / "log", "--files-from", tmp_path)
    assert (again["result"], again["counts"]["artifacts"]) == ("replaced", 3)


def test_people_are_told_how_many_artifacts_came(
    tmp_path: Path, tracklab: Callable[..., Result]
) -> None:
    """Where there are none, nothing is said of them."""
    staged = tmp_path / "one/staged"
    wandb_log(tmp_path / "one", [wandb_run(), artifact("good", ("a.txt", staged, b"held"))])
    wandb_log(tmp_path / "none", [wandb_run("r2"), wandb_row(0, {"loss": 1.0})])
    staged.write_bytes(b"held")
    told = tracklab("sync", tmp_path / "one", tmp_path / "none").stdout
    assert told.splitlines() == [
        "new       demo/r1  0 rows, 0 files, 1 artifacts",
        "new       demo/r2  1 rows, 0 files",
    ]


NAMES = ["changed", "away", "climbing", "job/x", "part", "good:v7"]


def test_numbers_that_json_does_not_know_come_back(
    tmp_path: Path, told: Callable[..., Any], rows: Rows
) -> None:
    """Their names stand bare in wandb's records."""
    values = {"loss": math.inf, "n": {"x": -math.inf}, "list": [1.0, math.inf]}
    told("import", "wandb", wandb_log(tmp_path, [wandb_run(), wandb_row(0, values)]))
    (row,) = rows("demo/r1")
    assert (row["loss"], row["n.x"], row["list"]) == (math.inf, -math.inf, [1.0, math.inf])


def test_the_summary_is_what_wandb_says_it_is(
    tmp_path: Path, told: Callable[..., Any], engine: LocalEngine
) -> None:
    """What a definition keeps is computed from the rows, what was set is taken over."""
    definition = message(_1="loss", _6=message(_3=1), _7=message(_1=1))
    updates = [
        message(_2=["loss"], _16='{"min": 0.5}'), message(_1="best", _16="7"),
        message(_1="old", _16="1"), message(_2=["_wandb", "runtime"], _16="3"),
    ]  # fmt: skip
    records = [
        wandb_run(), message(_12=definition), wandb_row(0, {"loss": 0.5}),
        wandb_row(1, {"loss": 2.0}), message(_3=message(_1=updates, _2=message(_1="old"))),
    ]  # fmt: skip
    told("import", "wandb", wandb_log(tmp_path, records))
    summary = engine.run("demo/r1").run.summary
    assert {k: v for k, v in summary.items() if k[0] != "_"} == {"loss.min": 0.5, "best": 7}


def test_measurements_get_our_names(
    tmp_path: Path, told: Callable[..., Any], engine: LocalEngine
) -> None:
    """And our units; what we have no name for keeps its own."""
    items = {
        "cpu.0.cpu_percent": 10.0, "cpu.1.cpu_percent": 20.0, "proc.memory.rssMB": 2.0,
        "gpu.0.gpu": 97.0, "gpu.0.temp": 60.0, "memory_percent": 5.0, "disk./.usageGB": 1.0,
        "cpu": 50.0, "ipu.0.clock": 1.0,
    }  # fmt: skip
    parts = [message(_1=name, _16=str(value)) for name, value in items.items()]
    stats = message(_7=message(_2=stamp(START_S + 1), _3=parts))
    machine = message(_26=message(_2="CPython 3.11.7", _17=4))
    told("import", "wandb", wandb_log(tmp_path, [wandb_run(), machine, stats]))
    (row,) = engine.rows("demo/r1", stream="system").rows
    assert {k: v for k, v in row.items() if k[0] != "_"} == {
        "cpu_percent_per_core": [10.0, 20.0], "process_rss_bytes": 2.0 * 2**20,
        "gpu.0.utilization_percent": 97.0, "gpu.0.temperature_celsius": 60.0,
        "memory_percent": 5.0, "disk_used_bytes": 2.0**30, "process_cpu_percent": 200.0,
        "ipu.0.clock": 1.0,
    }  # fmt: skip
    assert engine.run("demo/r1").metadata["python_version"] == "3.11.7"


def test_what_was_printed_and_saved_comes_along(
    tmp_path: Path, told: Callable[..., Any], root: Path
) -> None:
    """Console text with bars folded, media under their own path, other files under `files/`."""
    bars = [message(_13=message(_1=1, _2=stamp(START_S), _3=f"\r{n}%")) for n in range(100)]
    log = wandb_log(tmp_path, [wandb_run(), *bars, message(_13=message(_3="oh\n"))])
    (log.parent / "files/media/images").mkdir(parents=True)
    (log.parent / "files/media/images/x.png").write_bytes(b"png")
    (tmp_path / "kept.txt").write_text("kept")
    (log.parent / "files/kept.txt").symlink_to(tmp_path / "kept.txt")
    (log.parent / "files/gone.txt").symlink_to(tmp_path / "gone.txt")
    gone = "a saved file that is no longer there, or no file: gone.txt"
    outside = "a saved file that is a link out of the source: kept.txt comes with --files-from "
    for options, lost in (
        ((), [gone, f"{outside}{tmp_path}"]),
        (("--files-from", tmp_path), [gone]),
    ):
        (outcome,) = told("import", "wandb", log, *options)
        assert outcome["lost"] == lost
        assert (root / "demo/r1/files/kept.txt").exists() == bool(options)
    run_dir = root / "demo/r1"
    assert (run_dir / "media/images/x.png").read_bytes() == b"png"
    assert (run_dir / "files/kept.txt").read_text() == "kept"
    assert (run_dir / "logs/stdout.log").read_bytes() == b"0%\r99%"
    assert (run_dir / "logs/stderr.log").read_text() == "oh\n"


def test_a_torn_log_gives_what_is_whole_and_says_so(
    tmp_path: Path, told: Callable[..., Any], rows: Rows, sound: Callable[[str], None]
) -> None:
    """As a killed wandb leaves it; the run has no end."""
    log = wandb_log(tmp_path, [wandb_run(), *(wandb_row(n, {"x": n}) for n in range(9))])
    log.write_bytes(log.read_bytes()[:-5])
    (outcome,) = told("import", "wandb", log)
    assert [row["x"] for row in rows("demo/r1")] == list(range(8))
    assert "not finished" in outcome["lost"][0]
    sound("demo/r1")


def test_a_run_that_was_resumed_is_one_run(
    tmp_path: Path, told: Callable[..., Any], rows: Rows
) -> None:
    """Each time it has another log, found below the directory."""
    wandb_log(tmp_path, [wandb_run(), wandb_row(0, {"x": 0}), wandb_exit(1)])
    later = wandb_run(_17=stamp(START_S + 60), _8="again")
    wandb_log(tmp_path, [later, wandb_row(1, {"x": 1}), wandb_exit()], name="later")
    (outcome,) = told("sync", tmp_path)
    assert (outcome["address"], outcome["rows"]) == ("demo/r1", 2)
    assert [row["x"] for row in rows("demo/r1")] == [0, 1]


def test_a_directory_without_logs_is_refused(
    tmp_path: Path, tracklab: Callable[..., Result]
) -> None:
    """And so is a file that is none: one sentence, exit status 1."""
    (tmp_path / "x.wandb").write_bytes(b"nonsense")
    for place in (tmp_path, tmp_path / "x.wandb", tmp_path / "nowhere"):
        done = tracklab("import", "wandb", place)
        assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
        assert "no log of a run" in done.stderr


def test_an_address_is_refused(tracklab: Callable[..., Result]) -> None:
    """Wandb's logs are files: one sentence, exit status 1."""
    done = tracklab("import", "wandb", "http://localhost:1/x")
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert "Name a path: http://localhost:1/x" in done.stderr


def test_records_of_another_kind_cost_themselves_only(
    tmp_path: Path, told: Callable[..., Any], rows: Rows
) -> None:
    """A number where a text belongs, JSON that is none, bytes that are no message."""
    broken = [
        message(_2=message(_1=[message(_1="x", _16="{")])), message(_2=message(_1=5)),
        b"\xff\xff", message(_2=message(_1=[message(_1="_step", _16='"no"')])), message(_999=b""),
    ]  # fmt: skip
    records = [wandb_run(), *broken, wandb_row(1, {"x": 1})]
    (outcome,) = told("import", "wandb", wandb_log(tmp_path, records))
    assert outcome["lost"] == ["4 damaged records in run-r1.wandb"]
    assert [row["x"] for row in rows("demo/r1")] == [1]


def test_a_message_is_read_by_the_types_that_are_asked_for() -> None:
    """Numbers of all sizes, packed and not; what is missing is empty."""
    data = message(_1=-5, _2=2**63, _3=0.5, _4=["a", "b"]) + single(5, 0.25)
    read = Message(data)
    assert (read.whole(1), read.whole(2), read.double(3), read.texts(4), read.single(5)) == (
        -5, -(2**63), 0.5, ["a", "b"], 0.25,
    )  # fmt: skip
    assert (read.whole(9), read.text(9), read.double(9), 9 in read, 1 in read) == (
        0, "", 0.0, False, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "data", [b"\x0a\x05ab", b"\x08", b"\x0b", b"\x08" + b"\xff" * 11, b"\x09a"]
)
def test_bytes_that_are_no_message_are_refused(data: bytes) -> None:
    """Cut off, of an unknown kind, or a number without an end."""
    with pytest.raises(WireError):
        Message(data)
