"""What a run says of itself is the same with an index, which saves reading its rows."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.index.test_answers import indexed, written_rows
from tests.patience import PATIENT
from tests.query.files import START_S, event, segment
from tracklab.index.places import index_root
from tracklab.query import runs
from tracklab.query.engines.local import LocalEngine
from tracklab.query.plain import plain

PLAIN = ("a", "b", "_step", "_timestamp", "_runtime", "_seq", "_run_id")


@pytest.fixture(autouse=True)
def short_tails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let little be read again, so that most of what is known comes from the index."""
    monkeypatch.setattr(runs, "_AGAIN_BYTES", 2_000)


def told(root: Path) -> Any:
    """Return what the run's page and a listing say of it."""
    engine = LocalEngine(root, now=lambda: START_S)
    detail = engine.run("demo/r")
    (listed,) = engine.runs(cols=("summary.a", "summary.b", "summary._runtime", "step")).runs
    run = detail.run
    return plain([run.summary, run.step, run.bad_lines, detail.streams, listed.summary])


@given(seed=st.integers(0, 10**6), orderly=st.booleans(), nested=st.booleans())
@settings(PATIENT, max_examples=20)
def test_a_run_says_the_same_of_itself(seed: int, *, orderly: bool, nested: bool) -> None:
    """Rows in any order, of several attempts and writers, values that were set, bad lines."""
    random_ = random.Random(seed)  # noqa: S311 - made-up data

    def rows(count: int) -> list[dict[str, Any]]:
        found = written_rows(random_, count, orderly=orderly)
        if nested:
            return found
        return [{key: one[key] for key in PLAIN if key in one} for one in found]

    with TemporaryDirectory() as place:
        root = Path(place)
        run_dir = root / "demo" / "r"
        first = segment(run_dir, rows(300))
        with first.open("ab") as file:
            file.write(b"no record\n" * random_.randrange(3))
        segment(run_dir, rows(100), stream="system_metrics")
        if random_.random() < 0.3:
            told_later = {"values": {"a": -1.0}}
            segment(run_dir, [event("tracklab.summary", "set", told_later)], stream="events")
        indexed(root)
        if random_.random() < 0.5:
            segment(run_dir, rows(30), number=1)
        if random_.random() < 0.3:
            segment(run_dir, rows(30), writer="w-1", attempt=random_.choice([0, 1]))

        with_index = told(root)
        for path in index_root(root).rglob("*.tlx"):
            path.unlink()
        assert with_index == told(root)


def test_a_listing_tells_which_run_an_index_would_have_helped(root: Path) -> None:
    """A living run that is long enough, until it is indexed."""
    rows = [
        {"_step": step, "_timestamp": START_S, "a": step, "b": "x" * 900} for step in range(9_000)
    ]
    segment(root / "demo" / "r", rows)
    segment(root / "demo" / "short", rows[:10])
    told: list[str] = []
    engine = LocalEngine(
        root, now=lambda: START_S, on_unindexed=lambda run: told.append(run.run_id)
    )

    engine.runs(cols=("summary.a",))
    assert told == ["r"]
    indexed(root)
    engine.runs(cols=("summary.a",))
    assert told == ["r"]
