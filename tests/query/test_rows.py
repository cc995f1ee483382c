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
