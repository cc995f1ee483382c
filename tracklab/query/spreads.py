"""Percentiles of durations that come in pieces, however many there are.

They are exact, interpolated between the two nearest durations, up to a number of them; of more,
durations are counted in log-spaced intervals, and a percentile is right within 1 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["FINE_LOW", "FINE_PER_DECADE", "Durations", "Spread"]

# Intervals of 0.9 %: the middle of one is within 0.5 % of all in it.
FINE_PER_DECADE: Final = 256
#: The shortest and the longest, as powers of ten of seconds.
FINE_LOW, _FINE_HIGH = -9, 9
_FINE_COUNT: Final = (_FINE_HIGH - FINE_LOW) * FINE_PER_DECADE


class Durations:
    """Durations of some calls, with the interval that each is counted in.

    Attributes:
        value: seconds; NaN where a call does not tell.
        place: number of its interval; of NaN nothing that is meant.
        known: whether a call tells; None where all do.
    """

    def __init__(self, value: Floats) -> None:
        known = ~np.isnan(value)
        self.value = value
        self.known = None if known.all() else known
        self.place = _places(value if self.known is None else np.where(known, value, 1.0))

    def of(self, chosen: Codes | slice) -> tuple[Floats, Codes]:
        """Return value and interval of those of some calls that tell it."""
        value, place = self.value[chosen], self.place[chosen]
        if self.known is None:
            return value, place
        known = self.known[chosen]
        return value[known], place[known]


def _places(value: Floats) -> Codes:
    """Return the number of the interval that each duration is counted in."""
    safe = np.maximum(value, 10.0**FINE_LOW)
    place = np.floor((np.log10(safe) - FINE_LOW) * FINE_PER_DECADE).astype(np.intp)
    places: Codes = np.minimum(place, _FINE_COUNT - 1)
    return places


class Spread:
    """Percentiles of durations.

    Args:
        exact: up to how many they are exact. Memory for so many, or for 36 KB.
    """

    def __init__(self, exact: int) -> None:
        self._exact = exact
        self._values: list[Floats] = []
        self._count = 0
        self._counts: Codes | None = None

    def add(self, values: Floats, places: Codes) -> None:
        """Add durations and the intervals that they are counted in."""
        self._count += len(values)
        if self._counts is None:
            self._values.append(values)
            if self._count <= self._exact:
                return
            self._counts = np.zeros(_FINE_COUNT, dtype=np.intp)
            places, self._values = _places(np.concatenate(self._values)), []
        self._counts += np.bincount(places, minlength=_FINE_COUNT)

    def percentiles(self, *ranks: int) -> list[float | None]:
        """Return the duration that is not exceeded by so many percent; None without any."""
        if not self._count:
            return [None] * len(ranks)
        if self._counts is None:
            values = np.concatenate(self._values)
            return [float(value) for value in np.percentile(values, ranks)]
        reached = np.cumsum(self._counts)
        at = np.searchsorted(reached, np.array(ranks) / 100 * self._count)
        return [float(10.0 ** (FINE_LOW + (one + 0.5) / FINE_PER_DECADE)) for one in at]
