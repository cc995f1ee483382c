"""What the sampler costs the program that it watches."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil

from tests.bench.table import Figure
from tracklab.monitors import sensors

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["sampling"]

_ROUNDS = 50

IDLE = """
import os, signal, sys, time, tracklab
children = []
for _ in range(int(sys.argv[2])):
    pid = os.fork()
    if pid == 0:
        signal.pause()
    children.append(pid)
run = tracklab.init(project="s", dir=sys.argv[1], settings={
    "console": "off", "monitor_interval": 1.0})
time.sleep(1.5)  # what is loaded at the first sample is not a cost of each
began, cpu = time.perf_counter(), time.process_time()
time.sleep(10)
print((time.process_time() - cpu) / (time.perf_counter() - began) * 100)
run.finish()
for pid in children:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
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
    shown = "sampler at 1 Hz, with heartbeat and sync, % of a core"
    return [
        Figure(shown, answered(IDLE, root, 0), 1),
        Figure(f"{shown}, 16 child processes", answered(IDLE, root, 16), 1),
        Figure(f"{shown}, 2,000 child processes", answered(IDLE, root, 2_000), 1),
        Figure("one system row on a machine of 256 cores, ms of a core", many_cores(root), 10),
        Figure("log() of 5 scalars beside the sampler at 1 Hz, p99, µs", answered(BUSY, root), 300),
    ]


def many_cores(root: Path) -> float:
    """Return what the part of a row costs that grows with cores: 256 clocks, loads and sensors.

    The machine's files are made up. At 1 Hz, 10 ms are 1 % of a core.
    """
    cores = 256
    lines = "".join(f"cpu{core} 100 0 50 900 0 0 0 0 0 0\n" for core in range(cores))
    psutil.PROCFS_PATH = str(root / "proc")  # psutil's own way to look at another machine
    (root / "proc").mkdir()
    (root / "proc/stat").write_text(f"cpu 100 0 50 900 0 0 0 0 0 0\n{lines}")
    for core in range(cores):
        place = root / f"sys/devices/system/cpu/cpu{core}/cpufreq"
        place.mkdir(parents=True)
        (place / "scaling_cur_freq").write_text("2400000")
    try:
        began_s = time.process_time()
        for _ in range(_ROUNDS):
            sensors.frequencies(cores, root=str(root))
            psutil.cpu_percent(percpu=True)
        return (time.process_time() - began_s) / _ROUNDS * 1e3
    finally:
        psutil.PROCFS_PATH = "/proc"


def answered(program: str, root: Path, *arguments: int) -> float:
    """Run a program in a fresh interpreter and return the number it prints."""
    command = [sys.executable, "-c", program, str(root), *map(str, arguments)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
