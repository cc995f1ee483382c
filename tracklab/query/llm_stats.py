"""What LLM calls come to: counts, errors, percentiles and tokens, by group and over time.

Calls come block by block and are summed up as they come. Percentiles are exact, interpolated
between the two nearest calls, up to half a million calls; of more, the calls are counted in
log-spaced intervals, and a percentile is right within 1 %.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import numpy as np

from tracklab.query.buckets import bucket_width
from tracklab.query.engine import LlmBucket, LlmGroup, LlmHeat, LlmNumbers, LlmStats
from tracklab.query.prices import COST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tracklab.query.call_blocks import Block
    from tracklab.query.prices import Prices

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["read_stats"]

_TIME_COLUMNS: Final = 60
_ROWS_PER_DECADE: Final = 8
_SHORTEST_S, _LONGEST_S = 1e-4, 1e5
#: Values that are kept before they are counted instead.
_EXACT_VALUES: Final = 500_000
# Intervals of 0.9 %: the middle of one is within 0.5 % of all in it.
_FINE_PER_DECADE: Final = 256
_FINE_LOW, _FINE_HIGH = -9, 9


def read_stats(blocks: Iterable[Block], group: str, prices: Prices) -> LlmStats:
    """Return numbers over calls; see `Engine.llm_stats`.

    Args:
        blocks: can be gone through twice.
        group: what to group by: a field of `Kind`.
        prices: what calls cost.

    Cost: 0.2 us a call in columns; memory for half a million values, whatever their number.
    """
    edges = _time_edges(blocks)
    total, heat = _Sum(), _Heat(edges)
    groups: dict[str, _Sum] = {}
    for block in blocks:
        costs = _Costs(block, prices)
        total.add(block, costs, np.arange(len(block.codes)))
        names = [getattr(kind, group) for kind in block.kinds]
        for name in dict.fromkeys(names):
            fits = np.array([other == name for other in names], dtype=bool)
            chosen = np.flatnonzero(fits[block.codes])
            if len(chosen):
                groups.setdefault(name, _Sum()).add(block, costs, chosen)
        heat.add(block)
    found = [LlmGroup(group=name, **asdict(one.numbers())) for name, one in groups.items()]
    found.sort(key=lambda one: (-one.count, one.group))
    return LlmStats(
        total=total.numbers(),
        groups=found,
        timeline=heat.timeline(),
        heat=heat.heat(),
        cost_note=prices.fault,
    )


class _Costs:
    """What the calls of a block cost, and by whose word."""

    def __init__(self, block: Block, prices: Prices) -> None:
        self.usd = np.full(len(block.codes), np.nan)
        self.basis: list[str | None] = []
        for code, kind in enumerate(block.kinds):
            chosen = np.flatnonzero(block.codes == code)
            told = {name: block.column(name)[chosen] for name in COST_COLUMNS}
            usd, basis = prices.costs(kind, told)
            self.usd[chosen] = usd
            self.basis.append(basis)
        self.given = ~np.isnan(block.column("given_usd"))


class _Spread:
    """Percentiles of values that come in pieces: exact while they are few."""

    def __init__(self) -> None:
        self._values: list[Floats] = []
        self._count = 0
        self._counts: Codes | None = None

    def add(self, values: Floats) -> None:
        values = values[~np.isnan(values)]
        self._count += len(values)
        if self._counts is None:
            self._values.append(values)
            if self._count <= _EXACT_VALUES:
                return
            self._counts = np.zeros((_FINE_HIGH - _FINE_LOW) * _FINE_PER_DECADE, dtype=np.intp)
            values, self._values = np.concatenate(self._values), []
        safe = np.clip(values, 10.0**_FINE_LOW, None)
        place = np.floor((np.log10(safe) - _FINE_LOW) * _FINE_PER_DECADE).astype(np.intp)
        place = np.minimum(place, len(self._counts) - 1)
        self._counts += np.bincount(place, minlength=len(self._counts))

    def percentiles(self, *ranks: int) -> list[float | None]:
        if not self._count:
            return [None] * len(ranks)
        if self._counts is None:
            values = np.concatenate(self._values)
            return [float(value) for value in np.percentile(values, ranks)]
        reached = np.cumsum(self._counts)
        at = np.searchsorted(reached, np.array(ranks) / 100 * self._count)
        return [float(10.0 ** (_FINE_LOW + (one + 0.5) / _FINE_PER_DECADE)) for one in at]


class _Sum:
    """The numbers over some calls, so far."""

    def __init__(self) -> None:
        self._count = self._errors = self._unpriced = 0
        self._prompt = self._completion = self._timed_tokens = self._busy_s = self._usd = 0.0
        self._priced = False
        self._bases: set[str] = set()
        self._response, self._first = _Spread(), _Spread()

    def add(self, block: Block, costs: _Costs, chosen: Codes) -> None:
        """Add some calls of a block."""
        response_s, completion = (
            block.column("response_s")[chosen],
            block.column("completion")[chosen],
        )
        failed, usd = block.column("failed")[chosen] == 1, costs.usd[chosen]
        self._count += len(chosen)
        self._errors += int(failed.sum())
        self._response.add(response_s)
        self._first.add(block.column("ttft_s")[chosen])
        self._prompt += float(np.nansum(block.column("prompt")[chosen]))
        self._completion += float(np.nansum(completion))
        timed = ~np.isnan(response_s) & ~np.isnan(completion)
        self._busy_s += float(response_s[timed].sum())
        self._timed_tokens += float(completion[timed].sum())
        known = ~np.isnan(usd)
        self._priced |= bool(known.any())
        self._usd += float(usd[known].sum())
        self._unpriced += int((~known & ~failed).sum())
        given = costs.given[chosen]
        self._bases |= {"given"} if (known & given).any() else set()
        for code in np.unique(block.codes[chosen][known & ~given]).tolist():
            self._bases |= {costs.basis[code] or ""}

    def numbers(self) -> LlmNumbers:
        p50, p90, p95, p99 = self._response.percentiles(50, 90, 95, 99)
        first_p50, first_p95, first_p99 = self._first.percentiles(50, 95, 99)
        return LlmNumbers(
            count=self._count,
            errors=self._errors,
            error_rate=self._errors / self._count if self._count else 0.0,
            p50=p50,
            p90=p90,
            p95=p95,
            p99=p99,
            ttft_p50=first_p50,
            ttft_p95=first_p95,
            ttft_p99=first_p99,
            prompt_tokens=int(self._prompt),
            completion_tokens=int(self._completion),
            tokens_per_second=self._timed_tokens / self._busy_s if self._busy_s > 0 else None,
            cost=self._usd if self._priced else None,
            cost_basis=", ".join(sorted(self._bases)) or None,
            unpriced=self._unpriced,
        )


def _time_edges(blocks: Iterable[Block]) -> Floats:
    """Return the edges of the time columns, multiples of a power of two seconds; maybe none."""
    first, last = math.inf, -math.inf
    for block in blocks:
        known = block.column("time_s")
        known = known[~np.isnan(known)]
        if len(known):
            first, last = min(first, float(known.min())), max(last, float(known.max()))
    if first > last:
        return np.empty(0)
    width = bucket_width(last - first, _TIME_COLUMNS) or 1.0
    start = math.floor(first / width)
    return np.arange(start, math.floor(last / width) + 2, dtype=np.float64) * width


class _Heat:
    """Calls by time, and by time and latency."""

    def __init__(self, edges: Floats) -> None:
        self._edges = edges
        columns = max(len(edges) - 1, 0)
        self._errors = np.zeros(columns, dtype=np.intp)
        self._counts = np.zeros(columns, dtype=np.intp)
        self._spreads = [_Spread() for _ in range(columns)]
        decades = math.log10(_LONGEST_S) - math.log10(_SHORTEST_S)
        self._cells = np.zeros((columns, round(decades) * _ROWS_PER_DECADE), dtype=np.intp)

    def add(self, block: Block) -> None:
        """Add the calls of a block."""
        time_s, response_s = block.column("time_s"), block.column("response_s")
        known = np.flatnonzero(~np.isnan(time_s))
        if not len(known):
            return
        column = np.searchsorted(self._edges, time_s[known], "right") - 1
        columns = len(self._counts)
        self._counts += np.bincount(column, minlength=columns)
        failed = column[block.column("failed")[known] == 1]
        self._errors += np.bincount(failed, minlength=columns)
        for place in np.unique(column).tolist():
            self._spreads[place].add(response_s[known[column == place]])
        timed = ~np.isnan(response_s[known])
        latency = np.clip(response_s[known[timed]], _SHORTEST_S, _LONGEST_S)
        row = np.floor((np.log10(latency) - math.log10(_SHORTEST_S)) * _ROWS_PER_DECADE)
        row = np.minimum(row.astype(np.intp), self._cells.shape[1] - 1)
        flat = np.bincount(column[timed] * self._cells.shape[1] + row, minlength=self._cells.size)
        self._cells += flat.reshape(self._cells.shape)

    def timeline(self) -> list[LlmBucket]:
        found = []
        for place, spread in enumerate(self._spreads):
            p50, p95 = spread.percentiles(50, 95)
            t0, t1 = float(self._edges[place]), float(self._edges[place + 1])
            count, errors = int(self._counts[place]), int(self._errors[place])
            found.append(LlmBucket(t0, t1, count, errors, p50, p95))
        return found

    def heat(self) -> LlmHeat:
        """Return the cells from the quickest to the slowest row that holds a call."""
        used = np.flatnonzero(self._cells.sum(axis=0))
        if not len(used):
            return LlmHeat([], [], [])
        low, high = int(used[0]), int(used[-1]) + 1
        rows = _SHORTEST_S * 10.0 ** (np.arange(low, high + 1) / _ROWS_PER_DECADE)
        return LlmHeat(self._edges.tolist(), rows.tolist(), self._cells[:, low:high].tolist())
