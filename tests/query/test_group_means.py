"""Means over runs: what adding up by hand gives, in the same buckets for all."""

from __future__ import annotations

import math
import random
import statistics
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.query.files import row, segment
from tests.query.test_smoothing import smoothed
from tracklab.errors import QueryError
from tracklab.index.building import build_run
from tracklab.index.places import index_root, run_place
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

RUNS: dict[str, tuple[list[str], float | None]] = {
    "demo/a": (["x", "y"], 0.1),
    "demo/b": (["x"], 0.1),
    "demo/c": ([], 3),
    "demo/d": (["y"], None),
}


@pytest.fixture
def logged(root: Path) -> dict[str, dict[int, float]]:
    """Write four runs of unlike length and rhythm; return their points."""
    points: dict[str, dict[int, float]] = {}
    for number, (address, (tags, lr)) in enumerate(RUNS.items()):
        random_ = random.Random(number)  # noqa: S311 - made-up data
        steps = range(number, 900 + 100 * number, number + 1)
        points[address] = {step: random_.gauss(number, 3) for step in steps}
        run_dir = root / address
        records = [row(step, seq, {"loss": value})
                   for seq, (step, value) in enumerate(points[address].items(), 1)]  # fmt: skip
        segment(run_dir, records)
        shown = ", ".join(f'"{tag}"' for tag in tags)
        (run_dir / "metadata.json").write_text(f'{{"status": "finished", "tags": [{shown}]}}')
        (run_dir / "config.yaml").write_text("{}\n" if lr is None else f"lr: {lr}\n")
    return points


def by_hand(
    points: dict[str, dict[int, float]], runs: list[str], width: float, **view: Any
) -> list[tuple[float, float, float, float]]:
    """Return x, mean, standard error and number of runs of each bucket."""
    buckets: dict[float, dict[str, list[tuple[int, float]]]] = {}
    for run in runs:
        values = list(points[run].values())
        if view.get("smooth"):
            values = smoothed(view["smooth"], np.array(values)).tolist()
        for step, value in zip(points[run], values, strict=True):
            if view.get("x0", -math.inf) <= step <= view.get("x1", math.inf):
                place = math.floor(step / width) if width else step
                buckets.setdefault(place, {}).setdefault(run, []).append((step, value))
    found: list[tuple[float, float, float, float]] = []
    for _, own in sorted(buckets.items()):
        means = [statistics.fmean(value for _, value in told) for told in own.values()]
        x = max(step for told in own.values() for step, _ in told)
        error = statistics.stdev(means) / math.sqrt(len(means)) if len(means) > 1 else math.nan
        found.append((x, statistics.fmean(means), error, len(means)))
    return found


@pytest.mark.parametrize("indexed", ["no", "half", "yes", "damaged"])
@pytest.mark.parametrize(
    "view",
    [
        {"px": 4},
        {"px": 5_000},
        {"px": 7, "x0": 100, "x1": 700},
        {"px": 30, "smooth": "ema:0.8"},
    ],
)
def test_means_are_those_of_the_points(
    root: Path, logged: dict[str, dict[int, float]], view: dict[str, Any], indexed: str
) -> None:
    """At any zoom, smoothed or not, whatever the index has of the runs."""
    some = {"no": [], "half": ["demo/a", "demo/c"]}.get(indexed, list(RUNS))
    for address in some:
        place = run_place(index_root(root), *address.split("/"))
        build_run(root / address, place, min_bytes=1)
    if indexed == "damaged":
        for part in index_root(root).rglob("*.tlx"):
            content = bytearray(part.read_bytes())
            content[len(content) // 3] ^= 4
            part.write_bytes(content)
    reply = LocalEngine(root).series_means(list(RUNS), ["loss"], by="tag", **view)

    groups = {"x": ["demo/a", "demo/b"], "y": ["demo/a", "demo/d"], None: ["demo/c"]}
    assert {one.group: one.runs for one in reply.groups} == groups
    for one in reply.groups:
        widths = (0.0, *(2.0**power for power in range(-3, 12)))
        expected = [by_hand(logged, one.runs, width, **view) for width in widths]
        (told,) = [found for found in expected if [x for x, *_ in found] == one.x.tolist()][-1:]
        assert len(told) <= max(view["px"], 2)
        for found, hand in zip(zip(one.mean, one.stderr, one.n, strict=True), told, strict=True):
            assert found == pytest.approx(hand[1:], rel=1e-9, abs=1e-9, nan_ok=True)


def test_runs_are_grouped_by_any_field(root: Path, logged: dict[str, dict[int, float]]) -> None:
    """Numbers by how JSON writes them, lists by each part, all together without a field."""
    engine = LocalEngine(root)

    def groups(by: str) -> dict[str | None, list[str]]:
        found = engine.series_means(list(RUNS), ["loss", "gone"], by=by).groups
        assert [one.n.size for one in found if one.key == "gone"] == [0] * (len(found) // 2)
        return {one.group: [run[-1] for run in one.runs] for one in found}

    assert groups("config.lr") == {"0.1": ["a", "b"], "3": ["c"], None: ["d"]}
    assert groups("") == {None: ["a", "b", "c", "d"]}
    assert groups("project") == {"demo": ["a", "b", "c", "d"]}
    with pytest.raises(QueryError, match="There is no field 'lr'"):
        groups("lr")


def test_a_group_shows_the_extremes_of_its_runs(
    root: Path, logged: dict[str, dict[int, float]]
) -> None:
    """No spike disappears in a mean."""
    reply = LocalEngine(root).series_means(list(RUNS), ["loss"], by="", px=20)
    values = [value for own in logged.values() for value in own.values()]
    (one,) = reply.groups
    assert (one.lo.min(), one.hi.max()) == (min(values), max(values))
