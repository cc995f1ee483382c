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
from tracklab.transfer.otlp_values import NAMELESS, attributes, epoch_ns, fits, own

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.proto.resource.v1.resource_pb2 import Resource

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
        self._resource: Resource | None = None
        self._scope: Any = None
        self._named: dict[str, tuple[Any, float, bool]] = {}
        self._begun_ns: dict[str, int] = {}

    def begin(self, resource: Resource) -> None:
        """Say whose rows come next."""
        self.batch.begin(resource)
        if resource != self._resource:
            self._resource, self._begun_ns = resource, {}

    def add(self, row: dict[str, Any], *, of_machine: bool) -> Iterator[None]:
        """Add the numbers of a row, of a list of numbers each, with its place.

        Yields whenever the batch is full and may be taken; to be read to its end.
        """
        at_ns = epoch_ns(row.get("_timestamp", -1.0))
        if not at_ns:
            self.timeless += 1
            return
        beside = attributes(own(step=row.get("_step"), rank=row.get("_rank")))
        for key, value in flatten(row).items():
            if key in OWN_FIELDS or value is None:
                continue
            for place, one in _numbers(key, value):
                point = self._add_point(key, one, at_ns, of_machine=of_machine)
                point.attributes.extend([*beside, *place] if place else beside)
                if self.batch.full:
                    yield
            self.not_numbers += not _is_numeric(value)

    def _add_point(self, key: str, value: float, at_ns: int, *, of_machine: bool) -> Any:
        """Add a point and return it, for its attributes."""
        scope = self.batch.scope("tracklab", __version__)
        if scope is not self._scope:
            self._scope, self._named = scope, {}
        found = self._named.get(key)
        if found is None:
            found = self._named[key] = _points(scope, key, of_machine=of_machine)
            self.batch.size_bytes += len(key)
        points, scale, counts = found
        point = points.add(time_unix_nano=at_ns)
        if counts:  # since boot, which no line tells: known from its first point on
            point.start_time_unix_nano = self._begun_ns.setdefault(key, at_ns)
        value = value if scale == 1.0 else value * scale  # in the unit it is sent in
        if isinstance(value, int) and fits(value):
            point.as_int = int(value)  # of a boolean, too
        else:
            point.as_double = value
        self.batch.added(_POINT_BYTES)
        return point


def _is_numeric(value: Any) -> bool:
    return isinstance(value, (int, float)) or (isinstance(value, list) and _are_numbers(value))


def _are_numbers(value: list[Any]) -> bool:
    return all(isinstance(one, (int, float)) for one in value)


def _numbers(key: str, value: Any) -> Iterator[tuple[list[Any], float]]:
    """Yield numbers with the attributes that tell their place in a list; nothing of the rest."""
    if not _is_numeric(value):
        return
    if not isinstance(value, list):
        yield [], value
    else:
        of_cores = key.endswith("_per_core")
        for index, one in enumerate(value):
            place = {"cpu.logical_number": index} if of_cores else own(index=index)
            yield attributes(place), one


def _points(scope: Any, key: str, *, of_machine: bool) -> tuple[Any, float, bool]:
    """Return where the points of a new metric go, what to multiply them with, and if they count."""
    field = system_field(key) if of_machine else None
    metric = scope.metrics.add(name=(field.otel if field else key) or NAMELESS)
    if field is None:
        return metric.gauge.data_points, 1.0, False
    scale = field.otel_scale
    metric.unit = _SCALED_UNITS[field.unit] if scale != 1.0 else field.unit
    if not field.counter:
        return metric.gauge.data_points, scale, False
    metric.sum.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
    metric.sum.is_monotonic = True
    return metric.sum.data_points, scale, True
