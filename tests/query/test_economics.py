"""How often to save, against a simulation and a search that know nothing of the formula."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.query.files import START_S, event, segment
from tracklab.errors import QueryError
from tracklab.query.addresses import Place
from tracklab.query.answers.checkpoints import Interruptions
from tracklab.query.economics import best_interval_s, newest, overhead

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine

#: Seconds a save costs, and mean seconds between failures.
PLANTED = [(1.0, 3_600.0), (30.0, 3_600.0), (30.0, 86_400.0), (300.0, 7_200.0), (600.0, 1_800.0)]


def simulated_s(interval_s: float, cost_s: float, mtbf_s: float, *, segments: int) -> float:
    """Play work, saves and failures; return the seconds that a second of work takes.

    Each segment is tried until no failure comes before it and its save are over.
    """
    chance = np.random.default_rng(7)
    needed_s = interval_s + cost_s
    spent_s = 0.0
    for _ in range(segments):
        until_failure_s = chance.exponential(mtbf_s)
        while until_failure_s < needed_s:
            spent_s += until_failure_s
            until_failure_s = chance.exponential(mtbf_s)
        spent_s += needed_s
    return spent_s / (segments * interval_s)


@pytest.mark.parametrize(("cost_s", "mtbf_s"), PLANTED)
def test_the_advised_interval_is_the_best_of_all(cost_s: float, mtbf_s: float) -> None:
    """A search over a thousand intervals finds none that costs a thousandth less."""
    expected = [
        mtbf_s * math.expm1((interval + cost_s) / mtbf_s) / interval
        for interval in np.geomspace(cost_s / 10, mtbf_s * 10, 1_000)
    ]
    advised_s = best_interval_s(cost_s, mtbf_s)
    found = mtbf_s * math.expm1((advised_s + cost_s) / mtbf_s) / advised_s
    assert found <= min(expected) * 1.001
    assert overhead(advised_s, cost_s, mtbf_s) == pytest.approx(found - 1)


def test_a_simulation_wastes_what_the_formula_says() -> None:
    """And saving twice or half as often wastes more."""
    cost_s, mtbf_s = 30.0, 3_600.0
    advised_s = best_interval_s(cost_s, mtbf_s)
    played = {
        factor: simulated_s(factor * advised_s, cost_s, mtbf_s, segments=20_000) - 1
        for factor in (0.5, 1.0, 2.0)
    }
    assert played[1.0] == pytest.approx(overhead(advised_s, cost_s, mtbf_s), rel=0.05)
    assert played[1.0] < min(played[0.5], played[2.0])


def test_youngs_rule_is_the_limit_of_rare_failures() -> None:
    """The square root of twice the product, where saving is cheap."""
    assert best_interval_s(1.0, 1e8) == pytest.approx(math.sqrt(2 * 1.0 * 1e8), rel=1e-3)


def a_run(run_dir: Path, *, end: str, saves: int = 4, cost_s: float = 2.0, **more: Any) -> None:
    """Write a run of 50 s that saves each 10 s and 100 steps, on a machine that has rebooted."""
    facts = {"host": "elsewhere", "pid": 1, "boot_id": "b"}
    parts = [event("tracklab.lifecycle", "start", {"start_time": "2026-11-20T17:40:00Z"})]
    for n in range(1, saves + 1):
        data = {"operation": "save", "success": True, "duration": cost_s, "step": 100 * n, **more}
        parts.append(event("tracklab.checkpoint", "checkpoint_save", data, at_s=10 * n))
    code = {"finished": 0, "failed": 1, "terminated": 143}.get(end)
    if code is not None:
        parts.append(event("tracklab.lifecycle", "finish", {"exit_code": code}, at_s=50))
    segment(run_dir, parts, stream="events", facts=facts)


def test_a_given_mtbf_decides(engine: Engine, root: Path) -> None:
    """In seconds and in steps, with what it saves against the interval of now."""
    a_run(root / "p" / "a", end="finished")
    advice = engine.checkpoints(run="a", mtbf_s=3_600.0).advice
    assert advice is not None
    best_s = best_interval_s(2.0, 3_600.0)
    assert (advice.interval_s, advice.save_cost_s, advice.mtbf_basis) == (best_s, 2.0, "given")
    assert advice.interruptions is None
    assert advice.current_interval_s == 8.0
    assert advice.interval_steps == round(best_s / 0.08)
    assert advice.overhead is not None
    assert advice.current_overhead is not None
    assert advice.current_overhead == pytest.approx(overhead(8.0, 2.0, 3_600.0))
    assert advice.overhead < advice.current_overhead


def test_without_an_mtbf_the_project_tells(engine: Engine, root: Path) -> None:
    """Runs ended by a signal count; those that failed by themselves are time without failure."""
    for name, end in (("a", "finished"), ("b", "terminated"), ("c", "failed"), ("d", "terminated")):
        a_run(root / "p" / name, end=end)
    a_run(root / "other" / "e", end="terminated")
    advice = engine.checkpoints(run="a").advice
    assert advice is not None
    assert advice.mtbf_s == pytest.approx(100.0)
    assert advice.mtbf_basis == "2 interruptions in 0.05556 h of 4 runs"
    assert advice.interruptions == Interruptions(count=2, lasted_s=200.0, runs=4)


def test_no_failure_is_no_estimate(engine: Engine, root: Path) -> None:
    """Then the cost is told and nothing is advised."""
    a_run(root / "p" / "a", end="finished")
    advice = engine.checkpoints(project="p").advice
    assert advice is not None
    assert (advice.interval_s, advice.mtbf_s, advice.save_cost_s) == (None, None, 2.0)
    assert advice.mtbf_basis == "0 interruptions in 0.01389 h of 1 run"


def test_the_newest_runs_are_looked_at(root: Path) -> None:
    """By when their directories changed last; one that is gone meanwhile is the oldest."""
    made = []
    for age, name in enumerate(("new", "old", "older")):
        path = root / "p" / name
        path.mkdir(parents=True)
        os.utime(path, (START_S - age, START_S - age))
        made.append(Place("p", name, path))
    gone = Place("p", "gone", root / "p" / "gone")
    assert newest([gone, *reversed(made)], limit=2) == made[:2]


def test_attempts_that_were_resumed_count(engine: Engine, root: Path) -> None:
    """An attempt without an end, followed by another writer's, was interrupted."""
    path = root / "p" / "a"
    a_run(path, end="none")
    later = [
        event("tracklab.lifecycle", "start", {"resumed": True}, at_s=40),
        event("tracklab.lifecycle", "finish", {"exit_code": 0}, at_s=59),
    ]
    segment(path, later, stream="events", writer="n1-4242-0", attempt=1)
    advice = engine.checkpoints(run="a").advice
    assert advice is not None
    assert advice.mtbf_basis.startswith("1 interruption in")


def test_a_save_in_the_background_costs_only_its_wait(engine: Engine, root: Path) -> None:
    """But the next one cannot begin before it is durable."""
    a_run(root / "p" / "a", end="finished", cost_s=9.0, blocked=0.001)
    advice = engine.checkpoints(run="a", mtbf_s=100.0).advice
    assert advice is not None
    assert (advice.save_cost_s, advice.interval_s) == (0.001, 9.0)


@pytest.mark.parametrize("mtbf_s", [0.0, -1.0, math.inf, math.nan])
def test_an_impossible_mtbf_is_refused(engine: Engine, root: Path, mtbf_s: float) -> None:
    """Seconds above 0."""
    a_run(root / "p" / "a", end="finished")
    with pytest.raises(QueryError, match="above 0"):
        engine.checkpoints(run="a", mtbf_s=mtbf_s)
