"""Calls to language models as spans, in the words of OpenTelemetry's conventions for them.

Source: semantic conventions for generative AI, status Development; what has no name there goes
under `tracklab.llm.`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tracklab import __version__
from tracklab.records.calls import succeeded
from tracklab.records.fields import number, text
from tracklab.transfer.otlp_batches import SPANS, Batch
from tracklab.transfer.otlp_traces import made_id
from tracklab.transfer.otlp_values import (
    SPAN_ID_BYTES,
    attributes,
    epoch_ns,
    id_bytes,
    known,
    own,
    time_ns,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracklab.transfer.otlp_traces import Traces

__all__ = ["Spans"]

#: What a line's fields are called; those of `tokens` come after a dot.
_NAMES: Final = {
    "operation": "gen_ai.operation.name",
    "provider": "gen_ai.provider.name",
    "model": "gen_ai.request.model",
    "response_model": "gen_ai.response.model",
    "finish_reasons": "gen_ai.response.finish_reasons",
    "ttft": "gen_ai.response.time_to_first_chunk",
    "conversation_id": "gen_ai.conversation.id",
    "error_type": "error.type",
    "status": "http.response.status_code",
    "tokens.prompt": "gen_ai.usage.input_tokens",
    "tokens.completion": "gen_ai.usage.output_tokens",
    "tokens.cache_read": "gen_ai.usage.cache_read.input_tokens",
    "tokens.cache_write": "gen_ai.usage.cache_creation.input_tokens",
    "tokens.reasoning": "gen_ai.usage.reasoning.output_tokens",
}
_OPERATIONS: Final = {"embedding": "embeddings", "completion": "text_completion"}


class Spans:
    """Turns calls into spans.

    Attributes:
        batch: the spans that wait.
        timeless: calls without a time that were left out, so far.
    """

    def __init__(self) -> None:
        self.batch = Batch(SPANS)
        self.timeless = 0

    def add(self, event: dict[str, Any], traces: Traces, *, run: str, name: str) -> None:
        """Add a call.

        Args:
            event: its line.
            traces: of its run.
            run: its address.
            name: of the line in its run, for ever the same: ids that the line lacks come from it.
        """
        end_ns = time_ns(event["timestamp"])
        if not end_ns:
            self.timeless += 1
            return
        data = event["data"]
        trace_id, span_id, parent_id = _ids(event, traces, run, name)
        names = (_operation(data), text(data.get("model")))
        added = self.batch.scope("tracklab", __version__).spans.add(
            trace_id=trace_id,
            span_id=span_id,
            parent_span_id=parent_id,
            name=" ".join(filter(None, names)) or event["message"],
            kind=Span.SPAN_KIND_CLIENT,
            start_time_unix_nano=max(end_ns - epoch_ns(number(data.get("response_time")) or 0), 0),
            end_time_unix_nano=end_ns,
            status=_status(event),
            attributes=attributes(known(dict(_told(event)))),
        )
        self.batch.added(added.ByteSize())


def _status(event: dict[str, Any]) -> Status:
    if succeeded(event):
        return Status()
    data = event["data"]
    error = text(data.get("error")) or text(data.get("error_type")) or ""
    return Status(code=Status.STATUS_CODE_ERROR, message=error)


def _ids(event: dict[str, Any], traces: Traces, run: str, name: str) -> tuple[bytes, bytes, bytes]:
    """Return trace, span and parent of a call.

    A call's own id is its span's; the span that stands beside it is then the one around it, unless
    another call of the same trace led to this one.
    """
    data = event["data"]
    given = id_bytes(event["span_id"], SPAN_ID_BYTES)
    call_id = id_bytes(data.get("call_id"), SPAN_ID_BYTES)
    trace_id, span_id = (
        traces.of(event, name),
        call_id or given or made_id(SPAN_ID_BYTES, run, name),
    )
    parent_id = id_bytes(data.get("parent_id"), SPAN_ID_BYTES)
    elsewhere = parent_id and traces.known(data["parent_id"]) not in {None, trace_id}
    if not parent_id or elsewhere or parent_id == span_id:
        parent_id = b"" if given == span_id else given
    return trace_id, span_id, parent_id


def _operation(data: dict[str, Any]) -> str | None:
    told = text(data.get("operation"))
    return _OPERATIONS.get(told, told) if told else None


def _told(event: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what a call says, by the names of the conventions."""
    yield from own(seq=event["seq"], rank=event["rank"]).items()
    for key, value in event["data"].items():
        if key == "tokens" and isinstance(value, dict):
            for kind, count in value.items():
                inner = f"{key}.{kind}"
                yield _NAMES.get(inner, f"tracklab.llm.{inner}"), count
        elif key == "operation":
            yield _NAMES[key], _operation(event["data"])
        else:
            yield _NAMES.get(key, f"tracklab.llm.{key}"), value
