"""What a reader says of real processes: each status from its proof, and never a guess."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.query.files import START_S, event, events, row, segment
from tracklab.query.engines.local import LocalEngine
from tracklab.query.rhythm import read_rhythm
from tracklab.storage.identity import this_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracklab.query.answers.runs import Run

HERE = this_process()
BEGIN = """
import os, select, signal, sys, time, tracklab
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
run = tracklab.init(project="p", id="r", settings={"console": "off", "monitor_interval": 0.1})
for _ in range(5):
    run.log({"x": 1}); time.sleep(0.02)
"""
WAIT = """
print("up", flush=True)
while not select.select([sys.stdin], [], [], 0.1)[0]:
    pass  # CPython sleeps through a signal that comes between its last look and the call
"""


@contextmanager
def program(root: Path, body: str = "") -> Iterator[subprocess.Popen[str]]:
    """Start a program that logs and then waits; end it afterwards."""
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN + body + WAIT],
        env={**os.environ, "TRACKLAB_DATA_DIR": str(root)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            yield process
        finally:
            process.kill()


def glance(root: Path, *, in_s: float = 0.0) -> Run:
    """Look at the run, `in_s` seconds from now."""
    return LocalEngine(root, now=lambda: time.time() + in_s).glance("p/r")


def ended(root: Path, send: Callable[[subprocess.Popen[str]], object], body: str = "") -> str:
    """Return the status of a run whose program was sent something and has ended."""
    with program(root, body) as process:
        assert glance(root).status == "running"
        send(process)
        process.wait(30)
    return glance(root).status


def say(process: subprocess.Popen[str]) -> None:
    """Let the program end by itself."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def deliver(number: int) -> Callable[[subprocess.Popen[str]], object]:
    """Return what sends a signal."""
    return lambda process: process.send_signal(number)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("send", "body", "expected"),
    [
        (say, "", "finished"),
        (say, "import atexit; atexit.register(os._exit, 3)", "crashed"),
        (deliver(signal.SIGKILL), "", "crashed"),
        (deliver(signal.SIGTERM), "", "killed"),
        (deliver(signal.SIGINT), "", "killed"),
        (deliver(signal.SIGKILL), "run.mark_preempting()", "preempted"),
        (deliver(signal.SIGTERM), "run.mark_preempting()", "preempted"),
        (deliver(signal.SIGINT), "run.mark_preempting()", "preempted"),
        (say, "run.mark_preempting()", "finished"),
        (deliver(signal.SIGABRT), "", "crashed"),
    ],
)
def test_the_end_of_a_process_decides(root: Path, send: Any, body: str, expected: str) -> None:
    """Whatever ended it; only what is proven is said."""
    assert ended(root, send, body) == expected


@pytest.mark.integration
@pytest.mark.parametrize(
    ("handler", "code", "expected"),
    [
        ("lambda *_: sys.exit(7)", 7, "failed"),
        ("lambda *_: (run.finish(), os._exit(0))", 0, "finished"),
        ("lambda *_: (signal.signal(15, signal.SIG_DFL), os.kill(os.getpid(), 15))", -15, None),
    ],
)
@pytest.mark.parametrize("early", [False, True])
def test_a_programs_own_handler_of_sigterm_is_let_alone(
    root: Path, handler: str, code: int, expected: str | None, *, early: bool
) -> None:
    """Set before init() or after it; its exit code and its end are its own."""
    body = f"signal.signal(15, {handler})\n"
    script = "import signal, sys, os\n" * early + (body if early else "") + BEGIN
    script += ("" if early else body) + WAIT
    with subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "TRACKLAB_DATA_DIR": str(root)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.terminate()
        assert process.wait(30) == code
    assert glance(root).status in ({expected} if expected else {"crashed", "killed"})


@pytest.mark.integration
def test_sigterm_ends_a_program_that_hangs_in_c_at_once(root: Path) -> None:
    """A handler in Python would wait for the interpreter; the word it leaves says where it was."""
    hang = "import threading\nprint('up', flush=True)\nsum(range(10**12))\n"
    with program(root, hang) as process:
        process.terminate()
        assert process.wait(10) == -signal.SIGTERM
    assert glance(root).status == "killed"
    assert 'File "<string>"' in (root / "p/r/run.sigterm").read_text()


@pytest.mark.integration
def test_a_terminated_worker_is_no_word_about_its_parent(root: Path) -> None:
    """Loaders end their workers so; the parent that is then killed outright has crashed."""
    body = (
        "pid = os.fork()\n"
        "if pid == 0:\n    run.log({'child': 1}); time.sleep(60); os._exit(0)\n"
        "time.sleep(0.2); os.kill(pid, 15); assert os.waitpid(pid, 0)[1] == 15\n"
    )
    assert ended(root, deliver(signal.SIGKILL), body) == "crashed"


@pytest.mark.integration
def test_a_clean_end_leaves_no_file_for_sigterm(root: Path) -> None:
    """It is empty until a signal comes, and removed at the end."""
    with program(root) as process:
        assert (root / "p/r/run.sigterm").stat().st_size == 0
        say(process)
        process.wait(30)
    assert not (root / "p/r/run.sigterm").exists()


@pytest.mark.integration
def test_a_stopped_process_is_alive_and_stalled(root: Path) -> None:
    """SIGSTOP: the lock is held, the silence is longer than its rhythm; it wakes up again."""
    with program(root) as process:
        assert glance(root, in_s=30).stalled is False
        process.send_signal(signal.SIGSTOP)
        run = glance(root, in_s=100)
        assert (run.status, run.stalled) == ("running", True)
        assert run.silent_s is not None
        assert 99 < run.silent_s < 130
        page = LocalEngine(root, now=lambda: time.time() + 100).runs(f="stalled = true")
        assert [run.run for run in page.runs] == ["p/r"]
        process.send_signal(signal.SIGCONT)
        say(process)
        process.wait(30)
    run = glance(root, in_s=100)
    assert (run.status, run.stalled, run.silent_s) == ("finished", False, None)


def lived(run_dir: Path, **facts: Any) -> None:
    """Write a run that began here and never ended, with some facts of its process changed."""
    here = {
        "host": HERE.host, "boot_id": HERE.boot_id, "pid": os.getpid(),
        "process_start": HERE.start_ticks,
    }  # fmt: skip
    start: Any = ("tracklab.lifecycle", "start", {})
    segment(run_dir, events(start), stream="events", facts=here | facts)
    os.utime(run_dir / "events.jsonl", (START_S + 3600,) * 2)


@pytest.mark.parametrize(
    ("facts", "age_s", "expected"),
    [
        ({}, 0, "running"),
        ({"process_start": 1}, 0, "crashed"),  # the same number, another process
        ({"pid": 2**22 + 1}, 0, "crashed"),
        ({"boot_id": "another"}, 0, "crashed"),  # this machine was started again
        ({"host": "far", "boot_id": "another"}, 59, "running"),
        ({"host": "far", "boot_id": "another"}, 61, "stale"),  # nothing can be proven
        ({"host": "far", "boot_id": None}, 61, "stale"),
    ],
)
def test_without_a_lock_the_process_decides(
    root: Path, run_dir: Path, facts: dict[str, Any], age_s: float, expected: str
) -> None:
    """Its number counts only with its start time and its boot."""
    lived(run_dir, **facts)
    engine = LocalEngine(root, now=lambda: START_S + 3600 + age_s)
    assert engine.glance("r").status == expected


def test_a_silent_run_that_writes_again_is_running_again(root: Path, run_dir: Path) -> None:
    """Stale is no verdict about its end."""
    lived(run_dir, host="far", boot_id="another")
    engine = LocalEngine(root, now=lambda: START_S + 3600 + 100)
    assert engine.glance("r").status == "stale"
    with open(run_dir / "events.jsonl", "ab") as file:
        file.write(json.dumps(event("tracklab.lifecycle", "heartbeat", seq=2)).encode() + b"\n")
    os.utime(run_dir / "events.jsonl", (START_S + 3690,) * 2)
    assert engine.glance("r").status == "running"


@pytest.mark.parametrize(
    ("gaps_s", "silent_s", "stalled"),
    [
        ([1.0] * 20, 59, False),
        ([1.0] * 20, 61, True),
        ([30.0] * 20, 250, False),
        ([30.0] * 20, 301, True),
        # A slow epoch now and then is its rhythm: 200 s after every ten quick steps.
        ([*[1.0] * 10, 200.0, *[1.0] * 10], 400, False),
        ([*[1.0] * 10, 200.0, *[1.0] * 10], 601, True),
        # Several calls per step come at once and say nothing of how long a step takes.
        ([0.0, 0.0, 100.0] * 10, 250, False),
        ([1.0], 9_999, False),
        ([], 9_999, False),
        ([-5.0, 1.0, 1.0, -500.0, 1.0, 1.0], 70, True),  # a clock that jumps
    ],
)
def test_silence_is_judged_by_the_runs_own_rhythm(
    run_dir: Path, gaps_s: list[float], silent_s: float, *, stalled: bool
) -> None:
    """From the tail of its newest segment alone."""
    at_s, step, lines = START_S, 0, [row(0, 0, {"x": 1})]
    for number, gap_s in enumerate(gaps_s, 1):
        at_s, step = at_s + gap_s, step + (gap_s != 0)
        lines.append(row(step, number, {"x": 1}) | {"_timestamp": at_s})
    path = segment(run_dir, lines)
    os.utime(path, (at_s, at_s))
    rhythm = read_rhythm(run_dir, now_s=at_s + silent_s)
    assert (rhythm.stalled, rhythm.silent_s) == (stalled, silent_s)


def test_only_the_tail_of_a_long_history_is_read(run_dir: Path) -> None:
    """Its beginning was slow; what counts is how it goes now."""
    slow = [row(n, n, {"x": 1}) | {"_timestamp": START_S + 1000 * n} for n in range(100)]
    quick = [row(n, n, {"x": 1}) | {"_timestamp": START_S + 1e5 + n} for n in range(100, 5_000)]
    path = segment(run_dir, [*slow, *quick])
    assert path.stat().st_size > 400_000
    os.utime(path, (START_S, START_S))
    assert read_rhythm(run_dir, now_s=START_S + 61).stalled
    assert read_rhythm(run_dir, now_s=START_S + 61).rows_per_s == pytest.approx(1.0)


def test_a_service_without_history_is_judged_by_its_system_rows(run_dir: Path) -> None:
    """They come every few seconds while it lives."""
    rows = [{"_timestamp": START_S + 5 * n, "_seq": n, "cpu_percent": 1.0} for n in range(9)]
    os.utime(segment(run_dir, rows, stream="system_metrics"), (START_S, START_S))
    assert read_rhythm(run_dir, now_s=START_S + 61).stalled
    assert not read_rhythm(run_dir, now_s=START_S + 59).stalled


def test_a_killed_rank_leaves_the_run_without_an_exit_code(root: Path, run_dir: Path) -> None:
    """The other rank ended with 0, which is not the run's."""
    facts = {"host": HERE.host, "boot_id": HERE.boot_id, "pid": 1, "process_start": 1}
    start: Any = ("tracklab.lifecycle", "start", {})
    end: Any = ("tracklab.lifecycle", "finish", {"exit_code": 0})
    segment(run_dir, events(start, end), stream="events", facts=facts)
    segment(run_dir, events(start), stream="events", writer="n-2-1", facts=facts)
    (run_dir / "run.lock").touch()
    (run_dir / "run.n-2-1.lock").touch()
    (run_dir / "run.n-2-1.sigterm").write_text("Stack (most recent call first):\n")
    run = LocalEngine(root).glance("r")
    assert (run.status, run.exit_code) == ("killed", None)


def test_a_run_is_preempted_if_one_of_its_ranks_said_so(root: Path, run_dir: Path) -> None:
    """The others were killed with it."""
    facts = {"host": HERE.host, "boot_id": HERE.boot_id, "pid": 1, "process_start": 1}
    start: Any = ("tracklab.lifecycle", "start", {})
    segment(run_dir, events(start), stream="events", facts=facts)
    said = events(start, ("tracklab.lifecycle", "preempting", {}))
    segment(run_dir, said, stream="events", writer="n-2-1", facts=facts)
    (run_dir / "run.lock").touch()
    with (run_dir / "run.n-2-1.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert LocalEngine(root).glance("r").status == "running"
    assert LocalEngine(root).glance("r").status == "preempted"
