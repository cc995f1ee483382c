"""Answers about LLM calls: each one, and numbers over many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "LlmBucket",
    "LlmCall",
    "LlmGroup",
    "LlmHeat",
    "LlmNumbers",
    "LlmPage",
    "LlmStats",
]


@dataclass(frozen=True, slots=True)
class LlmCall:
    """One LLM call; times in seconds, None where the line does not say.

    `cost` is in US dollars, None where nobody knows it; `cost_basis` says who does: `given` (the
    line), `file` (the user's prices) or `genai-prices` (that package's table).
    """

    run: str
    timestamp: str | None
    model: str
    provider: str
    operation: str
    response_time: float | None
    ttft: float | None
    success: bool
    error_type: str | None
    error: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cost: float | None
    cost_basis: str | None
    seq: int | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LlmPage:
    """One page of calls; `total` counts all that match."""

    calls: list[LlmCall]
    total: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class LlmNumbers:
    """Numbers over a set of calls: seconds for percentiles, 0 to 1 for `error_rate`.

    Percentiles are None without a timed call; `tokens_per_second` is completion tokens over
    response time of the calls that tell both. `cost` is the sum in US dollars over the calls
    whose cost is known, None without one; `unpriced` counts the others that succeeded, and
    `cost_basis` names all that told one, with commas.
    """

    count: int
    errors: int
    error_rate: float
    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    ttft_p50: float | None
    ttft_p90: float | None
    ttft_p95: float | None
    ttft_p99: float | None
    prompt_tokens: int
    completion_tokens: int
    tokens_per_second: float | None
    cost: float | None
    cost_basis: str | None
    unpriced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmGroup(LlmNumbers):
    """The same numbers for the calls with one text in the field that was asked for."""

    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmBucket(LlmNumbers):
    """The same numbers for the calls that started in [t0, t1), epoch seconds."""

    t0: float
    t1: float


@dataclass(frozen=True, slots=True)
class LlmHeat:
    """Calls by time and latency.

    `t` holds the n+1 edges in epoch seconds and `latency` the m+1 log-spaced edges in seconds;
    `counts[i][j]` counts calls in time column i and latency row j.
    """

    t: list[float]
    latency: list[float]
    counts: list[list[int]]


@dataclass(frozen=True, slots=True)
class LlmStats:
    """Numbers over all matching calls, by group (most calls first), and over time.

    Of very many groups those with the most calls are told; `group_count` says how many there are.
    `cost_note` says what is wrong with the user's file of prices, if anything is.
    """

    total: LlmNumbers
    groups: list[LlmGroup]
    group_count: int
    timeline: list[LlmBucket]
    heat: LlmHeat
    cost_note: str | None
    coverage: float = 1.0
