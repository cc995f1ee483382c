"""What reading costs, beside a scan of the same lines.

`python -m tests.bench.reading` takes the number of rows of the long run, `--calls`, `--runs`, and
`--data`, a directory that keeps the rows, so that they can be measured again.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import psutil

from tests.bench.made_up import START_S, calls, long_run, second_attempt, short_runs
from tests.bench.searching import searching
from tests.bench.table import Figure, markdown
from tracklab import clock
from tracklab.index.building import build_run
from tracklab.index.places import index_root, run_place
from tracklab.query.cataloguing import update_catalog
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["reading"]

PX = 2000
SHOWN = ("name", "status", "step", "summary.loss")
TIMES = 7


def scan(run_dir: Path) -> tuple[float, float]:
    """Read one metric of a run as plainly as can be: its smallest and largest value."""
    low, high = float("inf"), float("-inf")
    for path in sorted(run_dir.glob("history*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                value = orjson.loads(line).get("loss")
                if value is not None:
                    low, high = min(low, value), max(high, value)
    return low, high


def timed(work: Callable[[], Any], times: int = TIMES) -> float:
    """Return the median time of some calls, in ms."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1e3)
    return statistics.median(found)


@contextmanager
def at_most() -> Iterator[list[float]]:
    """Yield the largest memory that this process has until then, in MiB."""
    found, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(0.005):
            found[0] = max(found[0], psutil.Process().memory_info().rss / 2**20)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield found
    finally:
        over.set()
        looking.join()


def told(text: str) -> None:
    """Say what is being done, on standard error: the table alone goes to standard output."""
    print(f"{datetime.now(tz=timezone.utc):%H:%M:%S} {text}", file=sys.stderr, flush=True)


def reading(
    root: Path, rows: int, *, calls_count: int, runs: int, kept: Path | None = None
) -> Iterator[Figure]:
    """Yield the figures as they are measured.

    Args:
        root: an empty directory.
        rows: of one run; 50 runs have a fiftieth each.
        calls_count: LLM calls of another run.
        runs: to be listed.
        kept: where rows lie that were made for the same number of them before, or are to stay.
    """
    yield from _long(kept or root, rows)
    yield from _many(kept or root, rows // 50)
    yield from _short(root)
    yield from _calls(root, calls_count)
    yield from _searched(root)
    yield from _listing(root / "listed", runs)


def _long(root: Path, rows: int) -> list[Figure]:
    run_dir = root / "bench" / "long"
    if not run_dir.exists():
        told(f"a run of {rows:,} rows: writing it")
        long_run(run_dir, rows)
    size = sum(path.stat().st_size for path in run_dir.iterdir())
    told("scanning its lines")
    began = time.perf_counter()
    low, high = scan(run_dir)
    scan_s = time.perf_counter() - began
    engine = LocalEngine(root)

    told("building its index")
    began, used = time.perf_counter(), time.process_time()
    built = build_run(run_dir, _place(root, "long"))
    built_s, used_s = time.perf_counter() - began, time.process_time() - used

    def ask(**view: Any) -> Any:
        return engine.series(["bench/long"], ["loss"], px=PX, **view).series[0]

    whole = ask()
    assert (whole.lo.min(), whole.hi.max(), whole.cnt.sum()) == (low, high, rows)
    name = f"{rows / 1e6:g} M points to {PX:,} columns"
    budget = 30 if rows <= 10_000_000 else 100
    baseline = f"(a scan of the lines: {scan_s:.1f} s)"
    figures = []
    if built.read_bytes:
        assert built.read_bytes >= size
        figures += [
            Figure("index build, MB of JSON a second and core", size / 1e6 / used_s, 60,
                   at_least=True, note=f"({size / 1e6:,.0f} MB in {built_s:.1f} s)"),
            Figure("index build, share of a scan of the lines", built_s / scan_s),
        ]  # fmt: skip
    figures += [
        Figure("size of the index / size of the lines", _size(root, "long") / size),
        Figure(f"{name}, full range, by step, median ms", timed(ask), budget, note=baseline),
        Figure(f"{name}, full range, by time, median ms", timed(lambda: ask(x="time")), budget),
    ]  # fmt: skip
    for share in (0.1, 0.01, 0.0001):
        first = rows * (0.5 - share / 2)
        cost = timed(partial(ask, x0=first, x1=first + rows * share))
        figures.append(Figure(f"{name}, {share:.2%} of the range, median ms", cost, budget))
    hour = {"x": "time", "x0": START_S + rows * 0.01 - 3600}
    figures.append(Figure(f"{name}, the last hour, median ms", timed(lambda: ask(**hour)), budget))
    return figures + _hard(root, rows, name)


def _hard(root: Path, rows: int, name: str) -> list[Figure]:
    """Return what lines cost of which every point must be read, and the memory that they take."""
    again = root / "bench" / "again"
    if not again.exists():
        told("the same run, taken up again in its middle")
        again.mkdir()
        for path in (root / "bench" / "long").iterdir():
            os.link(path, again / path.name)
        second_attempt(again, rows // 2, rows * 3 // 4)
    build_run(again, _place(root, "again"))
    engine = LocalEngine(root)

    def ask(run: str, **view: Any) -> Any:
        return engine.series([f"bench/{run}"], ["loss"], px=PX, **view)

    assert ask("again").series[0].n == rows // 4 * 3
    before = psutil.Process().memory_info().rss / 2**20
    figures = []
    with at_most() as resident:
        for text, run, view in (
            ("smoothed (ema:0.9)", "long", {"smooth": "ema:0.9"}),
            ("smoothed (average:100)", "long", {"smooth": "average:100"}),
            ("over another metric", "long", {"x": "acc"}),
            ("of a run that went back", "again", {}),
        ):
            cost = timed(partial(ask, run, **view), times=3)
            figures.append(Figure(f"{name}, {text}, median ms", cost))
    return [
        *figures,
        Figure("memory of the process while it drew these, MiB", resident[0], 200,
               note=f"(before them {before:.0f})"),
    ]  # fmt: skip


def _searched(root: Path) -> list[Figure]:
    told("text to search")
    return searching(root / "searched")


def _many(root: Path, rows: int) -> list[Figure]:
    told(f"50 runs of {rows:,} rows: writing and indexing them")
    addresses = []
    for number in range(50):
        run_id = f"many{number}"
        if not (root / "bench" / run_id).exists():
            long_run(root / "bench" / run_id, rows, seed=number)
        build_run(root / "bench" / run_id, _place(root, run_id))
        addresses.append(f"bench/{run_id}")
    engine = LocalEngine(root)
    cost = timed(lambda: engine.series(addresses, ["loss"], px=PX))
    return [Figure(f"50 runs of {rows:,} points, one metric, median ms", cost, 400)]


def _short(root: Path) -> list[Figure]:
    long_run(root / "bench" / "short", 100_000)

    def ask() -> Any:
        return LocalEngine(root).series(["bench/short"], ["loss"], px=PX)

    unindexed = timed(ask)
    build_run(root / "bench" / "short", _place(root, "short"))
    indexed = timed(ask)
    resident = psutil.Process().memory_info().rss / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    return [
        Figure("one metric of 100,000 steps, not indexed, median ms", unindexed, 300),
        Figure("one metric of 100,000 steps, indexed, median ms", indexed, 10),
        Figure("memory of the process after all of it, MiB", resident, 200,
               note=f"(at most {peak:.0f}, while it built the index)"),
    ]  # fmt: skip


def _calls(root: Path, count: int) -> list[Figure]:
    told(f"{count:,} LLM calls: writing and indexing them")
    size = calls(root / "bench" / "calls", count)
    used = time.process_time()
    build_run(root / "bench" / "calls", _place(root, "calls"))
    used_s = time.process_time() - used
    engine = LocalEngine(root)

    def whole() -> Any:
        return engine.llm_stats(run="bench/calls")

    def hour() -> Any:
        return engine.llm_stats(run="bench/calls", x0=START_S + count * 0.01 - 3600)

    assert whole().total.count == count
    assert abs(hour().total.count - min(count, 360_000)) <= 1
    return [
        Figure("index build of LLM calls, MB of JSON a second and core", size / 1e6 / used_s, 60,
               at_least=True),
        Figure(f"numbers over {count:,} LLM calls, median ms", timed(whole),
               300 if count <= 1_000_000 else 3_000),
        Figure(f"the last hour of {count:,} LLM calls, median ms", timed(hour), 200),
    ]  # fmt: skip


def _listing(root: Path, count: int) -> list[Figure]:
    told(f"{count + 1_000:,} runs: writing and listing them")
    short_runs(root / "few", 1_000)
    short_runs(root / "very" / "many", count)

    def few() -> Any:
        return LocalEngine(root).runs(project="few", limit=100, cols=SHOWN)

    def many() -> Any:
        f = "config.model.layers < 6 and status = finished"
        return LocalEngine(root).runs(project="very", f=f, sort="summary.loss", cols=SHOWN)

    opened_few, opened = timed(few, 1), timed(many, 1)
    began = time.perf_counter()
    # As if the runs had ended a while ago: a directory that changed just now is not believed yet.
    update_catalog(root, index_root(root), now_s=lambda: clock.now() + 60)
    built_s = time.perf_counter() - began
    assert many().total == sum(number % 12 < 6 for number in range(count))
    return [
        Figure("a page of 1,000 runs, no catalog, ms", opened_few, 50),
        Figure("a page of 1,000 runs, median ms", timed(few), 50),
        Figure(f"{count:,} runs, filter and sort, no catalog, ms", opened),
        Figure(f"{count:,} runs, filter and sort, median ms", timed(many), 100),
        Figure(f"catalog of {count + 1_000:,} runs, s", built_s, 15),
    ]


def _place(root: Path, run_id: str) -> Path:
    return run_place(index_root(root), "bench", run_id)


def _size(root: Path, run_id: str) -> int:
    return sum(path.stat().st_size for path in _place(root, run_id).glob("*.tlx"))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=10_000_000)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--data", type=Path)
    asked = parser.parse_args()
    figures: list[Figure] = []
    try:
        with tempfile.TemporaryDirectory() as place:
            figures.extend(
                reading(
                    Path(place), asked.rows, calls_count=asked.calls, runs=asked.runs,
                    kept=asked.data,
                )
            )  # fmt: skip
    finally:  # half an hour's figures are not to be lost with the last of them
        today = datetime.now(tz=timezone.utc).date()
        machine = platform.machine()
        print(f"{today}, Python {platform.python_version()}, {machine}, make bench-read\n")
        print(markdown(figures))


if __name__ == "__main__":
    main()
