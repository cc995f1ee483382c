"""Traces as older programs put them together: spans with children, logged as one value."""

from __future__ import annotations

from typing import Any, Final

from tracklab.errors import UsageError
from tracklab.media.traces import Result, Span, SpanKind, StatusCode, WBTraceTree
from tracklab.sdk import current

__all__ = ["Trace"]

_SPAN_NAMES: Final = frozenset(
    {"name", "status_code", "status_message", "start_time_ms", "end_time_ms"}
)


class Trace:
    """A span with its children, as a trace is put together: `Trace("ask", kind="LLM")`.

    Args:
        name: of the span.
        kind: `LLM`, `CHAIN`, `AGENT` or `TOOL`.
        status_code: `SUCCESS` or `ERROR`.
        status_message: more about it.
        metadata: what else is known of it.
        start_time_ms: milliseconds since 1970.
        end_time_ms: milliseconds since 1970.
        inputs: what went in, by name.
        outputs: what came out, by name.
        model_dict: what was traced.

    Raises:
        UsageError: `kind` or `status_code` is another.
    """

    def __init__(  # noqa: PLR0913 - wandb's signature
        self,
        name: str,
        kind: str | None = None,
        status_code: str | None = None,
        status_message: str | None = None,
        metadata: dict[str, Any] | None = None,
        start_time_ms: int | None = None,
        end_time_ms: int | None = None,
        inputs: dict[str, Any] | None = None,
        outputs: dict[str, Any] | None = None,
        model_dict: dict[str, Any] | None = None,
    ) -> None:
        self._span = Span(
            name=name,
            start_time_ms=start_time_ms,
            end_time_ms=end_time_ms,
            status_code=_member(StatusCode, status_code, "status_code"),
            status_message=status_message,
            attributes=metadata,
            results=[Result(inputs, outputs)] if inputs or outputs else None,
            span_kind=_member(SpanKind, kind, "kind"),
        )
        self._model_dict = model_dict

    def __getattr__(self, name: str) -> Any:
        if name in _SPAN_NAMES:
            return getattr(self._span, name)
        raise AttributeError(f"a Trace has no {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _SPAN_NAMES:
            setattr(self._span, name, value)
        else:
            object.__setattr__(self, name, value)

    @property
    def metadata(self) -> dict[str, Any] | None:
        """What else is known of it."""
        return self._span.attributes

    @metadata.setter
    def metadata(self, value: dict[str, Any]) -> None:
        self.add_metadata(value)

    @property
    def inputs(self) -> dict[str, Any] | None:
        """What went in last."""
        return self._span.results[-1].inputs if self._span.results else None

    @inputs.setter
    def inputs(self, value: dict[str, Any]) -> None:
        self._span.add_named_result(value, self.outputs or {})

    @property
    def outputs(self) -> dict[str, Any] | None:
        """What came out last."""
        return self._span.results[-1].outputs if self._span.results else None

    @outputs.setter
    def outputs(self, value: dict[str, Any]) -> None:
        self._span.add_named_result(self.inputs or {}, value)

    @property
    def kind(self) -> str | None:
        """What it was."""
        return self._span.span_kind.value if self._span.span_kind else None

    @kind.setter
    def kind(self, value: str) -> None:
        self._span.span_kind = _member(SpanKind, value, "kind")

    def add_child(self, child: Trace) -> Trace:
        """Add a step of it, and return itself."""
        self._span.add_child_span(child._span)
        if self._model_dict is not None and child._model_dict is not None:
            self._model_dict[str(child._span.name)] = child._model_dict
        return self

    def add_inputs_and_outputs(self, inputs: dict[str, Any], outputs: dict[str, Any]) -> Trace:
        """Add what went in and came out, and return itself."""
        self._span.add_named_result(inputs, outputs)
        return self

    def add_metadata(self, metadata: dict[str, Any]) -> Trace:
        """Say more about it, and return itself."""
        self._span.attributes = {**(self._span.attributes or {}), **metadata}
        return self

    def log(self, name: str) -> None:
        """Log it to the current run under `name`.

        Raises:
            UsageError: there is no run, or no name.
        """
        run = current.run()
        if run is None or not name.strip():
            raise UsageError(
                f"Trace.log() got the name {name!r}. You must call tracklab.init() before logging "
                'a trace, and provide a valid name: trace.log("answers").'
            )
        run.log({name: WBTraceTree(self._span, self._model_dict)})


def _member(kind: Any, given: str | None, what: str) -> Any:
    if given is None:
        return None
    if str(given).upper() not in kind.__members__:
        raise UsageError(
            f"Invalid span {what} {given!r}; it can be one of {', '.join(kind.__members__)}."
        )
    return kind(str(given).upper())
