"""Ranges of numbers, both ends included: what is missing of a count, and what explains it."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Range = tuple[int, int]

__all__ = ["count", "holes", "overlap", "ranges_of", "span", "unnamed", "without"]


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


def without(ranges: list[Range], taken: Iterable[Range]) -> list[Range]:
    """Return `ranges` without the numbers in `taken`."""
    for first, last in taken:
        ranges = [
            part
            for low, high in ranges
            for part in ((low, min(high, first - 1)), (max(low, last + 1), high))
            if part[0] <= part[1]
        ]
    return ranges


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
