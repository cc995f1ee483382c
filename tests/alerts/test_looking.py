"""How a run fares is told by the judge of `tracklab status`, once for each time."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.alerts.scenes import Listener, Scene
from tests.query.files import event, segment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.functional

PROGRAM = """
import os, signal, sys, tracklab
run = tracklab.init(project="p", id="r", name="n", dir=sys.argv[1], resume="allow",
                    system_monitor=False, settings={"console": "off", "save_environment": False})
for _ in range(5):
    run.log({"loss": 1})
print("up", flush=True)
how = input()
if how == "fail":
    raise ValueError("no such luck")
if how == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
"""


class Program:
    """A program with a run, which ends as it is told."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, root], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout
        assert self._process.stdout.readline() == "up\n"

    def end(self, how: str) -> None:
        """End it."""
        self._process.communicate(how, timeout=60)


def test_each_bad_end_is_told_once(root: Path) -> None:
    """A killed process writes nothing; one that fails says why; one that finishes is no news."""
    scene = Scene(root, listener := Listener())
    for how in ("kill", "fail", "finish"):
        program = Program(root)
        scene.look()
        program.end(how)
        scene.look()
        scene.look()
    crashed, failed = listener.told
    assert (crashed.kind, crashed.title, crashed.level) == ("crashed", "n has crashed", "ERROR")
    assert (failed.kind, failed.text[:30]) == ("failed", "no such luck. Exit code 1. Las")


def test_a_crash_while_nobody_watched_is_told_later(root: Path, tmp_path: Path) -> None:
    """Once, also if it is the second one of the run."""
    kept, told = tmp_path / "kept.json", []
    for _ in range(2):
        program = Program(root)
        scene = Scene(root, listener := Listener(), kept=kept)
        scene.look()
        told.append(listener.titles)
        program.end("kill")
    for _ in range(2):
        Scene(root, listener := Listener(), kept=kept).look()
        told.append(listener.titles)
    assert told == [[], [], ["n has crashed"], []]


def test_a_crash_is_told_although_the_run_was_resumed_meanwhile(root: Path) -> None:
    """The target was out, for another run's alert, and what it missed is what happened."""
    segment(root / "a/r", [event("tracklab.alert", "a")], stream="events")
    scene = Scene(root, listener := Listener(failures=1))
    for how in ("kill", "finish"):
        program = Program(root)
        scene.look()
        program.end(how)
        scene.look()
    scene.look(after_s=2)
    assert [(one.kind, one.run) for one in listener.told] == [("alert", "a/r"), ("crashed", "p/r")]


def test_a_run_that_stands_still_is_told_of_once(root: Path) -> None:
    """Until its rows come again; then its end is another news."""
    program = Program(root)
    os.utime(root / "p/r/history.jsonl", (1, 1))
    scene = Scene(root, listener := Listener())
    scene.look()
    scene.look()
    program.end("kill")
    scene.look()
    assert [one.kind for one in listener.told] == ["stalled", "crashed"]


def test_runs_that_ended_before_are_no_news(root: Path) -> None:
    """Who begins to watch now is told of what happens now."""
    Program(root).end("kill")
    os.utime(root / "p/r/events.jsonl", (1e9, 1e9))
    os.utime(root / "p/r/history.jsonl", (1e9, 1e9))
    scene = Scene(root, listener := Listener(), since_s=1.1e9)
    assert (scene.look(), listener.told) == (True, [])
