"""How a run fares is told by the judge of `tracklab status`, once for each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.alerts.scenes import Listener, Scene
from tests.query.files import START_S, event, segment
from tracklab import clock
from tracklab.alerts.looking import Lookout
from tracklab.query.engines.local import LocalEngine

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


@pytest.mark.parametrize("home", ["p", "q"])
def test_a_run_that_was_moved_in_while_nobody_watched_is_told(
    root: Path, tmp_path: Path, home: str
) -> None:
    """Alone, or with its project, whatever the times of its directories."""
    segment(root / "p/here", [event("tracklab.alert", "here")], stream="events")
    end = event("tracklab.lifecycle", "finish", {"exit_code": 0}, seq=2)
    segment(root / f".away/{home}/r", [event("tracklab.alert", "moved"), end], stream="events")
    old_s = START_S - 9 * 24 * 3600
    os.utime(root / f".away/{home}/r", (old_s, old_s))
    kept, told = tmp_path / "kept.json", []
    for moved in (f"{home}/r", "p/none"):
        scene = Scene(root, listener := Listener(), kept=kept)
        scene.looked_s = START_S + 60
        scene.look()
        told.append(listener.titles)
        if moved.startswith("p/r"):
            (root / ".away/p/r").rename(root / "p/r")
        elif moved.startswith("q"):
            (root / ".away/q").rename(root / "q")
    assert told == [["here"], ["moved"]]


def test_a_project_that_is_new_is_looked_at_whole(root: Path) -> None:
    """Its runs changed long before, also by the clock of this disk."""
    for address in ("p/a", "q/b"):
        end = event("tracklab.lifecycle", "finish", {"exit_code": 0})
        segment(root / address, [end], stream="events")
    lookout = Lookout(LocalEngine(root))
    for projects, found in ((None, []), ({"p"}, ["q/b"]), ({"p", "q"}, [])):
        lookout.begin(clock.now() + 9_000, [], projects)
        assert [sight.address for sight in lookout.look()] == found


def test_an_alert_that_is_added_to_an_ended_run_is_told(root: Path) -> None:
    """Another program appended it, which changes no directory: a sweep over the files finds it."""
    end = event("tracklab.lifecycle", "finish", {"exit_code": 0}, seq=9)
    path = segment(root / "p/r", [end], stream="events")
    scene = Scene(root, listener := Listener())
    scene.look()
    with open(path, "a") as file:
        file.write(json.dumps(event("tracklab.alert", "late")) + "\n")
    scene.look()
    assert listener.titles == []
    scene.lookout.sweep()
    for _ in range(2):
        scene.look()
    assert listener.titles == ["late"]
