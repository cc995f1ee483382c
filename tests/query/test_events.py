"""Events by time, filtered, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.query.files import event, events, segment
from tracklab.errors import QueryError

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine


def messages(engine: Engine, **asked: Any) -> list[str]:
    """Return the messages of one page."""
    return [one.message for one in engine.events("r", **asked).events]


@pytest.fixture
def told(run_dir: Path) -> None:
    """Write events of several kinds and levels."""
    parts = [
        event("tracklab.lifecycle", "start", at_s=1),
        event("tracklab.alert", "loss is NaN", {"title": "NaN"}, at_s=2, level="WARNING"),
        event("app.train", "Epoch 1", {"Größe": 3}, at_s=3, level="DEBUG"),
        event("tracklab.checkpoint", "checkpoint_save", at_s=4, level="ERROR"),
    ]
    segment(run_dir, parts, stream="events")


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["start", "loss is NaN", "Epoch 1", "checkpoint_save"]),
        ({"order": "desc", "limit": 2}, ["checkpoint_save", "Epoch 1"]),
        ({"kind": "alert"}, ["loss is NaN"]),
        ({"kind": "tracklab.alert, log"}, ["loss is NaN", "Epoch 1"]),
        ({"kind": "app.train"}, ["Epoch 1"]),
        ({"level": "warning"}, ["loss is NaN", "checkpoint_save"]),
        ({"search": "EPOCH"}, ["Epoch 1"]),
        ({"search": "größe"}, ["Epoch 1"]),
        ({"search": "tracklab.c"}, ["checkpoint_save"]),
        ({"kind": "nothing"}, []),
    ],
)
def test_events_are_chosen(engine: Engine, asked: dict[str, Any], expected: list[str]) -> None:
    """By kind, level and text, whatever its case."""
    assert messages(engine, **asked) == expected


def test_an_unknown_level_is_refused(engine: Engine, run_dir: Path) -> None:
    """The message lists the levels."""
    segment(run_dir, [])
    with pytest.raises(QueryError, match="CRITICAL"):
        messages(engine, level="loud")


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_together_are_all_events(engine: Engine, run_dir: Path, order: Any) -> None:
    """Of two writers at one moment, too; the total counts all of them."""
    for writer in (None, "n-2-1"):
        parts = [event("app", f"{writer}{n}", at_s=n // 2, seq=n) for n in range(5)]
        segment(run_dir, parts, stream="events", writer=writer)
    whole, found, after = messages(engine, order=order), [], None
    while True:
        page = engine.events("r", order=order, limit=3, after=after)
        found += [one.message for one in page.events]
        after = page.cursor
        assert page.total == 10
        if after is None:
            break
    assert found == whole
    assert len(set(found)) == 10


def test_a_clock_that_jumps_back_does_not_turn_lines_around(engine: Engine, run_dir: Path) -> None:
    """Within one writer its own order holds; another's event falls between by time."""
    jumpy = [event("app", "first", at_s=30), event("app", "second", at_s=5)]
    segment(run_dir, jumpy, stream="events")
    segment(run_dir, [event("app", "other", at_s=10)], stream="events", writer="n-2-1")
    assert messages(engine) == ["other", "first", "second"]


def test_an_event_comes_back_whole(engine: Engine, run_dir: Path) -> None:
    """With its writer, context and data; bad lines are counted beside."""
    line = event("app", "m", {"value": None, "_nonfinite": {"value": "Infinity"}}, seq=7)
    context = {"rank": 1, "trace_id": "t", "span_id": "s"}
    segment(run_dir, [{**line, **context}, b"{"], stream="events", writer="n-2-1")
    page = engine.events("r")
    (one,) = page.events
    assert (one.seq, one.writer, one.rank, one.trace_id, one.span_id) == (7, "n-2-1", 1, "t", "s")
    assert one.data == {"value": float("inf")}
    assert page.bad_lines == 1


def test_events_without_a_time_come_first(engine: Engine, run_dir: Path) -> None:
    """A line of another program may tell none."""
    segment(run_dir, [{"event": "no time"}, *events(("app", "timed", {}))], stream="events")
    assert messages(engine) == ["no time", "timed"]
