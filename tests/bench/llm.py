"""What recording an LLM call costs at the caller: as a block, and as a span that somebody made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import TracerProvider

import tracklab
from tests.bench.calls import QUIET
from tests.bench.table import Figure
from tests.bench.times import compared
from tracklab.integrations.spans import LlmSpans

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["llm_costs"]

ATTRIBUTES: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.response.model": "m-2026",
    "gen_ai.response.finish_reasons": ("stop",),
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 5,
}


def llm_costs(root: Path) -> list[Figure]:
    """Return the figures of an `llm_call` block and of a span with and without our processor."""
    run = tracklab.init(project="bench", dir=root, reinit="finish_previous", **QUIET)
    provider = TracerProvider(shutdown_on_exit=False)
    spans = LlmSpans()
    provider.add_span_processor(spans)  # type: ignore[arg-type] # it is one by its methods
    tracer = provider.get_tracer("bench")

    def span() -> None:
        spans.enabled = 0
        tracer.start_span("chat", attributes=ATTRIBUTES).end()

    def told_span() -> None:
        spans.enabled = 1
        tracer.start_span("chat", attributes=ATTRIBUTES).end()

    def block() -> None:
        with tracklab.llm_call("m", "openai") as call:
            call.tokens(prompt=12, completion=5)

    bare, told, measured = compared(span, told_span, block)
    run.finish()
    return [
        Figure("line of an LLM span, median over the span alone, µs",
               told.median_us - bare.median_us, 40, note=f"({bare.median_us:.1f} µs the span)"),
        Figure("llm_call block with tokens, median, µs", measured.median_us, 40),
    ]  # fmt: skip
