"""What searching costs, beside `grep` over the same lines."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any

import orjson

from tests.bench.table import Figure
from tests.query.files import event, segment
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["searching"]

_LINE = (
    "2026-11-20 17:40:00 INFO trainer: step {} loss 0.{} lr 0.0003 tokens/s 18231 memory 61.2 GB\n"
)
_HITS = 100


def searching(root: Path, size_bytes: int = 256_000_000) -> list[Figure]:
    """Return the figures for console text and for logged events of about that size each."""
    run_dir = root / "bench" / "printed"
    console = _printed(run_dir, size_bytes)
    logged = _logged(run_dir, size_bytes)
    engine = LocalEngine(root)
    figures = []
    for name, path, stream in (("console text", console, "stdout"), ("events", logged, "app")):
        for kind, asked, flags in (
            ("a text", {"q": "Out Of Memory"}, ["-i", "-F", "out of memory"]),
            ("an expression", {"re": "rank [0-9]+ out of m"}, ["-E", "rank [0-9]+ out of m"]),
        ):
            cost_s = _searched(engine, stream, asked)
            megabytes = path.stat().st_size / 1e6
            figures.append(
                Figure(f"{name} searched for {kind}, MB a second", megabytes / cost_s,
                       note=_grep(path, flags, megabytes))
            )  # fmt: skip
    return figures


def _printed(run_dir: Path, size_bytes: int) -> Path:
    (run_dir / "logs").mkdir(parents=True)
    path = run_dir / "logs" / "stdout.log"
    lines = size_bytes // len(_LINE)
    with path.open("w") as file:
        for number in range(lines):
            file.write(_LINE.format(number, number % 997))
            if number % (lines // _HITS) == 1:
                file.write(f"CUDA error: rank {number % 8} out of memory\n")
    return path


def _logged(run_dir: Path, size_bytes: int) -> Path:
    path = segment(run_dir, [], stream="events")
    data = {"step": 0, "loss": 0.25, "lr": 0.0003}
    line = orjson.dumps(event("trainer", "step done, all ranks agree", data)) + b"\n"
    hit = orjson.dumps(event("trainer", "rank 3 out of memory", data)) + b"\n"
    with path.open("ab") as file:
        for _ in range(_HITS):
            file.write(line * (size_bytes // len(line) // _HITS) + hit)
    return path


def _searched(engine: LocalEngine, stream: str, asked: dict[str, Any]) -> float:
    began, cursor, hits = time.perf_counter(), None, 0
    while True:
        page = engine.search("bench/printed", streams=[stream], after=cursor, limit=1_000, **asked)
        hits += len(page.lines)
        cursor = page.cursor
        if cursor is None:
            break
    assert abs(hits - _HITS) <= 1
    return time.perf_counter() - began


def _grep(path: Path, flags: list[str], megabytes: float) -> str:
    if shutil.which("grep") is None:
        return ""
    subprocess.run(["cat", str(path)], stdout=subprocess.DEVNULL, check=True)
    began = time.perf_counter()
    # Not to /dev/null: grep knows it, and stops at the first line.
    subprocess.run(["grep", "-c", *flags, str(path)], capture_output=True, check=True)
    return f"(grep: {megabytes / (time.perf_counter() - began):,.0f})"
