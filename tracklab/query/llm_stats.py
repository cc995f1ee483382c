"""What LLM calls come to: counts, errors, percentiles and tokens, by group and over time.

Calls come block by block and are summed up as they come. Percentiles are exact, interpolated
between the two nearest calls, up to half a million calls (50,000 in a column of time); of more,
the calls are counted in log-spaced intervals, and a percentile is right within 1 %.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from tracklab.query.answers.llm import LlmBucket, LlmGroup, LlmHeat, LlmNumbers, LlmStats
from tracklab.query.buckets import bucket_width
from tracklab.query.prices import COST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from tracklab.query.call_blocks import Block
    from tracklab.query.prices import Prices

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["read_stats"]

_TIME_COLUMNS: Final = 60
_ROWS_PER_DECADE: Final = 8
#: The shortest and the longest row, as powers of ten of seconds: what lies beyond is in these.
_ROWS_LOW, _ROWS_HIGH = -4, 5
_ROWS: Final = (_ROWS_HIGH - _ROWS_LOW) * _ROWS_PER_DECADE
#: Durations that are kept before they are counted instead: of all calls and of a group,
_EXACT_VALUES: Final = 500_000
#: and of a column of time, of which there are many.
_EXACT_COLUMN_VALUES: Final = 50_000
# Intervals of 0.9 %: the middle of one is within 0.5 % of all in it.
_FINE_PER_DECADE: Final = 256
_FINE_LOW, _FINE_HIGH = -9, 9
_FINE_COUNT: Final = (_FINE_HIGH - _FINE_LOW) * _FINE_PER_DECADE
_FINE_PER_ROW: Final = _FINE_PER_DECADE // _ROWS_PER_DECADE
_ROWS_BELOW: Final = (_ROWS_LOW - _FINE_LOW) * _ROWS_PER_DECADE
#: What is summed up for each group, in this order.
_SUMMED: Final = (
    "count", "errors", "prompt", "completion", "timed", "busy_s", "priced", "usd",
    "unpriced_errors",
)  # fmt: skip


def read_stats(blocks: Iterable[Block], group: str, prices: Prices) -> LlmStats:
    """Return numbers over calls; see `Engine.llm_stats`.

    Args:
        blocks: can be gone through twice.
        group: what to group by: a field of `Kind`.
        prices: what calls cost.

    Cost: 0.1 us a call in columns; memory for half a million durations of each group, and 24 MB.
    """
    sums, heat = _Groups(group, prices), _Heat(_time_edges(blocks))
    for block in blocks:
        response = _Timed(block.column("response_s"))
        sums.add(block, response)
        heat.add(block, response)
    found = [LlmGroup(group=name, **asdict(one.numbers())) for name, one in sums.by_name.items()]
    found.sort(key=lambda one: (-one.count, one.group))
    return LlmStats(
        total=sums.total.numbers(),
        groups=found,
        timeline=heat.timeline(),
        heat=heat.heat(),
        cost_note=prices.fault,
    )


class _Costs:
    """What the calls of a block cost, NaN where nothing tells, and by whose word."""

    def __init__(self, block: Block, prices: Prices) -> None:
        self.usd = block.column("given_usd")
        self.given = ~np.isnan(self.usd)
        self.basis: dict[int, str] = {}
        for code, kind in enumerate(block.kinds):
            if not prices.may_tell(kind):
                continue
            chosen = np.flatnonzero(block.codes == code)
            told = {name: block.column(name)[chosen] for name in COST_COLUMNS}
            usd, basis = prices.costs(kind, told)
            if basis is not None:
                self.usd = self.usd.copy() if not self.basis else self.usd
                self.usd[chosen] = usd
                self.basis[code] = basis
        self.known = ~np.isnan(self.usd) if self.basis else self.given


class _Timed:
    """Durations of the calls of a block, with the interval that each is counted in.

    Attributes:
        value: seconds; NaN where a call does not tell.
        place: number of its interval; of NaN nothing that is meant.
        known: whether a call tells; None where all do.
    """

    def __init__(self, value: Floats) -> None:
        known = ~np.isnan(value)
        self.value = value
        self.known = None if known.all() else known
        self.place = _places(value if self.known is None else np.where(known, value, 1.0))

    def of(self, chosen: Codes | slice) -> tuple[Floats, Codes]:
        """Return value and interval of those of some calls that tell it."""
        value, place = self.value[chosen], self.place[chosen]
        if self.known is None:
            return value, place
        known = self.known[chosen]
        return value[known], place[known]


def _places(value: Floats) -> Codes:
    """Return the number of the interval that each duration is counted in."""
    safe = np.maximum(value, 10.0**_FINE_LOW)
    place = np.floor((np.log10(safe) - _FINE_LOW) * _FINE_PER_DECADE).astype(np.intp)
    places: Codes = np.minimum(place, _FINE_COUNT - 1)
    return places


class _Spread:
    """Percentiles of durations that come in pieces: exact up to a number of them."""

    def __init__(self, exact: int) -> None:
        self._exact = exact
        self._values: list[Floats] = []
        self._count = 0
        self._counts: Codes | None = None

    def add(self, values: Floats, places: Codes) -> None:
        """Add durations and the intervals that they are counted in."""
        self._count += len(values)
        if self._counts is None:
            self._values.append(values)
            if self._count <= self._exact:
                return
            self._counts = np.zeros(_FINE_COUNT, dtype=np.intp)
            places, self._values = _places(np.concatenate(self._values)), []
        self._counts += np.bincount(places, minlength=_FINE_COUNT)

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
        self.sums = np.zeros(len(_SUMMED))
        self.bases: set[str] = set()
        self.response, self.first = _Spread(_EXACT_VALUES), _Spread(_EXACT_VALUES)

    def numbers(self) -> LlmNumbers:
        told = dict(zip(_SUMMED, self.sums.tolist(), strict=True))
        p50, p90, p95, p99 = self.response.percentiles(50, 90, 95, 99)
        first_p50, first_p95, first_p99 = self.first.percentiles(50, 95, 99)
        return LlmNumbers(
            count=int(told["count"]),
            errors=int(told["errors"]),
            error_rate=told["errors"] / told["count"] if told["count"] else 0.0,
            p50=p50,
            p90=p90,
            p95=p95,
            p99=p99,
            ttft_p50=first_p50,
            ttft_p95=first_p95,
            ttft_p99=first_p99,
            prompt_tokens=int(told["prompt"]),
            completion_tokens=int(told["completion"]),
            tokens_per_second=told["timed"] / told["busy_s"] if told["busy_s"] > 0 else None,
            cost=told["usd"] if told["priced"] else None,
            cost_basis=", ".join(sorted(self.bases)) or None,
            unpriced=int(told["count"] - told["priced"] - told["unpriced_errors"]),
        )


class _Groups:
    """The numbers over all calls, and over those of each group."""

    def __init__(self, group: str, prices: Prices) -> None:
        self._group = group
        self._prices = prices
        self.total = _Sum()
        self.by_name: dict[str, _Sum] = {}

    def add(self, block: Block, response: _Timed) -> None:
        """Add the calls of a block."""
        names = list(dict.fromkeys(getattr(kind, self._group) for kind in block.kinds))
        group_of = np.array([names.index(getattr(k, self._group)) for k in block.kinds], np.intp)
        costs, first = _Costs(block, self._prices), _Timed(block.column("ttft_s"))
        group = group_of[block.codes]
        sums = _summed(block, costs, response, group, len(names))
        self._add(self.total, sums.sum(axis=1), response, first, slice(None))
        for number, chosen in _split(group, len(names)):
            own = self.by_name.setdefault(names[number], _Sum())
            self._add(own, sums[:, number], response, first, chosen)
        for basis, codes in _bases(block, costs).items():
            self.total.bases.add(basis)
            for number in set(group_of[codes].tolist()):
                self.by_name[names[number]].bases.add(basis)

    def _add(
        self, own: _Sum, sums: Floats, response: _Timed, first: _Timed, chosen: Codes | slice
    ) -> None:
        own.sums += sums
        own.response.add(*response.of(chosen))
        own.first.add(*first.of(chosen))


def _summed(block: Block, costs: _Costs, response: _Timed, group: Codes, count: int) -> Floats:
    """Return what `_SUMMED` names of each group, shape `(sums, count)`."""
    completion = block.column("completion")
    failed = block.column("failed")
    told = ~np.isnan(completion)
    timed = told if response.known is None else told & response.known
    weights = {
        "errors": failed,
        "prompt": np.nan_to_num(block.column("prompt")),
        "completion": np.where(told, completion, 0.0),
        "timed": np.where(timed, completion, 0.0),
        "busy_s": np.where(timed, response.value, 0.0),
        "priced": costs.known,
        "usd": np.where(costs.known, costs.usd, 0.0),
        "unpriced_errors": (failed == 1) & ~costs.known,
    }
    every = np.bincount(group, minlength=count)
    if count == 1:
        return np.array([[len(group)], *([weights[name].sum()] for name in _SUMMED[1:])], float)
    sums = [np.bincount(group, weights[name], minlength=count) for name in _SUMMED[1:]]
    return np.array([every, *sums], dtype=np.float64)


def _split(place: Codes, count: int) -> Iterator[tuple[int, Codes | slice]]:
    """Yield each place that is there, from 0 to below `count`, and the calls in it."""
    if count == 1:
        if len(place):
            yield 0, slice(None)
        return
    order = None
    if bool((place[1:] < place[:-1]).any()):
        small = place.astype(np.min_scalar_type(count))  # sorted by its digits: much quicker
        order = np.argsort(small, kind="stable")
        place = place[order]
    bounds = np.searchsorted(place, np.arange(count + 1)).tolist()
    for number, (start, end) in enumerate(pairwise(bounds)):
        if end > start:
            yield number, slice(start, end) if order is None else order[start:end]


def _bases(block: Block, costs: _Costs) -> dict[str, Codes]:
    """Return by whose word calls have a cost: the codes of those that do."""
    found: dict[str, Codes] = {}
    if costs.given.any():
        found["given"] = np.unique(block.codes[costs.given])
    for code in np.unique(block.codes[costs.known & ~costs.given]).tolist():
        basis = costs.basis[code]
        found[basis] = np.append(found.get(basis, np.empty(0, dtype=np.intp)), code)
    return found


def _time_edges(blocks: Iterable[Block]) -> Floats:
    """Return the edges of the time columns, multiples of a power of two seconds; maybe none."""
    first, last = math.inf, -math.inf
    for block in blocks:
        low, high = block.ends("time_s")
        if low <= high:
            first, last = min(first, low), max(last, high)
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
        self._spreads = [_Spread(_EXACT_COLUMN_VALUES) for _ in range(columns)]
        self._cells = np.zeros((columns, _ROWS), dtype=np.intp)

    def add(self, block: Block, response: _Timed) -> None:
        """Add the calls of a block."""
        time_s, columns = block.column("time_s"), len(self._counts)
        if not columns:
            return
        column = np.searchsorted(self._edges, time_s, "right") - 1
        told = (column >= 0) & (column < columns)
        here = None if told.all() else np.flatnonzero(told)
        if here is not None:  # the others tell no time, or came after the edges were laid
            column = column[here]
        chosen = slice(None) if here is None else here
        self._counts += np.bincount(column, minlength=columns)
        failed = column[block.column("failed")[chosen] == 1]
        self._errors += np.bincount(failed, minlength=columns)
        for place, own in _split(column, columns):
            self._spreads[place].add(*response.of(own if here is None else here[own]))
        known = slice(None) if response.known is None else response.known[chosen]
        row = response.place[chosen][known] // _FINE_PER_ROW - _ROWS_BELOW
        row = np.clip(row, 0, _ROWS - 1)
        flat = np.bincount(column[known] * _ROWS + row, minlength=self._cells.size)
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
        rows = 10.0**_ROWS_LOW * 10.0 ** (np.arange(low, high + 1) / _ROWS_PER_DECADE)
        return LlmHeat(self._edges.tolist(), rows.tolist(), self._cells[:, low:high].tolist())
