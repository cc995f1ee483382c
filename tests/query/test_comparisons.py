"""Runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.query.files import event, row, segment
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
