"""What the line of an LLM call says, as numbers and names: one reading of it for all readers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from tracklab.records.fields import epoch_s, number, text, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Call", "Kind", "call_of", "is_call", "succeeded", "tokens_of"]

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


def call_of(record: Mapping[str, Any]) -> tuple[Kind, Call]:
    """Return the kind and the numbers of a call. Cost: 5 us."""
    data = record["data"]
    kind = Kind(*(text(data.get(name)) or "" for name in Kind._fields))
    timestamp = record["timestamp"]
    told = (
        None if timestamp is None else epoch_s(timestamp),
        number(data.get("response_time")),
        number(data.get("ttft")),
        tokens_of(data, "prompt"),
        tokens_of(data, "completion"),
        tokens_of(data, "cache_read"),
        tokens_of(data, "cache_write"),
        number(data.get("cost_usd")),
    )
    numbers = [math.nan if value is None else float(value) for value in told]
    numbers += [float(not succeeded(record)), float(data.get("success") is False)]
    return kind, Call._make(numbers)
