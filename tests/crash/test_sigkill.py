"""Killed at any moment, a program has lost no row whose `log()` had returned."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import orjson
import pytest

from tests.crash.needs import ROUNDS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

PROGRAM = """
import os, tracklab
run = tracklab.init(project="p", id="r", settings={"segment_bytes": 20_000, "console": "off"})
for n in range(10_000_000):
    run.log({"n": n, "loss": n / 7})
    os.write(1, b"%d\\n" % n)  # the acknowledgement: log() has returned
"""


def test_no_acknowledged_row_is_lost(tmp_path: Path) -> None:
    """Kills at random moments, rotation included: 0 rows lost, none torn but a last one."""
    lost, acknowledged = lost_rows(tmp_path)
    assert lost == 0
    assert acknowledged > ROUNDS


def lost_rows(place: Path, *, write_mode: str = "sync") -> tuple[int, int]:
    """Kill a logging program many times; return the acknowledged rows that are lost, and all."""
    chance = random.Random(1)  # noqa: S311 - moments, not secrets
    lost = total = 0
    for kill in range(ROUNDS):
        root = place / str(kill)
        acknowledged = killed_after(root, chance.randrange(1, 3_000), write_mode)
        lost += len(acknowledged - rows_on_disk(root / "p/r"))
        total += len(acknowledged)
    return lost, total


def killed_after(root: Path, lines: int, write_mode: str) -> set[int]:
    """Start the program, kill it after so many acknowledgements, return all it gave."""
    chosen = {"TRACKLAB_DATA_DIR": str(root), "TRACKLAB_WRITE_MODE": write_mode}
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, env={**os.environ, **chosen}, stdout=subprocess.PIPE) as program:
        assert program.stdout
        given = [program.stdout.readline() for _ in range(lines)]
        program.send_signal(signal.SIGKILL)
        given += program.stdout.readlines()
    return {int(line) for line in given if line.endswith(b"\n")}


def rows_on_disk(run_dir: Path) -> set[int]:
    """Return `n` of every whole row; only a last line may be torn."""
    found = set()
    for path in run_dir.glob("history*.jsonl"):
        *whole, _ = path.read_bytes().split(b"\n")
        found |= {orjson.loads(line).get("n") for line in whole}
    return found
