"""A collector on loopback: it takes OTLP over HTTP with OpenTelemetry's own messages."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PROTOBUF = "application/x-protobuf"
_KINDS: dict[str, tuple[Any, Any]] = {
    "/v1/metrics": (ExportMetricsServiceRequest, ExportMetricsServiceResponse),
    "/v1/logs": (ExportLogsServiceRequest, ExportLogsServiceResponse),
    "/v1/traces": (ExportTraceServiceRequest, ExportTraceServiceResponse),
}


class Request(NamedTuple):
    """One request as it came: its path, headers, size before compression, and message."""

    path: str
    headers: dict[str, str]
    size_bytes: int
    message: Any


class Reply(NamedTuple):
    """What is answered instead of taking a request; with status 0 the connection is closed."""

    status: int
    body: bytes = b""
    headers: dict[str, str] | None = None
    takes: bool = False


class Receiver(ThreadingHTTPServer):
    """The collector: what it took, and what it answers to the next requests instead."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []
        self.replies: list[Reply] = []
        self.asked = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"

    def metrics(self) -> Iterator[tuple[dict[str, Any], Any]]:
        """Yield every metric with its resource's attributes."""
        for entry in self._entries("/v1/metrics", "resource_metrics"):
            for scope in entry.scope_metrics:
                yield from ((plain(entry.resource.attributes), one) for one in scope.metrics)

    def points(self) -> Iterator[tuple[dict[str, Any], Any, Any]]:
        """Yield every data point with its resource's attributes and its metric."""
        for resource, metric in self.metrics():
            points = getattr(metric, metric.WhichOneof("data")).data_points
            yield from ((resource, metric, point) for point in points)

    def logs(self) -> Iterator[tuple[dict[str, Any], str, Any]]:
        """Yield every log record with its resource's attributes and its scope's name."""
        for entry in self._entries("/v1/logs", "resource_logs"):
            resource = plain(entry.resource.attributes)
            for scope in entry.scope_logs:
                yield from ((resource, scope.scope.name, one) for one in scope.log_records)

    def spans(self) -> Iterator[tuple[dict[str, Any], Any]]:
        """Yield every span with its resource's attributes."""
        for entry in self._entries("/v1/traces", "resource_spans"):
            for scope in entry.scope_spans:
                yield from ((plain(entry.resource.attributes), one) for one in scope.spans)

    def _entries(self, path: str, name: str) -> Iterator[Any]:
        for request in self.requests:
            if request.path == path:
                yield from getattr(request.message, name)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Receiver

    def do_POST(self) -> None:
        """Take a request, or answer what was planned."""
        body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked += 1
        reply = self.server.replies.pop(0) if self.server.replies else None
        if reply is None or reply.takes:
            kind, answer = _KINDS[self.path]
            assert self.headers["Content-Type"] == PROTOBUF
            message = kind.FromString(body)
            told = {name.lower(): value for name, value in self.headers.items()}
            self.server.requests.append(Request(self.path, told, len(body), message))
            reply = reply or Reply(200, answer().SerializeToString(), {"Content-Type": PROTOBUF})
        if not reply.status:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in (reply.headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a collector until the end of the block."""
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()


def plain(attributes: Any) -> dict[str, Any]:
    """Return attributes as a dict."""
    return {one.key: value_of(one.value) for one in attributes}


def value_of(value: Any) -> Any:
    """Return a value as JSON has it."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    found = getattr(value, kind)
    if kind == "kvlist_value":
        return plain(found.values)
    return [value_of(one) for one in found.values] if kind == "array_value" else found
