"""Distributions: counts and edges, checked at the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklab.errors import TrackLabError
from tracklab.media.histogram import Histogram, histogram_record

if TYPE_CHECKING:
    from collections.abc import Callable


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.integers(1, 512))
def test_every_value_is_counted(values: list[float], bins: int) -> None:
    """In the asked number of bins, between the least and the largest value."""
    record = Histogram(values, num_bins=bins).to_record()
    assert sum(record["values"]) == len(values)
    assert (len(record["values"]), len(record["bins"])) == (bins, bins + 1)
    assert record["bins"][0] <= min(values) <= max(values) <= record["bins"][-1]


def test_numpy_counts_are_taken_as_they_are() -> None:
    """`np_histogram` is what numpy.histogram returns."""
    counts, edges = np.histogram([1, 2, 2, 3], bins=3)
    histogram = Histogram(np_histogram=(counts, edges))
    assert histogram.histogram == [1, 2, 1]
    assert histogram.bins == edges.tolist()


@pytest.mark.parametrize(
    "make",
    [
        Histogram,
        lambda: Histogram([1], np_histogram=([1], [0, 1])),
        lambda: Histogram([]),
        lambda: Histogram([float("nan")]),
        lambda: Histogram([1], num_bins=513),
        lambda: Histogram(np_histogram=([1, 2], [0, 1])),
        lambda: Histogram(np_histogram=([float("inf")], [0, 1])),
    ],
)
def test_what_is_no_distribution_is_refused(make: Callable[[], Any]) -> None:
    """With one of our errors, so that a caller can tell it from his own."""
    with pytest.raises(TrackLabError):
        make()


def test_a_logged_array_leaves_out_what_is_not_finite() -> None:
    """And says how many values that were."""
    record = histogram_record(np.array([1.0, 2.0, np.nan, np.inf]))
    assert (sum(record["values"]), record["nonfinite"]) == (2, 2)
    assert histogram_record(np.array([np.nan]))["values"] == []
    assert histogram_record(np.array(["a"]))["nonfinite"] == 1
