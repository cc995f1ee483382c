"""Spans of LLM calls, in the three dialects there are, as the fields of one `llm_call`.

- OpenTelemetry's semantic conventions for generative AI, as the official instrumentations speak
  them; known by `gen_ai.operation.name`.
- Traceloop's: nearly the same today; older ones are known by `llm.request.type`.
- OpenInference; known by `openinference.span.kind`.

A field is looked up under all of its names, newest first, so a span may mix them. Contents are
returned apart from the other fields, for whoever may record them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["contents", "fields", "is_llm_call"]

#: Operations that ask a model. Agents and tools have spans of their own, which are not calls.
_OPERATIONS = frozenset({"chat", "completion", "embeddings", "generate_content", "text_completion"})
_KINDS = frozenset({"LLM", "EMBEDDING"})
#: What a span's operation is called in a line.
_SPOKEN = {"embeddings": "embedding", "text_completion": "completion", "EMBEDDING": "embedding",
           "LLM": "chat"}  # fmt: skip
_OPERATION = ("gen_ai.operation.name", "llm.request.type", "openinference.span.kind")
_MODEL = ("gen_ai.request.model", "llm.request.model_name", "llm.request.model", "llm.model_name",
          "embedding.model_name", "gen_ai.response.model")  # fmt: skip
_RESPONSE_MODEL = ("gen_ai.response.model", "llm.response.model_name", "llm.response.model",
                   "llm.model_name")  # fmt: skip
_PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system")
_CONVERSATION = ("gen_ai.conversation.id", "session.id",
                 "traceloop.association.properties.session_id")  # fmt: skip
_TOKENS = {
    "prompt": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt",
               "llm.usage.prompt_tokens"),
    "completion": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens",
                   "llm.token_count.completion", "llm.usage.completion_tokens"),
    "cache_read": ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
                   "llm.token_count.prompt_details.cache_read"),
    "cache_write": ("gen_ai.usage.cache_write.input_tokens",
                    "gen_ai.usage.cache_creation.input_tokens",
                    "gen_ai.usage.cache_creation_input_tokens",
                    "llm.token_count.prompt_details.cache_write"),
    "reasoning": ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens",
                  "llm.token_count.completion_details.reasoning"),
}  # fmt: skip
_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
_TOOL_NAMES = (
    re.compile(r"llm\.output_messages\.\d+\.message\.tool_calls\.\d+\.tool_call\.function\.name"),
    re.compile(r"gen_ai\.completion\.\d+\.tool_calls\.\d+\.name"),
)
_REQUEST = ("gen_ai.input.messages", "input.value")
_RESPONSE = ("gen_ai.output.messages", "output.value")
_INDEXED = re.compile(
    r"(?:gen_ai\.(prompt|completion)|llm\.(input|output)_messages)\.(\d+)\.(?:message\.)?"
    r"(role|content)"
)


def is_llm_call(attributes: Mapping[str, Any]) -> bool:
    """Return whether a span with these attributes is a call to a language model."""
    kind = attributes.get("openinference.span.kind")
    if kind is not None:
        return kind in _KINDS
    operation = attributes.get("gen_ai.operation.name")
    if operation is not None:
        return operation in _OPERATIONS
    return "llm.request.type" in attributes


def fields(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a call's attributes say, in the words of a line, without its contents."""
    operation = str(_first(attributes, _OPERATION))
    model = str(_first(attributes, _MODEL) or "unknown")
    data: dict[str, Any] = {
        "model": model,
        "provider": str(_first(attributes, _PROVIDER) or "unknown"),
        "operation": _SPOKEN.get(operation, operation),
    }
    answered = _first(attributes, _RESPONSE_MODEL)
    if answered and answered != model:
        data["response_model"] = str(answered)
    tokens = {kind: _first(attributes, names) for kind, names in _TOKENS.items()}
    counted = {kind: count for kind, count in tokens.items() if isinstance(count, int)}
    if counted:
        data["tokens"] = counted
    reasons = _reasons(attributes)
    if reasons:
        data["finish_reasons"] = reasons
    conversation = _first(attributes, _CONVERSATION)
    if conversation:
        data["conversation_id"] = str(conversation)
    if isinstance(attributes.get(_FIRST_CHUNK), float):
        data["ttft"] = round(attributes[_FIRST_CHUNK], 9)
    tools = _tools(attributes)
    if tools:
        data["tools"] = [{"name": name, "count": n, "errors": 0} for name, n in tools.items()]
    return data


def contents(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `request` and `response` as far as the span carries them."""
    found: dict[str, Any] = {}
    for name, keys in (("request", _REQUEST), ("response", _RESPONSE)):
        text = _first(attributes, keys)
        if text is not None:
            found[name] = _parsed(text)
    messages: dict[str, dict[int, dict[str, Any]]] = {"request": {}, "response": {}}
    for key, value in attributes.items():
        match = _INDEXED.fullmatch(key)
        if match is not None:
            side = "request" if (match[1] or match[2]) in {"prompt", "input"} else "response"
            messages[side].setdefault(int(match[3]), {})[match[4]] = value
    for side, by_index in messages.items():
        if by_index and side not in found:
            found[side] = [by_index[index] for index in sorted(by_index)]
    return found


def _reasons(attributes: Mapping[str, Any]) -> list[str]:
    found = attributes.get("gen_ai.response.finish_reasons")
    if found is None:
        found = [_first(attributes, ("llm.finish_reason", "llm.response.finish_reason"))]
    return [str(reason) for reason in found if reason]


def _tools(attributes: Mapping[str, Any]) -> dict[str, int]:
    """Return how often each tool was asked for; the official dialect says so in contents only."""
    found: dict[str, int] = {}
    for key, name in attributes.items():
        if "tool_call" in key and any(pattern.fullmatch(key) for pattern in _TOOL_NAMES):
            found[str(name)] = found.get(str(name), 0) + 1
    if found:
        return found
    messages = _parsed(attributes.get("gen_ai.output.messages"))
    for message in messages if isinstance(messages, list) else ():
        parts = message.get("parts") if isinstance(message, dict) else None
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, dict) and part.get("type") == "tool_call" and part.get("name"):
                found[str(part["name"])] = found.get(str(part["name"]), 0) + 1
    return found


def _first(attributes: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """Return the value under the first of `names` that has one."""
    for name in names:
        value = attributes.get(name)
        if value is not None:
            return value
    return None


def _parsed(text: Any) -> Any:
    """Return the JSON in a text, or the text where it holds none."""
    if not isinstance(text, str) or text[:1] not in {"{", "["}:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
