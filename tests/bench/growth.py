"""A million rows: memory that stays, and the last row as cheap as the first."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil

import tracklab
from tests.bench.calls import FIVE, QUIET
from tests.bench.table import Figure

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["growth", "writers"]

BLOCK = 1_000
WRITER = """
import sys, tracklab
run = tracklab.init(project="w", dir=sys.argv[1], system_monitor=False, settings={"console": "off"})
row = {"a": 0.5, "b": 1.5, "c": 2.5, "d": 3.5, "e": 4.5}
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    run.log(row)
run.finish()
"""


def growth(root: Path, *, rows: int = 1_000_000) -> list[Figure]:
    """Return the growth of memory from row 10,000 on, and the cost of late rows."""
    run = tracklab.init(project="growth", dir=root, reinit="finish_previous", **QUIET)
    process = psutil.Process()
    log, row = run.log, dict(FIVE)
    for _ in range(10_000):
        log(row)
    before = process.memory_info().rss
    blocks_s = []
    for _ in range(rows // BLOCK):
        began = time.process_time()
        for _ in range(BLOCK):
            log(row)
        blocks_s.append(time.process_time() - began)
    # The median block of each tenth: a busy neighbour disturbs single blocks.
    tenth = len(blocks_s) // 10
    costs_s = [statistics.median(blocks_s[n * tenth : (n + 1) * tenth]) for n in range(10)]
    grown = (process.memory_info().rss - before) / 2**20
    run.finish()
    ratio = costs_s[-1] / costs_s[0]
    wavering = f"(tenths: {min(costs_s) / costs_s[0]:.2f} to {max(costs_s) / costs_s[0]:.2f})"
    return [
        Figure(f"memory growth from row 10,000 to {rows:,}, MiB", grown, 1),
        Figure(f"CPU of the last tenth of {rows:,} rows / the first", ratio, 1.05, note=wavering),
    ]


def writers(root: Path, *, count: int = 4, rows: int = 100_000) -> list[Figure]:
    """Return the rows per second of several processes together."""
    commands = [sys.executable, "-c", WRITER, str(root), str(rows)]
    programs = [
        subprocess.Popen(commands, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    for program in programs:
        assert program.stdout
        program.stdout.readline()
    began = time.perf_counter()
    for program in programs:
        assert program.stdin
        program.stdin.write("go\n")
        program.stdin.close()
    for program in programs:
        program.wait(timeout=300)
        assert program.stdout
        program.stdout.close()
    rate = count * rows / (time.perf_counter() - began)
    cores = os.cpu_count()
    return [
        Figure(f"{count} writers on {cores} cores, rows/s in all", rate, 200_000, at_least=True)
    ]
