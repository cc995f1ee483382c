"""Answers about text: console output, and lines that were searched for."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ConsoleLine",
    "ConsolePage",
    "FoundLine",
    "SearchPage",
]


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """One line of captured console text and the byte it starts at; colour codes are kept."""

    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """Console lines from byte `offset` to `next_offset` of a text of `size` bytes.

    `ranks` are those of the job that have a text.
    """

    lines: list[ConsoleLine]
    offset: int
    next_offset: int
    size: int
    ranks: list[int]


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One line that was searched for, at most 10,000 characters of it.

    `stream` is stdout, stderr, app, alerts or events; `rank` that of the process, None where an
    event does not tell it; `offset` the byte it begins at, in the text of the console or in the
    writer's segment. Console text has no time, level or logger.
    """

    stream: str
    writer: str | None
    rank: int | None
    offset: int
    timestamp: str | None
    level: str | None
    logger: str | None
    text: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Lines as they stand in the files, writer by writer.

    A page ends when it is full or its time is up: `cursor` goes on, None at the end; `coverage`
    is the share of the bytes searched so far. `bad_lines` counts those of this page's part.
    """

    lines: list[FoundLine]
    cursor: str | None
    coverage: float
    bad_lines: int
