"""Whose processes are on a card: those of a living run's writers, and what they started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import tracklab
from tests.monitors.driver import NEEDS_COMPILER, Driver, built
from tracklab.live.holders import Holders
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

QUIET = {"console": "off", "save_environment": False}
SERVED = """
import json, os, subprocess, sys, tracklab
from pathlib import Path
from tests.server.serving import Client
from tracklab.server.app import create_app

root = Path(sys.argv[1])
with tracklab.init(project="p/q", id="r", dir=root, system_monitor=False,
                   settings={"console": "off"}):
    os.environ["FAKE_NVML_PIDS"] = f"{os.getpid()}:100,{os.getppid()}:5"
    reply = Client(create_app(root, insecure=True)).get("/api/hardware/accelerators")
    print(json.dumps([os.getpid(), reply.json()["accelerators"]]))
"""


def sleeper() -> subprocess.Popen[bytes]:
    """Start a process that waits for its input to end."""
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


def test_a_process_belongs_to_the_run_that_started_it(root: Path) -> None:
    """The writer itself and its child; not a process that was there before."""
    with tracklab.init(
        project="p/q", id="r", dir=root, system_monitor=False, settings=QUIET,
        reinit="finish_previous",
    ), sleeper() as child:  # fmt: skip
        holders = Holders(root, engine=LocalEngine(root))
        found = holders.runs_of([os.getpid(), child.pid, os.getppid(), 1])
        child.communicate()

    assert found == {os.getpid(): "p/q/r", child.pid: "p/q/r"}


def test_the_processes_of_an_ended_run_are_nobodys(root: Path) -> None:
    """A process may outlive its run, and begin another."""
    for name in ("a", "b"):
        tracklab.init(
            project="p", id=name, dir=root, system_monitor=False, settings=QUIET,
            reinit="finish_previous",
        )  # fmt: skip
    running = Holders(root, engine=LocalEngine(root)).runs_of([os.getpid()])
    tracklab.finish()

    assert running == {os.getpid(): "p/b"}
    assert Holders(root, engine=LocalEngine(root)).runs_of([os.getpid()]) == {}


@NEEDS_COMPILER
def test_the_api_names_the_run_of_each_process(root: Path, tmp_path: Path) -> None:
    """Beside what the card is and does; a stranger's process has none."""
    for name in ("library", "events"):
        (tmp_path / name).mkdir()
    driver = Driver(built(tmp_path / "library"), tmp_path / "events")
    own, cards = json.loads(driver.run(SERVED, str(root)))

    assert [card["kind"] for card in cards] == ["gpu", "gpu", "gpu"]
    assert cards[0]["temperature_celsius"] == 34
    assert {(p["pid"] == own, p["memory_used_bytes"], p["run"]) for p in cards[0]["processes"]} == {
        (True, 100, "p/q/r"), (False, 5, None),
    }  # fmt: skip
