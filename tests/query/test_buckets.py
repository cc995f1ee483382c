"""Buckets on a grid of powers of two."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.query.buckets import bucket_width, into_buckets

FLOATS = st.floats(-1e6, 1e6)


@given(st.floats(1e-6, 1e15), st.integers(1, 4000), st.floats(-1e9, 1e9))
@PATIENT
def test_a_range_never_gives_more_buckets_than_pixels(span: float, px: int, start: float) -> None:
    """Wherever it lies; the width is a power of two and as narrow as that allows."""
    end = start + span
    span = end - start  # as the numbers can say it
    assume(span > 0)
    width = bucket_width(span, px)
    count = math.floor(end / width) - math.floor(start / width) + 1
    assert count <= max(px, 2)
    assert math.frexp(width)[0] == 0.5
    assert span / (width / 2) > max(px, 2) - 1


@pytest.mark.parametrize("px", [1, 1000])
@pytest.mark.parametrize("span", [0.0, 5e-324, 1.7e308, math.inf])
def test_the_ends_of_all_numbers_have_a_width(span: float, px: int) -> None:
    """No range is too short or too long."""
    assert 0.0 <= bucket_width(span, px) < math.inf


@given(st.lists(st.tuples(FLOATS, FLOATS), min_size=1, max_size=60), st.sampled_from([0, 0.5, 8]))
@PATIENT
def test_buckets_tell_the_truth(points: list[tuple[float, float]], width: float) -> None:
    """Each bucket's numbers are those of the points that fall into it, one by one."""
    points.sort(key=lambda point: point[0])
    x, value = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    got = into_buckets(x, value, width=width)
    by_bucket: dict[float, list[tuple[float, float]]] = {}
    for point in points:
        by_bucket.setdefault(math.floor(point[0] / width) if width else point[0], []).append(point)
    expected = [
        (own[-1][0], own[-1][1], min(v for _, v in own), max(v for _, v in own), len(own))
        for own in by_bucket.values()
    ]
    assert list(zip(got.x, got.last, got.lo, got.hi, got.cnt, strict=True)) == expected
    means = [math.fsum(v / len(own) for _, v in own) for own in by_bucket.values()]
    size = np.maximum(abs(got.lo), abs(got.hi))
    assert (abs(got.mean - means) <= 1e-12 * size + 1e-300).all()
    assert ((got.lo <= got.mean) & (got.mean <= got.hi)).all()


@pytest.mark.parametrize("value", [1.7e9, -3.0, 1e-300, 1e300])
def test_one_place_is_one_bucket(value: float) -> None:
    """Any number of points at one x."""
    got = into_buckets(np.full(5, value), np.arange(5.0), width=bucket_width(0.0, 10))
    assert (got.x.tolist(), got.last.tolist(), got.cnt.tolist()) == ([value], [4.0], [5.0])
