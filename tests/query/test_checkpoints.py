"""Checkpoints: time, size, rate and share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.query.files import event, segment

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine


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
    assert (stats.count, stats.failures, stats.median_s, stats.total_s) == (3, 1, 2.0, 7.0)
    assert (stats.share_of_runtime, stats.bytes) == (0.14, 8_000_000)


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
    assert (stats.count, stats.median_s, stats.share_of_runtime) == (0, None, None)
