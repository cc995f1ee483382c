"""A program that becomes a daemon after `init()`: it closes all descriptors and opens its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.crash.evidence import evidence
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

DAEMON = """
import os, sys, tracklab
mode, root = sys.argv[1:]
run = tracklab.init(project="p", id="r", dir=root, system_monitor=False, settings={
    "write_mode": mode})
history = run.run_dir / "history.jsonl"
for n in range(100):
    run.log({"n": n})
print("before")
while not history.exists() or history.read_text().count("\\n") < 101:
    pass  # no thread of ours may be opening a file meanwhile
os.closerange(3, 1 << 16)
for n in range(20):
    os.open(f"{root}/own.{n}", os.O_RDWR | os.O_CREAT)
for n in range(100, 200):
    run.log({"n": n})
print("after", file=sys.stdout)
run.finish()
"""


@pytest.mark.parametrize("mode", ["sync", "thread"])
def test_a_program_that_becomes_a_daemon_keeps_its_files_and_its_rows(
    tmp_path: Path, mode: str
) -> None:
    """Each row is there once, the program's files are empty, and the run is finished and whole."""
    subprocess.run([sys.executable, "-c", DAEMON, mode, tmp_path], check=True, timeout=120)
    found = evidence(tmp_path / "p" / "r")

    assert sorted(row["n"] for row in found.rows) == list(range(200))
    assert found.unaccounted() == set()
    assert (found.gaps(), found.torn, found.bad) == ([], [], [])
    assert {path.stat().st_size for path in tmp_path.glob("own.*")} == {0}
    assert LocalEngine(tmp_path).run("p/r").run.status == "finished"
    assert (tmp_path / "p/r/logs/stdout.log").read_text() == "before\nafter\n"
