"""What it costs to import, to begin and to end."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import psutil

import tracklab
from tests.bench.table import Figure

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["import_costs", "start_costs"]

IMPORT = """
import sys, time
before = set(sys.modules); began = time.process_time()
import tracklab
print(time.process_time() - began, len(sys.modules), len(set(sys.modules) - before))
"""
COLD = """
import sys, time
began = time.process_time()
import tracklab
run = tracklab.init(project="cold", dir=sys.argv[1], settings={"console": "off"})
run.log({"a": 1})
run.finish()
print(time.process_time() - began)
"""


def import_costs(root: Path) -> list[Figure]:
    """Return what `import tracklab` costs in a fresh process, and a whole first run."""
    samples = [answered(IMPORT) for _ in range(9)]
    cpu_ms = statistics.median(float(sample[0]) for sample in samples) * 1e3
    modules = int(samples[0][1])
    cold_ms = statistics.median(float(answered(COLD, str(root))[0]) for _ in range(5)) * 1e3
    new = f"({samples[0][2]} of them new)"
    return [
        Figure("import tracklab, CPU ms", cpu_ms, 60),
        Figure("modules loaded after import tracklab", modules, 150, note=new),
        Figure("import, init(), one row and finish() in a fresh process, CPU ms", cold_ms),
    ]


def start_costs(root: Path) -> list[Figure]:
    """Return what `init()`, a first row and `finish()` cost once everything is loaded."""
    taken_ms, threads, children = [], 0, 0
    for _ in range(31):
        before = threading.active_count()
        began = time.perf_counter()
        run = tracklab.init(project="start", dir=root, reinit="finish_previous")
        run.log({"loss": 1.0})
        threads = max(threads, threading.active_count() - before)
        children = max(children, len(psutil.Process().children()))
        run.finish()
        taken_ms.append((time.perf_counter() - began) * 1e3)
    median = statistics.median(taken_ms[1:])
    return [
        Figure("init() + one row + finish(), median ms", median, 10),
        Figure("threads started by init()", threads, 1),
        Figure("processes started by init()", children, 0),
    ]


def answered(program: str, *arguments: str) -> list[str]:
    """Run a program in a fresh interpreter and return the words it prints."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
