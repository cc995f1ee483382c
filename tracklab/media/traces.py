"""Traces of a program as a tree of spans, in the form that older programs log them in."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from tracklab.media.value import WBValue
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    from tracklab.media.value import Place

__all__ = ["Result", "Span", "SpanKind", "StatusCode", "WBTraceTree"]

_HASH_DIGITS = 16


class StatusCode(str, Enum):
    """How a span ended."""

    SUCCESS = "SUCCESS"
    ERROR = "ERROR"

    def __str__(self) -> str:
        return self.value


class SpanKind(str, Enum):
    """What a span was."""

    LLM = "LLM"
    CHAIN = "CHAIN"
    AGENT = "AGENT"
    TOOL = "TOOL"

    def __str__(self) -> str:
        return self.value


@dataclass
class Result:
    """What went into a span and what came out."""

    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None


@dataclass
class Span:
    """One step of a trace; times in milliseconds since 1970."""

    span_id: str | None = None
    name: str | None = None
    start_time_ms: int | None = None
    end_time_ms: int | None = None
    status_code: StatusCode | None = None
    status_message: str | None = None
    attributes: dict[str, Any] | None = None
    results: list[Result] | None = None
    child_spans: list[Span] | None = None
    span_kind: SpanKind | None = None

    def add_attribute(self, key: str, value: Any) -> None:
        """Say something about it."""
        self.attributes = {**(self.attributes or {}), key: value}

    def add_named_result(self, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Add what went in and what came out."""
        self.results = [*(self.results or []), Result(inputs, outputs)]

    def add_child_span(self, span: Span) -> None:
        """Add a step of it."""
        self.child_spans = [*(self.child_spans or []), span]


class WBTraceTree(WBValue):
    """A tree of spans to log.

    Args:
        root_span: the outermost span.
        model_dict: what was traced.
    """

    def __init__(self, root_span: Span, model_dict: dict[str, Any] | None = None) -> None:
        self._root_span = root_span
        self._model_dict = model_dict

    def to_record(self, place: Place | None = None) -> dict[str, Any]:  # noqa: ARG002 - no file
        """Return the record that stands for it in a row: both parts as JSON texts."""
        record = {"_type": "wb_trace_tree"}
        if self._model_dict is not None:
            model = _text(self._model_dict)
            digest = hashlib.md5(model.encode(), usedforsecurity=False).hexdigest()
            record["model_hash"] = digest[:_HASH_DIGITS]
            record["model_dict_dumps"] = model
        record["root_span_dumps"] = _text(dataclasses.asdict(self._root_span))
        return record


def _text(described: dict[str, Any]) -> str:
    """Return JSON with wandb's spaces: programs compare the digest of it."""
    return json.dumps(json.loads(encode_object(described)))
