"""What answers of language models say about themselves: tokens, model, reasons, tools.

Understood are answers and stream chunks of OpenAI's chat completions, completions, responses and
embeddings, of Anthropic's messages, and of the many services that speak like them; as objects of
the client libraries or as dicts. Anything else says nothing, and nothing here ever raises.

`prompt` counts all tokens that went in, also those read from or written to a cache. Anthropic
reports the latter beside `input_tokens`; they are added. Source: the API references of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Reply"]


class Reply:
    """What is known of one answer so far.

    Args:
        keeps_text: also keep what was answered and the arguments of tools.

    Attributes:
        model: that answered; None until it is said.
        tokens: counts by kind.
        finish_reasons: why the answer ended.
        tools: names of the tools that the model wants to call, in order, repeated.
        texts: what was answered, if texts are kept.
        arguments: of each of the tools, if texts are kept.
        retries: how often the client tried again; None if it does not say.
    """

    __slots__ = (
        "arguments", "finish_reasons", "keeps_text", "model", "retries", "texts", "tokens", "tools",
    )  # fmt: skip

    def __init__(self, *, keeps_text: bool = False) -> None:
        self.keeps_text = keeps_text
        self.model: str | None = None
        self.tokens: dict[str, int] = {}
        self.finish_reasons: list[str] = []
        self.tools: list[str] = []
        self.texts: list[str] = []
        self.arguments: list[Any] = []
        self.retries: int | None = None

    def read(self, answer: Any) -> bool | None:
        """Take in an answer or a chunk of one.

        Returns:
            Whether it holds content (text or a tool call); None if its shape is not known.
        """
        try:
            return self._read(answer)
        except Exception:  # noqa: BLE001 - objects of any client: what cannot be read says nothing
            return None

    def _read(self, answer: Any) -> bool | None:
        kind = _get(answer, "type")
        if isinstance(kind, str) and (kind in _EVENTS or kind.startswith("response.")):
            return self._read_event(kind, answer)
        model = _get(answer, "model")
        if isinstance(model, str) and model:
            self.model = model
        retries = _get(answer, "retries_taken")
        if _is_count(retries):
            self.retries = retries
        self._read_usage(_get(answer, "usage"))
        if isinstance(_get(answer, "choices"), list):
            return _any(map(self._read_choice, _get(answer, "choices")))
        if isinstance(_get(answer, "content"), list):
            self._end(_get(answer, "stop_reason"))
            return _any(map(self._read_block, _get(answer, "content")))
        if isinstance(_get(answer, "output"), list):
            self._end(_get(_get(answer, "incomplete_details"), "reason") or _get(answer, "status"))
            return _any(map(self._read_item, _get(answer, "output")))
        return False if isinstance(model, str) else None

    def _read_choice(self, choice: Any) -> bool:
        """Take in one choice of OpenAI's: of a whole answer or of a chunk."""
        self._end(_get(choice, "finish_reason"))
        message = _get(choice, "message") or _get(choice, "delta")
        found = self._say(_get(message, "content") or _get(choice, "text"))
        for call in _get(message, "tool_calls") or ():
            function = _get(call, "function")
            found |= self._call(_get(function, "name"), _get(function, "arguments"))
        return found

    def _read_block(self, block: Any) -> bool:
        """Take in one block of Anthropic's content."""
        if _get(block, "type") in {"tool_use", "server_tool_use"}:
            return self._call(_get(block, "name"), _get(block, "input"))
        return self._say(_get(block, "text")) or bool(_get(block, "thinking"))

    def _read_item(self, item: Any) -> bool:
        """Take in one item of the output of OpenAI's responses."""
        if _get(item, "type") == "function_call":
            return self._call(_get(item, "name"), _get(item, "arguments"))
        return _any(self._say(_get(part, "text")) for part in _get(item, "content") or ())

    def _read_event(self, kind: str, event: Any) -> bool:
        if kind == "message_start":
            self._read(_get(event, "message"))
            return False
        if kind == "message_delta":
            self._end(_get(_get(event, "delta"), "stop_reason"))
            self._read_usage(_get(event, "usage"))
            return False
        if kind == "content_block_start":
            return self._read_block(_get(event, "content_block"))
        if kind == "content_block_delta":
            delta = _get(event, "delta")
            said = self._say(_get(delta, "text"))
            return said or bool(_get(delta, "partial_json") or _get(delta, "thinking"))
        whole = _get(event, "response")
        if kind in {"response.completed", "response.incomplete", "response.failed"}:
            self._read(whole)
            return False
        return kind.endswith(".delta")

    def _read_usage(self, usage: Any) -> None:
        into = _get(usage, "prompt_tokens_details") or _get(usage, "input_tokens_details")
        out = _get(usage, "completion_tokens_details") or _get(usage, "output_tokens_details")
        read = _get(usage, "cache_read_input_tokens")
        written = _get(usage, "cache_creation_input_tokens")
        prompt = _first(_get(usage, "prompt_tokens"), _get(usage, "input_tokens"))
        if prompt is not None:
            prompt += (read if _is_count(read) else 0) + (written if _is_count(written) else 0)
        counts = {
            "prompt": prompt,
            "completion": _first(_get(usage, "completion_tokens"), _get(usage, "output_tokens")),
            "cache_read": _first(_get(into, "cached_tokens"), read),
            "cache_write": _first(written, _get(into, "cache_write_tokens")),
            "reasoning": _first(_get(out, "reasoning_tokens"), _get(out, "thinking_tokens")),
        }
        self.tokens.update({kind: count for kind, count in counts.items() if count is not None})

    def _say(self, text: Any) -> bool:
        if not isinstance(text, str) or not text:
            return False
        if self.keeps_text:
            self.texts.append(text)
        return True

    def _call(self, name: Any, arguments: Any) -> bool:
        if isinstance(name, str) and name:
            self.tools.append(name)
            if self.keeps_text:
                self.arguments.append(arguments)
        elif self.keeps_text and self.arguments and isinstance(arguments, str):
            self.arguments[-1] = f"{self.arguments[-1] or ''}{arguments}"  # the next piece of them
        return True

    def _end(self, reason: Any) -> None:
        if isinstance(reason, str) and reason:
            self.finish_reasons.append(reason)


#: Types of the events of Anthropic's streams.
_EVENTS = frozenset({
    "content_block_delta", "content_block_start", "content_block_stop", "message_delta",
    "message_start", "message_stop", "ping",
})  # fmt: skip


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def _any(found: Iterable[bool]) -> bool:
    """Return whether one is true, having looked at all of them."""
    return sum(found) > 0


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _first(*values: Any) -> int | None:
    """Return the first of `values` that is a count, None without one."""
    return next((value for value in values if _is_count(value)), None)
