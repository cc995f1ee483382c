"""How long single calls take, beside each other."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Times", "compared"]

ROUNDS, CALLS = 40, 500


class Times:
    """Durations of many single calls."""

    def __init__(self, durations_ns: list[int]) -> None:
        ordered = sorted(durations_ns)
        self.median_us = statistics.median(ordered) / 1e3
        self.p99_us = ordered[int(len(ordered) * 0.99)] / 1e3


def compared(
    *calls: Callable[[], object], rounds: int = ROUNDS, in_a_row: int = CALLS
) -> list[Times]:
    """Time the calls one by one, in turns, so that a busy machine disturbs all of them alike."""
    durations: list[list[int]] = [[] for _ in calls]
    clock = time.perf_counter_ns
    for _ in range(rounds):
        for call, taken in zip(calls, durations, strict=True):
            for _ in range(in_a_row):
                began = clock()
                call()
                taken.append(clock() - began)
    return [Times(taken) for taken in durations]
