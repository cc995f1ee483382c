"""What LLM calls come to: counts, errors, percentiles, tokens and costs, by group and over time.

Calls come block by block and are summed up as they come, twice: first to learn which groups and
which times there are, then to sum up. Percentiles are exact up to half a million calls (fewer in
a group or a column of time where there are many of those); of more they are right within 1 %.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tracklab.errors import QueryError
from tracklab.query.answers.llm import LlmBucket, LlmGroup, LlmHeat, LlmNumbers, LlmStats
from tracklab.query.buckets import bucket_width
from tracklab.query.prices import COST_COLUMNS
from tracklab.query.spreads import FINE_LOW, FINE_PER_DECADE, Durations, Spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from tracklab.query.call_blocks import Block
    from tracklab.query.prices import Prices

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    #: The number of a part, and the calls in it.
    _Piece = tuple[int, Codes | slice]

__all__ = ["read_stats"]

_TIME_COLUMNS: Final = 60
#: The most columns of time and the most groups of an answer.
_MOST_COLUMNS: Final = 1_000
_MOST_GROUPS: Final = 1_000
#: Shorter columns could not be told apart: a time in epoch seconds has no more digits.
_LEAST_WIDTH_S: Final = 1e-3
_ROWS_PER_DECADE: Final = 8
#: The shortest and the longest row, as powers of ten of seconds: what lies beyond is in these.
_ROWS_LOW, _ROWS_HIGH = -4, 5
_ROWS: Final = (_ROWS_HIGH - _ROWS_LOW) * _ROWS_PER_DECADE
_FINE_PER_ROW: Final = FINE_PER_DECADE // _ROWS_PER_DECADE
_ROWS_BELOW: Final = (_ROWS_LOW - FINE_LOW) * _ROWS_PER_DECADE
#: Durations that are kept before they are counted instead: of all calls or of a group,
_EXACT_VALUES: Final = 500_000
#: of all groups together, and of all columns of time together.
_EXACT_IN_GROUPS: Final = 4_000_000
_EXACT_IN_COLUMNS: Final = 3_000_000
#: What is summed up for each group, in this order.
_SUMMED: Final = (
    "count", "errors", "prompt", "completion", "timed", "busy_s", "priced", "usd",
    "unpriced_errors",
)  # fmt: skip


def read_stats(
    blocks: Iterable[Block], group: str, prices: Prices, *, width_s: float | None = None
) -> LlmStats:
    """Return numbers over calls; see `Engine.llm_stats`.

    Args:
        blocks: can be gone through twice.
        group: what to group by: a field that the blocks have.
        prices: what calls cost.
        width_s: length of a column of time in seconds; None for one that makes up to 60.

    Raises:
        QueryError: columns of that width are too short or too many.

    Cost: 0.2 us a call in columns; memory for some million durations and the names of all groups.
    """
    seen = _Seen(group)
    for block in blocks:
        seen.add(block)
    names, edges = seen.groups(_MOST_GROUPS), seen.edges(width_s)
    total = _Parts(1, _EXACT_VALUES)
    groups = _Parts(len(names), _EXACT_IN_GROUPS // max(len(names), 8))
    columns = _Parts(len(edges) - 1, _EXACT_IN_COLUMNS // max(len(edges) - 1, _TIME_COLUMNS))
    heat = _Heat(edges)
    for block in blocks:
        told = _Told(block, prices)
        column = _columns_of(block.column("time_s"), edges)
        total.add(told, np.zeros(len(block.codes), dtype=np.intp))
        groups.add(told, _groups_of(block, group, names))
        columns.add(told, column)
        heat.add(told.response, column)
    return LlmStats(
        total=LlmNumbers(**next(total.numbers())),
        groups=_grouped(names, groups),
        group_count=len(seen.counts),
        timeline=[
            LlmBucket(t0=t0, t1=t1, **numbers)
            for (t0, t1), numbers in zip(pairwise(edges.tolist()), columns.numbers(), strict=True)
        ],
        heat=heat.heat(),
        cost_note=prices.fault,
    )


def _grouped(names: Sequence[str], groups: _Parts) -> list[LlmGroup]:
    found = [
        LlmGroup(group=name, **numbers)
        for name, numbers in zip(names, groups.numbers(), strict=True)
    ]
    return sorted(found, key=lambda one: (-one.count, one.group))


class _Seen:
    """Which groups calls have, and from when to when they go."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._first, self._last = math.inf, -math.inf
        self.counts: Counter[str] = Counter()

    def add(self, block: Block) -> None:
        """Take the calls of a block into account."""
        names, codes = block.coded(self._group)
        counts = np.bincount(codes, minlength=len(names)).tolist()
        told = zip(names, counts, strict=True)
        self.counts.update({name: count for name, count in told if count})
        low, high = block.ends("time_s")
        if low <= high:
            self._first, self._last = min(self._first, low), max(self._last, high)

    def groups(self, most: int) -> list[str]:
        """Return the groups with the most calls."""
        return sorted(self.counts, key=lambda name: (-self.counts[name], name))[:most]

    def edges(self, width_s: float | None) -> Floats:
        """Return the edges of the columns of time, multiples of their width; one if there are none.

        Raises:
            QueryError: see `read_stats`.
        """
        if width_s is not None and not _LEAST_WIDTH_S <= width_s < math.inf:
            raise QueryError(
                f"width is the length of a time bucket in seconds, {_LEAST_WIDTH_S} or more; "
                f"got {width_s!r}."
            )
        first, last = self._first, self._last
        if first > last:
            return np.zeros(1)
        width = width_s or bucket_width(last - first, _TIME_COLUMNS) or 1.0
        if (last - first) / width > _MOST_COLUMNS - 1:
            raise QueryError(
                f"These calls go over {last - first:.0f} s, more than {_MOST_COLUMNS} time buckets "
                f"of {width:g} s. Ask for wider ones (width), or for less time (x0, x1)."
            )
        places = range(math.floor(first / width) - 1, math.floor(last / width) + 3)
        edges = np.array([place * width for place in places])
        low, high = np.searchsorted(edges, [first, last], "right").tolist()
        return edges[low - 1 : high + 1]


def _columns_of(time_s: Floats, edges: Floats) -> Codes:
    """Return the column of time of each call; one behind the last for none.

    That is of calls that tell no time, or came after the edges were laid.
    """
    count = len(edges) - 1
    column = np.searchsorted(edges, time_s, "right") - 1
    found: Codes = np.where((column >= 0) & (column < count), column, count)
    return found


def _groups_of(block: Block, group: str, names: Sequence[str]) -> Codes:
    """Return the place of each call's group among `names`, their number for none of them."""
    place = {name: number for number, name in enumerate(names)}
    own, codes = block.coded(group)
    places = np.array([place.get(name, len(names)) for name in own], dtype=np.intp)
    return places[codes]


class _Costs:
    """What the calls of a block cost, NaN where nothing tells, and by whose word.

    Attributes:
        usd: of each call.
        known: whether anything tells it.
        bases: who says so.
        basis: the place in `bases` of each call; -1 where nothing tells.
    """

    def __init__(self, block: Block, prices: Prices) -> None:
        self.usd = block.column("given_usd")
        given = ~np.isnan(self.usd)
        self.bases = ["given"]
        self.basis = np.where(given, 0, -1)
        for code, kind in enumerate(block.kinds):
            if not prices.may_tell(kind):
                continue
            chosen = np.flatnonzero(block.codes == code)
            told = {name: block.column(name)[chosen] for name in COST_COLUMNS}
            usd, basis = prices.costs(kind, told)
            if basis is None:
                continue
            if len(self.bases) == 1:
                self.usd = self.usd.copy()
            if basis not in self.bases:
                self.bases.append(basis)
            self.usd[chosen] = usd
            told_here = ~given[chosen] & ~np.isnan(usd)
            self.basis[chosen[told_here]] = self.bases.index(basis)
        self.known = self.basis >= 0


class _Told:
    """What the calls of a block say, as it is summed up."""

    def __init__(self, block: Block, prices: Prices) -> None:
        self.costs = costs = _Costs(block, prices)
        self.response = Durations(block.column("response_s"))
        self.first = Durations(block.column("ttft_s"))
        completion, failed = block.column("completion"), block.column("failed")
        told = ~np.isnan(completion)
        timed = told if self.response.known is None else told & self.response.known
        self.weights: list[Floats] = [
            failed,
            np.nan_to_num(block.column("prompt")),
            np.where(told, completion, 0.0),
            np.where(timed, completion, 0.0),
            np.where(timed, self.response.value, 0.0),
            costs.known.astype(np.float64),
            np.where(costs.known, costs.usd, 0.0),
            np.where(costs.known, 0.0, failed),
        ]


class _Parts:
    """The numbers over calls, part by part.

    Args:
        count: parts.
        exact: durations of a part that are kept before they are counted instead.
    """

    def __init__(self, count: int, exact: int) -> None:
        self._count = count
        self._sums = np.zeros((len(_SUMMED), count))
        self._bases: list[set[str]] = [set() for _ in range(count)]
        self._response = [Spread(exact) for _ in range(count)]
        self._first = [Spread(exact) for _ in range(count)]

    def add(self, told: _Told, part: Codes) -> None:
        """Add the calls of a block, each to its part; one behind the last is none."""
        pieces = list(_split(part, self._count))
        self._sums += _summed(told.weights, part, pieces, self._count)
        for number, chosen in pieces:
            self._response[number].add(*told.response.of(chosen))
            self._first[number].add(*told.first.of(chosen))
        for number, basis in enumerate(told.costs.bases):
            priced = part[told.costs.basis == number]
            for place in np.unique(priced[priced < self._count]).tolist():
                self._bases[place].add(basis)

    def numbers(self) -> Iterator[dict[str, Any]]:
        """Yield the fields of `LlmNumbers` of each part."""
        for number in range(self._count):
            yield asdict(self._numbers(number))

    def _numbers(self, number: int) -> LlmNumbers:
        told = dict(zip(_SUMMED, self._sums[:, number].tolist(), strict=True))
        p50, p90, p95, p99 = self._response[number].percentiles(50, 90, 95, 99)
        first = self._first[number].percentiles(50, 90, 95, 99)
        return LlmNumbers(
            count=int(told["count"]),
            errors=int(told["errors"]),
            error_rate=told["errors"] / told["count"] if told["count"] else 0.0,
            p50=p50,
            p90=p90,
            p95=p95,
            p99=p99,
            ttft_p50=first[0],
            ttft_p90=first[1],
            ttft_p95=first[2],
            ttft_p99=first[3],
            prompt_tokens=int(told["prompt"]),
            completion_tokens=int(told["completion"]),
            tokens_per_second=told["timed"] / told["busy_s"] if told["busy_s"] > 0 else None,
            cost=told["usd"] if told["priced"] else None,
            cost_basis=", ".join(sorted(self._bases[number])) or None,
            unpriced=int(told["count"] - told["priced"] - told["unpriced_errors"]),
        )


def _summed(weights: Sequence[Floats], part: Codes, pieces: Sequence[_Piece], count: int) -> Floats:
    """Return what `_SUMMED` names of each part, shape `(sums, count)`."""
    together = [(number, own) for number, own in pieces if isinstance(own, slice)]
    if not together:
        found = [np.bincount(part, weight, minlength=count + 1) for weight in (None, *weights)]
        return np.array(found, dtype=np.float64)[:, :count]
    sums = np.zeros((len(_SUMMED), count))
    starts, end = [own.start for _, own in together], together[-1][1].stop
    places = [number for number, _ in together]
    sums[0, places] = np.diff([*starts, end])
    for line, weight in zip(sums[1:], weights, strict=True):
        line[places] = np.add.reduceat(weight[:end], starts)  # three times as quick
    return sums


def _split(place: Codes, count: int) -> Iterator[_Piece]:
    """Yield each place from 0 to below `count` that is there, and the calls in it."""
    if count == 1 and not place.any():
        if len(place):
            yield 0, slice(0, len(place))
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


class _Heat:
    """Calls by time and latency."""

    def __init__(self, edges: Floats) -> None:
        self._edges = edges
        self._cells = np.zeros((len(edges) - 1, _ROWS), dtype=np.intp)

    def add(self, response: Durations, column: Codes) -> None:
        """Add calls, each to its column of time; one behind the last is none."""
        known = slice(None) if response.known is None else response.known
        row = response.place[known] // _FINE_PER_ROW - _ROWS_BELOW
        cell = column[known] * _ROWS + np.clip(row, 0, _ROWS - 1)
        size = self._cells.size
        flat = np.bincount(cell, minlength=size + _ROWS)[:size]
        self._cells += flat.reshape(self._cells.shape)

    def heat(self) -> LlmHeat:
        """Return the cells from the quickest to the slowest row that holds a call."""
        used = np.flatnonzero(self._cells.sum(axis=0))
        if not len(used):
            return LlmHeat([], [], [])
        low, high = int(used[0]), int(used[-1]) + 1
        rows = 10.0**_ROWS_LOW * 10.0 ** (np.arange(low, high + 1) / _ROWS_PER_DECADE)
        return LlmHeat(self._edges.tolist(), rows.tolist(), self._cells[:, low:high].tolist())
