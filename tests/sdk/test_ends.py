"""However a program ends, its run says how, its exit code is its own, and no row is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import orjson
import pytest

if TYPE_CHECKING:
    from pathlib import Path

START = "import sys, os, tracklab; run = tracklab.init(project='p', id='r'); run.log({'x': 1})\n"

pytestmark = pytest.mark.integration


def end(root: Path, body: str) -> tuple[int, dict[str, object], str]:
    """Run a program; return its exit code, its run's metadata and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", START + body],
        env={**os.environ, "TRACKLAB_DATA_DIR": str(root)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    metadata = json.loads((root / "p/r/metadata.json").read_text())
    return done.returncode, metadata, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("body", "code", "status", "recorded"),
    [
        ("", 0, "finished", 0),
        ("run.finish()", 0, "finished", 0),
        ("run.finish(7)", 0, "failed", 7),
        ("1 / 0", 1, "failed", 1),
        ("sys.exit(3)", 3, "failed", 3),
        ("sys.exit('text')", 1, "failed", 1),
        ("sys.exit()", 0, "finished", 0),
        ("import threading as t; o = t.Thread(target=sys.exit, args=(3,)); o.start(); o.join()",
         0, "finished", 0),
        ("exit(6)", 6, "failed", 6),
        ("quit(code='text')", 1, "failed", 1),
        ("exit()", 0, "finished", 0),
        ("raise KeyboardInterrupt", -signal.SIGINT, "killed", 255),
        ("run.mark_preempting(); sys.exit(3)", 3, "preempted", 3),
        ("tracklab.mark_preempting(); run.finish()", 0, "finished", 0),
        ("os.kill(os.getpid(), 15)", -signal.SIGTERM, "running", None),
        ("\nwith run:\n    1 / 0", 1, "failed", 1),
        ("\nwith run:\n    sys.exit(4)", 4, "failed", 4),
        ("os._exit(5)", 5, "running", None),
        ("os.kill(os.getpid(), 9)", -signal.SIGKILL, "running", None),
    ],
)  # fmt: skip
def test_the_end_is_recorded_and_the_exit_code_unchanged(
    root: Path, body: str, code: int, status: str, recorded: int | None
) -> None:
    """`running` without a living writer is how a reader proves a crash."""
    returned, metadata, _ = end(root, body)
    assert returned in {code, 128 - code}
    assert (metadata["status"], metadata["exit_code"]) == (status, recorded)
    rows = (root / "p/r/history.jsonl").read_bytes().splitlines()
    assert orjson.loads(rows[1])["x"] == 1


def test_a_forked_child_does_not_end_its_parents_run(root: Path) -> None:
    """The child's exit leaves no end line; its own rows are there."""
    body = (
        "pid = os.fork()\n"
        "if pid == 0:\n    run.log({'child': 1}); sys.exit(9)\n"
        "os.waitpid(pid, 0)\nrun.log({'parent': 2})\n"
    )
    code, metadata, said = end(root, body)
    assert (code, metadata["status"]) == (0, "finished"), said
    rows = b"".join(path.read_bytes() for path in (root / "p/r").glob("history*.jsonl"))
    assert b'"child":1' in rows
    assert b'"parent":2' in rows


def test_the_console_is_kept_and_passed_through(root: Path) -> None:
    """Both streams; a progress bar leaves few states and its last one."""
    body = (
        "print('hello')\nprint('oops', file=sys.stderr)\n"
        "for n in range(10_000):\n    sys.stdout.write(f'\\rat {n}'); sys.stdout.flush()\n"
        "print()\nprint('bye')\n"
    )
    _, _, said = end(root, body)
    logs = root / "p/r/logs"
    kept = (logs / "stdout.log").read_bytes()
    assert "hello" in said
    assert "at 5000" in said
    assert kept.startswith(b"hello\n")
    assert kept.endswith(b"at 9999\nbye\n")
    assert len(kept) < 1_000
    assert b"oops\n" in (logs / "stderr.log").read_bytes()


def test_system_rows_come_while_the_program_runs(root: Path) -> None:
    """The sampler writes at its interval, whatever the main thread does."""
    body = (
        "import time\n"
        "path = run.run_dir / 'system_metrics.jsonl'\n"
        "deadline = time.monotonic() + 30\n"
        "while time.monotonic() < deadline:\n"
        "    if path.exists() and path.read_bytes().count(b'\\n') > 3:\n        break\n"
    )
    os.environ["TRACKLAB_MONITOR_INTERVAL"] = "0.1"
    try:
        end(root, body)
    finally:
        del os.environ["TRACKLAB_MONITOR_INTERVAL"]
    rows = (root / "p/r/system_metrics.jsonl").read_bytes().splitlines()[1:]
    assert len(rows) >= 3
    assert "_step" not in orjson.loads(rows[0])
    assert orjson.loads(rows[-1])["memory_used_bytes"] > 0


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [("pass", "finished", 0), ("1 / 0", "failed", 1), ("sys.exit(3)", "failed", 3)],
)
def test_a_worker_of_multiprocessing_tells_its_end(
    root: Path, method: str, body: str, status: str, code: int
) -> None:
    """It began a run of its own, and its process runs no `atexit`."""
    program = root.parent / "pool.py"
    program.write_text(
        "import multiprocessing, sys, tracklab\n"
        "def work():\n"
        "    tracklab.init(project='p', id='r', settings={'console': 'off'})\n"
        f"    tracklab.log({{'x': 1}})\n    {body}\n"
        "if __name__ == '__main__':\n"
        "    worker = multiprocessing.get_context(sys.argv[1]).Process(target=work)\n"
        "    worker.start(); worker.join(); sys.exit(worker.exitcode)\n"
    )
    done = subprocess.run(
        [sys.executable, str(program), method],
        env={**os.environ, "TRACKLAB_DATA_DIR": str(root)},
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    metadata = json.loads((root / "p/r/metadata.json").read_text())
    assert (done.returncode, metadata["status"], metadata["exit_code"]) == (code, status, code)
