"""A million rows: memory that stays, and the last row as cheap as the first."""

from __future__ import annotations

import logging
import os
import statistics
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import psutil

import tracklab
from tests.bench.calls import FIVE, QUIET
from tests.bench.table import Figure
from tracklab.handlers import SegmentHandler

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["growth", "monitors_growth", "writers"]

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


def monitors_growth(root: Path, *, records: int = 1_000_000) -> list[Figure]:
    """Return how much memory a million records of each monitor and door take: none."""
    run = tracklab.init(project="monitors", dir=root, reinit="finish_previous", **QUIET)
    handler = SegmentHandler(directory=root, project="monitors", run_id=run.id)
    record = logging.makeLogRecord({"name": "app", "levelno": 20, "msg": "m", "loss": 0.5})
    metrics = tracklab.PerformanceMetricsLogger("bench.nobody")
    saves = tracklab.get_performance_monitor("checkpoint")
    calls = tracklab.get_performance_monitor("llm")
    figures = []
    for name, call in {
        "PerformanceMetricsLogger": partial(metrics.log_metric, "gauge", "m", 0.5),
        "the checkpoint monitor": partial(saves.record_checkpoint_save, 0.5, 1024),
        "the LLM monitor": partial(calls.record_llm_call, "m", "p", 0.5, 10, 20),
        "SegmentHandler": partial(handler.emit, record),
    }.items():
        for _ in range(10_000):
            call()
        before = psutil.Process().memory_info().rss
        for _ in range(records - 10_000):
            call()
        grown = (psutil.Process().memory_info().rss - before) / 2**20
        figures.append(Figure(f"memory growth over {records:,} records of {name}, MiB", grown, 1))
    handler.close()
    run.finish()
    return figures


def writers(root: Path) -> list[Figure]:
    """Return the rows per second of 1, 4 and 32 processes together."""
    rates = {count: rate(root, count, 400_000 // count) for count in (1, 4, 32)}
    budgets = {1: 25_000, 4: 200_000, 32: None}
    cores = os.cpu_count()
    return [
        Figure(f"writers: {count} on {cores} cores, rows/s in all", found, budgets[count],
               at_least=True)
        for count, found in rates.items()
    ]  # fmt: skip


def rate(root: Path, count: int, rows: int) -> float:
    """Return the rows per second of `count` processes that begin together."""
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
    return count * rows / (time.perf_counter() - began)
