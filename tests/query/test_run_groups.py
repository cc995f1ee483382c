"""Groups of runs, with and without the catalog, against runs looked at one by one."""

from __future__ import annotations

import itertools
import json
import math
import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patience import PATIENT
from tests.query.test_listing import ended
from tracklab.errors import QueryError
from tracklab.index.places import index_root
from tracklab.query.cataloguing import update_catalog
from tracklab.query.engines.local import LocalEngine
from tracklab.query.plain import plain
from tracklab.records.flat import flatten

if TYPE_CHECKING:
    from tracklab.query.answers.runs import Run
    from tracklab.query.engine import Engine

LATER_S = 10.0
ODD: list[Any] = [None, 1, 1.0, True, False, 0, "1", "", 0.1, [], [1, "a"], ["a", "a"], {"deep": 1}]


def made_up(root: Path, count: int, random_: random.Random) -> None:
    """Write ended runs that say all sorts of things, or nothing."""
    for number in range(count):
        config = {key: random_.choice(ODD) for key in "ab" if random_.random() < 0.8}
        loss = random_.choice([random_.gauss(0, 1e3), 7, True, "high", None, math.nan, 1e308])
        ended(
            root, f"p/{random_.choice('xy')}/r{number}", config=config, summary={"loss": loss},
            status=random_.choice(["finished", "failed"]), group=random_.choice(["g", None]),
            tags=random_.sample(["t", "u", "v"], random_.randrange(3)),
        )  # fmt: skip


def said(run: Run, field: str) -> Any:
    """Return what a run says of a field."""
    kind, dot, name = field.partition(".")
    if not dot:
        return plain(run)[field]
    config = run.config.get(name) if kind == "config" else run.summary.get(name)
    flat = flatten(run.config).get(name) if kind == "config" else None
    return config if flat is None else flat


def parts(value: Any) -> list[str]:
    """Return what a value is called by whoever groups by it: 1 and 1.0 alike, true not 1."""
    if isinstance(value, list):
        return sorted({name for one in value for name in parts(one)}) or ["null"]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return [json.dumps(json.dumps(value) if isinstance(value, dict) else value)]


def brute(runs: list[Run], by: list[str], column: str) -> dict[tuple[str, ...], Any]:
    """Return count, statuses, and count, smallest, mean and largest of a column by group."""
    members: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        for key in itertools.product(*(parts(said(run, field)) for field in by)):
            members.setdefault(key, []).append(run)
    found = {}
    for key, own in members.items():
        told = [said(run, column) for run in own]
        told = [one for one in told if type(one) in {int, float} and math.isfinite(one)]
        mean = math.fsum(one / len(told) for one in told) if told else None
        numbers = (len(told), min(told, default=None), mean, max(told, default=None))
        found[key] = (len(own), Counter(run.status for run in own), numbers)
    return found


@given(seed=st.integers(0, 10**6), by=st.lists(
    st.sampled_from(["config.a", "config.b", "config.a.deep", "tags", "status", "group"]),
    min_size=1, max_size=3, unique=True,
))  # fmt: skip
@settings(PATIENT, max_examples=12)
def test_groups_are_those_of_brute_force(seed: int, by: list[str]) -> None:
    """Values of any kind, lists, runs that say nothing: from documents, and from the catalog."""
    with TemporaryDirectory() as place:
        root = Path(place)
        made_up(root, 25, random.Random(seed))  # noqa: S311 - made-up data
        engine = LocalEngine(root)
        asked: list[dict[str, Any]] = [
            {"columns": ["summary.loss"], "f": f, "limit": 10_000}
            for f in ("", "status = finished")
        ]
        answers = [engine.run_groups(by, **one) for one in asked]
        now_s = max(path.stat().st_mtime for path in root.rglob("*")) + LATER_S
        assert update_catalog(root, index_root(root), now_s=lambda: now_s) == 25
        assert [engine.run_groups(by, **one) for one in asked] == answers
        for one, without in zip(asked, answers, strict=True):
            runs = engine.runs(f=one["f"], limit=1_000).runs
            assert (without.runs, without.total) == (len(runs), len(without.groups))
            told = {
                tuple(parts(value)[0] for value in group.values.values()): (
                    group.count, Counter(group.statuses),
                    plain(group.columns["summary.loss"]).values(),
                )
                for group in without.groups
            }  # fmt: skip
            expected = brute(runs, by, "summary.loss")
            assert told.keys() == expected.keys()
            for key, (count, statuses, numbers) in expected.items():
                assert told[key][:2] == (count, statuses)
                assert list(told[key][2]) == [pytest.approx(one) for one in numbers]


@pytest.fixture
def sweep(root: Path) -> None:
    """Write six runs with two learning rates, one without, and losses."""
    for number, (lr, loss) in enumerate([(0.1, 3), (0.1, 1), (0.01, 2), (0.01, 5), (0.01, 9)]):
        ended(root, f"a/r{number}", config={"lr": lr}, summary={"loss": loss})
    ended(root, "a/r5", status="failed", tags=["x", "y"])


@pytest.mark.usefixtures("sweep")
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-count", [0.01, 0.1, None]),
        ("count", [None, 0.1, 0.01]),
        ("config.lr", [0.01, 0.1, None]),
        ("-config.lr", [0.1, 0.01, None]),
        ("summary.loss.min", [0.1, 0.01, None]),
        ("-summary.loss.mean", [0.01, 0.1, None]),
    ],
)
def test_groups_are_sorted(engine: Engine, sort: str, expected: list[float | None]) -> None:
    """By count, value or statistic; those without it come last; a limit cuts."""
    found = engine.run_groups(["config.lr"], columns=["summary.loss"], sort=sort)
    assert [one.values["config.lr"] for one in found.groups] == expected
    first = engine.run_groups(["config.lr"], columns=["summary.loss"], sort=sort, limit=1)
    assert (first.groups, first.total, first.runs) == (found.groups[:1], 3, 6)


@pytest.mark.usefixtures("sweep")
@pytest.mark.parametrize(
    "asked",
    [
        {"by": []},
        {"by": ["nope"]},
        {"by": ["name"] * 9},
        {"by": ["name"], "columns": ["nope"]},
        {"by": ["name"], "columns": ["step"] * 51},
        {"by": ["name"], "sort": "summary.loss"},
        {"by": ["name"], "sort": "nope"},
        {"by": ["name"], "status": ["nope"]},
        {"by": ["name"], "f": "((("},
        {"by": ["name"], "limit": 0},
    ],
)
def test_what_cannot_be_grouped_is_refused(engine: Engine, asked: dict[str, Any]) -> None:
    """In a sentence."""
    with pytest.raises(QueryError):
        engine.run_groups(**asked)


def test_a_run_with_lists_of_very_many_values_is_refused(engine: Engine, root: Path) -> None:
    """Two lists of 40 would put it into 1,600 groups."""
    ended(root, "a/r", config={"a": list(range(40)), "b": list(range(40))})
    assert engine.run_groups(["config.a"]).total == 40
    with pytest.raises(QueryError, match="1000 groups"):
        engine.run_groups(["config.a", "config.b"])
