"""Rows as a table, page by page."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.brute_force import history
from tests.patience import PATIENT
from tests.query.files import START_S, row, rows, segment
from tracklab.errors import QueryError
from tracklab.index.building import build_run
from tracklab.index.places import index_root, run_place
from tracklab.query.cursors import PAGE_BYTES, size_of
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from tracklab.query.engine import Engine

LINES = st.lists(
    st.tuples(
        st.integers(0, 8),
        st.dictionaries(st.sampled_from("ab"), st.sampled_from([1, None, "x"]), max_size=2),
    ),
    max_size=12,
)
ORDERS: Any = st.sampled_from(["asc", "desc"])


def pages(engine: Engine, **asked: Any) -> list[dict[str, Any]]:
    """Return the rows of all pages."""
    found = []
    after = None
    while True:
        page = engine.rows("r", after=after, **asked)
        found += page.rows
        after = page.cursor
        if after is None:
            return found
        assert len(page.rows) == asked["limit"]


@given(LINES, LINES, st.integers(1, 5), ORDERS, st.sampled_from([(), ("a",), ("a", "b")]))
@settings(PATIENT, max_examples=60)
def test_pages_together_are_the_rows_of_the_judge(
    first: Any, second: Any, limit: int, order: Literal["asc", "desc"], keys: tuple[str, ...]
) -> None:
    """Merged per step, in order, nothing twice and nothing lost between two pages."""
    with TemporaryDirectory() as place:
        run_dir = Path(place, "demo", "r")
        segment(run_dir, rows(*first))
        segment(run_dir, rows(*second), writer="n-1-1")
        got = pages(LocalEngine(Path(place)), limit=limit, order=order, keys=keys)
        expected = {
            step: {key: merged[key] for key in (keys or "ab") if key in merged}
            for step, merged in sorted(history(run_dir).items(), reverse=order == "desc")
        }
        if keys:
            expected = {step: values for step, values in expected.items() if values}
        shown = {
            one["_step"]: {k: v for k, v in one.items() if k in "ab" and v is not None}
            for one in got
        }
        assert list(shown.items()) == list(expected.items())


def test_a_split_row_is_one_row_again(engine: Engine, run_dir: Path) -> None:
    """Its parts carry one step; the marks are gone."""
    parts = [row(1, 1, {"a": 1, "_part": [0, 2]}), row(1, 2, {"b": {"c": 2}, "_part": [1, 2]})]
    segment(run_dir, parts)
    (merged,) = engine.rows("r").rows
    assert {key: merged[key] for key in merged if key[0] != "_"} == {"a": 1, "b.c": 2}
    assert "_part" not in merged


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("indexed", [False, True])
def test_a_step_of_very_many_keys_is_told_in_part(
    engine: Engine, run_dir: Path, *, order: Any, indexed: bool
) -> None:
    """Its row says so; every value is told to whom asks for its key, and other steps are whole."""
    many = [(1, {f"k{n:03}": "x" * 30_000}) for n in range(2 * PAGE_BYTES // 30_000 + 50)]
    segment(run_dir, rows((0, {"a": 1}), *many, (1, {"a": 2}), (2, {"a": 3})))
    if indexed:
        build_run(run_dir, run_place(index_root(run_dir.parents[1]), "demo", "r"), min_bytes=1)
    found = {row["_step"]: row for row in pages(engine, limit=1, order=order)}
    assert ("_part" in found[0], found[1]["_part"], "_part" in found[2]) == (False, True, False)
    assert PAGE_BYTES <= size_of(found[1]) < 2 * PAGE_BYTES + 40_000
    assert "k000" in found[1]
    assert "a" not in found[1]
    asked = pages(engine, limit=3, order="asc", keys=["a", "k328"])
    assert [(row["a"], row.get("k328", "")[:1]) for row in asked] == [(1, ""), (2, "x"), (3, "")]


def test_a_step_told_again_and_again_is_told_whole(engine: Engine, run_dir: Path) -> None:
    """However many lines it has: its row is short, and has the last value of each key."""
    text = "x" * 30_000
    lines = [(1, {"n": n, "t": text}) for n in range(3 * PAGE_BYTES // 30_000)]
    segment(run_dir, rows(*lines, (1, {"last": True})))
    (merged,) = engine.rows("r").rows
    assert (merged["n"], merged["last"], "_part" in merged) == (len(lines) - 1, True, False)


def test_a_value_kept_in_a_file_is_fetched(engine: Engine, run_dir: Path) -> None:
    """A reference whose file is missing, or names no digest, stays a reference."""
    digest = "ab" * 32
    gone = {"$ref": "sha256:" + "cd" * 32, "bytes": 5}
    odd = {"$ref": "sha256:../../../etc/passwd", "bytes": 5}
    there = {"$ref": f"sha256:{digest}", "bytes": 5}
    segment(run_dir, rows((0, {"there": there, "gone": gone, "odd": odd})))
    values = run_dir / "media" / "values"
    values.mkdir(parents=True)
    (values / digest).write_text('"big"')
    (merged,) = engine.rows("r").rows
    assert (merged["there"], merged["gone"], merged["odd"]) == ("big", gone, odd)


def test_system_rows_are_paged_by_time(engine: Engine, run_dir: Path) -> None:
    """Of several writers, in both orders; two of one moment are two rows."""
    for writer, seconds in ((None, (3, 1)), ("n-2-1", (2, 3))):
        samples = [{"_timestamp": START_S + at, "cpu_percent": at} for at in seconds]
        segment(run_dir, samples, stream="system_metrics", writer=writer)
    for order, expected in (("asc", [1, 2, 3, 3]), ("desc", [3, 3, 2, 1])):
        got = pages(engine, stream="system", limit=1, order=order)
        assert [one["cpu_percent"] for one in got] == expected


@pytest.mark.parametrize("asked", [{"after": "!"}, {"after": "WyJ4Il0"}, {"limit": 0}])
def test_a_page_that_makes_no_sense_is_refused(
    engine: Engine, run_dir: Path, asked: dict[str, Any]
) -> None:
    """A cursor that is none, of another query, or an empty page."""
    segment(run_dir, [])
    with pytest.raises(QueryError):
        engine.rows("r", **asked)
