"""The cost of one call at the caller, against encoding and writing the same line by hand."""

from __future__ import annotations

import gzip
import os
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

import tracklab
from tests.bench.doors import door_costs
from tests.bench.table import Figure
from tests.bench.times import compared

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["FIVE", "QUIET", "call_costs"]

FIVE = {"train/loss": 0.51234, "val/loss": 0.6234, "lr": 0.0003, "grad_norm": 1.2345, "tokens": 5e6}
MANY = {f"layer.{n // 10}/weight.{n % 10}": n / 7 for n in range(500)}
QUIET: dict[str, Any] = {"system_monitor": False, "settings": {"console": "off"}}


def call_costs(root: Path) -> list[Figure]:
    """Return the figures of `log()` with 5 and 500 scalars, and of an event."""
    run = tracklab.init(project="bench", dir=root, reinit="finish_previous", **QUIET)
    descriptor = os.open(root / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    figures = []
    for name, row, p99_us in (("5", FIVE, 100), ("500", MANY, None)):
        log, same, bare = compared(
            partial(run.log, row), raw_line(descriptor, row), raw_row(descriptor, row)
        )
        what = f"log() of {name} scalars, median"
        pair = f"({log.median_us:.1f} µs / {{:.1f}} µs)".format
        same_note, bare_note = pair(same.median_us), pair(bare.median_us)
        figures += [
            Figure(f"{what} / orjson + os.write of the same line",
                   log.median_us / same.median_us, 3, note=same_note),
            Figure(f"{what} / orjson + os.write of the user's keys alone",
                   log.median_us / bare.median_us, note=bare_note),
            Figure(f"log() of {name} scalars, p99, µs", log.p99_us, p99_us),
        ]  # fmt: skip
    figures += door_costs(run, raw_line(descriptor, FIVE))
    os.close(descriptor)
    run.finish()
    return figures + sizes(root)


def raw_line(descriptor: int, row: dict[str, Any]) -> Callable[[], object]:
    """Return a call that encodes and writes the line that `log()` would write."""

    def write() -> None:
        fields = {"_timestamp": time.time(), "_step": 1, "_runtime": 12.345678,
                  "_run_id": "k3x9qd2f", "_seq": 17, **row}  # fmt: skip
        os.write(descriptor, orjson.dumps(fields) + b"\n")

    return write


def raw_row(descriptor: int, row: dict[str, Any]) -> Callable[[], object]:
    """Return a call that encodes and writes only what the user gave."""

    def write() -> None:
        os.write(descriptor, orjson.dumps(row) + b"\n")

    return write


def sizes(root: Path) -> list[Figure]:
    """Return how many bytes a row of 5 changing scalars takes, plain and compressed."""
    figures = []
    for what, digits in (("6 digits", 6), ("all 17 digits", 17)):
        run = tracklab.init(project="size", dir=root, reinit="finish_previous", **QUIET)
        for n in range(10_000):
            row = {key: value * (1 + n / 977) for key, value in FIVE.items()}
            run.log({key: float(f"{value:.{digits}g}") for key, value in row.items()})
        run.finish()
        content = (run.run_dir / "history.jsonl").read_bytes()
        plain, packed = len(content) / 10_000, len(gzip.compress(content, 6)) / 10_000
        name = f"bytes on disk for a row of 5 scalars of {what}"
        figures += [
            Figure(name, plain, 200),
            Figure(f"{name}, gzip", packed, 60),
        ]
    return figures
