"""What the sampler costs the program that it watches."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.bench.table import Figure

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["sampling"]

IDLE = """
import sys, time, tracklab
run = tracklab.init(project="s", dir=sys.argv[1], settings={
    "console": "off", "monitor_interval": 1.0})
time.sleep(1.5)  # what is loaded at the first sample is not a cost of each
began, cpu = time.perf_counter(), time.process_time()
time.sleep(10)
print((time.process_time() - cpu) / (time.perf_counter() - began) * 100)
run.finish()
"""
BUSY = """
import sys, time, tracklab
run = tracklab.init(project="b", dir=sys.argv[1], settings={
    "console": "off", "monitor_interval": 1.0})
row = {"a": 0.5, "b": 1.5, "c": 2.5, "d": 3.5, "e": 4.5}
clock, took = time.perf_counter_ns, []
until = clock() + 5 * 10**9
while clock() < until:
    began = clock()
    run.log(row)
    took.append(clock() - began)
    time.sleep(0.0005)
print(sorted(took)[int(len(took) * 0.99)] / 1e3)
run.finish()
"""


def sampling(root: Path) -> list[Figure]:
    """Return the sampler's share of a core at 1 Hz, and `log()` beside it."""
    return [
        Figure("sampler at 1 Hz, with heartbeat and sync, % of a core", answered(IDLE, root), 1),
        Figure("log() of 5 scalars beside the sampler at 1 Hz, p99, µs", answered(BUSY, root), 300),
    ]


def answered(program: str, root: Path) -> float:
    """Run a program in a fresh interpreter and return the number it prints."""
    command = [sys.executable, "-c", program, str(root)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
