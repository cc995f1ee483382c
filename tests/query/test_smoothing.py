"""Smoothing against its definition, point by point."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.query.smoothing import parse_smooth


def smoothed(text: str, values: np.ndarray) -> np.ndarray:
    """Return a line smoothed at once."""
    return np.concatenate([*parse_smooth(text).over([values]), np.empty(0)])


SERIES = st.lists(st.floats(-1e3, 1e3), max_size=40).map(lambda values: np.array(values, float))


@given(SERIES, st.sampled_from([0.0, 0.3, 0.99]))
@PATIENT
def test_ema_is_a_weighted_mean_of_what_came_before(values: np.ndarray, weight: float) -> None:
    """Weights fall by the same factor; together they are 1, also at the beginning."""
    for at, got in enumerate(smoothed(f"ema:{weight}", values)):
        weights = weight ** np.arange(at, -1, -1)
        assert math.isclose(got, np.average(values[: at + 1], weights=weights), abs_tol=1e-7)


@given(SERIES, st.integers(1, 9))
@PATIENT
def test_average_is_the_mean_of_the_window(values: np.ndarray, window: int) -> None:
    """At the ends of what there is of it."""
    for at, got in enumerate(smoothed(f"average:{window}", values)):
        inside = values[max(at - window // 2, 0) : at + (window - 1) // 2 + 1]
        assert math.isclose(got, inside.mean(), abs_tol=1e-7)


@pytest.mark.parametrize("large", [1e18, 1e308])
@pytest.mark.parametrize("window", [5, 6, 100])
def test_an_outlier_has_no_effect_outside_of_its_windows(large: float, window: int) -> None:
    """However large it is, and at any two places."""
    values = np.full(300, 0.001)
    values[[50, 52]] = large
    smooth = smoothed(f"average:{window}", values)
    assert np.isfinite(smooth).all()
    assert np.allclose(smooth[103:], 0.001, rtol=1e-12)
    assert smooth[52] > large / window


@given(SERIES, st.sampled_from([0.5, 2.0, 30.0]))
@PATIENT
def test_gaussian_is_a_mean_weighted_by_distance(values: np.ndarray, sigma: float) -> None:
    """A bell around each point, cut at three sigmas."""
    places = np.arange(len(values))
    for at, got in enumerate(smoothed(f"gaussian:{sigma}", values)):
        distance = np.abs(places - at)
        weights = np.exp(-0.5 * (distance / sigma) ** 2) * (distance <= math.ceil(3 * sigma))
        assert math.isclose(got, np.average(values, weights=weights), abs_tol=1e-7)


@pytest.mark.parametrize("text", ["ema:0.6", "gaussian:2", "average:5"])
def test_smoothing_keeps_a_flat_line(text: str) -> None:
    """And the number of points, none included."""
    assert np.allclose(smoothed(text, np.full(20, 3.0)), 3.0)
    assert len(smoothed(text, np.empty(0))) == 0


@given(
    st.lists(SERIES, max_size=6),
    st.sampled_from(["ema:0", "ema:0.9", "gaussian:0.5", "gaussian:6", "average:1", "average:8"]),
)
@PATIENT
def test_pieces_are_smoothed_as_the_whole(pieces: list[np.ndarray], text: str) -> None:
    """However the line is cut."""
    whole = np.concatenate([*pieces, np.empty(0)])
    found = np.concatenate([*parse_smooth(text).over(pieces), np.empty(0)])
    assert np.array_equal(found, smoothed(text, whole))


def test_a_long_average_is_that_of_one_step_after_the_other() -> None:
    """Also far beyond the first points, over many pieces."""
    values = np.random.default_rng(0).normal(size=3_000)
    kept, expected = 0.0, []
    for count, value in enumerate(values, start=1):
        kept = 0.97 * kept + 0.03 * value
        expected.append(kept / (1 - 0.97**count))
    pieces = [values[:1], values[1:300], values[300:]]
    assert np.allclose(np.concatenate(list(parse_smooth("ema:0.97").over(pieces))), expected)
