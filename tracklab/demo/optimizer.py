"""How weights follow their gradients: step sizes over time, and two rules for a step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from tracklab.demo.model import Weights

__all__ = ["Adam", "Momentum", "Optimizer", "clip", "learning_rate", "norm"]


class Optimizer(Protocol):
    """A rule that changes weights in place."""

    def step(self, weights: Weights, slopes: Weights, rate: float) -> None:
        """Take one step of size `rate` against the slopes."""
        ...


class Adam:
    """Steps scaled by the recent size of each slope. Source: Kingma and Ba, 2015."""

    def __init__(self, *, fading: float = 0.9, fading_squares: float = 0.99) -> None:
        self._fading = (fading, fading_squares)
        self._moments: dict[str, Weights] = {}
        self._steps = 0

    def step(self, weights: Weights, slopes: Weights, rate: float) -> None:
        """Take one step of size `rate` against the slopes."""
        self._steps += 1
        for name, slope in slopes.items():
            zeros = np.zeros_like(slope)
            means = self._moments.setdefault(name, {"slope": zeros, "square": zeros.copy()})
            for moment, value, fading in zip(means, (slope, slope**2), self._fading, strict=True):
                means[moment] *= fading
                means[moment] += (1 - fading) * value
            # Both means begin at zero; dividing takes that bias out of the first steps.
            mean, square = (
                means[moment] / (1 - fading**self._steps)
                for moment, fading in zip(means, self._fading, strict=True)
            )
            weights[name] -= rate * mean / (np.sqrt(square) + 1e-8)


class Momentum:
    """Plain steps that keep nine tenths of their speed. Source: Polyak, 1964."""

    def __init__(self, *, kept: float = 0.9) -> None:
        self._kept = kept
        self._speed: Weights = {}

    def step(self, weights: Weights, slopes: Weights, rate: float) -> None:
        """Take one step of size `rate` against the slopes."""
        for name, slope in slopes.items():
            speed = self._speed.setdefault(name, np.zeros_like(slope))
            speed *= self._kept
            speed += slope
            weights[name] -= rate * speed


def learning_rate(step: int, *, steps: int, peak: float, warmup: int) -> float:
    """Return the step size: a line up to `peak` in `warmup` steps, then half a cosine down to 0.

    Args:
        step: from 1 to `steps`.
        steps: of the whole training.
        peak: the largest step size.
        warmup: steps until the peak is reached.
    """
    if step <= warmup:
        return peak * step / warmup
    return peak * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup + 1))) / 2


def norm(slopes: Weights) -> float:
    """Return the length of all slopes as one vector; it may be infinite or NaN."""
    return math.sqrt(
        sum(float(np.square(slope, dtype=np.float64).sum()) for slope in slopes.values())
    )


def clip(slopes: Weights, *, length: float, longest: float) -> None:
    """Shorten slopes of the given length, all by one factor, so that none is over `longest`."""
    if length > longest:
        for slope in slopes.values():
            np.multiply(slope, longest / length, out=slope)
