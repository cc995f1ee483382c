"""What a run's files prove, read with nothing but the standard library."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Evidence", "evidence"]


@dataclass
class Evidence:
    """All lines of a run.

    Attributes:
        rows: rows of the history.
        events: events, headers left out.
        numbers: per writer, the number of each of its lines.
        torn: what ends a file without a line break.
        bad: whole lines that are no strict JSON.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    torn: list[bytes] = field(default_factory=list)
    bad: list[bytes] = field(default_factory=list)

    def gaps(self, writer: str = "") -> list[dict[str, Any]]:
        """Return the data of a writer's gap events."""
        return [
            event["data"]
            for event in self.events
            if event["logger"] == "tracklab.gap" and event.get("writer", "") == writer
        ]

    def named_as_lost(self, writer: str = "") -> list[int]:
        """Return every number that a writer's gap events name."""
        ranges = [pair for gap in self.gaps(writer) for pair in gap["ranges"]]
        return [n for first, last in ranges for n in range(first, last + 1)]

    def unaccounted(self, writer: str = "") -> set[int]:
        """Return the numbers of a writer that no line has and no gap event names."""
        numbers = self.numbers.get(writer, [])
        assert len(numbers) == len(set(numbers)), "two lines with one number"
        return (
            set(range(max(numbers, default=-1) + 1))
            - set(numbers)
            - set(self.named_as_lost(writer))
        )


def evidence(run_dir: Path) -> Evidence:
    """Read every segment of a run; the creator's lines count as those of the writer ``."""
    found = Evidence()
    for path in sorted(run_dir.glob("*.jsonl")):
        _, *writer = path.name.split(".")[:-1]
        name = writer[0] if len(writer) == 2 else ""
        *whole, rest = path.read_bytes().split(b"\n")
        found.torn += [rest] if rest else []
        for line in filter(None, whole):
            try:
                record = json.loads(line, parse_constant=_refuse)
            except ValueError:
                found.bad.append(line)
                continue
            found.numbers.setdefault(name, []).append(record.get("_seq", record.get("seq")))
            if record.get("logger") == "tracklab.segment":
                continue
            if path.name.startswith("history"):
                found.rows.append(record)
            elif path.name.startswith("events"):
                found.events.append(record)
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
