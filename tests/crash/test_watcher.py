"""Killed at any moment, a watcher has lost nothing, and repeats at most what was in flight."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.alerts.scenes import Receiver
from tests.crash.needs import ROUNDS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

KILLS = max(ROUNDS // 20, 2)
ALERTS = 50 * KILLS
REFUSALS = 2 * KILLS
#: Alerts from two processes of one run, in segments that are soon full, among other lines.
TRAINING = """
import os, sys, time, tracklab
run = tracklab.init(project="p", id="r", dir=sys.argv[1], system_monitor=False,
                    settings={"console": "off", "save_environment": False, "segment_bytes": 9000})
child = os.fork()
for number in range(int(sys.argv[2]) // 2):
    run.event("app", "nothing", {"pad": "x" * 500})
    run.alert(f"{'parent' if child else 'child'} {number}")
    time.sleep(0.02)
if not child:
    os._exit(0)
os.waitpid(child, 0)
run.finish()
"""


def test_kills_lose_nothing(root: Path) -> None:
    """Each alert of two writers arrives, whenever the watcher was killed, refused or restarted."""
    chance = random.Random(1)  # noqa: S311 - moments, not secrets
    refusals = [chance.choice((200, 200, 200, 503)) for _ in range(REFUSALS)]
    with Receiver(*refusals) as receiver:
        command = [sys.executable, "-m", "tracklab", "watch", "--dir", str(root), "--from-start"]
        environment = {**os.environ, "TRACKLAB_NOTIFY": f"json://{receiver.address}"}
        training = subprocess.Popen([sys.executable, "-c", TRAINING, root, str(ALERTS)])
        for _ in range(KILLS):
            with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as watcher:
                time.sleep(chance.uniform(0.6, 1.4))
                watcher.kill()
        assert training.wait(timeout=120) == 0
        attempts = (
            subprocess.run([*command, "--once"], env=environment, timeout=120, check=False)
            for _ in range(REFUSALS)
        )
        assert any(attempt.returncode == 0 for attempt in attempts)
    told = Counter(receiver.titles)
    expected = {f"[INFO] {who} {n}" for who in ("parent", "child") for n in range(ALERTS // 2)}
    assert set(told) == expected
    assert told.total() - len(expected) <= KILLS
