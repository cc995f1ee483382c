"""A power cut: what the disk's own blocks hold at that moment, without the kernel's memory."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.crash.evidence import evidence
from tests.crash.needs import needs_loop_devices, needs_mounts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.system, needs_loop_devices, needs_mounts]

PROGRAM = """
import os, sys, time, tracklab
run = tracklab.init(project="p", id="r", dir=sys.argv[1], settings={
    "console": "off", "sync_interval": 0.1, "monitor_interval": 0.1, "segment_bytes": 100_000})
run.alert("before")
for n in range(10_000_000):
    run.log({"n": n, "loss": n / 7})
    os.write(1, b"%d %f\\n" % (n, time.time()))
    time.sleep(0.0005)
"""
#: Between two syncs lies the interval, beside a sync that takes its time on a busy machine.
SURVIVES_AFTER_S = 1.0
MOUNT = 'mount -o loop "$0" "$1" && shift && exec "$@"'


def mounted(image: Path, disk: Path, *command: str) -> list[str]:
    """Return a command that runs where `image` is mounted on `disk`, and nobody else sees it."""
    return ["unshare", "--mount", "sh", "-c", MOUNT, str(image), str(disk), *command]


def test_rows_older_than_a_second_survive(tmp_path: Path) -> None:
    """The blocks of the disk are copied while a program logs, and mounted as they are."""
    image, disk, cut = tmp_path / "image", tmp_path / "disk", tmp_path / "cut"
    disk.mkdir()
    with open(image, "wb") as file:
        file.truncate(16 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    program = [sys.executable, "-c", PROGRAM, str(disk)]
    with subprocess.Popen(mounted(image, disk, *program), stdout=subprocess.PIPE) as writing:
        assert writing.stdout
        given = [writing.stdout.readline() for _ in range(50)]
        began_s = time.monotonic()
        while time.monotonic() < began_s + 2:
            given.append(writing.stdout.readline())
        os.kill(writing.pid, signal.SIGSTOP)  # so that the copy shows one moment
        now_s = time.time()
        shutil.copyfile(image, cut)
        writing.kill()
        given += writing.stdout.readlines()
    subprocess.run(mounted(cut, disk, "cp", "-r", f"{disk}/p", str(tmp_path)), check=True)
    found = evidence(tmp_path / "p/r")
    old = {
        int(n)
        for n, at_s in (line.split() for line in given if line.endswith(b"\n"))
        if float(at_s) < now_s - SURVIVES_AFTER_S
    }
    assert len(old) > 100
    assert {row["n"] for row in found.rows} >= old
    assert "before" in {event["message"] for event in found.events}
