"""Smoothing against its definition, point by point."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.query.smoothing import average, ema, gaussian, parse_smooth

SERIES = st.lists(st.floats(-1e3, 1e3), max_size=40).map(lambda values: np.array(values, float))


@given(SERIES, st.sampled_from([0.0, 0.3, 0.99]))
@PATIENT
def test_ema_is_a_weighted_mean_of_what_came_before(values: np.ndarray, weight: float) -> None:
    """Weights fall by the same factor; together they are 1, also at the beginning."""
    for at, got in enumerate(ema(values, weight=weight)):
        weights = weight ** np.arange(at, -1, -1)
        assert math.isclose(got, np.average(values[: at + 1], weights=weights), abs_tol=1e-7)


@given(SERIES, st.integers(1, 9))
@PATIENT
def test_average_is_the_mean_of_the_window(values: np.ndarray, window: int) -> None:
    """At the ends of what there is of it."""
    for at, got in enumerate(average(values, window=window)):
        inside = values[max(at - window // 2, 0) : at + (window - 1) // 2 + 1]
        assert math.isclose(got, inside.mean(), abs_tol=1e-7)


@pytest.mark.parametrize("large", [1e18, 1e308])
@pytest.mark.parametrize("window", [5, 6, 100])
def test_an_outlier_has_no_effect_outside_of_its_windows(large: float, window: int) -> None:
    """However large it is, and at any two places."""
    values = np.full(300, 0.001)
    values[[50, 52]] = large
    smooth = average(values, window=window)
    assert np.isfinite(smooth).all()
    assert np.allclose(smooth[103:], 0.001, rtol=1e-12)
    assert smooth[52] > large / window


@given(SERIES, st.sampled_from([0.5, 2.0, 30.0]))
@PATIENT
def test_gaussian_is_a_mean_weighted_by_distance(values: np.ndarray, sigma: float) -> None:
    """A bell around each point, cut at three sigmas."""
    places = np.arange(len(values))
    for at, got in enumerate(gaussian(values, sigma=sigma)):
        distance = np.abs(places - at)
        weights = np.exp(-0.5 * (distance / sigma) ** 2) * (distance <= math.ceil(3 * sigma))
        assert math.isclose(got, np.average(values, weights=weights), abs_tol=1e-7)


@pytest.mark.parametrize("text", ["ema:0.6", "gaussian:2", "average:5"])
def test_smoothing_keeps_a_flat_line(text: str) -> None:
    """And the number of points, none included."""
    smooth = parse_smooth(text)
    assert np.allclose(smooth(np.full(20, 3.0)), 3.0)
    assert len(smooth(np.empty(0))) == 0
