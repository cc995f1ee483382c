"""What a version costs: in time against `cp` and `sha256sum`, and on disk."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

from tests.bench.table import Figure
from tracklab.artifacts.artifact import Artifact

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["artifact_costs"]

_MB = 1_000_000
_FILES, _FILE_BYTES = 16, 16 * _MB
_COPIES = 10


def artifact_costs(root: Path) -> list[Figure]:
    """Return throughput of new and known contents, and the room that equal files take."""
    os.environ["TRACKLAB_DATA_DIR"] = str(root / "runs")
    tree = root / "tree"
    tree.mkdir()
    for number in range(_FILES):
        (tree / f"{number}.bin").write_bytes(os.urandom(_FILE_BYTES))
    mega = _FILES * _FILE_BYTES / _MB
    by_hand_s = seconds(lambda: copy_and_sum(tree, root / "by-hand"))
    new_s = seconds(lambda: log(root, tree, "new"))
    known_s = seconds(lambda: log(root, tree, "known"))
    before = disk_bytes(root / "runs")
    for number in range(_COPIES - 2):
        log(root, tree, f"copy-{number}")
    grown = (disk_bytes(root / "runs") - before) / _MB
    return [
        Figure("artifact of new files, MB/s", mega / new_s),
        Figure("the same by cp, sha256sum and sync, MB/s", mega / by_hand_s),
        Figure("artifact of new files / cp, sha256sum and sync, time", new_s / by_hand_s, 3,
               note=f"({new_s:.2f} s / {by_hand_s:.2f} s)"),
        Figure("artifact of files that are known, MB/s", mega / known_s),
        Figure(f"MB on disk for {_COPIES} versions of one tree, per MB of it",
               disk_bytes(root / "runs") / _MB / mega, 1.05),
        Figure(f"MB that versions 3 to {_COPIES} of {mega:.0f} MB added", grown, 1),
    ]  # fmt: skip


def log(root: Path, tree: Path, name: str) -> None:
    """Make a version of a directory."""
    made = Artifact(name, "dataset")
    made.add_dir(tree)
    made.commit(root / "runs", project="bench", facts={})


def copy_and_sum(tree: Path, target: Path) -> None:
    """Do by hand what a version needs at least: a copy on disk, and a digest of each file."""
    subprocess.run(["cp", "-r", tree, target], check=True)
    subprocess.run(["sha256sum", *sorted(target.iterdir())], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["sync", *sorted(target.iterdir())], check=True)


def seconds(action: Callable[[], None]) -> float:
    """Return how long an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def disk_bytes(path: Path) -> int:
    """Return what a directory takes on disk, each inode once."""
    done = subprocess.run(["du", "-s", "-B1", path], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0])
