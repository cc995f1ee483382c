"""Rows as metrics: a data point for each number, under the name it was logged by.

Rows of the machine go by their OpenTelemetry names and units; what counts up since boot is a sum,
all else a gauge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE

from tracklab import __version__
from tracklab.records.flat import OWN_FIELDS, flatten
from tracklab.records.system import system_field
from tracklab.transfer.otlp_batches import METRICS, Batch
from tracklab.transfer.otlp_values import attributes, epoch_ns, fits, own

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Metrics"]

_POINT_BYTES: Final = 80
_SCALED_UNITS: Final = {"%": "1", "MHz": "Hz"}


class Metrics:
    """Turns rows into data points.

    Attributes:
        batch: the points that wait.
        not_numbers: values that are none and were left out, so far.
        timeless: rows without a time that were left out, so far.
    """

    def __init__(self) -> None:
        self.batch = Batch(METRICS)
        self.not_numbers = 0
        self.timeless = 0
        self._scope: Any = None
        self._named: dict[str, tuple[Any, float]] = {}

    def add(self, row: dict[str, Any], *, of_machine: bool) -> None:
        """Add the numbers of a row; of a list of numbers each, with its place."""
        at_ns = epoch_ns(row.get("_timestamp", -1.0))
        if not at_ns:
            self.timeless += 1
            return
        scope = self.batch.scope("tracklab", __version__)
        if scope is not self._scope:
            self._scope, self._named = scope, {}
        beside = attributes(own(step=row.get("_step"), rank=row.get("_rank")))
        for key, value in flatten(row).items():
            if key in OWN_FIELDS or value is None:
                continue
            if not isinstance(value, (int, float, list)):
                self.not_numbers += 1
                continue
            found = self._named.get(key)
            for place, one in _numbers(key, value):
                if found is None:
                    found = self._named[key] = _points(scope, key, of_machine=of_machine)
                points, scale = found
                point = points.add(time_unix_nano=at_ns, attributes=[*beside, *place])
                one = one if scale == 1.0 else one * scale  # noqa: PLW2901 - in the unit it is sent in
                if isinstance(one, int) and fits(one):
                    point.as_int = int(one)  # of a boolean, too
                else:
                    point.as_double = one
                self.batch.added(_POINT_BYTES)
            self.not_numbers += isinstance(value, list) and not _are_numbers(value)


def _are_numbers(value: list[Any]) -> bool:
    return all(isinstance(one, (int, float)) for one in value)


def _numbers(key: str, value: Any) -> Iterator[tuple[list[Any], float]]:
    """Yield numbers with the attributes that tell their place in a list; nothing of other lists."""
    if not isinstance(value, list):
        yield [], value
    elif _are_numbers(value):
        of_cores = key.endswith("_per_core")
        for index, one in enumerate(value):
            place = {"cpu.logical_number": index} if of_cores else own(index=index)
            yield attributes(place), one


def _points(scope: Any, key: str, *, of_machine: bool) -> tuple[Any, float]:
    """Return where the points of a new metric go, and what to multiply them with."""
    field = system_field(key) if of_machine else None
    metric = scope.metrics.add(name=field.otel if field else key)
    if field is None:
        return metric.gauge.data_points, 1.0
    scale = field.otel_scale
    metric.unit = _SCALED_UNITS[field.unit] if scale != 1.0 else field.unit
    if not field.counter:
        return metric.gauge.data_points, scale
    metric.sum.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
    metric.sum.is_monotonic = True
    return metric.sum.data_points, scale
