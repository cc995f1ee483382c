"""Ranges of numbers against sets of them."""

from __future__ import annotations

import time
from itertools import pairwise
from random import Random

from tracklab.query.numbering import count, joined, within, without

Ranges = list[tuple[int, int]]


def ranges_by_chance(random: Random) -> Ranges:
    """Return ranges of small numbers, so that they meet, touch, repeat and run backwards."""
    return [(random.randint(-3, 40), random.randint(-3, 40)) for _ in range(random.randint(0, 9))]


def numbers(ranges: Ranges) -> set[int]:
    """Return every number of `ranges`."""
    return {number for first, last in ranges for number in range(first, last + 1)}


def test_joined_ranges_hold_the_same_numbers_once() -> None:
    """Increasing and apart from each other, however the given ones lie."""
    random = Random(1)  # noqa: S311 - repeatable
    for _ in range(300):
        ranges = ranges_by_chance(random)
        found = joined(ranges)
        assert (numbers(found), count(found)) == (numbers(ranges), len(numbers(ranges)))
        assert all(before[1] + 1 < after[0] for before, after in pairwise(found))
        assert {at for at in range(-5, 45) if within(at, found)} == numbers(ranges)


def test_ranges_without_others_hold_what_is_left() -> None:
    """Neither a number more nor one less, and none twice."""
    random = Random(2)  # noqa: S311 - repeatable
    for _ in range(300):
        ranges, taken = ranges_by_chance(random), ranges_by_chance(random)
        left = without(joined(ranges), joined(taken))
        assert numbers(left) == numbers(ranges) - numbers(taken)
        assert count(left) == len(numbers(left))
        assert left == sorted(left)


def test_as_many_ranges_as_a_failing_disk_leaves_are_taken_away_at_once() -> None:
    """A run with 200,000 gap events ends: one pass, where each against each takes hours."""
    holes = [(3 * at + 1, 3 * at + 2) for at in range(200_000)]
    began_s = time.process_time()
    left = without(holes, joined([(first, first) for first, _ in reversed(holes)]))
    assert left == [(last, last) for _, last in holes]
    assert time.process_time() - began_s < 30
