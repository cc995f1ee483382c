# ruff: noqa: T201 - it prints its table
"""`python -m tests.bench.against_wandb`: the same script on wandb 0.31.0, offline, and on TrackLab.

Each measurement is a fresh process, of one and the other in turns, and what is shown are medians.
Time is wall time of the calls. CPU is that of a process and of all that it started, which a busy
neighbour changes less.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["main"]

_ROUNDS: Final = 5
_KILLS: Final = 3
_KILLED_AFTER_S: Final = 3.0
_HELPERS_END_S: Final = 60.0
_SCRIPT: Final = Path(__file__).with_name("wandb_workload.py")
_OUR_COMMAND: Final = "from tracklab.cli.main import main; main()"
_SIDES: Final = {
    "wandb": {"WANDB_MODE": "offline", "WANDB_SILENT": "true"},
    "tracklab": {"TRACKLAB_AS_WANDB": "1", "TRACKLAB_SILENT": "1", "TRACKLAB_AUTO_UI": "0"},
}


class Row(NamedTuple):
    """One line of the table: what, and the key of the figure."""

    what: str
    key: str


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


_ROWS: Final = (
    Row("import, CPU ms", "import_cpu_ms"),
    Row("modules loaded by the import", "import_modules"),
    Row("first init(), ms", "init_ms"),
    Row("first init(), CPU ms, all processes", "init_cpu_ms"),
    Row("log() of 5 scalars, p50, µs", "log5_p50_us"),
    Row("log() of 5 scalars, p99, µs", "log5_p99_us"),
    Row("log() of 500 scalars, p50, µs", "log500_p50_us"),
    Row("log() of 500 scalars, p99, µs", "log500_p99_us"),
    Row("log() of an image, 256 x 256, p50, ms", "image_p50_ms"),
    Row("log() of a table of 1 row, p50, ms", "small_table_p50_ms"),
    Row("log() of a table of 10,000 rows and 5 columns, p50, ms", "table_p50_ms"),
    Row("finish() after 10,000 rows, ms", "finish_rows_ms"),
    Row("finish() right after many tables and images, ms", "finish_ms"),
    Row("CPU of the whole script, s, all processes", "cpu_s"),
    Row("processes, the program's own among them", "processes"),
    Row("memory, MiB, all processes", "rss_mib"),
    Row("memory of the program's own process, MiB", "own_rss_mib"),
    Row("bytes on disk for a row of 5 scalars", "bytes_per_row"),
)


def main() -> None:
    """Print the table; progress goes to stderr."""
    figures: dict[str, list[dict[str, float]]] = {side: [] for side in _SIDES}
    for number in range(_ROUNDS):
        print(f"measuring, round {number + 1} of {_ROUNDS}", file=sys.stderr)
        for side in _SIDES:
            figures[side].append(_measured(side))
    kills = {(side, whole): _kills(side, all_of_it=whole) for side in _SIDES for whole in (0, 1)}
    today = datetime.now(tz=timezone.utc).date()
    print(f"{today}, Python {platform.python_version()}, {platform.machine()}, ", end="")
    print(f"medians of {_ROUNDS} runs of each in turns, make bench-wandb\n")
    print("| what | wandb 0.31.0, offline | TrackLab | wandb / TrackLab |\n|---|---|---|---|")
    for row in _ROWS:
        theirs, ours = (statistics.median(one[row.key] for one in figures[side]) for side in _SIDES)
        ratio = f"{theirs / ours:.3g}" if ours else ""
        print(f"| {row.what} | {_shown(theirs)} | {_shown(ours)} | {ratio} |")
    for whole, what in enumerate(("of the program", "of all its processes")):
        theirs_kept, ours_kept = (kills[side, whole] for side in _SIDES)
        print(f"| rows left after SIGKILL {what}, in 3 s | {theirs_kept} | {ours_kept} | |")


def _kills(side: str, *, all_of_it: int) -> str:
    """Return how many rows some kills leave, of how many."""
    print(f"killing {side}", file=sys.stderr)
    ends = [_killed(side, all_of_it=bool(all_of_it)) for _ in range(_KILLS)]
    return f"{sum(kept for kept, _ in ends):,} of {sum(logged for _, logged in ends):,}"


def _measured(side: str) -> dict[str, float]:
    """Run the script once, in a directory of its own."""
    with _place() as place:
        line, cpu_s = _ran(side, place, "measure")
        imported = json.loads(_ran(side, place, "imported")[0])
        nothing = json.loads(_ran("", place, "nothing")[0])
    found: dict[str, float] = json.loads(line)
    found |= {name: value - nothing[name] for name, value in imported.items()}
    with _place() as place:
        told = json.loads(_ran(side, place, "rows")[0])
        files = [*place.rglob("history*.jsonl"), *place.rglob("*.wandb")]
        size = sum(path.stat().st_size for path in files)
    return {**found, **told, "cpu_s": cpu_s, "bytes_per_row": size / told["rows"]}


def _killed(side: str, *, all_of_it: bool) -> tuple[int, int]:
    """Return how many rows are there after a kill, and how many calls had returned.

    Args:
        side: whose.
        all_of_it: kill what the program had started as well, as when a container ends.
    """
    with _place() as place:
        with subprocess.Popen(
            [sys.executable, str(_SCRIPT), "log_until_killed", str(place)], cwd=place,
            env=_environment(side), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        ) as child:  # fmt: skip
            assert child.stdout
            began_s = 0.0
            for line in child.stdout:
                logged = int(line)
                began_s = began_s or time.monotonic()
                if time.monotonic() - began_s > _KILLED_AFTER_S:
                    break
            helpers = psutil.Process(child.pid).children(recursive=True)
            child.kill()
            for helper in helpers if all_of_it else ():
                helper.kill()
            rest = child.stdout.read().splitlines()
            logged = int(rest[-1]) if rest else logged
        _, still = psutil.wait_procs(helpers, timeout=_HELPERS_END_S)
        for helper in still:
            helper.kill()
        return _rows_kept(side, place), logged


def _rows_kept(side: str, place: Path) -> int:
    """Return how many rows can be read; wandb's own log is read by `tracklab sync`."""
    where = place
    if side == "wandb":
        where = place / "imported"
        subprocess.run(
            [sys.executable, "-c", _OUR_COMMAND, "sync", str(place / "wandb"), "--dir", where],
            check=False, capture_output=True,
        )  # fmt: skip
    lines = (line for path in where.rglob("history*.jsonl") for line in path.open("rb"))
    return sum(b'"_step"' in line and line.endswith(b"}\n") for line in lines)


def _ran(side: str, place: Path, what: str) -> tuple[str, float]:
    """Run a part of the script; return the last line it prints, and the CPU of all it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), what, str(place)], cwd=place, text=True, timeout=600,
        env=_environment(side), capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr[-2_000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout.splitlines()[-1], cpu_s


def _environment(side: str) -> dict[str, str]:
    plain = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("WANDB_", "TRACKLAB_"))
    }  # fmt: skip
    return {**plain, **_SIDES.get(side, {})}


@contextmanager
def _place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


if __name__ == "__main__":
    main()
