"""Spans of every dialect, as instrumentations really wrote them, become one line each."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Status, StatusCode

import tracklab
from tracklab.integrations.dialects import contents, fields, is_llm_call
from tracklab.integrations.spans import LlmSpans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.sdk.run import Run

#: Attributes of one chat with a tool call: opentelemetry-instrumentation-genai-openai 1.3b0,
#: Traceloop's opentelemetry-instrumentation-openai 0.62.4 and, in its older words, 0.40, and
#: openinference-instrumentation-openai 0.1.66.
OFFICIAL: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.response.finish_reasons": ("tool_calls",),
    "gen_ai.response.model": "m-2026",
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 5,
    "gen_ai.usage.cache_read.input_tokens": 4,
    "gen_ai.usage.reasoning.output_tokens": 2,
    "gen_ai.conversation.id": "c",
}
TRACELOOP: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.is_streaming": False,
    "gen_ai.input.messages": '[{"role": "user", "parts": [{"content": "Q", "type": "text"}]}]',
    "gen_ai.response.model": "m-2026",
    "gen_ai.response.finish_reasons": ("tool_calls",),
    "gen_ai.usage.output_tokens": 5,
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.cache_read.input_tokens": 4,
    "gen_ai.usage.reasoning_tokens": 2,
    "gen_ai.output.messages": '[{"role": "assistant", "parts": [{"type": "tool_call", '
    '"name": "lookup", "arguments": {"q": "A"}}]}]',
    "traceloop.association.properties.session_id": "c",
}
TRACELOOP_OLD: dict[str, Any] = {
    "llm.request.type": "chat",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.response.model": "m-2026",
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": "Q",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "A",
    "gen_ai.completion.0.tool_calls.0.name": "lookup",
    "gen_ai.usage.prompt_tokens": 12,
    "gen_ai.usage.completion_tokens": 5,
    "gen_ai.usage.cache_read_input_tokens": 4,
    "gen_ai.usage.reasoning_tokens": 2,
    "gen_ai.response.finish_reasons": ("tool_calls",),
    "gen_ai.conversation.id": "c",
}
OPENINFERENCE: dict[str, Any] = {
    "openinference.span.kind": "LLM",
    "llm.system": "openai",
    "llm.request.model_name": "m",
    "llm.model_name": "m-2026",
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.content": "Q",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "lookup",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"q":"A"}',
    "llm.token_count.prompt": 12,
    "llm.token_count.completion": 5,
    "llm.token_count.prompt_details.cache_read": 4,
    "llm.token_count.completion_details.reasoning": 2,
    "llm.finish_reason": "tool_calls",
    "session.id": "c",
}
DIALECTS = [OFFICIAL, TRACELOOP, TRACELOOP_OLD, OPENINFERENCE]


@pytest.mark.parametrize("attributes", DIALECTS)
def test_every_dialect_says_the_same(attributes: dict[str, Any]) -> None:
    """One call told in four ways is one line; the official way tells no tools without contents."""
    told = fields(attributes)
    tools = told.pop("tools", None)
    assert is_llm_call(attributes)
    assert told == {
        "model": "m", "response_model": "m-2026", "provider": "openai", "operation": "chat",
        "tokens": {"prompt": 12, "completion": 5, "cache_read": 4, "reasoning": 2},
        "finish_reasons": ["tool_calls"], "conversation_id": "c",
    }  # fmt: skip
    assert tools == (
        None if attributes is OFFICIAL else [{"name": "lookup", "count": 1, "errors": 0}]
    )


@pytest.mark.parametrize(
    ("attributes", "asked"),
    [
        (TRACELOOP, [{"role": "user", "parts": [{"content": "Q", "type": "text"}]}]),
        (TRACELOOP_OLD, [{"role": "user", "content": "Q"}]),
        (OPENINFERENCE, [{"role": "user", "content": "Q"}]),
        ({"input.value": "not {json"}, "not {json"),
        ({"input.value": "{broken"}, "{broken"),
    ],
)
def test_contents_stand_apart(attributes: dict[str, Any], asked: Any) -> None:
    """They are in no other field."""
    assert contents(attributes)["request"] == asked
    assert "'Q'" not in str(fields({**OFFICIAL, **attributes}))


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "lookup"},
        {"gen_ai.operation.name": "invoke_agent"},
        {"openinference.span.kind": "CHAIN", "llm.model_name": "m"},
        {"http.request.method": "GET"},
    ],
)
def test_other_spans_are_no_calls(attributes: dict[str, Any]) -> None:
    """Agents, tools, chains and requests."""
    assert not is_llm_call(attributes)


@pytest.fixture
def run(root: Path) -> Iterator[Run]:
    """Return a current run without helpers."""
    with tracklab.init(
        dir=root, system_monitor=False, settings={"console": "off"}, reinit="finish_previous"
    ) as made:
        yield made


@pytest.fixture
def provider() -> TracerProvider:
    """Return a tracer provider that has our processor, switched on."""
    made = TracerProvider(shutdown_on_exit=False)
    spans = LlmSpans()
    spans.enabled = 1
    made.add_span_processor(spans)  # type: ignore[arg-type] # it is one by its methods
    return made


def lines(run: Run) -> list[dict[str, Any]]:
    """Return the lines of the run's calls."""
    path = run.run_dir / "llm.jsonl"
    return list(map(orjson.loads, path.read_bytes().splitlines()[1:])) if path.exists() else []


def test_a_span_tells_time_trace_and_parent(run: Run, provider: TracerProvider) -> None:
    """Its own ids, and as parent the step that it belongs to; that step leaves no line."""
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span(
        "agent", attributes={"gen_ai.operation.name": "invoke_agent"}
    ):
        span = tracer.start_span("chat", attributes=OPENINFERENCE, start_time=1_000_000_000)
        span.add_event("First Token Stream Event", timestamp=1_250_000_000)
        span.end(end_time=3_000_000_000)
    (line,) = lines(run)
    data, context = line["data"], span.get_span_context()
    assert (line["trace_id"], line["span_id"]) == (
        f"{context.trace_id:032x}", f"{context.span_id:016x}",
    )  # fmt: skip
    assert len(data["parent_id"]) == 16
    assert (data["response_time"], data["ttft"], data["tokens_per_second"]) == (2.0, 0.25, 2.5)
    assert data["success"] is True


def test_a_span_tells_its_error(run: Run, provider: TracerProvider) -> None:
    """Its type without the module, from the convention or from the exception; and the status."""
    tracer = provider.get_tracer("test")
    marked: Any = {
        **OFFICIAL,
        "error.type": "openai.RateLimitError",
        "http.response.status_code": 429,
    }
    span = tracer.start_span("chat", attributes=marked)
    span.set_status(Status(StatusCode.ERROR, "slow down"))
    span.end()
    with (
        pytest.raises(TimeoutError),
        tracer.start_as_current_span(
            "chat", attributes=OPENINFERENCE, set_status_on_exception=True
        ),
    ):
        raise TimeoutError("too late")
    first, second = (line["data"] for line in lines(run))
    assert (first["error_type"], first["error"], first["status"]) == (
        "RateLimitError", "RateLimitError 429", 429,
    )  # fmt: skip
    assert (second["error_type"], second["success"]) == ("TimeoutError", False)
    assert second["error"] == "TimeoutError"  # its message may quote what was asked


def test_a_span_tells_its_message_with_contents(root: Path, provider: TracerProvider) -> None:
    """What the provider said may quote the request, and goes past the hook as that does."""
    settings = {"console": "off", "record_llm_content": True}
    tracklab.redact_llm_content(lambda text: text.replace("SECRET", "***"))
    try:
        with tracklab.init(dir=root, system_monitor=False, settings=settings) as run:
            span = provider.get_tracer("test").start_span("chat", attributes=OFFICIAL)
            span.set_status(Status(StatusCode.ERROR, "bad prompt: SECRET"))
            span.end()
    finally:
        tracklab.redact_llm_content(None)
    assert [line["data"]["error"] for line in lines(run)] == ["bad prompt: ***"]


def test_attributes_of_any_type_leave_a_line(run: Run, provider: TracerProvider) -> None:
    """A dialect that changed its types costs fields, never the caller's request."""
    odd: Any = {
        **OFFICIAL,
        "gen_ai.usage.input_tokens": "many",
        "gen_ai.response.finish_reasons": 7,
    }
    provider.get_tracer("test").start_span("chat", attributes=odd).end()
    (line,) = lines(run)
    assert line["data"]["unreadable"] == "TypeError"


def test_a_processor_is_silent_when_nobody_asks(run: Run, provider: TracerProvider) -> None:
    """And outside of runs."""
    tracer = provider.get_tracer("test")
    for processor in provider._active_span_processor._span_processors:
        assert isinstance(processor, LlmSpans)
        processor.enabled = 0
    tracer.start_span("chat", attributes=OFFICIAL).end()
    assert lines(run) == []


def test_a_program_may_ask_for_its_own_spans(root: Path) -> None:
    """`autolog("opentelemetry")` in a process of its own: it sets a provider, or joins one."""
    code = (
        "import sys, tracklab\n"
        "from opentelemetry import trace\n"
        "from opentelemetry.sdk.trace import TracerProvider\n"
        "if sys.argv[2] == 'own': trace.set_tracer_provider(TracerProvider())\n"
        "with tracklab.init(dir=sys.argv[1], system_monitor=False) as run:\n"
        "    with tracklab.autolog('opentelemetry'):\n"
        "        call = {'gen_ai.operation.name': 'chat'}\n"
        "        trace.get_tracer('t').start_span('c', attributes=call).end()\n"
        "print(len((run.run_dir / 'llm.jsonl').read_bytes().splitlines()))\n"
    )
    for whose in ("own", "none"):
        command = [sys.executable, "-c", code, str(root), whose]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.split()[-1] == "2"
