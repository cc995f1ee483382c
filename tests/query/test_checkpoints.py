"""Checkpoints: time, size, rate and share."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.query.files import event, segment

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine

KILLED = """
import os, signal, sys, tracklab
run = tracklab.init(project="p", id="r", dir=sys.argv[1], settings={"console": "off"})
for step in (1, 2):
    with tracklab.checkpoint(f"{sys.argv[1]}/{step}.pt", step=step) as saved:
        with open(saved.path, "w") as file:
            file.write("weights")
        if step == 2:
            print("saving", flush=True)
            sys.stdin.read(1)
            os.kill(os.getpid(), signal.SIGKILL)
"""


def saved(at_s: int, logger: str = "tracklab.checkpoint", **data: Any) -> dict[str, Any]:
    """Return a save."""
    fields = {"metric_type": "timer", "operation": "save", "success": True, **data}
    return event(logger, "checkpoint_save", fields, at_s=at_s)


def test_checkpoints_tell_rate_and_share(engine: Engine, run_dir: Path) -> None:
    """Sizes in bytes, rates in MB of 10^6 bytes, the share of the run's duration."""
    parts = [
        event("tracklab.lifecycle", "start", {"start_time": "2026-11-20T17:40:00Z"}),
        saved(20, duration=2.0, size=4_000_000, step=20, path="b"),
        saved(10, duration=4.0, size=4_000_000, step=10, path="a"),
        saved(30, duration=1.0, size=None, success=False, error_type="OSError"),
        event("app", "about a checkpoint_save", at_s=31),
        event("tracklab.lifecycle", "finish", {"exit_code": 0}, at_s=50),
    ]
    segment(run_dir, parts, stream="events")
    page = engine.checkpoints(run="r")
    assert [(one.path, one.mb_per_s, one.success) for one in page.checkpoints] == [
        ("b", 2.0, True),
        ("a", 1.0, True),
        (None, None, False),
    ]
    stats = page.stats
    assert (stats.count, stats.saves, stats.failures, stats.median_s) == (3, 3, 1, 3.0)
    assert (stats.total_s, stats.blocked_s, stats.blocked_share) == (7.0, 7.0, 0.14)
    assert (stats.bytes, stats.gb_per_s) == (8_000_000, 8e6 / 6 / 1e9)


def test_only_the_time_that_training_waited_is_its_share(engine: Engine, run_dir: Path) -> None:
    """A save in the background may take long and cost little; a load costs, too."""
    parts = [
        event("tracklab.lifecycle", "start", {"start_time": "2026-11-20T17:40:00Z"}),
        saved(20, duration=10.0, blocked=0.5, size=1_000_000_000),
        event("tracklab.checkpoint", "checkpoint_load", {"duration": 4.5}, at_s=30),
        event("tracklab.lifecycle", "finish", {"exit_code": 0}, at_s=50),
    ]  # fmt: skip
    segment(run_dir, parts, stream="events")
    stats = engine.checkpoints(run="r").stats
    assert (stats.median_s, stats.gb_per_s, stats.total_s) == (10.0, 0.1, 14.5)
    assert (stats.blocked_s, stats.blocked_share) == (5.0, 0.1)


def test_a_checkpoint_tells_what_became_of_it(engine: Engine, run_dir: Path) -> None:
    """The newest save of a path, of this run; a removal of what was never saved is nothing."""
    kept, gone = "checkpoint_keep", "checkpoint_remove"
    parts = [
        saved(1, duration=1, path="a"),
        saved(2, duration=1, path="a"),
        saved(3, duration=1, path="b", kept="best so far"),
        event("tracklab.checkpoint", gone, {"path": "a"}, at_s=4),
        event("tracklab.checkpoint", gone, {"path": "z"}, at_s=5),
        event("tracklab.checkpoint", kept, {"path": "b", "reason": "x"}, at_s=6),
    ]  # fmt: skip
    segment(run_dir, parts, stream="events")
    found = engine.checkpoints(run="r").checkpoints
    assert [(one.path, one.kept, one.removed_at) for one in found] == [
        ("a", None, None),
        ("a", None, "2026-11-20T17:40:04.000000Z"),
        ("b", "x", None),
    ]


def test_other_loggers_may_tell_of_checkpoints(engine: Engine, root: Path) -> None:
    """The message counts, not who logged it; a project has those of all its runs."""
    segment(
        root / "p" / "one", [saved(2, logger="performance_metrics", duration=1)], stream="events"
    )
    segment(root / "p" / "two", [saved(1, duration="long", size="big")], stream="events")
    found = engine.checkpoints(project="p").checkpoints
    assert [(one.run, one.duration, one.size) for one in found] == [
        ("p/two", None, None),
        ("p/one", 1.0, None),
    ]


def test_no_checkpoints_have_no_median(engine: Engine, run_dir: Path) -> None:
    """Nothing to divide by."""
    segment(run_dir, [])
    stats = engine.checkpoints().stats
    assert (stats.count, stats.median_s, stats.blocked_share) == (0, None, None)
    assert engine.checkpoints().advice is None


@pytest.mark.integration
def test_a_save_in_which_the_process_was_killed_has_failed(engine: Engine, root: Path) -> None:
    """While its writer lives it may still end well, and nothing is said of it."""
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, root], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdin
        assert program.stdout
        program.stdout.readline()
        before = engine.checkpoints(run="p/r").checkpoints
        program.stdin.close()

    after = engine.checkpoints(run="p/r")
    assert [(one.step, one.success) for one in before] == [(1, True)]
    told = [(one.step, one.success, one.error_type, one.duration) for one in after.checkpoints[1:]]
    assert told == [(2, False, "Interrupted", None)]
    assert (after.stats.saves, after.stats.failures) == (2, 1)
