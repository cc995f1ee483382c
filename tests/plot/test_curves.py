"""Curves of classifiers against their definitions, counted sample by sample."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklab import plot
from tracklab.errors import UsageError

#: Few different scores, so that many samples share one.
SAMPLES = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75]), min_size=3,
                                         max_size=3)),
    min_size=1, max_size=25,
)  # fmt: skip


def at_least(samples: Any, number: int, one: int, threshold: float) -> tuple[int, int]:
    """Return how many samples score so much: of the class, and of others."""
    scored = [true for true, scores in samples if scores[number] >= threshold]
    return sum(true == one for true in scored), sum(true != one for true in scored)


@given(SAMPLES)
def test_a_roc_curve_goes_through_every_threshold(samples: Any) -> None:
    """Each point is one of them, and those left out lie on its lines."""
    true, scores = [one for one, _ in samples], [row for _, row in samples]
    rows = plot.roc_curve(true, scores).table.data
    for number, one in enumerate(sorted(set(true))):
        curve = [(x, y) for label, x, y in rows if label == one]
        of_class = sum(other == one for other in true)
        others = max(len(true) - of_class, 1)
        expected = [(0.0, 0.0)]
        for threshold in sorted({row[number] for row in scores}, reverse=True):
            hits, misses = at_least(samples, number, one, threshold)
            expected.append((misses / others, hits / of_class))
        assert set(curve) <= {(round(x, 3), round(y, 3)) for x, y in expected}
        assert (curve[0], curve[-1][1]) == ((0, 0), 1)
        for x, y in expected:
            gaps = [
                abs((x - a) * (d - b) - (y - b) * (c - a))
                for (a, b), (c, d) in pairwise(curve)
                if a - 0.001 <= x <= c + 0.001 and b - 0.001 <= y <= d + 0.001
            ]
            assert min(gaps) < 0.003


@given(SAMPLES)
def test_a_pr_curve_has_the_best_precision_of_each_recall(samples: Any) -> None:
    """Over all thresholds that reach it."""
    true, scores = [one for one, _ in samples], [row for _, row in samples]
    rows = plot.pr_curve(true, scores, interp_size=5).table.data
    for number, one in enumerate(sorted(set(true))):
        of_class = sum(other == one for other in true)
        points = [(0.0, 1.0)]
        for threshold in {row[number] for row in scores}:
            hits, misses = at_least(samples, number, one, threshold)
            points.append((hits / of_class, hits / (hits + misses)))
        for label, precision, recall in rows:
            if label == one:
                best = max(found for reached, found in points if reached >= recall)
                assert precision == pytest.approx(best, abs=0.0006)


def test_curves_are_named_and_chosen() -> None:
    """Labels by class number, and only the classes that are asked for."""
    scores = [[0.9, 0.1], [0.2, 0.8]]
    rows = plot.roc_curve([0, 1], scores, labels=["cat", "dog"], classes_to_plot=[1]).table.data
    assert {row[0] for row in rows} == {"dog"}
    assert {row[0] for row in plot.pr_curve(["n", "y"], scores).table.data} == {"n", "y"}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_a_confusion_matrix_counts_pairs(pairs: list[tuple[int, int]]) -> None:
    """Also those that do not occur, as zero."""
    true, predicted = ([pair[side] for pair in pairs] for side in (0, 1))
    names = ["a", "b", "c", "d"]
    chart = plot.confusion_matrix(preds=predicted, y_true=true, class_names=names)
    assert {(row[0], row[1]): row[2] for row in chart.table.data} == {
        (names[i], names[j]): pairs.count((i, j)) for i in range(4) for j in range(4)
    }


def test_probabilities_are_predictions_of_the_most_probable() -> None:
    """Without names the classes that occur are numbered."""
    chart = plot.confusion_matrix(probs=np.array([[0.1, 0.9], [0.8, 0.2]]), y_true=[1, 1])
    assert chart.table.data == [
        ["Class_1", "Class_1", 0], ["Class_1", "Class_2", 0],
        ["Class_2", "Class_1", 1], ["Class_2", "Class_2", 1],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "made",
    [
        lambda: plot.confusion_matrix(probs=[[1]], preds=[1], y_true=[0]),
        lambda: plot.confusion_matrix(y_true=[0]),
        lambda: plot.confusion_matrix(preds=[0], y_true=[0, 1]),
        lambda: plot.confusion_matrix(preds=[0, 2], y_true=[0, 1], class_names=["a", "b"]),
        lambda: plot.pr_curve([0, 1], None),
        lambda: plot.pr_curve(None, [[1]]),
        lambda: plot.pr_curve([0, 1], [[0.1, 0.9], [0.2, 0.8]], interp_size=-1),
        lambda: plot.roc_curve([0, 1], [0.5, 0.5]),
        lambda: plot.roc_curve([0, 1, 2], [[0.5, 0.5]] * 3),
    ],
)
def test_what_does_not_fit_together_is_refused(made: Any) -> None:
    """At the call."""
    with pytest.raises(UsageError):
        made()
