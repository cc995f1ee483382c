"""Commands that watch over runs: verify, status, compress, gc, restore."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner

from tests.query.files import event, events, row, segment
from tracklab.cli.main import main
from tracklab.query.engines.local import LocalEngine
from tracklab.storage.identity import this_process

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

HERE = this_process()
FACTS = {"host": HERE.host, "boot_id": HERE.boot_id, "pid": 1, "process_start": 1}
OLD_S = 1_700_000_000


def tracklab(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def told(*arguments: object) -> Any:
    """Return what a command says in JSON."""
    return orjson.loads(tracklab(*arguments, "--json").output)


@pytest.fixture
def run_dir(root: Path) -> Path:
    """Write an ended run of two writers, last written long ago; return its directory."""
    run_dir = root / "demo" / "r"
    for number in range(3):
        seqs = range(10 * number, 10 * number + 10)
        rows = [row(seq, seq, {"loss": 1 / (seq + 1)}) for seq in seqs if seq]
        path = segment(run_dir, rows, number=number, facts=FACTS)
        header, _, rest = path.read_bytes().partition(b"\n")
        told = orjson.loads(header) | {"seq": 0 if number == 0 else 30 + number}
        path.write_bytes(orjson.dumps(told) + b"\n" + rest)
    parts: Any = [
        ("tracklab.lifecycle", "start", {}),
        ("tracklab.lifecycle", "finish", {"exit_code": 0}),
    ]
    path = segment(run_dir, events(*parts), stream="events", facts=FACTS | {"id": "e"})
    path.write_bytes(
        path.read_bytes().replace(b'"seq": 0', b'"seq": 30').replace(b'"seq": 1,', b'"seq": 33,')
        .replace(b'"seq": 2,', b'"seq": 34,')
    )  # fmt: skip
    segment(run_dir, [event("app", "hi")], stream="events", writer="n-2-1", facts=FACTS)
    for path in run_dir.iterdir():
        os.utime(path, (OLD_S, OLD_S))
    (run_dir / "run.lock").touch()
    return run_dir


def test_verify_says_ok_and_exits_with_0(root: Path, run_dir: Path) -> None:
    """One table with a line for each writer."""
    result = tracklab("verify", "r", "--dir", root)
    assert result.exit_code == 0
    assert "n-2-1" in result.output
    assert "0 to 34" in result.output
    assert "ok     demo/r" in result.output


def test_verify_names_a_fault_and_exits_with_1(root: Path, run_dir: Path) -> None:
    """Where it is, in a sentence and in JSON."""
    path = run_dir / "history.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"_seq": 5', b'"_seq": 6'))
    result = tracklab("verify", "demo/r", "--dir", root)
    assert result.exit_code == 1
    assert (
        "FAULT  duplicate: seq 6 more than once (writer the creator, run demo/r)" in result.output
    )
    (run,) = told("verify", "r", "--dir", root)["runs"]
    assert (run["sound"], [fault["kind"] for fault in run["faults"]]) == (
        False,
        ["duplicate", "gap"],
    )
    assert [writer["missing"] for writer in run["writers"]] == [1, 0]


def test_status_shows_what_is_alive(root: Path, run_dir: Path) -> None:
    """With its rate, its writers and their ranks; ended runs only if named."""
    assert tracklab("status", "--dir", root).output == "No run is alive.\n"
    (ended,) = told("status", "r", "--dir", root)["runs"]
    assert (ended["status"], ended["living"], ended["writers"]) == ("finished", 0, 2)
    gap = event("tracklab.gap", "gap", {"ranges": [[5, 9]]}, seq=2)
    live = root / "demo" / "live"
    segment(live, [row(seq, seq, {"x": 1}) for seq in range(9)], facts=FACTS | {"rank": 3})
    segment(live, [*events(("tracklab.lifecycle", "start", {})), gap], stream="events", facts=FACTS)
    with (live / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (pulse,) = told("status", "--dir", root)["runs"]
        shown = tracklab("status", "--dir", root, "-p", "demo").output
    assert (pulse["run"], pulse["ranks"], pulse["lines_lost"], pulse["rows_per_s"]) == (
        "demo/live", [3], 5, 1.0,
    )  # fmt: skip
    assert "1 of 1" in shown
    assert "running" in shown


def answers(root: Path) -> list[object]:
    """Return what the engine says of the run, cursors and tails included."""
    engine = LocalEngine(root)
    first = engine.rows("r", limit=7)
    page = engine.events("r", limit=1)
    return [
        first.rows, engine.rows("r", after=first.cursor).rows, page.events,
        engine.events("r", after=page.cursor).events, engine.rev("r"), engine.run("r"),
        engine.series(["r"], ["loss"], px=4).series[0].last.tolist(), engine.tail("r").lines,
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["gz", "zst"])
def test_a_compressed_run_gives_the_same_answers(root: Path, run_dir: Path, form: str) -> None:
    """Also to who goes on from a cursor or a rev taken before; verification agrees."""
    before, rev = answers(root), LocalEngine(root).rev("r")
    assert tracklab("compress", "r", "--dir", root, "--format", form).exit_code == 0
    assert {path.suffix for path in run_dir.glob("*.jsonl*")} == {f".{form}"}
    assert answers(root) == before
    assert LocalEngine(root).tail("r", rev=rev).lines == []
    assert tracklab("verify", "r", "--dir", root).exit_code == 0
    assert "0 closed segments" in tracklab("compress", "--all", "--dir", root).output


def test_a_dry_run_of_compress_changes_nothing(root: Path, run_dir: Path) -> None:
    """It lists what the real one compresses; young segments are no part of it."""
    os.utime(run_dir / "history.jsonl", None)
    listed = told("compress", "-p", "demo", "--dir", root, "--dry-run")["segments"]
    assert len(list(run_dir.glob("*.jsonl"))) == 5
    done = told("compress", "-p", "demo", "--dir", root)["segments"]
    assert [one["segment"] for one in done] == [one["segment"] for one in listed]
    assert [path.name for path in run_dir.glob("*.jsonl")] == ["history.jsonl"]


def test_the_open_segment_of_a_living_writer_stays(root: Path, run_dir: Path) -> None:
    """However long ago it was written; its closed ones go."""
    with (run_dir / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tracklab("compress", "r", "--dir", root)
    plain = {path.name for path in run_dir.glob("*.jsonl")}
    assert plain == {"history.000002.jsonl", "events.jsonl"}


def test_what_another_program_appends_to_is_never_compressed(root: Path) -> None:
    """It holds no lock, and opens its file by name: a new one would hide the compressed one."""
    run_dir = root / "demo" / "bash"
    path = segment(run_dir, [row(0, 1, {"x": 1})])
    os.utime(path, (OLD_S, OLD_S))
    assert "0 closed segments" in tracklab("compress", "--all", "--dir", root).output


@pytest.mark.parametrize(("age_s", "closed"), [(3_600, 0), (90_000, 1)])
def test_a_silent_writer_elsewhere_is_let_alone_for_a_day(
    root: Path, age_s: float, closed: int
) -> None:
    """Its lock may not be visible here, and it may write again into the segment it has open."""
    run_dir = root / "demo" / "far"
    facts = {"host": "far", "boot_id": "another", "pid": 1, "process_start": 1}
    path = segment(run_dir, [row(0, 1, {"x": 1})], facts=facts)
    (run_dir / "run.lock").touch()
    os.utime(path, (time.time() - age_s,) * 2)
    asked = ("--dir", root, "--dry-run")
    assert len(told("compress", "--all", *asked)["segments"]) == closed
    assert len(told("gc", *asked, "-s", "history", "--older-than", "1s")["removed"]) == closed


@pytest.mark.integration
def test_compressing_a_run_while_it_is_written_loses_nothing(root: Path) -> None:
    """Segments close many times a second; a reader follows all the while."""
    program = (
        "import tracklab\n"
        "run = tracklab.init(project='p', id='r', system_monitor=False,\n"
        "    settings={'console': 'off', 'segment_bytes': 8192})\n"
        "for n in range(20_000): run.log({'x': n})\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, "TRACKLAB_DATA_DIR": str(root)}
    ) as process:
        while not (root / "p/r/history.000001.jsonl").exists():
            assert process.poll() is None
            time.sleep(0.01)
        engine, rev, seen = LocalEngine(root), None, []
        while True:
            over = process.poll() is not None
            assert tracklab("compress", "r", "--dir", root, "--older-than", "0s").exit_code == 0
            while (tail := engine.tail("r", rev=rev, streams=["history"])).lines:
                rev = tail.rev
                seen += [line.record["x"] for line in tail.lines]  # type: ignore[index]
            if over:
                break
    assert seen == list(range(20_000))
    assert len(list((root / "p/r").glob("*.gz"))) > 100
    assert tracklab("verify", "r", "--dir", root).exit_code == 0


def test_gc_lists_exactly_what_it_removes(root: Path, run_dir: Path) -> None:
    """Dry run and real run say the same; restore brings it back."""
    segment(run_dir, [{"_timestamp": 1.0}], stream="system_metrics", facts=FACTS)
    os.utime(run_dir / "system_metrics.jsonl", (OLD_S, OLD_S))
    listed = told("gc", "--dir", root, "--older-than", "1d", "--dry-run")
    assert (run_dir / "system_metrics.jsonl").exists()
    done = told("gc", "--dir", root, "--older-than", "1d")
    assert done == listed | {"dry_run": False}
    assert [one["file"] for one in done["removed"]] == ["system_metrics.jsonl"]
    assert not (run_dir / "system_metrics.jsonl").exists()
    assert "1 files are back" in tracklab("restore", "demo/r", "--dir", root).output
    assert (run_dir / "system_metrics.jsonl").exists()


def test_restore_brings_what_it_can_and_names_the_rest(root: Path, run_dir: Path) -> None:
    """With the status 1; nothing is said to be back when the trash has been emptied."""
    (run_dir / "logs").mkdir()
    for name in ("stdout.log", "stderr.log"):
        (run_dir / "logs" / name).write_text("old\n")
        os.utime(run_dir / "logs" / name, (OLD_S, OLD_S))
    told("gc", "--dir", root, "--older-than", "1d")
    (run_dir / "logs" / "stdout.log").write_text("resumed\n")
    result = tracklab("restore", "demo/r", "--dir", root)
    assert result.exit_code == 1
    assert "1 files are back:\n  logs/stderr.log\nThese stay in the trash" in result.output
    told("gc", "--dir", root, "--empty-trash", "--grace", "0s")
    result = tracklab("restore", "demo/r", "--dir", root)
    assert (result.exit_code, "holds no run" in result.output) == (1, True)


@pytest.mark.parametrize(
    ("environment", "kept_days"),
    [({}, 30), ({"DATA_RETENTION_DAYS": "10"}, 10),
     ({"DATA_RETENTION_DAYS": "10", "TRACKLAB_DATA_RETENTION_DAYS": "20"}, 20)],
)  # fmt: skip
def test_gc_follows_the_retention_of_the_environment(
    root: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], kept_days: int
) -> None:
    """When told to; 30 days where nothing is set."""
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    for name, days in (("kept", kept_days - 1), ("gone", kept_days + 1)):
        rows = [{"_timestamp": 1.0}]
        path = segment(root / "demo" / name, rows, stream="system_metrics", facts=FACTS)
        os.utime(path, (time.time() - days * 86_400,) * 2)
    removed = told("gc", "--dir", root, "--policy", "--dry-run")["removed"]
    assert [one["run"] for one in removed] == ["demo/gone"]


def test_gc_needs_something_to_do(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing goes by itself, and a retention that is no number is refused."""
    assert tracklab("gc", "--dir", root).exit_code == 2
    assert "30d" in tracklab("gc", "--dir", root, "--older-than", "soon").output
    monkeypatch.setenv("DATA_RETENTION_DAYS", "a month")
    result = tracklab("gc", "--dir", root, "--policy")
    assert (result.exit_code, "number of days" in result.output) == (1, True)


def test_the_trash_is_emptied_after_its_grace(root: Path, run_dir: Path) -> None:
    """Listed first; then for good."""
    assert "1 went to the trash" in tracklab("gc", "--dir", root, "--runs", "--max-count", 0).output
    assert told("gc", "--dir", root, "--empty-trash")["deleted"] == []
    asked = ("gc", "--dir", root, "--empty-trash", "--grace", "0s")
    listed = told(*asked, "--dry-run")["deleted"]
    assert [entry["address"] for entry in listed] == ["demo/r"]
    assert told(*asked)["deleted"] == listed
    assert tracklab("restore", "demo/r", "--dir", root).exit_code == 1
