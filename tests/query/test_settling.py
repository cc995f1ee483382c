"""A run settled range by range is the run settled at once."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.made_up import long_run, second_attempt
from tests.index.test_answers import alike, indexed, written_rows
from tests.patience import PATIENT
from tests.query.files import segment
from tracklab.errors import QueryError
from tracklab.index.shelves import Shelf
from tracklab.query.columns import Column, Pieces, read_columns, settle
from tracklab.query.engines.local import LocalEngine
from tracklab.query.plain import plain
from tracklab.query.settling import settled

pytestmark = pytest.mark.integration

GROUPS = st.one_of(st.integers(0, 40).map(float), st.just(float("nan")))
ENTRIES = st.lists(st.tuples(GROUPS, st.integers(0, 9), st.booleans()), max_size=50)


def held(entries: list[tuple[float, int, bool]]) -> Column:
    """Return a column in memory."""
    group, value, numeric = zip(*entries, strict=True) if entries else ((), (), ())
    return Column(
        np.array(group, float), np.array(group, float), np.array(value, float),
        np.array(numeric, bool),
    )  # fmt: skip


def same(pieces: list[Pieces], most: int) -> bool:
    """Return whether ranges, one behind the other, are what all at once gives."""
    ranges = list(settled(pieces, most=most))
    return all(
        np.array_equal(
            np.concatenate([getattr(one[place], name) for one in ranges]),
            getattr(settle(key.whole()), name),
            equal_nan=name != "numeric",
        )
        for place, key in enumerate(pieces)
        for name in ("group", "x", "value", "numeric")
    )


@given(st.lists(ENTRIES, max_size=5), st.lists(ENTRIES, max_size=2), st.sampled_from([0, 9, 500]))
@PATIENT
def test_columns_in_memory(
    one: list[list[tuple[float, int, bool]]], other: list[list[tuple[float, int, bool]]], most: int
) -> None:
    """In any order, of any number of pieces, with texts and with rows that have no step."""
    assert same([Pieces(list(map(held, one))), Pieces(list(map(held, other)))], most)


@given(seed=st.integers(0, 10**6), orderly=st.booleans(), most=st.sampled_from([0, 600]))
@settings(PATIENT, max_examples=10)
def test_indexed_runs(seed: int, *, orderly: bool, most: int) -> None:
    """Several segments, writers and attempts; steps that fall, repeat and are hidden."""
    random_ = random.Random(seed)  # noqa: S311 - made-up data
    with TemporaryDirectory() as place:
        run_dir = Path(place) / "demo" / "r"
        rows = written_rows(random_, 1_500, orderly=orderly)
        segment(run_dir, rows[:900])
        segment(run_dir, rows[900:], number=1)
        segment(run_dir, written_rows(random_, 700, orderly=not orderly), writer="w-1",
                attempt=random_.choice([0, 1]))  # fmt: skip
        shelf_place = indexed(Path(place))
        with Shelf(shelf_place) as shelf:
            for axis in ("step", "time", "b"):
                keys = ["a", "b"]
                columns = read_columns(run_dir, "history", keys, axis=axis, shelf=shelf)
                assert same([columns.by_key[key] for key in keys], most)


@pytest.fixture(scope="module")
def long_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a root with a run of more rows than are read at a time, which went back once."""
    root = tmp_path_factory.mktemp("long")
    long_run(root / "demo" / "r", 150_000)
    second_attempt(root / "demo" / "r", 100_000, 140_000)
    return root


def test_a_long_run_is_drawn_alike_however_it_is_read(long_root: Path) -> None:
    """From lines, and from an index whose blocks are read some at a time."""
    views: tuple[dict[str, Any], ...] = (
        {}, {"smooth": "ema:0.99"}, {"smooth": "average:1000", "x0": 50_000.0, "x1": 60_000.0},
        {"x": "acc"}, {"x": "time", "smooth": "gaussian:3"}, {"px": 20_000, "x0": 99_000.0},
    )  # fmt: skip
    engine = LocalEngine(long_root)
    lines = [engine.series(["demo/r"], ["loss"], **view).series[0] for view in views]
    indexed(long_root)
    blocks = [engine.series(["demo/r"], ["loss"], **view).series[0] for view in views]
    assert [one.n for one in lines] == [140_000, 140_000, 10_001, 140_000, 140_000, 41_000]
    assert alike([plain(one) for one in lines], [plain(one) for one in blocks])


def test_smoothing_needs_an_axis_that_rises(long_root: Path) -> None:
    """Where there are too many points to put them in order; the message says what to ask."""
    engine = LocalEngine(long_root)
    with pytest.raises(QueryError, match=r"in order of x=acc.*x=step"):
        engine.series(["demo/r"], ["loss"], x="acc", smooth="ema:0.5")
