"""Runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.query.files import event, row, segment
from tracklab.errors import QueryError
from tracklab.query.answers.runs import Compared

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine


def test_runs_are_compared_key_by_key(engine: Engine, root: Path) -> None:
    """What differs, what one run lacks; NaN equals NaN, and true is not 1."""
    configs = {"one": {"m": {"d": 3}, "amp": True, "lr": 1}, "two": {"m": {"d": 3}, "amp": 1}}
    for name, config in configs.items():
        line = event("tracklab.config", "config", {"op": "init", "values": config})
        segment(root / "p" / name, [line], stream="events")
        nan = {"loss": None, "_nonfinite": {"loss": "NaN"}}
        segment(root / "p" / name, [row(0, 1, nan)])
    found = engine.compare(["two", "one"])
    assert [run.run_id for run in found.runs] == ["two", "one"]
    assert found.config == [
        Compared("amp", [1, True], True),
        Compared("lr", [None, 1], True),
        Compared("m.d", [3, 3], False),
    ]
    assert {one.key: one.differs for one in found.summary}["loss"] is False


def test_more_than_a_page_can_show_is_refused(engine: Engine, root: Path) -> None:
    """With what to do about it, before all of it has been read."""
    values = {f"key{number}": number for number in range(2_000)}
    line = event("tracklab.config", "config", {"op": "init", "values": values})
    (run_dir := root / "p" / "wide").mkdir(parents=True)
    segment(run_dir, [line], stream="events")
    assert len(engine.compare(["wide"] * 100).config) == 2_000
    with pytest.raises(QueryError, match="Compare fewer runs"):
        engine.compare(["wide"] * 101)
