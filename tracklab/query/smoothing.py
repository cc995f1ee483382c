"""Smoother lines, computed at full resolution: before buckets, so that zooming changes nothing.

All of them take the finite values of one series in order of x and return as many.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from tracklab.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["average", "ema", "gaussian", "parse_smooth"]

_REACH_SIGMAS = 3
_MAX_SIGMA = 300
_MAX_WINDOW = 10_000
#: So large that a sum of a window's points might be no number.
_LARGE = 1e300


def parse_smooth(text: str) -> Callable[[Floats], Floats]:
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
        return lambda values: ema(values, weight=number)
    if kind == "gaussian" and 0 < number <= _MAX_SIGMA:
        return lambda values: gaussian(values, sigma=number)
    if kind == "average" and 1 <= number <= _MAX_WINDOW:
        return lambda values: average(values, window=int(number))
    raise QueryError(
        f"smooth cannot be {text!r}. It is ema:<weight, 0 to below 1>, gaussian:<sigma in points, "
        f"above 0 to {_MAX_SIGMA}> or average:<window in points, 1 to {_MAX_WINDOW}>."
    )


def ema(values: Floats, *, weight: float) -> Floats:
    """Return the exponential moving average, debiased: early points count as if no zero preceded.

    Args:
        values: shape `(n,)`, finite.
        weight: of the average so far, 0 (no smoothing) to below 1.

    Cost: 0.1 us per point. Source: Kingma and Ba, Adam (2014), section 3, for the debiasing.
    """
    rest = 1 - weight
    sums = accumulate(values.tolist(), lambda kept, new: weight * kept + rest * new, initial=0.0)
    biased = np.fromiter(sums, np.float64, len(values) + 1)[1:]
    return biased / (1 - weight ** np.arange(1, len(values) + 1))


def gaussian(values: Floats, *, sigma: float) -> Floats:
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


def average(values: Floats, *, window: int) -> Floats:
    """Return the mean of `window` points around each, at the ends of those there are.

    An even window takes one point more before than after. Nothing is summed but the points of a
    window, so one that is very large has no effect outside of its windows. Cost: O(n).
    """
    count, before, after = len(values), window // 2, (window - 1) // 2
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
