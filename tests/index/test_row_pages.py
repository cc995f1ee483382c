"""Pages of rows are the same with an index, which says where steps rise and where to look."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.index.test_answers import indexed, written_rows
from tests.patience import PATIENT
from tests.query.files import START_S, row, segment
from tracklab.index.places import index_root
from tracklab.query import stretches
from tracklab.query.engines.local import LocalEngine
from tracklab.query.plain import plain
from tracklab.storage.streams import row_batches

Order = Literal["asc", "desc"]


@pytest.fixture(autouse=True)
def short_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let little be read at once, so that short runs are looked into as long ones are."""
    monkeypatch.setattr(stretches, "_NEAR_BYTES", 300)
    monkeypatch.setattr(stretches, "_WINDOW_BYTES", 500)


def pages(root: Path, *, limit: int, order: Order, keys: tuple[str, ...]) -> Any:
    """Return every page of run `demo/r`."""
    engine = LocalEngine(root, now=lambda: START_S)
    found, after = [], None
    while True:
        page = engine.rows("demo/r", limit=limit, order=order, keys=keys, after=after)
        found.append(page.rows)
        after = page.cursor
        if after is None:
            return plain(found)


def climbing(random_: random.Random, count: int) -> list[dict[str, Any]]:
    """Return rows whose steps rise, some of several lines, some without the keys that are asked."""
    step, found = random_.randint(0, 100), []
    for seq in range(count):
        step += random_.choice([0, 0, 1, 3])
        values = {key: random_.choice([seq, None]) for key in "abc" if random_.random() < 0.4}
        found.append(row(step, seq, values))
    return found


@given(
    seed=st.integers(0, 10**6),
    orderly=st.booleans(),
    limit=st.sampled_from([1, 7, 40]),
    order=st.sampled_from(["asc", "desc"]),
    keys=st.sampled_from([(), ("a",), ("a", "c")]),
)
@settings(PATIENT, max_examples=25)
def test_pages_are_the_same_with_an_index(
    seed: int, *, orderly: bool, limit: int, order: Order, keys: tuple[str, ...]
) -> None:
    """Rising or not, of several segments, writers and attempts, indexed in part."""
    random_ = random.Random(seed)  # noqa: S311 - made-up data

    def rows(count: int) -> list[dict[str, Any]]:
        if orderly:
            return climbing(random_, count)
        return written_rows(random_, count, orderly=False)

    with TemporaryDirectory() as place:
        root = Path(place)
        run_dir = root / "demo" / "r"
        segment(run_dir, rows(120))
        if random_.random() < 0.5:
            segment(run_dir, rows(60), number=1)
        indexed(root)
        if random_.random() < 0.5:
            segment(run_dir, rows(30), number=2)
        if random_.random() < 0.3:
            segment(run_dir, rows(30), writer="w-1", attempt=random_.choice([0, 1]))

        with_index = pages(root, limit=limit, order=order, keys=keys)
        for path in index_root(root).rglob("*.tlx"):
            path.unlink()
        assert with_index == pages(root, limit=limit, order=order, keys=keys)


def test_the_newest_rows_of_a_long_run_are_read_without_the_others(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page by page from the end, each reads a few lines more than it shows."""
    segment(root / "demo" / "r", [row(step, step, {"a": step}) for step in range(5_000)])
    indexed(root)
    seen = []

    def counted(*asked: Any, **options: Any) -> Any:
        for batch in row_batches(*asked, **options):
            seen.append(len(batch.rows))
            yield batch

    monkeypatch.setattr(stretches, "row_batches", counted)
    shown = [one["_step"] for page in newest(root, 3) for one in page]
    assert shown == list(range(4_999, 4_984, -1))
    assert sum(seen) < 300


def newest(root: Path, count: int) -> list[list[dict[str, Any]]]:
    """Return the first pages of five rows from the end."""
    engine, found, after = LocalEngine(root, now=lambda: START_S), [], None
    for _ in range(count):
        page = engine.rows("demo/r", limit=5, order="desc", after=after)
        found.append(page.rows)
        after = page.cursor
    return found
