"""Events and console text as log records; the logger's name is that of their scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import (
    SEVERITY_NUMBER_DEBUG,
    SEVERITY_NUMBER_ERROR,
    SEVERITY_NUMBER_FATAL,
    SEVERITY_NUMBER_INFO,
    SEVERITY_NUMBER_WARN,
)

from tracklab import clock
from tracklab.transfer.otlp_batches import LOGS, Batch
from tracklab.transfer.otlp_values import (
    SPAN_ID_BYTES,
    TRACE_ID_BYTES,
    attributes,
    epoch_ns,
    id_bytes,
    known,
    own,
    time_ns,
)

if TYPE_CHECKING:
    from tracklab.query.answers.text import ConsoleLine

__all__ = ["Logs"]

_SEVERITIES: Final = {
    "DEBUG": SEVERITY_NUMBER_DEBUG,
    "INFO": SEVERITY_NUMBER_INFO,
    "WARNING": SEVERITY_NUMBER_WARN,
    "ERROR": SEVERITY_NUMBER_ERROR,
    "CRITICAL": SEVERITY_NUMBER_FATAL,
}


class Logs:
    """Turns events and console text into log records; `batch` holds those that wait."""

    def __init__(self) -> None:
        self.batch = Batch(LOGS)
        self._observed_ns = epoch_ns(clock.now())

    def add(self, event: dict[str, Any]) -> None:
        """Add an event."""
        trace_id = id_bytes(event["trace_id"], TRACE_ID_BYTES)
        span_id = id_bytes(event["span_id"], SPAN_ID_BYTES)
        beside = {
            **own(seq=event["seq"], rank=event["rank"]),
            # Ids of another form are kept where there is room for them.
            "trace_id": None if trace_id else event["trace_id"],
            "span_id": None if span_id else event["span_id"],
        }
        added = self.batch.scope(event["logger"]).log_records.add(
            time_unix_nano=time_ns(event["timestamp"]),
            observed_time_unix_nano=self._observed_ns,
            severity_number=_SEVERITIES[event["level"]],
            severity_text=event["level"],
            body=AnyValue(string_value=event["message"]),
            attributes=attributes({**event["data"], **known(beside)}),
            trace_id=trace_id,
            span_id=span_id,
        )
        self.batch.added(added.ByteSize())

    def add_console(self, line: ConsoleLine, stream: str) -> None:
        """Add a line of `stdout` or `stderr`, whose time nobody knows."""
        added = self.batch.scope("console").log_records.add(
            observed_time_unix_nano=self._observed_ns,
            body=AnyValue(string_value=line.text),
            attributes=attributes({"log.iostream": stream, **own(offset=line.offset)}),
        )
        self.batch.added(added.ByteSize())
