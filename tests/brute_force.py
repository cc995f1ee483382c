"""The judge of every engine: a run read whole, line by line, as plainly as can be."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Line = tuple[int, str, dict[str, Any]]

FLOATS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def lines(run_dir: Path, stream: str) -> list[Line]:
    """Return (attempt, writer, record) of every good line, in the order in which they count."""
    found = []
    for path in run_dir.glob(f"{stream}*.jsonl"):
        parts = path.name.split(".")[1:-1]
        number = parts.pop() if parts and len(parts[-1]) == 6 and parts[-1].isdigit() else "0"
        attempt = 0
        for line in path.read_bytes().split(b"\n")[:-1]:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict) and record.get("logger") == "tracklab.segment":
                attempt = record["data"]["attempt"]
            elif isinstance(record, dict):
                found.append((attempt, "".join(parts), number, record))
    found.sort(key=lambda entry: entry[:3])
    return [(attempt, writer, record) for attempt, writer, _, record in found]


def leaves(record: dict[str, Any], before: str = "", odd: Any = None) -> Iterator[tuple[str, Any]]:
    """Yield what a row holds by dotted name, floats restored, nothing that is null."""
    odd = record.get("_nonfinite", {}) if odd is None else odd
    for key, value in record.items():
        name = before + key
        if isinstance(value, dict):
            yield from leaves(value, f"{name}.", odd) if key != "_nonfinite" else ()
        elif value is not None or name in odd:
            yield name, FLOATS[odd[name]] if name in odd else value


def history(run_dir: Path) -> dict[int, dict[str, Any]]:
    """Return what is left of each step: later values win, newer attempts hide older ones."""
    found = lines(run_dir, "history")
    begins: dict[int, int] = {}
    for attempt, _, row in {(a, w): (a, w, r) for a, w, r in reversed(found)}.values():
        begins[attempt] = min(begins.get(attempt, row["_step"]), row["_step"])
    merged: dict[int, dict[str, Any]] = {}
    for attempt, _, row in found:
        if all(row["_step"] < begin for later, begin in begins.items() if later > attempt):
            merged.setdefault(row["_step"], {}).update(leaves(row))
    return merged
