"""What the line of an LLM call says, as numbers and names: one reading of it for all readers."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from tracklab.records.fields import epoch_s, number, text, whole
from tracklab.records.flat import lookup

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Call", "Kind", "call_of", "is_call", "label_of", "succeeded", "tokens_of"]

_FAILED_LEVELS = frozenset({"ERROR", "CRITICAL"})


class Kind(NamedTuple):
    """What many calls have in common; empty where a call does not tell."""

    model: str
    response_model: str
    provider: str
    operation: str


class Call(NamedTuple):
    """The numbers of one call, NaN where it does not tell.

    Times in seconds (`time_s` since the epoch), tokens in counts, `given_usd` what the line says
    that it cost. `failed` and `refused` are 0 or 1: it did not succeed, and it says so itself.
    """

    time_s: float
    response_s: float
    ttft_s: float
    prompt: float
    completion: float
    cache_read: float
    cache_write: float
    given_usd: float
    failed: float
    refused: float


def is_call(record: Mapping[str, Any]) -> bool:
    """Return whether an event is an LLM call."""
    return bool(record["message"] == "llm_call")


def succeeded(record: Mapping[str, Any]) -> bool:
    """Return whether a call succeeded: what it says, else whether its level is below ERROR."""
    told = record["data"].get("success")
    return told if isinstance(told, bool) else record["level"] not in _FAILED_LEVELS


def tokens_of(data: Mapping[str, Any], kind: str) -> int | None:
    """Return the count of `prompt`, `completion`, `cache_read` or `cache_write` tokens."""
    counts = data.get("tokens")
    return whole(counts.get(kind)) if isinstance(counts, dict) else None


def label_of(data: Mapping[str, Any], name: str) -> str:
    """Return a field of a call's data as text, empty where the call does not tell it.

    Args:
        data: of the call.
        name: of the field; a dot goes down into nested ones. What is no text is as JSON has it,
            but a field of `Kind` is a text or nothing.
    """
    if name in Kind._fields:
        return text(data.get(name)) or ""
    value = lookup(data, name)
    if value is None or isinstance(value, str):
        return value or ""
    if type(value) is int:  # as below, and quicker
        return str(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def call_of(record: Mapping[str, Any]) -> tuple[Kind, Call]:
    """Return the kind and the numbers of a call. Cost: 5 us."""
    data = record["data"]
    get = data.get
    counts = get("tokens")
    count = counts.get if isinstance(counts, dict) else _NOTHING.get
    timestamp = record["timestamp"]
    return (
        Kind(
            text(get("model")) or "", text(get("response_model")) or "",
            text(get("provider")) or "", text(get("operation")) or "",
        ),
        Call(
            math.nan if timestamp is None else epoch_s(timestamp),
            _number(get("response_time")), _number(get("ttft")),
            _whole(count("prompt")), _whole(count("completion")),
            _whole(count("cache_read")), _whole(count("cache_write")),
            _number(get("cost_usd")), float(not succeeded(record)),
            float(get("success") is False),
        ),
    )  # fmt: skip


_NOTHING: dict[str, Any] = {}


def _number(value: Any) -> float:
    """Return a finite number, NaN for anything else; what is usual first."""
    if value is None:
        return math.nan
    found = number(value)
    return math.nan if found is None else found


def _whole(value: Any) -> float:
    """Return a whole number, NaN for anything else."""
    if type(value) is int:
        return float(value)
    if value is None:
        return math.nan
    found = whole(value)
    return math.nan if found is None else float(found)
