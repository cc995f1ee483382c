"""The training itself, without any monitoring: a recipe in, one step after another out."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from tracklab.demo import corpus, model
from tracklab.demo.optimizer import Adam, Momentum, clip, learning_rate, norm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tracklab.demo.model import Weights
    from tracklab.demo.optimizer import Optimizer
    from tracklab.demo.recipes import Recipe

__all__ = ["Step", "steps"]

_PROMPT = "She had been "
_SAMPLE = 240  # characters that a model writes to show what it can do
_JUDGED = 2048  # held-out characters that a model is judged by
_EVALUATIONS = 20  # per training, at least; a long one has one every 250 steps
_LONGEST_GAP = 250
_SAVE_EVERY = 4  # evaluations


@dataclass
class Step:
    """What one step of a training is to be remembered by.

    Attributes:
        number: from 1.
        values: numbers and texts by name; an evaluation has more of them.
        arrays: gradients and weights by name, at an evaluation; they change with the next step.
        to_save: the weights, if this is a good moment for a checkpoint.
    """

    number: int
    values: dict[str, float | str]
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    to_save: Weights | None = None


def steps(recipe: Recipe) -> Iterator[Step]:
    """Train as `recipe` says, and yield each step when it is done."""
    text = corpus.load()
    weights = model.initial(recipe.shape, seed=recipe.seed)
    optimizer: Optimizer = Adam() if recipe.optimizer == "adam" else Momentum()
    random = np.random.default_rng(recipe.seed)
    every = max(1, min(recipe.steps // _EVALUATIONS, _LONGEST_GAP))
    for number in range(1, recipe.steps + 1):
        began = time.perf_counter()
        first = random.integers(0, len(text.training) - recipe.shape.context, recipe.batch)
        examples = _examples(text.training, first, recipe.shape.context)
        loss, slopes = model.gradients(weights, *examples)
        length = norm(slopes)
        clip(slopes, length=length, longest=recipe.clip)
        rate = learning_rate(
            number, steps=recipe.steps, peak=recipe.learning_rate, warmup=recipe.warmup
        )
        optimizer.step(weights, slopes, rate)
        step = Step(
            number,
            {
                "train/loss": loss,
                "train/gradient_norm": length,
                "learning_rate": rate,
                "train/characters_per_s": recipe.batch / (time.perf_counter() - began),
            },
        )
        if number % every == 0 and math.isfinite(loss):
            step.values |= _evaluation(recipe, weights, text.held_out)
            step.arrays = _named("gradients", slopes) | _named("weights", weights)
            if number % (_SAVE_EVERY * every) == 0:
                step.to_save = weights
        yield step
        time.sleep(recipe.pause_s)


def _evaluation(
    recipe: Recipe, weights: Weights, held_out: NDArray[np.intp]
) -> dict[str, float | str]:
    """Return how well a model reads pages it never saw, and what it writes itself."""
    context = recipe.shape.context
    first = np.linspace(0, len(held_out) - context - 1, _JUDGED, dtype=np.intp)
    loss = model.loss(weights, *_examples(held_out, first, context))
    written = model.write(weights, corpus.encode(_PROMPT), seed=recipe.seed)
    sample = np.fromiter(islice(written, _SAMPLE), dtype=np.intp)
    return {
        "val/loss": loss,
        "val/perplexity": math.exp(loss),
        "samples/text": _PROMPT + corpus.decode(sample),
    }


def _examples(
    text: NDArray[np.intp], first: NDArray[np.intp], context: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the contexts that begin at `first`, and the characters that follow them."""
    windows = text[first[:, None] + np.arange(context + 1)]
    return windows[:, :-1], windows[:, -1]


def _named(group: str, arrays: Weights) -> dict[str, NDArray[Any]]:
    return {f"{group}/{name}": array for name, array in arrays.items()}
