"""Every way to end, in every place: like the same program without tracklab, and no row lost."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.crash.endings import ROWS
from tests.crash.evidence import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.system

PROGRAM = Path(__file__).with_name("endings.py")
PLACES = ("program", "thread", "fork", "spawn")
WAYS = ("return", "exit", "raise", "_exit", "abort", "SIGTERM", "SIGINT", "SIGKILL", "SIGHUP")
LIMIT_S = 10

Ending = tuple[int, str, str]


def ended(way: str, place: str, root: Path | str) -> Ending:
    """Run the program to its end; return exit code, output and what it said besides.

    Without the frames of a traceback: where a signal meets a waiting thread differs each time.
    """
    done = subprocess.run(
        [sys.executable, PROGRAM, way, place, root],
        capture_output=True, text=True, check=False, timeout=LIMIT_S,
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if line and not line.startswith(" ")]
    return done.returncode, done.stdout, "\n".join(said)


@pytest.fixture(scope="module")
def endings(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[tuple[str, str], tuple[Ending, Ending, Path]]]:
    """Return, for each way and place, both endings and the data directory; four at a time."""
    place_for = tmp_path_factory.mktemp("endings")

    def both(way: str, place: str) -> tuple[Ending, Ending, Path]:
        root = place_for / f"{way}-{place}"
        return ended(way, place, root), ended(way, place, "-"), root

    with ThreadPoolExecutor(4) as pool:
        started = {key: pool.submit(both, *key) for key in product(WAYS, PLACES)}
        yield {key: future.result() for key, future in started.items()}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", WAYS)
def test_a_program_ends_as_it_would_without_us(
    endings: dict[tuple[str, str], tuple[Ending, Ending, Path]], way: str, place: str
) -> None:
    """Exit code, output and messages are the twin's; every row of each process is there."""
    ours, twin, root = endings[way, place]
    assert ours == twin
    found = evidence(root / "p/r")
    assert sorted(row["n"] for row in found.rows if "n" in row) == list(range(ROWS))
    assert len([row for row in found.rows if "parent" in row]) == 1 + ours[1].endswith("end\n")
    assert (found.bad, found.torn) == ([], [])
