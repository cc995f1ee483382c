"""Records that wait to be sent together, in one request of OTLP, and who refused some of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope

if TYPE_CHECKING:
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource

__all__ = ["LOGS", "METRICS", "SPANS", "Batch", "Signal"]

_MOST_RECORDS: Final = 5_000
_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Signal:
    """One of OTLP's three kinds: what its records, its address, messages and fields are called."""

    noun: str
    path: str
    request: Any
    response: Any
    resources: str
    scopes: str
    rejected: str


METRICS: Final = Signal(
    "points", "/v1/metrics", metrics.ExportMetricsServiceRequest,
    metrics.ExportMetricsServiceResponse, "resource_metrics", "scope_metrics",
    "rejected_data_points",
)  # fmt: skip
LOGS: Final = Signal(
    "log_records", "/v1/logs", logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse,
    "resource_logs", "scope_logs", "rejected_log_records",
)  # fmt: skip
SPANS: Final = Signal(
    "spans", "/v1/traces", trace.ExportTraceServiceRequest, trace.ExportTraceServiceResponse,
    "resource_spans", "scope_spans", "rejected_spans",
)  # fmt: skip


@dataclass(slots=True)
class Batch:
    """A request that is being filled.

    Attributes:
        signal: what it holds.
        count: its records.
        size_bytes: about what they take.
    """

    signal: Signal
    count: int = 0
    size_bytes: int = 0
    _request: Any = None
    _resource: Resource | None = None
    _entry: Any = None
    _scopes: dict[str, Any] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether it should be sent: memory, here and there, follows it."""
        return self.count >= _MOST_RECORDS or self.size_bytes >= _MOST_BYTES

    def is_full_with(self, size_bytes: int) -> bool:
        """Return whether it should be sent before something of about this size comes to it."""
        return self.count > 0 and self.size_bytes + size_bytes > _MOST_BYTES

    def begin(self, resource: Resource) -> None:
        """Say whose records come next."""
        self._resource, self._entry, self._scopes = resource, None, {}

    def scope(self, name: str, version: str = "") -> Any:
        """Return where records of a scope go; the same object until the next begins."""
        found = self._scopes.get(name)
        if found is None:
            if self._request is None:
                self._request = self.signal.request()
            if self._entry is None:
                entries = getattr(self._request, self.signal.resources)
                self._entry = entries.add(resource=self._resource)
                self.size_bytes += self._entry.ByteSize()
            scope = InstrumentationScope(name=name, version=version)
            found = getattr(self._entry, self.signal.scopes).add(scope=scope)
            self._scopes[name] = found
        return found

    def added(self, size_bytes: int) -> None:
        """Count a record of about some bytes."""
        self.count += 1
        self.size_bytes += size_bytes

    def take(self) -> tuple[bytes, int]:
        """Return the request and how many records it has, and begin the next."""
        taken = self._request.SerializeToString(), self.count
        self._request, self._entry, self._scopes = None, None, {}
        self.count = self.size_bytes = 0
        return taken

    def refused(self, answer: bytes) -> tuple[int, str]:
        """Return how many records a receiver refused, and what it says.

        Raises:
            DecodeError: the answer is none of OTLP.
        """
        told = self.signal.response.FromString(answer).partial_success
        return getattr(told, self.signal.rejected), told.error_message
