"""Runs as files, written as the format documents them: no writer of ours has a hand in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

START_S = 1_795_196_400.0


def segment(
    run_dir: Path,
    records: Iterable[dict[str, Any] | bytes],
    *,
    stream: str = "history",
    writer: str | None = None,
    number: int = 0,
    attempt: int = 0,
    facts: dict[str, Any] | None = None,
) -> Path:
    """Write one segment: a header, then one line per record; bytes are taken as they are."""
    run_dir.mkdir(parents=True, exist_ok=True)
    middle = f".{writer}" if writer else ""
    name = f"{stream}{middle}.{number:06}.jsonl" if writer or number else f"{stream}.jsonl"
    data = {"schema": 1, "stream": stream, "segment": number, "attempt": attempt}
    data |= {"started": "2026-11-20T17:40:00.000000Z", **(facts or {}), "pad": " " * 900}
    header = event("tracklab.segment", "segment", data, seq=0) | {"run_id": run_dir.name}
    texts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in records]
    path = run_dir / name
    path.write_bytes(b"\n".join([json.dumps(header).encode(), *texts, b""]))
    return path


def row(step: int, seq: int, values: dict[str, Any]) -> dict[str, Any]:
    """Return a history row as a writer would make it, one second after the one before."""
    return {
        "_timestamp": START_S + seq,
        "_step": step,
        "_runtime": float(seq),
        "_run_id": "r",
        "_seq": seq,
        **values,
    }


def rows(*steps: tuple[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return history rows numbered from 1."""
    return [row(step, seq, values) for seq, (step, values) in enumerate(steps, 1)]


def event(
    logger: str,
    message: str,
    data: dict[str, Any] | None = None,
    *,
    seq: int = 1,
    at_s: int = 0,
    level: str = "INFO",
) -> dict[str, Any]:
    """Return an event `at_s` seconds (0 to 59) after 17:40."""
    return {
        "timestamp": f"2026-11-20T17:40:{at_s:02}.000000Z",
        "level": level,
        "logger": logger,
        "message": message,
        "run_id": "r",
        "seq": seq,
        "data": data or {},
    }


def events(*parts: tuple[str, str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return events (logger, message, data), one a second, numbered from 1."""
    return [event(*part, seq=seq, at_s=seq) for seq, part in enumerate(parts, 1)]
