"""When the machine runs out of room, files or rights, training goes on and says what is missing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.crash.evidence import evidence
from tests.crash.needs import needs_loop_devices, needs_mounts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

PROGRAM = """
import os, resource, shutil, sys, tracklab
root, result = sys.argv[1:]
run = tracklab.init(project="p", id="r", dir=root, system_monitor=False,
                    settings={"segment_bytes": 4096, "console": "off"})
row = {f"layer.{n}": n / 7 for n in range(20)}

def log(count):
    for _ in range(count):
        run.log({"n": run.step, **row})

BREAK = MEND = lambda: None
log(15); BREAK(); log(25); MEND(); log(15)
lost = run._writer.lines_lost
run.finish()
print("trained", lost)
if result:
    shutil.copytree(root, result)
sys.exit(3)
"""
FULL = """
def BREAK():
    global ballast
    ballast = os.open(root + "/ballast", os.O_WRONLY | os.O_CREAT)
    try:
        for size in (4096, 1):
            while os.write(ballast, b"x" * size): pass
    except OSError: pass

def MEND(): os.truncate(ballast, 0)
"""
NO_FILES = """
def BREAK():
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))

limits = resource.getrlimit(resource.RLIMIT_NOFILE)
def MEND(): resource.setrlimit(resource.RLIMIT_NOFILE, limits)
"""
NO_LONG_FILES = """
def BREAK():
    size = max(os.path.getsize(f"{run.run_dir}/{name}") for name in os.listdir(run.run_dir))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, limits[1]))

limits = resource.getrlimit(resource.RLIMIT_FSIZE)
def MEND(): resource.setrlimit(resource.RLIMIT_FSIZE, limits)
"""
ABORTED = """
import subprocess
def BREAK(): subprocess.run(["mount", "-o", "remount,abort", root], check=True)
def MEND(): pass
"""


def program(break_and_mend: str) -> list[str]:
    """Return the command of the program that breaks its machine and mends it again."""
    text = PROGRAM.replace("BREAK = MEND = lambda: None\n", break_and_mend)
    return [sys.executable, "-c", text]


def end(command: list[str]) -> tuple[int, str, list[str]]:
    """Run a command; return exit code, output and the lines of what it said besides."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr.splitlines()


def assert_survived(run_dir: Path, lost: int, reason: str) -> None:
    """Exactly `lost` rows are missing, each is named, and all others can be read."""
    found = evidence(run_dir)
    numbers = [row["n"] for row in found.rows]
    assert len(numbers) == len(set(numbers)) == 55 - lost
    assert set(numbers) >= {*range(15), *range(40, 55)}
    assert {gap["reason"] for gap in found.gaps()} == {reason}
    assert (found.torn, found.unaccounted()) == ([], set())
    # A torn line may stand where the disk took a part; it is never glued to a good one.
    assert all(line.startswith(b"{") and not line.endswith(b"}") for line in found.bad)


@needs_mounts
def test_a_full_disk_loses_what_is_named_and_nothing_else(tmp_path: Path) -> None:
    """A disk of 64 kB fills up; when there is room again, a gap names what did not fit."""
    disk, result = tmp_path / "disk", tmp_path / "result"
    disk.mkdir()
    mounted = 'mount -t tmpfs -o size=64k none "$0" && exec "$@"'
    inside = ["unshare", "--mount", "sh", "-c", mounted, str(disk)]
    code, out, said = end([*inside, *program(FULL), str(disk), str(result)])
    assert (code, out.split()[0], len(said)) == (3, "trained", 2), said
    assert "No space left on device" in said[0]
    assert int(out.split()[1]) > 0
    assert "could not be written" in said[1]
    assert_survived(result / "p/r", int(out.split()[1]), "ENOSPC")


@pytest.mark.parametrize(("fault", "reason"), [(NO_FILES, "EMFILE"), (NO_LONG_FILES, "EFBIG")])
def test_a_limit_of_the_process_loses_what_is_named(
    tmp_path: Path, fault: str, reason: str
) -> None:
    """No descriptor for the next segment, or no room behind half a line: named, then mended."""
    code, out, said = end([*program(fault), str(tmp_path), ""])
    assert (code, out.split()[0], len(said)) == (3, "trained", 2), said
    assert int(out.split()[1]) > 0
    assert "could not be written" in said[1]
    assert_survived(tmp_path / "p/r", int(out.split()[1]), reason)


@needs_loop_devices
@needs_mounts
def test_a_disk_that_turns_read_only_stops_nothing(tmp_path: Path) -> None:
    """A file system that gives up after an error: the rest is lost, output and code are not."""
    image, disk, result = tmp_path / "image", tmp_path / "disk", tmp_path / "result"
    disk.mkdir()
    with open(image, "wb") as file:
        file.truncate(8 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    mounted = 'mount -o loop "$0" "$1" && shift && exec "$@"'
    inside = ["unshare", "--mount", "sh", "-c", mounted, str(image), str(disk)]
    code, out, said = end([*inside, *program(ABORTED), str(disk), str(result)])
    assert (code, out.split()[0]) == (3, "trained"), said
    assert said
    assert all(line.startswith("tracklab: ") for line in said)
    found = {row["n"] for row in evidence(result / "p/r").rows}
    assert found >= set(range(15))
    assert int(out.split()[1]) >= 55 - len(found)
