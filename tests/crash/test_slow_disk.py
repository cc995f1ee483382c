"""A disk that stalls: `finish()` stops waiting, and in `thread` mode `log()` never begins to."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.crash.evidence import evidence
from tests.crash.needs import needs_strace

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.system, needs_strace]

FINISHING = """
import sys, time, tracklab
run = tracklab.init(
    project="p", id="r", dir=sys.argv[1], system_monitor=sys.argv[3] == "sampled", settings={
    "console": "off", "finish_timeout": 0.5, "sync_interval": 60, "write_mode": sys.argv[2]})
for n in range(100):
    run.log({"n": n})
began = time.monotonic()
run.finish()
print(time.monotonic() - began)
"""
LOGGING = """
import sys, time, tracklab
run = tracklab.init(project="p", id="r", dir=sys.argv[1], system_monitor=False, settings={
    "console": "off", "write_mode": "thread", "finish_timeout": 0.5})
clock, took = time.perf_counter_ns, []
for n in range(20_000):
    began = clock()
    run.log({"n": n})
    took.append(clock() - began)
print(sorted(took)[int(len(took) * 0.99)] / 1e6, run.backlog)
"""
DROPPING = """
import sys, time
from pathlib import Path
from tracklab.records.encode import encode_object
from tracklab.storage.backlog import BacklogLimits
from tracklab.storage.writer import Writer
place = Path(sys.argv[1], "p/r")
limits = BacklogLimits(max_lines=50, patience_s=0.1)
writer = Writer(place, "r", facts={"project": "p", "attempt": 0}, backlog=limits)
for n in range(200):
    writer.row("history", encode_object({"n": n}), timestamp_s=time.time(), runtime_s=0, step=n)
print(writer.lines_lost)
writer.close()
"""


def stalled(root: Path, program: str, *arguments: str, delay_s: float, calls: str) -> str:
    """Run a program on a disk that takes `delay_s` for each of `calls`; return its output."""
    command = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", f"trace={calls}"]
    for name in ("history", "events"):
        command += ["-P", f"{root}/p/r/{name}.jsonl"]
    command += ["-e", f"inject={calls}:delay_enter={int(delay_s * 1e6)}"]
    done = subprocess.run(
        [*command, sys.executable, "-c", program, str(root), *arguments],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("strace: ")]
    assert all(line.startswith("tracklab: ") for line in said), done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("write_mode", "monitor"),
    [("sync", "sampled"), ("sync", "not sampled"), ("thread", "not sampled")],
)
def test_finish_does_not_wait_longer_than_it_says(
    root: Path, write_mode: str, monitor: str
) -> None:
    """Each `fdatasync` takes 2.5 seconds; the program is told, goes on and ends."""
    waited = stalled(root, FINISHING, write_mode, monitor, delay_s=2.5, calls="fdatasync")
    assert 0.4 < float(waited) < 2.4
    assert len(evidence(root / "p/r").rows) == 100


def test_in_thread_mode_logging_does_not_feel_a_stalled_disk(root: Path) -> None:
    """Each write takes a second; 99 of 100 calls take less than a millisecond all the same."""
    p99_ms, waiting = stalled(root, LOGGING, delay_s=1, calls="write").split()
    assert float(p99_ms) < 1
    assert int(waiting) > 10_000


def test_a_full_backlog_drops_the_newest_lines_and_counts_them(root: Path) -> None:
    """Room for 50 lines on a stalled disk: what does not fit is named by one gap, exactly."""
    lost = int(stalled(root, DROPPING, delay_s=0.3, calls="write"))
    found = evidence(root / "p/r")
    assert lost > 50
    assert len(found.rows) == 200 - lost
    assert {gap["reason"] for gap in found.gaps()} == {"BACKLOG_FULL"}
    assert len(found.named_as_lost()) == lost
    assert found.unaccounted() == set()
