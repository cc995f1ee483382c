"""Ranges of numbers, both ends included: what is missing of a count, and what explains it."""

from __future__ import annotations

from bisect import bisect_right
from heapq import heappop, heappush
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Range = tuple[int, int]

__all__ = [
    "count", "holes", "joined", "overlap", "ranges_of", "span", "unnamed", "within", "without",
]  # fmt: skip


def ranges_of(numbers: Iterable[int]) -> Iterator[Range]:
    """Yield the ranges of increasing numbers."""
    first = last = None
    for number in map(int, numbers):
        if last is not None and first is not None and number != last + 1:
            yield first, last
            first = number
        first, last = number if first is None else first, number
    if first is not None and last is not None:
        yield first, last


def holes(numbers: NDArray[np.int64]) -> list[Range]:
    """Return what is missing between 0 and the largest of sorted numbers."""
    before = np.concatenate(([-1], numbers))
    at = np.flatnonzero(np.diff(before) > 1)
    return [(int(before[i]) + 1, int(before[i + 1]) - 1) for i in at]


def overlap(ranges: Iterable[Range], first: int, last: int) -> list[Range]:
    """Return the part of `ranges` from `first` to `last`."""
    cut = ((max(low, first), min(high, last)) for low, high in ranges)
    return [(low, high) for low, high in cut if low <= high]


def joined(ranges: Iterable[Range]) -> list[Range]:
    """Return the same numbers as few increasing ranges; empty ones fall away. Cost: sorts them."""
    found: list[Range] = []
    for first, last in sorted(pair for pair in ranges if pair[0] <= pair[1]):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def within(number: int, ranges: Sequence[Range]) -> bool:
    """Return whether `ranges`, which are joined, hold the number."""
    at = bisect_right(ranges, number, key=itemgetter(0)) - 1
    return at >= 0 and number <= ranges[at][1]


def without(ranges: Iterable[Range], taken: Sequence[Range]) -> list[Range]:
    """Return `ranges` without the numbers in `taken`; both are joined. Cost: one pass."""
    left: list[Range] = []
    at = 0
    for low, high in ranges:
        while at < len(taken) and taken[at][0] <= high:
            first, last = taken[at]
            if low < first:
                left.append((low, first - 1))
            low = max(low, last + 1)  # noqa: PLW2901 - the rest of the range
            if last > high:
                break  # it may also take of the next
            at += 1
        if low <= high:
            left.append((low, high))
    return left


def unnamed(ranges: Iterable[Range], named: Iterable[tuple[int, int, int]]) -> list[Range]:
    """Return what is left of increasing `ranges` when as much as possible is explained.

    Each of `named` (first, last, how many) explains so many numbers from first to last, and may
    overlap others: each number is taken by the one that ends soonest, which leaves the fewest.
    """
    coming = sorted(named, reverse=True)
    open_: list[tuple[int, int]] = []
    left: list[Range] = []
    for first, last in ranges:
        while first <= last:
            while coming and coming[-1][0] <= first:
                _, end, many = coming.pop()
                heappush(open_, (end, many))
            while open_ and (open_[0][0] < first or open_[0][1] <= 0):
                heappop(open_)
            until = min(last, coming[-1][0] - 1) if coming else last
            if open_:
                end, many = heappop(open_)
                until = min(until, end, first + many - 1)
                heappush(open_, (end, many - (until - first + 1)))
            else:
                left.append((first, until))
            first = until + 1  # noqa: PLW2901 - the rest of the range
    return left


def count(ranges: Iterable[Range]) -> int:
    """Return how many numbers `ranges` hold, if none overlap."""
    return sum(last - first + 1 for first, last in ranges)


def span(first: int, last: int) -> str:
    """Return a range for people."""
    return str(first) if first == last else f"{first} to {last}"
