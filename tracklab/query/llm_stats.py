"""What LLM calls come to: counts, errors, percentiles and tokens, by group and over time.

Percentiles are exact, interpolated between the two nearest calls. Per call nine numbers are
held while counting, and let go with the answer.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from tracklab.query.buckets import bucket_width
from tracklab.query.engine import LlmBucket, LlmGroup, LlmHeat, LlmNumbers, LlmStats
from tracklab.query.fields import number, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tracklab.query.llm import PlacedCall
    from tracklab.query.prices import Prices

    Floats = NDArray[np.float64]
    Chosen = NDArray[np.bool_]

__all__ = ["read_stats"]

_TIME_COLUMNS = 60
_ROWS_PER_DECADE = 8
_SHORTEST_S, _LONGEST_S = 1e-4, 1e5


def read_stats(calls: Iterable[PlacedCall], group: str, prices: Prices) -> LlmStats:
    """Return numbers over `calls`; see `Engine.llm_stats`.

    Args:
        calls: in any order.
        group: the field of their data to group by.
        prices: what calls cost.
    """
    table = _Table(calls, group, prices)
    everything = np.ones(len(table.failed), dtype=bool)
    groups = [
        LlmGroup(group=name, **asdict(_numbers(table, table.group == index)))
        for name, index in table.names.items()
    ]
    groups.sort(key=lambda one: (-one.count, one.group))
    edges = _time_edges(table.time_s)
    return LlmStats(
        total=_numbers(table, everything),
        groups=groups,
        timeline=_timeline(table, edges),
        heat=_heat(table, edges),
        cost_note=prices.fault,
    )


class _Table:
    """The calls as columns; NaN where a call does not tell."""

    def __init__(self, calls: Iterable[PlacedCall], group: str, prices: Prices) -> None:
        self.names: dict[str, int] = {}
        self.bases: dict[str, int] = {}
        rows = array("d")
        for call in calls:
            data = call.data
            cost = prices.cost(data, call.time_s)
            name = text(data.get(group)) or ""
            told = (
                call.time_s,
                number(data.get("response_time")),
                number(data.get("ttft")),
                call.tokens("prompt"),
                call.tokens("completion"),
                None if cost is None else cost.usd,
                None if cost is None else self.bases.setdefault(cost.basis, len(self.bases)),
            )
            rows.extend(math.nan if value is None else value for value in told)
            rows.append(not call.success)
            rows.append(self.names.setdefault(name, len(self.names)))
        columns = np.frombuffer(rows, dtype=np.float64).reshape(-1, 9).T
        self.time_s, self.response_s, self.ttft_s, self.prompt, self.completion = columns[:5]
        self.cost, self.basis = columns[5:7]
        self.failed = columns[7] == 1
        self.group = columns[8]


def _numbers(table: _Table, chosen: Chosen) -> LlmNumbers:
    count, errors = int(chosen.sum()), int(table.failed[chosen].sum())
    response_s, completion = table.response_s[chosen], table.completion[chosen]
    p50, p90, p95, p99 = _percentiles(response_s, 50, 90, 95, 99)
    timed = ~np.isnan(response_s) & ~np.isnan(completion)
    busy_s = float(response_s[timed].sum())
    ttft_p50, ttft_p95, ttft_p99 = _percentiles(table.ttft_s[chosen], 50, 95, 99)
    cost = table.cost[chosen]
    unpriced = int((np.isnan(cost) & ~table.failed[chosen]).sum())
    told = set(table.basis[chosen][~np.isnan(cost)].tolist())
    bases = sorted(name for name, index in table.bases.items() if index in told)
    return LlmNumbers(
        count=count,
        errors=errors,
        error_rate=errors / count if count else 0.0,
        p50=p50,
        p90=p90,
        p95=p95,
        p99=p99,
        ttft_p50=ttft_p50,
        ttft_p95=ttft_p95,
        ttft_p99=ttft_p99,
        prompt_tokens=int(np.nansum(table.prompt[chosen])),
        completion_tokens=int(np.nansum(completion)),
        tokens_per_second=float(completion[timed].sum()) / busy_s if busy_s > 0 else None,
        cost=None if np.isnan(cost).all() else float(np.nansum(cost)),
        cost_basis=", ".join(bases) or None,
        unpriced=unpriced,
    )


def _percentiles(values: Floats, *ranks: int) -> list[float | None]:
    known = values[~np.isnan(values)]
    if not len(known):
        return [None] * len(ranks)
    return [float(value) for value in np.percentile(known, ranks)]


def _time_edges(time_s: Floats) -> Floats:
    """Return the edges of the time columns, multiples of a power of two seconds; maybe none."""
    known = time_s[~np.isnan(time_s)]
    if not len(known):
        return np.empty(0)
    first, last = float(known.min()), float(known.max())
    width = bucket_width(last - first, _TIME_COLUMNS) or 1.0
    start = math.floor(first / width)
    return np.arange(start, math.floor(last / width) + 2, dtype=np.float64) * width


def _timeline(table: _Table, edges: Floats) -> list[LlmBucket]:
    buckets = []
    for t0, t1 in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        chosen = (table.time_s >= t0) & (table.time_s < t1)
        p50, p95 = _percentiles(table.response_s[chosen], 50, 95)
        buckets.append(
            LlmBucket(t0, t1, int(chosen.sum()), int(table.failed[chosen].sum()), p50, p95)
        )
    return buckets


def _heat(table: _Table, edges: Floats) -> LlmHeat:
    told = ~np.isnan(table.time_s) & ~np.isnan(table.response_s)
    if not told.any():
        return LlmHeat([], [], [])
    latency = np.clip(table.response_s[told], _SHORTEST_S, _LONGEST_S)
    low = math.floor(math.log10(latency.min()) * _ROWS_PER_DECADE)
    high = math.floor(math.log10(latency.max()) * _ROWS_PER_DECADE) + 1
    rows = 10.0 ** (np.arange(low, high + 1) / _ROWS_PER_DECADE)
    rows[0], rows[-1] = min(rows[0], latency.min()), max(rows[-1], latency.max())
    counts, _, _ = np.histogram2d(table.time_s[told], latency, bins=(edges, rows))
    return LlmHeat(edges.tolist(), rows.tolist(), counts.astype(int).tolist())
