# ruff: noqa: T201 - its answers are printed
"""The script that `against_wandb` measures: `import wandb`, which is wandb or TrackLab.

It imports nothing of ours, so that both sides begin alike.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROWS = 10_000
NAMES = ("loss", "accuracy", "lr", "grad_norm", "epoch")


def memory_mib(pid: int) -> float:
    """Return what a process holds, its part of what it shares. Source: proc(5), smaps_rollup."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        sizes = {line.split()[0]: int(line.split()[1]) for line in file if "kB" in line}
    return sizes["Pss:"] / 1024


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for one in found:
        for task in os.listdir(f"/proc/{one}/task"):
            with open(f"/proc/{one}/task/{task}/children", encoding="ascii") as file:
                found += [int(child) for child in file.read().split()]
    return found


def cpu_s(pids: list[int]) -> float:
    """Return the processor time of processes and of children that they have waited for."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
        total += sum(int(fields[place]) for place in (11, 12, 13, 14))
    return total / ticks


def timed(action: Callable[[int], object], count: int) -> list[float]:
    """Return the seconds of each of `count` calls, which are told their number."""
    taken = []
    for number in range(count):
        began = time.perf_counter()
        action(number)
        taken.append(time.perf_counter() - began)
    return sorted(taken)


def row(number: int, names: Sequence[str] = NAMES) -> dict[str, float]:
    """Return a row of numbers with six digits, as trainings log them."""
    return {name: round(1 / (number + place + 1), 6) for place, name in enumerate(names)}


def nothing(_place: str) -> None:
    """Print what a process has taken so far."""
    told = {"import_cpu_ms": time.process_time() * 1e3, "import_modules": len(sys.modules)}
    print(json.dumps(told))


def imported(place: str) -> None:
    """Print it after the import: what a hook loads when the interpreter starts counts as well."""
    import_module("wandb")

    nothing(place)


def measure(place: str) -> None:
    """Print what everything takes, as JSON."""
    import numpy as np  # noqa: PLC0415 - what both need for an image is not theirs

    wandb: Any = import_module("wandb")

    told: dict[str, float] = {}
    pixels = np.random.default_rng(0).integers(0, 255, (256, 256, 3), dtype=np.uint8)
    wide = [f"layer_{place}/norm" for place in range(500)]
    cells = [[n, n * 0.5, f"text {n}", n % 7, 1 / (n + 1)] for n in range(ROWS)]
    before, began = cpu_s(family(os.getpid())), time.perf_counter()
    run = wandb.init(project="bench", dir=place, config={"lr": 0.1})
    told["init_ms"] = (time.perf_counter() - began) * 1e3
    told["init_cpu_ms"] = (cpu_s(family(os.getpid())) - before) * 1e3
    narrow_rows = [row(number) for number in range(ROWS)]
    wide_rows = [row(number, wide) for number in range(1_000)]
    five = timed(lambda number: run.log(narrow_rows[number]), len(narrow_rows))
    many = timed(lambda number: run.log(wide_rows[number]), len(wide_rows))
    told["image_p50_ms"] = statistics.median(
        timed(lambda number: run.log({"image": wandb.Image(pixels + number)}), 20)
    ) * 1e3  # fmt: skip
    told["small_table_p50_ms"] = statistics.median(
        timed(lambda number: run.log({"small": wandb.Table(["a"], [[number]])}), 20)
    ) * 1e3  # fmt: skip
    tables = [wandb.Table(list("abcde"), [[n, *cells[n][1:]] for n in range(ROWS)])
              for _ in range(3)]  # fmt: skip
    for number, table in enumerate(tables):
        table.data[0][1] = float(number)
    told["table_p50_ms"] = statistics.median(
        timed(lambda number: run.log({"table": tables[number]}), len(tables))
    ) * 1e3  # fmt: skip
    began = time.perf_counter()
    run.finish()
    told["finish_ms"] = (time.perf_counter() - began) * 1e3
    told |= {
        "log5_p50_us": five[len(five) // 2] * 1e6,
        "log5_p99_us": five[-len(five) // 100] * 1e6,
    }
    told |= {
        "log500_p50_us": many[len(many) // 2] * 1e6,
        "log500_p99_us": many[-len(many) // 100] * 1e6,
    }
    print(json.dumps(told))


def rows(place: str) -> None:
    """Log rows of five numbers and nothing else, and print how many, and what that takes."""
    wandb: Any = import_module("wandb")

    run = wandb.init(project="bench", dir=place)
    for number in range(ROWS):
        run.log(row(number))
    everybody = family(os.getpid())
    told = {
        "rows": ROWS,
        "processes": len(everybody),
        "rss_mib": sum(map(memory_mib, everybody)),
        "own_rss_mib": memory_mib(os.getpid()),
    }
    began = time.perf_counter()
    run.finish()
    print(json.dumps({**told, "finish_rows_ms": (time.perf_counter() - began) * 1e3}))


def log_until_killed(place: str) -> None:
    """Print how many rows are logged after each one, a hundred a second."""
    wandb: Any = import_module("wandb")

    run = wandb.init(project="bench", dir=place)
    for number in range(100_000):
        run.log(row(number))
        print(number + 1, flush=True)
        time.sleep(0.01)


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2])
