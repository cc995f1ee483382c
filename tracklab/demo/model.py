"""A small neural language model: from the last characters to odds for the next one.

Each of the last `context` characters becomes a vector, the vectors side by side go through one
or more layers of rectified units, and a last layer gives a score per character of the alphabet.
Written in numpy with its own gradients, so that the demo needs nothing that TrackLab does not.

Source of the architecture: Bengio et al., "A Neural Probabilistic Language Model", 2003.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tracklab.demo.corpus import ALPHABET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]
    Weights = dict[str, Array]

__all__ = ["Shape", "gradients", "initial", "load", "loss", "save", "write"]

_LEAK = 0.1  # slope of a unit below zero: one that is never above zero could not learn again


@dataclass(frozen=True)
class Shape:
    """How large a model is.

    Attributes:
        context: characters it looks back on.
        embedding: numbers that stand for one character.
        hidden: units in each hidden layer.
        layers: hidden layers, 1 or more.
    """

    context: int = 16
    embedding: int = 16
    hidden: int = 192
    layers: int = 1


def initial(shape: Shape, *, seed: int, dtype: type = np.float32) -> Weights:
    """Return untrained weights, scaled so that signals neither fade nor grow (He et al., 2015)."""
    random = np.random.default_rng(seed)
    widths = [shape.context * shape.embedding, *[shape.hidden] * shape.layers, len(ALPHABET)]
    weights = {"embedding": random.normal(0, 0.3, (len(ALPHABET), shape.embedding))}
    for layer, (wide_in, wide_out) in enumerate(pairwise(widths)):
        weights[f"layer{layer}/weight"] = random.normal(
            0, np.sqrt(2 / wide_in), (wide_in, wide_out)
        )
        weights[f"layer{layer}/bias"] = np.zeros(wide_out)
    return {name: array.astype(dtype) for name, array in weights.items()}


def loss(weights: Weights, contexts: NDArray[np.intp], targets: NDArray[np.intp]) -> float:
    """Return the mean surprise at the true next characters, in nats; a coin flip costs 0.69.

    Args:
        weights: as from `initial()`.
        contexts: codes, shape `(n, context)`.
        targets: codes of the characters that follow, shape `(n,)`.
    """
    scores = _forward(weights, contexts)[-1]
    return float(-_log_odds(scores)[np.arange(len(targets)), targets].mean())


def gradients(
    weights: Weights, contexts: NDArray[np.intp], targets: NDArray[np.intp]
) -> tuple[float, Weights]:
    """Return the loss, and its derivative with respect to every weight, by backpropagation."""
    outputs = _forward(weights, contexts)
    log_odds = _log_odds(outputs[-1])
    rows = np.arange(len(targets))
    # The derivative of the loss by the scores: predicted odds minus what really came.
    upstream = np.exp(log_odds)
    upstream[rows, targets] -= 1
    upstream /= len(targets)
    slopes = {}
    for layer in reversed(range(len(outputs) - 1)):
        entering = outputs[layer]
        slopes[f"layer{layer}/weight"] = entering.T @ upstream
        slopes[f"layer{layer}/bias"] = upstream.sum(axis=0)
        upstream = upstream @ weights[f"layer{layer}/weight"].T
        if layer:
            upstream *= np.where(entering > 0, 1, _LEAK)
    embedding = np.zeros_like(weights["embedding"])
    np.add.at(embedding, contexts, upstream.reshape(*contexts.shape, -1))
    slopes["embedding"] = embedding
    return float(-log_odds[rows, targets].mean()), slopes


def write(
    weights: Weights, prompt: NDArray[np.intp], *, seed: int, temperature: float = 0.8
) -> Iterator[int]:
    """Write on after `prompt`, one character code at a time, for as long as one is asked for.

    Args:
        weights: as from `initial()`.
        prompt: codes; a short one is filled up with paragraph ends in front.
        seed: the same seed writes the same text.
        temperature: above 0; low follows the best odds, 1 follows the odds as they are.
    """
    random = np.random.default_rng(seed)
    length = _context(weights)
    padding = np.full(length, ALPHABET.index("\n"), dtype=np.intp)
    window = np.concatenate([padding, prompt])[-length:]
    while True:
        scores = _forward(weights, window[None])[-1][0].astype(np.float64)
        # The largest of scores with Gumbel noise is a draw from their odds (Gumbel, 1954).
        code = int(np.argmax(scores / temperature + random.gumbel(size=len(scores))))
        window = np.append(window[1:], code)
        yield code


def save(path: Path, weights: Weights, shape: Shape) -> None:
    """Write weights and shape as one `.npz` file."""
    facts = {f"shape/{name}": np.array(value) for name, value in asdict(shape).items()}
    np.savez(path, allow_pickle=False, **facts, **weights)


def load(path: Path) -> Weights:
    """Read the weights of a file that `save()` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files if not name.startswith("shape/")}


def _forward(weights: Weights, contexts: NDArray[np.intp]) -> list[Array]:
    """Return what enters each layer, and last the scores."""
    layers = _layers(weights)
    outputs = [weights["embedding"][contexts].reshape(len(contexts), -1)]
    for layer in range(layers):
        scores = outputs[-1] @ weights[f"layer{layer}/weight"] + weights[f"layer{layer}/bias"]
        outputs.append(scores if layer == layers - 1 else np.maximum(scores, _LEAK * scores))
    return outputs


def _log_odds(scores: Array) -> Array:
    # The largest score is taken away first, or exp() would overflow.
    shifted = scores - scores.max(axis=1, keepdims=True)
    odds: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return odds


def _layers(weights: Weights) -> int:
    return sum(name.endswith("/weight") for name in weights)


def _context(weights: Weights) -> int:
    return int(weights["layer0/weight"].shape[0] // weights["embedding"].shape[1])
