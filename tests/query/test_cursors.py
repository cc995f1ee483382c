"""Pages: every entry once, in order, whatever the size of the entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patience import PATIENT
from tests.query.files import event, row, segment
from tracklab.index.building import build_run
from tracklab.index.places import index_root, run_place
from tracklab.query.cursors import PAGE_BYTES, Page, size_of

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine

LONG = "x" * (PAGE_BYTES // 5)
COUNT = 11


class Entry:
    """An entry of a page."""

    def __init__(self, number: int, length: int) -> None:
        self.place = (number,)
        self.record: dict[str, Any] = {"n": number, "t": "x" * length}


@given(
    st.lists(st.sampled_from([1, PAGE_BYTES // 40, PAGE_BYTES * 2]), max_size=12).flatmap(
        lambda sizes: st.permutations(list(enumerate(sizes)))
    ),
    st.integers(1, 12),
    st.booleans(),
)
@settings(PATIENT, max_examples=40)
def test_pages_in_any_order_hold_every_entry_once(
    entries: list[tuple[int, int]],
    limit: int,
    descending: Any,
) -> None:
    """However the entries come: each page is bounded, and the next one goes on behind it."""
    found: list[int] = []
    after = None
    while True:
        page: Page[Entry] = Page(after, (int,), limit, descending=descending)
        page.fill(Entry(*entry) for entry in entries)
        found += [entry.record["n"] for entry in page.shown]
        assert len(page.shown) <= limit
        assert sum(size_of(entry.record) for entry in page.shown[:-1]) < PAGE_BYTES
        after = page.cursor
        if after is None:
            break
    assert found == sorted(range(len(entries)), reverse=descending)


def events_by_page(engine: Engine, order: Any, after: str | None) -> tuple[list[Any], str | None]:
    """Return the numbers on a page of events, and its cursor."""
    page = engine.events("r", order=order, after=after, limit=100)
    return [one.data["n"] for one in page.events], page.cursor


def rows_by_page(engine: Engine, order: Any, after: str | None) -> tuple[list[Any], str | None]:
    """Return the numbers on a page of rows, and its cursor."""
    page = engine.rows("r", order=order, after=after, limit=100)
    return [one["n"] for one in page.rows], page.cursor


def samples_by_page(engine: Engine, order: Any, after: str | None) -> tuple[list[Any], str | None]:
    """Return the numbers on a page of system rows, and its cursor."""
    page = engine.rows("r", stream="system", order=order, after=after, limit=100)
    return [one["n"] for one in page.rows], page.cursor


def calls_by_page(engine: Engine, order: Any, after: str | None) -> tuple[list[Any], str | None]:
    """Return the numbers on a page of calls, and its cursor."""
    page = engine.llm_calls(run="r", order=order, after=after, limit=100)
    return [one.data["n"] for one in page.calls], page.cursor


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize(
    ("stream", "by_page", "indexed"),
    [("history", rows_by_page, False), ("history", rows_by_page, True),
     ("system_metrics", samples_by_page, False), ("events", events_by_page, False),
     ("llm", calls_by_page, False)],
)  # fmt: skip
def test_a_page_of_long_lines_ends_early(
    engine: Engine, run_dir: Path, order: str, stream: str, by_page: Any, *, indexed: bool
) -> None:  # fmt: skip
    """It holds what one answer may, and its cursor leads on."""
    said = [{"n": n, "t": LONG} for n in range(COUNT)]
    lines = [
        row(n, n, one)
        if stream in {"history", "system_metrics"}
        else event("tracklab.llm", "llm_call", one, seq=n, at_s=n)
        for n, one in enumerate(said)
    ]
    segment(run_dir, lines, stream=stream)
    if indexed:
        build_run(run_dir, run_place(index_root(run_dir.parents[1]), "demo", "r"))
    pages: list[list[int]] = []
    after = None
    while not pages or after is not None:
        shown, after = by_page(engine, order, after)
        pages.append(shown)
    found = [n for page in pages for n in page]
    assert found == sorted(range(COUNT), reverse=order == "desc")
    assert [len(page) for page in pages] == [5, 5, 1]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_lines_of_a_step_stay_on_one_page(engine: Engine, run_dir: Path, order: Any) -> None:
    """Also where they are more than a page should hold."""
    segment(run_dir, [row(n // 6, n, {f"k{n % 6}": LONG}) for n in range(18)])
    page = engine.rows("r", order=order, limit=10)
    assert len(page.rows) == 1
    assert {f"k{n}" for n in range(6)} <= page.rows[0].keys()
    rest = engine.rows("r", order=order, limit=10, after=page.cursor)
    assert rest.rows[0]["_step"] == 1
