"""What a run printed, line by line."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tracklab.errors import UsageError
from tracklab.query.console import read_console

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

__all__ = ["ConsoleLogLine", "ConsoleLogs"]


@dataclass(frozen=True, slots=True)
class ConsoleLogLine:
    """One line.

    Attributes:
        number: its place among all lines, from 0.
        timestamp: None: files of console text hold no times.
        level: `error` for standard error, else empty.
        label: empty.
        content: its text; colour codes are kept.
    """

    number: int
    timestamp: datetime | None
    level: str
    label: str
    content: str


class ConsoleLogs:
    """The lines of standard output, then those of standard error; read as they are asked for.

    Each `for` begins anew; `next()` goes on.

    Args:
        run_dir: the run's directory.
        per_page: lines that are read at once.
        last: only that many lines at the end of each of the two; None for all.
    """

    def __init__(self, run_dir: Path, *, per_page: int = 1000, last: int | None = None) -> None:
        if per_page < 1 or (last is not None and last < 0):
            raise UsageError(
                "console_logs() takes per_page of 1 or more and last of 0 or more; got "
                f"{per_page!r} and {last!r}."
            )
        self._run_dir = run_dir
        self.per_page = per_page
        self._last = last
        self._going: Iterator[ConsoleLogLine] | None = None

    def __iter__(self) -> Iterator[ConsoleLogLine]:
        number = 0
        for stream in ("stdout", "stderr"):
            kept: deque[ConsoleLogLine] = deque(maxlen=self._last)
            for text in self._texts(stream):
                line = ConsoleLogLine(number, None, "error" * (stream == "stderr"), "", text)
                number += 1
                if self._last is None:
                    yield line
                else:
                    kept.append(line)
            yield from kept

    def _texts(self, stream: Literal["stdout", "stderr"]) -> Iterator[str]:
        offset = 0
        while True:
            page = read_console(
                self._run_dir, stream, offset=offset, limit=self.per_page, tail=False
            )
            lines = page.lines
            if len(lines) > 1 and lines[-1].offset == page.next_offset:
                del lines[-1]  # it may go on, or was cut: the next page begins with it
            yield from (line.text for line in lines)
            if page.next_offset in {offset, page.size}:
                return
            offset = page.next_offset

    def __next__(self) -> ConsoleLogLine:
        """Return the line after the last one that this returned."""
        self._going = self._going or iter(self)
        return next(self._going)

    def next(self) -> ConsoleLogLine:
        """Return the same as `next(...)` of this."""
        return self.__next__()
