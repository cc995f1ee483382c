"""LLM calls and what they come to, against numbers counted by hand and by numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.query.files import START_S, event, segment
from tracklab.errors import NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine


def call(number: int, **data: Any) -> dict[str, Any]:
    """Return a call, `number` seconds after the start; every third fails."""
    failed = number % 3 == 0
    fields = {
        "model": "ab"[number % 2],
        "provider": "p",
        "operation": "chat",
        "response_time": 0.1 * (number + 1),
        "ttft": 0.05,
        "success": not failed,
        "tokens": {"prompt": 10, "completion": number},
        **({"error_type": "Timeout", "error": "too slow"} if failed else {}),
        **data,
    }
    level = "ERROR" if failed else "INFO"
    return event("tracklab.llm", "llm_call", fields, seq=number, at_s=number, level=level)


@pytest.fixture
def calls(root: Path) -> None:
    """Write 20 calls of one run, and one of another project."""
    segment(root / "demo" / "r", map(call, range(20)), stream="llm")
    segment(root / "other" / "x", [call(5, model="c")], stream="llm")


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 21),
        ({"run": "r"}, 20),
        ({"project": "demo"}, 20),
        ({"project": "other"}, 1),
        ({"model": "a"}, 10),
        ({"run": "r", "success": False}, 7),
        ({"search": "TOO SLOW", "run": "r"}, 7),
        ({"run": "r", "x0": START_S + 5, "x1": START_S + 7}, 3),
        ({"run": "r", "x0": START_S + 18.5}, 1),
    ],
)
def test_calls_are_chosen(engine: Engine, asked: dict[str, Any], count: int) -> None:
    """The total counts them, the page shows the newest first."""
    page = engine.llm_calls(**asked, limit=2)
    assert page.total == count
    assert len(page.calls) == min(count, 2)
    assert [one.timestamp for one in page.calls] == sorted(
        (one.timestamp for one in page.calls), key=str, reverse=True
    )


@pytest.mark.usefixtures("calls")
def test_pages_of_calls_lose_nothing(engine: Engine) -> None:
    """Over several runs, oldest first."""
    found, after = [], None
    while True:
        page = engine.llm_calls(order="asc", limit=4, after=after)
        found += [(one.run, one.seq) for one in page.calls]
        after = page.cursor
        if after is None:
            break
    assert len(set(found)) == len(found) == 21


@pytest.mark.usefixtures("calls")
def test_a_call_tells_its_fields(engine: Engine) -> None:
    """And keeps its data for the drawer of the UI."""
    (one,) = engine.llm_calls(run="r", x0=START_S + 3, x1=START_S + 3).calls
    assert (one.run, one.model, one.success, one.error_type) == ("demo/r", "b", False, "Timeout")
    assert (one.prompt_tokens, one.completion_tokens, one.ttft) == (10, 3, 0.05)
    assert one.data["operation"] == "chat"


@pytest.mark.usefixtures("calls")
def test_stats_are_those_of_numpy(engine: Engine) -> None:
    """Exact percentiles, counts and tokens, in all and by model."""
    stats = engine.llm_stats(run="r")
    seconds = [0.1 * (number + 1) for number in range(20)]
    total = stats.total
    assert (total.count, total.errors, total.error_rate) == (20, 7, 0.35)
    assert [total.p50, total.p90, total.p95, total.p99] == pytest.approx(
        np.percentile(seconds, [50, 90, 95, 99])
    )
    assert (total.prompt_tokens, total.completion_tokens, total.ttft_p50) == (200, 190, 0.05)
    assert total.tokens_per_second == pytest.approx(190 / sum(seconds))
    assert [(one.group, one.count, one.errors) for one in stats.groups] == [
        ("a", 10, 4),
        ("b", 10, 3),
    ]


@pytest.mark.usefixtures("calls")
def test_the_timeline_and_the_heat_count_every_call(engine: Engine) -> None:
    """Columns follow on each other; each call lies in one."""
    stats = engine.llm_stats(run="r", group="operation")
    assert sum(one.count for one in stats.timeline) == 20
    assert sum(one.errors for one in stats.timeline) == 7
    assert all(a.t1 == b.t0 for a, b in zip(stats.timeline, stats.timeline[1:], strict=False))
    heat = stats.heat
    assert sum(map(sum, heat.counts)) == 20
    assert (len(heat.counts), len(heat.counts[0])) == (len(heat.t) - 1, len(heat.latency) - 1)
    assert heat.latency[0] <= 0.1
    assert heat.latency[-1] >= 2.0


def test_calls_that_tell_nothing_are_counted(engine: Engine, run_dir: Path) -> None:
    """No time, no tokens, fields of the wrong type: no percentile, and no failure of ours."""
    bare = {"logger": "tracklab.llm", "message": "llm_call", "level": "ERROR"}
    odd = {**bare, "data": {"model": 3, "tokens": "many", "response_time": "slow"}}
    segment(run_dir, [bare, odd], stream="llm")
    stats = engine.llm_stats(run="r")
    assert (stats.total.count, stats.total.errors, stats.total.p50) == (2, 2, None)
    assert (stats.timeline, stats.heat.counts) == ([], [])
    assert [one.model for one in engine.llm_calls(run="r").calls] == ["", ""]


def test_no_calls_are_no_error(engine: Engine, run_dir: Path) -> None:
    """A project without calls; a run that is not there is one."""
    segment(run_dir, [])
    assert engine.llm_stats(project="demo").total.count == 0
    with pytest.raises(NotFoundError):
        engine.llm_stats(run="nope")
