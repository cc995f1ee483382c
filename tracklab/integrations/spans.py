"""A span processor: each span of an LLM call becomes one `llm_call` line of the current run.

The methods are those that OpenTelemetry's SDK calls; nothing of it is imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.integrations.dialects import contents, fields, is_llm_call
from tracklab.sdk import current
from tracklab.sdk.llm import is_measured, record_llm_call
from tracklab.sdk.llm_content import error_text, is_recorded, recordable, summary_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LlmSpans"]

#: Events that mark the first part of a streamed answer, where no attribute tells it.
_FIRST_PARTS = frozenset({
    "First Token Stream Event", "gen_ai.content.completion.chunk", "llm.content.completion.chunk",
})  # fmt: skip


class LlmSpans:
    """Writes a line for each span of an LLM call that ends while a run is current.

    Inside a `tracklab.llm_call` block nothing is written: the block is the call's line.

    Attributes:
        enabled: how many ask for it; at 0 it does nothing, because a provider never lets a
            processor go.
    """

    def __init__(self) -> None:
        self.enabled = 0

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        """Do nothing: a span is told when it ends."""

    def on_end(self, span: Any) -> None:
        """Write the line; a span that cannot be read costs its line, and nothing else."""
        if not self.enabled or is_measured():
            return
        run = current.run()
        if run is None or not span.attributes:
            return
        attributes = dict(span.attributes)  # the SDK's own mapping is slow to ask
        if not is_llm_call(attributes):
            return
        try:
            recorded = is_recorded(run)
            data = _line(span, attributes, recorded=recorded)
            if recorded:
                found = contents(attributes)
                data |= {name: recordable(value) for name, value in found.items()}
        except Exception as error:  # noqa: BLE001 - attributes of anybody: their surprises must not reach the caller
            data = {"metric_type": "timer", "model": "unknown", "provider": "unknown",
                    "operation": "unknown", "response_time": 0.0, "success": True,
                    "unreadable": type(error).__qualname__}  # fmt: skip
        record_llm_call(run, data)

    def _on_ending(self, span: Any) -> None:
        """Do nothing: the SDK calls it before a span ends."""

    def shutdown(self) -> None:
        """Do nothing: every line is written when its span ends."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 - the SDK's signature
        """Return True: nothing waits."""
        return True


def _line(span: Any, attributes: Any, *, recorded: bool) -> dict[str, Any]:
    context = span.get_span_context()
    took_s = max((span.end_time - span.start_time) / 1e9, 0.0)
    data: dict[str, Any] = {
        "metric_type": "timer",
        **fields(attributes),
        "response_time": round(took_s, 9),
        "success": span.status.status_code.name != "ERROR",
        "trace_id": f"{context.trace_id:032x}",
        "span_id": f"{context.span_id:016x}",
    }
    if span.parent is not None:
        data["parent_id"] = f"{span.parent.span_id:016x}"
    if not data["success"]:
        data |= _failure(span, attributes, recorded=recorded)
    if "ttft" not in data:
        first_ns = _first_part_ns(span.events)
        if first_ns is not None:
            data["ttft"] = round((first_ns - span.start_time) / 1e9, 9)
    made = data.get("tokens", {}).get("completion")
    if made and took_s > 0:
        data["tokens_per_second"] = round(made / took_s, 3)
    return data


def _failure(span: Any, attributes: Any, *, recorded: bool) -> dict[str, Any]:
    """Return type and text of the error, from the convention's attribute or the exception."""
    raised: Any = next((event.attributes for event in span.events if event.name == "exception"), {})
    name = attributes.get("error.type") or raised.get("exception.type") or "Error"
    kind, status = str(name).rsplit(".", 1)[-1], attributes.get("http.response.status_code")
    status = status if isinstance(status, int) else None
    text = span.status.description or raised.get("exception.message") or ""
    found: dict[str, Any] = {
        "error_type": kind,
        "error": error_text(text if recorded else summary_of(kind, status, None)),
    }
    return found if status is None else {**found, "status": status}


def _first_part_ns(events: Iterable[Any]) -> int | None:
    return min((event.timestamp for event in events if event.name in _FIRST_PARTS), default=None)
