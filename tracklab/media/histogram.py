"""Distributions as small records: counts and edges, never the values themselves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.value import WBValue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracklab.media.value import Place

__all__ = ["Histogram", "histogram_record"]

_MAX_BINS: Final = 512
_AUTOMATIC_BINS: Final = 32


class Histogram(WBValue):
    """A distribution to log: `run.log({"weights": Histogram(values)})`.

    Args:
        sequence: the values, of any shape; all finite.
        np_histogram: instead of values, `(counts, edges)` as `numpy.histogram` returns them:
            n counts and n + 1 increasing edges.
        num_bins: bins of equal width between the least and the largest value, 1 to 512.

    Raises:
        UsageError: there is nothing to count, a value is not finite, or the number of bins or
            of edges does not fit.
    """

    __slots__ = ("bins", "histogram")

    def __init__(
        self,
        sequence: Iterable[Any] | None = None,
        np_histogram: tuple[Any, Any] | None = None,
        num_bins: int = 64,
    ) -> None:
        if (sequence is None) == (np_histogram is None):
            raise ArgumentTypeError(
                "Histogram() takes either values or np_histogram; got "
                f"{'neither' if sequence is None else 'both'}. Write Histogram(values)."
            )
        if np_histogram is not None:
            counts, edges = (_listed(part) for part in np_histogram)
        elif not 1 <= num_bins <= _MAX_BINS:
            raise UsageError(
                f"Histogram() cannot make {num_bins!r} bins. Choose num_bins from 1 to {_MAX_BINS}."
            )
        else:
            counts, edges = _counted(sequence, num_bins)
        if len(counts) > _MAX_BINS or len(edges) != len(counts) + 1:
            raise UsageError(
                f"Histogram() got {len(counts)} counts and {len(edges)} edges. It takes up to "
                f"{_MAX_BINS} counts and one edge more than counts."
            )
        self.histogram: list[float] = counts
        self.bins: list[float] = edges

    def to_record(self, place: Place | None = None) -> dict[str, Any]:  # noqa: ARG002 - no file
        """Return the record that stands for the distribution in a row."""
        return {"_type": "histogram", "values": self.histogram, "bins": self.bins}


def histogram_record(array: Any) -> dict[str, Any]:
    """Return the histogram that stands for a logged array: 32 bins over its finite values.

    Values that are not finite are left out and counted as `nonfinite`. An array of only such
    values, or of texts, gives no bins.
    """
    import numpy as np  # noqa: PLC0415 - only someone who logs arrays pays for numpy

    flat = np.asarray(array).ravel()
    if flat.dtype.kind not in "biuf":
        return {"_type": "histogram", "values": [], "bins": [], "nonfinite": int(flat.size)}
    finite = flat[np.isfinite(flat)].astype(np.float64)
    counts, edges = _counted(finite, _AUTOMATIC_BINS) if finite.size else ([], [])
    record = {"_type": "histogram", "values": counts, "bins": edges}
    missing = int(flat.size - finite.size)
    return {**record, "nonfinite": missing} if missing else record


def _counted(values: Any, bins: int) -> tuple[list[float], list[float]]:
    import numpy as np  # noqa: PLC0415 - as above

    flat = np.asarray(values if hasattr(values, "__len__") else list(values), np.float64).ravel()
    if not flat.size or not np.isfinite(flat).all():
        raise UsageError(
            f"Histogram() got {flat.size} values, of which {int((~np.isfinite(flat)).sum())} are "
            "not finite. It takes one or more finite values; leave the others out."
        )
    counts, edges = np.histogram(flat, bins=bins)
    return counts.tolist(), edges.tolist()


def _listed(part: Any) -> list[float]:
    numbers = part.tolist() if hasattr(part, "tolist") else list(part)
    if not all(isinstance(n, int | float) and math.isfinite(n) for n in numbers):
        raise UsageError("Histogram() takes finite counts and edges; got something else.")
    return numbers
