"""Runs as large as a benchmark asks for, written as fast as the disk takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import orjson

from tracklab.clock import rfc3339
from tracklab.records.lines import header_line
from tracklab.storage.layout import segment_name
from tracklab.storage.succession import FIRST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["START_S", "calls", "long_run", "second_attempt", "short_runs"]

START_S = 1_795_196_400.0
_ROWS_IN_SEGMENT = 400_000
_PIECE = 50_000
_CALLS_IN_SEGMENT = 150_000


def long_run(run_dir: Path, rows: int, *, seed: int = 0) -> int:
    """Write a run of two metrics, a row every 10 ms, and return its bytes."""
    run_dir.mkdir(parents=True)
    return _history(run_dir, range(rows), FIRST, seed=seed)


def second_attempt(run_dir: Path, first: int, end: int) -> int:
    """Take a run up again from an earlier step, and return the bytes of these rows."""
    again = {"attempt": 1, "generation": 1, "follows": 1}
    return _history(run_dir, range(first, end), again, seed=1, writer="made-up-1")


def _history(
    run_dir: Path, steps: range, facts: dict[str, int], *, seed: int, writer: str | None = None
) -> int:
    random = np.random.default_rng(seed)
    size = 0
    for number, first in enumerate(range(steps.start, steps.stop, _ROWS_IN_SEGMENT)):
        header = header_line(
            run_dir.name, writer=writer or "made-up-0", seq=0, stream="history", number=number,
            started_s=START_S, facts={"project": run_dir.parent.name, **facts},
        )  # fmt: skip
        path = run_dir / segment_name("history", number, writer=writer)
        with path.open("wb") as file:
            file.write(header)
            end = min(first + _ROWS_IN_SEGMENT, steps.stop)
            for lines in _lines(run_dir.name, first, end, random):
                file.write(lines)
        size += path.stat().st_size
    return size


def calls(run_dir: Path, count: int, *, seed: int = 0) -> int:
    """Write a run of LLM calls, one every 10 ms, and return its bytes."""
    run_dir.mkdir(parents=True)
    random = np.random.default_rng(seed)
    size = 0
    for number, first in enumerate(range(0, count, _CALLS_IN_SEGMENT)):
        header = header_line(
            run_dir.name, writer="made-up-0", seq=0, stream="llm", number=number,
            started_s=START_S, facts={"project": run_dir.parent.name, **FIRST},
        )  # fmt: skip
        path = run_dir / segment_name("llm", number)
        with path.open("wb") as file:
            file.write(header)
            for at in range(first, min(first + _CALLS_IN_SEGMENT, count)):
                file.write(_call(at, random.random(3).tolist()))
        size += path.stat().st_size
    return size


def _call(number: int, chance: list[float]) -> bytes:
    succeeded = chance[0] > 0.02
    data = {
        "metric_type": "timer", "model": ("small", "large")[number % 3 == 0], "provider": "own",
        "operation": "chat", "response_time": round(0.2 + chance[1] ** 4 * 8, 4),
        "ttft": round(chance[2] / 3, 4), "success": succeeded,
        "tokens": {"prompt": 50 + number % 3_000, "completion": 1 + number % 800},
    }  # fmt: skip
    event = {
        "timestamp": rfc3339(START_S + number * 0.01), "level": "INFO" if succeeded else "ERROR",
        "logger": "tracklab.llm", "message": "llm_call", "run_id": "calls", "seq": number + 1,
        "data": data,
    }  # fmt: skip
    return orjson.dumps(event) + b"\n"


def short_runs(project_dir: Path, count: int) -> None:
    """Write runs that have ended, each with a row, a configuration and a summary."""
    for number in range(count):
        run_dir = project_dir / f"r{number:06d}"
        run_dir.mkdir(parents=True)
        began = rfc3339(START_S + number)
        header = header_line(
            run_dir.name, writer="made-up-0", seq=0, stream="history", number=0,
            started_s=START_S + number, facts={"project": project_dir.name, **FIRST},
        )  # fmt: skip
        loss = (number * 7919 % count) / count
        row = {"_timestamp": START_S + number, "_step": 0, "_runtime": 0.1, "loss": loss}
        (run_dir / "history.jsonl").write_bytes(header + orjson.dumps(row) + b"\n")
        (run_dir / "run.lock").touch()
        (run_dir / "config.yaml").write_text(f"lr: {1 - loss}\nmodel:\n  layers: {number % 12}\n")
        summary = {"loss": loss, "epoch": number % 100, "_step": 0}
        (run_dir / "summary.json").write_bytes(orjson.dumps(summary))
        told = {"format": 1, "run_id": run_dir.name, "name": f"run-{number}", "tags": ["a"]}
        ended = {"start_time": began, "end_time": began, "status": "finished", "exit_code": 0}
        (run_dir / "metadata.json").write_bytes(orjson.dumps(told | ended))


def _lines(run_id: str, first: int, end: int, random: np.random.Generator) -> Iterator[bytes]:
    for at in range(first, end, _PIECE):
        steps = range(at, min(at + _PIECE, end))
        losses = random.random(len(steps)).tolist()
        yield "".join(
            f'{{"_timestamp":{START_S + step * 0.01:.6f},"_step":{step},'
            f'"_runtime":{step * 0.01:.6f},"_run_id":"{run_id}","_seq":{step + 1},'
            f'"loss":{loss:.9f},"acc":{1 - loss:.6f}}}\n'
            for step, loss in zip(steps, losses, strict=True)
        ).encode()
