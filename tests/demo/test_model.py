"""The demo's model: right gradients, and files that hold what was saved."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tracklab.demo import corpus, model
from tracklab.demo.optimizer import Adam, Momentum, clip, learning_rate, norm

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.demo.optimizer import Optimizer

SMALL = model.Shape(context=3, embedding=4, hidden=5, layers=2)


def examples(shape: model.Shape, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random contexts and the characters that follow them."""
    random = np.random.default_rng(0)
    letters = len(corpus.ALPHABET)
    return random.integers(0, letters, (count, shape.context)), random.integers(0, letters, count)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_gradients_agree_with_finite_differences(layers: int) -> None:
    """Each derivative is the slope that a small step really finds."""
    shape = model.Shape(context=3, embedding=4, hidden=5, layers=layers)
    weights = model.initial(shape, seed=1, dtype=np.float64)
    contexts, targets = examples(shape, 20)
    _, slopes = model.gradients(weights, contexts, targets)
    random = np.random.default_rng(2)
    for name, array in weights.items():
        for _ in range(8):
            place = tuple(random.integers(0, size) for size in array.shape)
            kept, step = array[place], 1e-6
            array[place] = kept + step
            above = model.loss(weights, contexts, targets)
            array[place] = kept - step
            below = model.loss(weights, contexts, targets)
            array[place] = kept
            measured = (above - below) / (2 * step)
            assert slopes[name][place] == pytest.approx(measured, abs=1e-7), name


def test_the_loss_with_gradients_is_the_loss() -> None:
    """Both functions judge a model alike."""
    weights = model.initial(SMALL, seed=1)
    contexts, targets = examples(SMALL, 50)

    found, _ = model.gradients(weights, contexts, targets)

    assert found == pytest.approx(model.loss(weights, contexts, targets))


def test_an_untrained_model_is_about_as_good_as_guessing() -> None:
    """The first weights favour no character much."""
    weights = model.initial(SMALL, seed=1)

    assert model.loss(weights, *examples(SMALL, 500)) == pytest.approx(
        np.log(len(corpus.ALPHABET)), abs=0.5
    )


def test_a_checkpoint_holds_the_weights_that_were_saved(tmp_path: Path) -> None:
    """What is loaded is what was saved, to the last bit."""
    weights = model.initial(SMALL, seed=1)

    model.save(tmp_path / "model.npz", weights, SMALL)
    loaded = model.load(tmp_path / "model.npz")

    assert loaded.keys() == weights.keys()
    assert all(np.array_equal(loaded[name], weights[name]) for name in weights)


def test_the_same_seed_writes_the_same_text() -> None:
    """A sample can be repeated, and another seed gives another one."""
    weights = model.initial(SMALL, seed=1)
    texts = [
        list(islice(model.write(weights, corpus.encode("She"), seed=seed), 30))
        for seed in (5, 5, 6)
    ]

    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("optimizer", [Adam(), Momentum()])
def test_an_optimizer_finds_the_bottom_of_a_bowl(optimizer: Optimizer) -> None:
    """Following the slopes of a square leads to its minimum."""
    weights = {"x": np.array([3.0, -2.0])}
    for _ in range(2000):
        optimizer.step(weights, {"x": 2 * weights["x"]}, 0.01)

    assert np.abs(weights["x"]).max() < 1e-3


def test_the_learning_rate_warms_up_and_cools_down() -> None:
    """It climbs to the peak in a line and ends near zero."""
    rates = [learning_rate(step, steps=100, peak=2.0, warmup=10) for step in range(1, 101)]

    assert rates[:10] == pytest.approx([0.2 * step for step in range(1, 11)])
    assert max(rates) == 2.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < 0.01


def test_clipping_keeps_the_direction() -> None:
    """A long gradient becomes shorter and a short one stays."""
    slopes = {"a": np.array([3.0]), "b": np.array([4.0])}
    clip(slopes, length=norm(slopes), longest=1.0)

    assert [slopes["a"][0], slopes["b"][0]] == pytest.approx([0.6, 0.8])
    clip(slopes, length=norm(slopes), longest=2.0)
    assert norm(slopes) == pytest.approx(1.0)
