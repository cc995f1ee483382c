"""Answers about events, and about what is new in a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "Event",
    "EventPage",
    "Tail",
    "TailLine",
]


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `logger` is its kind, `writer` is None for the run's creator."""

    timestamp: str | None
    level: str
    logger: str
    message: str
    seq: int | None
    writer: str | None
    data: dict[str, Any]
    rank: int | None = None
    trace_id: str | None = None
    span_id: str | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of events; `total` counts all that match."""

    events: list[Event]
    total: int
    cursor: str | None
    bad_lines: int


@dataclass(frozen=True, slots=True)
class TailLine:
    """One new line: `record` is a flat row (history, system_metrics) or an event (as `Event`)."""

    stream: str
    writer: str | None
    record: dict[str, Any] | Event


@dataclass(frozen=True, slots=True)
class Tail:
    """Lines after a rev, in file order; `rev` continues after them.

    `more` says that a limit was reached and another call would find lines at once.
    """

    lines: list[TailLine]
    rev: str
    bad_lines: int
    more: bool
