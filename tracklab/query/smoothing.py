"""Smoother lines, computed at full resolution: before buckets, so that zooming changes nothing.

The finite values of one series come in order of x, in pieces, so that a line of any length costs
no more memory than a piece. As many come back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tracklab.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Smoothing", "parse_smooth"]

_REACH_SIGMAS = 3
_MAX_SIGMA = 300
_MAX_WINDOW = 10_000
#: So large that a sum of a window's points might be no number.
_LARGE = 1e300
#: What adds nothing to 1.
_NOTHING = 2.0**-60
#: Values that are smoothed one after the other, in so many places at once as there are.
_RUN = 256
#: Values that are smoothed at a time: always as many, so that no cut of the line shows.
_AT_ONCE = 1 << 16


class Smoothing(Protocol):
    """A way to smooth a series."""

    def over(self, pieces: Iterable[Floats]) -> Iterator[Floats]:
        """Yield the smooth values, in pieces of other lengths: they wait for what comes after."""


def parse_smooth(text: str) -> Smoothing:
    """Return the smoothing that `kind:amount` names.

    Raises:
        QueryError: the kind is unknown or the amount out of range.
    """
    kind, _, amount = text.partition(":")
    try:
        number = float(amount)
    except ValueError:
        number = math.nan
    if kind == "ema" and 0 <= number < 1:
        return _Decaying(number)
    if kind == "gaussian" and 0 < number <= _MAX_SIGMA:
        reach = math.ceil(_REACH_SIGMAS * number)
        return _Windowed(partial(_gaussian, sigma=number), reach, reach)
    if kind == "average" and 1 <= number <= _MAX_WINDOW:
        window = int(number)
        return _Windowed(partial(_average, window=window), *_sides(window))
    raise QueryError(
        f"smooth cannot be {text!r}. It is ema:<weight, 0 to below 1>, gaussian:<sigma in points, "
        f"above 0 to {_MAX_SIGMA}> or average:<window in points, 1 to {_MAX_WINDOW}>."
    )


@dataclass(frozen=True, slots=True)
class _Decaying:
    """An exponential moving average, debiased: early points count as if no zero preceded.

    Source: Kingma and Ba, Adam (2014), section 3, for the debiasing.

    Attributes:
        weight: of the average so far, 0 (no smoothing) to below 1.
    """

    weight: float

    def over(self, pieces: Iterable[Floats]) -> Iterator[Floats]:
        kept, count = 0.0, 0
        for values in _even(pieces):
            biased = _decayed(values, kept, self.weight)
            kept = float(biased[-1])
            yield biased / _debiasing(self.weight, count, len(values))
            count += len(values)


def _even(pieces: Iterable[Floats]) -> Iterator[Floats]:
    """Yield the same values in pieces of equal length, the last one shorter, none empty."""
    held: list[Floats] = []
    for values in pieces:
        held.append(values)
        while sum(map(len, held)) >= _AT_ONCE:
            joined = np.concatenate(held)
            yield joined[:_AT_ONCE]
            held = [joined[_AT_ONCE:]]
    rest = np.concatenate([*held, np.empty(0)])
    if len(rest):
        yield rest


def _debiasing(weight: float, count: int, length: int) -> Floats | float:
    """Return what the weights of all points up to each of `length` points behind `count` add to."""
    if weight**count < _NOTHING:
        return 1.0
    found: Floats = 1.0 - np.power(weight, np.arange(count + 1.0, count + length + 1.0))
    return found


def _decayed(values: Floats, kept: float, weight: float) -> Floats:
    """Return `kept = weight * kept + (1 - weight) * value` after each value.

    Many runs of values are taken one step further at once, each from 0; then each gets what the
    one before it leaves.
    """
    runs = -(-len(values) // _RUN)
    steps = np.zeros((runs, _RUN))
    steps.reshape(-1)[: len(values)] = values
    steps = np.ascontiguousarray(steps.T) * (1 - weight)
    for step in range(1, _RUN):
        steps[step] += weight * steps[step - 1]
    powers = weight ** np.arange(1, _RUN + 1)
    left = accumulate(steps[-1].tolist(), lambda kept, new: kept * powers[-1] + new, initial=kept)
    steps += powers[:, None] * np.fromiter(left, np.float64, runs + 1)[:-1]
    decayed: Floats = steps.T.reshape(-1)[: len(values)]
    return decayed


@dataclass(frozen=True, slots=True)
class _Windowed:
    """What depends on each point's neighbours: so many before it and after it."""

    smooth: Callable[[Floats], Floats]
    before: int
    after: int

    def over(self, pieces: Iterable[Floats]) -> Iterator[Floats]:
        held, done = np.empty(0), 0  # the first values are there for those behind them
        for values in _even(pieces):
            held = np.concatenate([held, values])
            ready = len(held) - self.after
            if ready > done:
                yield self.smooth(held)[done:ready]
                first = max(ready - self.before, 0)
                held, done = held[first:], ready - first
        yield self.smooth(held)[done:]


def _gaussian(values: Floats, *, sigma: float) -> Floats:
    """Return the mean around each point, weighted by a bell; at the ends by what there is of it.

    Args:
        values: shape `(n,)`, finite.
        sigma: width of the bell in points, above 0.

    Cost: O(n * sigma).
    """
    if not len(values):
        return values
    reach = min(math.ceil(_REACH_SIGMAS * sigma), len(values) - 1)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    inside = slice(reach, reach + len(values))
    weights = np.convolve(np.ones(len(values)), kernel)[inside]
    smooth: Floats = np.convolve(values, kernel)[inside] / weights
    return smooth


def _average(values: Floats, *, window: int) -> Floats:
    """Return the mean of `window` points around each, at the ends of those there are.

    An even window takes one point more before than after. Nothing is summed but the points of a
    window, so one that is very large has no effect outside of its windows. Cost: O(n).
    """
    count, (before, after) = len(values), _sides(window)
    if not count:
        return values
    scale = 2.0**-14 if np.abs(values).max() > _LARGE else 1.0  # as many as are ever added
    # Every window is the end of a block of its length and the beginning of the next block.
    blocks = np.zeros((-(-(count + window) // window), window))
    blocks.reshape(-1)[before : before + count] = values * scale
    to_here = np.cumsum(blocks, axis=1).reshape(-1)
    from_here = np.cumsum(blocks[:, ::-1], axis=1)[:, ::-1].reshape(-1)
    at = np.arange(count)
    sums = from_here[at] + np.where(at % window, to_here[at + window - 1], 0.0)
    smooth: Floats = sums / (np.minimum(at, before) + np.minimum(at[::-1], after) + 1) / scale
    return smooth


def _sides(window: int) -> tuple[int, int]:
    """Return how many points of a window lie before its own, and how many after."""
    return window // 2, (window - 1) // 2
