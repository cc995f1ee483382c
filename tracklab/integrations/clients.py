"""LLM clients, through the OpenTelemetry instrumentations that others maintain for them.

Nothing of a client is patched here. Of the instrumentations that are installed, the official one
is taken first. Traceloop's and OpenInference's record prompts and answers unless they are told
not to; we tell them, and record them only where the run says so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tracklab.errors import MissingPackageError
from tracklab.integrations.hooks import loaded
from tracklab.integrations.spans import LlmSpans
from tracklab.sdk import current
from tracklab.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["install"]

_OFFICIAL_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_TRACELOOP_CONTENT = "TRACELOOP_TRACE_CONTENT"


@dataclass(frozen=True)
class _Instrumentation:
    """A package that makes spans of a client's calls."""

    module: str
    instrumentor: str
    dialect: str


_INSTRUMENTATIONS = {
    client: tuple(
        _Instrumentation(module.format(client), f"{name}Instrumentor", dialect)
        for module, dialect in (
            ("opentelemetry.instrumentation.genai.{}", "gen_ai"),
            ("openinference.instrumentation.{}", "openinference"),
            ("opentelemetry.instrumentation.{}", "traceloop"),
        )
    )
    for client, name in (("openai", "OpenAI"), ("anthropic", "Anthropic"))
}

#: Our processor of each tracer provider. A provider keeps what was added for ever.
_processors: WeakKeyDictionary[Any, LlmSpans] = WeakKeyDictionary()
_own_provider: Any = None
#: How many asked for each client that we instrumented; the last one gives it back.
_users: dict[str, int] = {}
#: Variables that we set; they go with the last client.
_variables: set[str] = set()


def install(name: str) -> Callable[[], None]:
    """Make lines of a client's calls, or for `opentelemetry` of every LLM span there is.

    Returns:
        What switches it off again.

    Raises:
        MissingPackageError: what it needs is not installed.
    """
    wanted_by = f'autolog("{name}")'
    loaded("opentelemetry.sdk.trace", package="'tracklab-local[llm]'", wanted_by=wanted_by)
    provider = _provider(is_shared=name == "opentelemetry")
    undo = None if name == "opentelemetry" else _instrument(name, provider)
    processor = _processor(provider)
    processor.enabled += 1

    def stop() -> None:
        processor.enabled -= 1
        if undo is not None:
            undo()

    return stop


def _instrument(client: str, provider: Any) -> Callable[[], None]:
    found = next(filter(_is_installed, _INSTRUMENTATIONS[client]), None)
    if found is None:
        raise MissingPackageError(
            f'autolog("{client}") found no instrumentation of {client}. Install one with: '
            f"pip install 'tracklab-local[llm]'"
        )
    options = _without_content(found)
    instrumentor = getattr(import_module(found.module), found.instrumentor)()
    if client in _users:
        _users[client] += 1
    elif instrumentor.is_instrumented_by_opentelemetry:
        return lambda: None  # the program did it itself: its spans come through its provider
    else:
        instrumentor.instrument(tracer_provider=provider, **options)
        _users[client] = 1

    def undo() -> None:
        _users[client] -= 1
        if not _users[client]:
            del _users[client]
            instrumentor.uninstrument()
        while _variables and not _users:
            os.environ.pop(_variables.pop(), None)

    return undo


def _without_content(found: _Instrumentation) -> dict[str, Any]:
    """Return options that keep contents out of spans, unless they are wanted.

    What the user has set in the environment stays.
    """
    wanted = _content_is_wanted()
    if found.dialect == "traceloop":
        _set_variable(_TRACELOOP_CONTENT, str(wanted).lower())
    elif found.dialect == "gen_ai" and wanted:
        _set_variable(_OFFICIAL_CONTENT, "span_only")
    elif found.dialect == "openinference":
        config = import_module("openinference.instrumentation").TraceConfig
        return {"config": config(hide_inputs=not wanted, hide_outputs=not wanted)}
    return {}


def _set_variable(name: str, value: str) -> None:
    if name not in os.environ:
        os.environ[name] = value
        _variables.add(name)


def _content_is_wanted() -> bool:
    run = current.run()
    return (run.settings if run else Settings.load()).record_llm_content


def _is_installed(instrumentation: _Instrumentation) -> bool:
    try:
        return find_spec(instrumentation.module) is not None
    except ImportError:  # a parent package is missing
        return False


def _provider(*, is_shared: bool) -> Any:
    """Return the program's tracer provider, or one of ours.

    A program that has not set one may do so later, and can only do so once. So ours stays
    private, unless the program asked for its own spans.
    """
    global _own_provider  # noqa: PLW0603 - one provider of ours in a process
    trace = import_module("opentelemetry.trace")
    sdk = import_module("opentelemetry.sdk.trace")
    found = trace.get_tracer_provider()
    if hasattr(found, "add_span_processor"):
        return found
    if is_shared:
        trace.set_tracer_provider(sdk.TracerProvider())
        return trace.get_tracer_provider()
    if _own_provider is None:
        _own_provider = sdk.TracerProvider(shutdown_on_exit=False)
    return _own_provider


def _processor(provider: Any) -> LlmSpans:
    found = _processors.get(provider)
    if found is None:
        found = _processors[provider] = LlmSpans()
        provider.add_span_processor(found)
    return found
