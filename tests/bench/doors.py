"""The cost of an event by each door, against a row's line written by hand."""

from __future__ import annotations

import logging
import os
from functools import partial
from typing import TYPE_CHECKING

import structlog

import tracklab
from tests.bench.table import Figure
from tests.bench.times import compared
from tracklab.handlers import SegmentHandler
from tracklab.handlers.structlog import SegmentLoggerFactory, render_event

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["door_costs"]

DATA = {"loss": 0.51234, "accuracy": 0.6234, "lr": 0.0003, "grad_norm": 1.2345, "tokens": 5e6}


def door_costs(run: tracklab.Run, by_hand: Callable[[], object]) -> list[Figure]:
    """Return the figures of events, calls, checkpoints and the logging doors.

    Args:
        run: the current run.
        by_hand: encodes and writes a line of five numbers.
    """
    handler = SegmentHandler(directory=run.run_dir.parents[1], project="bench", run_id=run.id)
    log = logging.getLogger("bench.door")
    log.propagate = False
    log.setLevel(logging.INFO)
    log.handlers = [handler]
    bound = structlog.wrap_logger(SegmentLoggerFactory(handler)("door"), processors=[render_event])
    metrics = tracklab.PerformanceMetricsLogger("bench.nobody")
    calls: dict[str, Callable[[], object]] = {
        "event of 5 fields": partial(run.event, "tracklab.metric", "m", DATA),
        "log_metric() of a monitor": partial(metrics.log_metric, "timer", "m", 0.5),
        "log_llm_call() of a monitor": partial(metrics.log_llm_call, "m", "p", 0.5),
        "llm_call() around nothing": llm_call,
        "logging through SegmentHandler, 5 fields": partial(log.info, "m", extra={"data": DATA}),
        "structlog through render_event, 5 fields": partial(bound.info, "m", **DATA),
    }
    *times, same = compared(*calls.values(), by_hand)
    # Each of these waits for the disk, so few are enough.
    saved, synced = compared(partial(save, run), partial(sync_by_hand, run), rounds=10, in_a_row=10)
    handler.close()
    figures = [
        Figure(
            f"{name}, median / a row's line by hand",
            taken.median_us / same.median_us,
            note=f"({taken.median_us:.1f} µs / {same.median_us:.1f} µs)",
        )
        for name, taken in zip(calls, times, strict=True)
    ]
    note = f"({saved.median_us:,.0f} µs / {synced.median_us:,.0f} µs)"
    name = "checkpoint(), durable, median / write and fdatasync by hand"
    return [*figures, Figure(name, saved.median_us / synced.median_us, note=note)]


def llm_call() -> None:
    """Measure a call that does nothing."""
    with tracklab.llm_call(model="m", provider="p") as call:
        call.tokens(prompt=10, completion=20)


def save(run: tracklab.Run) -> None:
    """Time and weigh a file that is there; its event is durable when it is left."""
    with tracklab.checkpoint(run.run_dir / "run.lock", step=1, run=run):
        pass


def sync_by_hand(run: tracklab.Run) -> None:
    """Make one line durable with as few calls as that takes."""
    with open(run.run_dir / "by-hand", "ab", buffering=0) as file:
        file.write(b"x" * 400 + b"\n")
        os.fdatasync(file.fileno())
