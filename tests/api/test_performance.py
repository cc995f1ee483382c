"""Metrics for scripts, against a reading of the files by hand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.brute_force import lines
from tests.query.files import START_S, event, segment
from tracklab.api.performance import PerformanceMetricsAPI
from tracklab.errors import QueryError

if TYPE_CHECKING:
    from pathlib import Path


def timer(at_s: int, message: str = "step", **data: Any) -> dict[str, Any]:
    """Return a measurement."""
    return event("tracklab.metric", message, {"metric_type": "timer", **data}, at_s=at_s, seq=at_s)


@pytest.fixture
def api(root: Path) -> PerformanceMetricsAPI:
    """Return an API at one minute after the runs' start, over two runs."""
    segment(root / "p" / "one", [timer(10), timer(50), event("app", "no metric_type", at_s=55)],
            stream="events")  # fmt: skip
    segment(root / "p" / "one", [timer(40, "llm_call")], stream="llm")
    saves = [timer(at, "checkpoint_save", duration=at / 10, size=at, success=at < 50)
             for at in (5, 35, 45, 55)]  # fmt: skip
    segment(root / "p" / "two", saves, stream="events")
    for path in root.rglob("*.jsonl"):
        os.utime(path, (START_S + 59, START_S + 59))
    return PerformanceMetricsAPI(root, now=lambda: START_S + 60)


@pytest.mark.parametrize(("window", "seconds"), [("30s", 30), ("1h", 3600), ("0.5m", 30)])
def test_recent_metrics_are_those_of_the_judge(
    api: PerformanceMetricsAPI, root: Path, window: str, seconds: float
) -> None:
    """Every record with a metric type within the window, by time."""
    expected = sorted(
        record["timestamp"]
        for run in ("one", "two")
        for stream in ("events", "llm")
        for _, _, record in lines(root / "p" / run, stream)
        if "metric_type" in record["data"] and record["seq"] >= 60 - seconds
    )
    found = api.get_recent_metrics(window)
    assert [one["timestamp"] for one in found] == expected
    assert {one["data"]["metric_type"] for one in found} == {"timer"}


def test_checkpoint_metrics_count_the_window(api: PerformanceMetricsAPI) -> None:
    """Seconds and bytes; a failed save counts as one, but saved nothing."""
    found = api.get_checkpoint_metrics("30s")
    assert {key: found[key] for key in found if key != "checkpoints"} == {
        "count": 3, "saves": 3, "failures": 1, "median_s": 4.0, "gb_per_s": 1e-08, "bytes": 80,
        "total_s": 13.5, "blocked_s": 13.5,
    }  # fmt: skip
    assert [one["duration"] for one in found["checkpoints"]] == [3.5, 4.5, 5.5]


def test_runs_that_did_not_grow_are_not_read(api: PerformanceMetricsAPI, root: Path) -> None:
    """The time of its files says that nothing in them is new."""
    for path in (root / "p" / "two").iterdir():
        os.utime(path, (START_S, START_S))
    assert api.get_checkpoint_metrics("30s")["count"] == 0


def test_one_run_can_be_asked_alone(root: Path, api: PerformanceMetricsAPI) -> None:
    """By its directory."""
    alone = PerformanceMetricsAPI(root / "p" / "one", now=lambda: START_S + 60)
    assert {one["run"] for one in alone.get_recent_metrics()} == {"p/one"}


@pytest.mark.parametrize("window", ["soon", "", None, 3600])
def test_a_window_that_is_none_is_refused(api: PerformanceMetricsAPI, window: Any) -> None:
    """The message shows how to write one."""
    for ask in (api.get_recent_metrics, api.get_checkpoint_metrics):
        with pytest.raises(QueryError, match="Write '1h'"):
            ask(window)


def test_a_run_of_a_nested_project_has_its_whole_address(root: Path) -> None:
    """Also where its directory alone is known, and only its lines say the project."""
    for address, told in (("vision/cifar/r", "vision/cifar"), ("moved/r", "vision/cifar")):
        begun = event("tracklab.lifecycle", "start", {"project": told})
        path = segment(root / address, [begun, timer(50)], stream="events")
        os.utime(path, (START_S + 59, START_S + 59))
        alone = PerformanceMetricsAPI(root / address, now=lambda: START_S + 60)
        assert {one["run"] for one in alone.get_recent_metrics()} == {address}
