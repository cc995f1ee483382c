"""Which keys there are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tests.query.files import row, rows, segment
from tracklab.index.building import build_run
from tracklab.index.places import index_root, run_place
from tracklab.query.answers.series import Key

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine


def test_keys_tell_kind_count_and_last_value(engine: Engine, root: Path) -> None:
    """Over several runs; nulls and our own fields do not count."""
    histogram = {"_type": "histogram", "bins": [0, 1]}
    segment(
        root / "demo" / "one",
        rows(
            (0, {"loss": 1.0, "note": "x", "h": histogram, "n": {"ok": True}}),
            (1, {"loss": None, "xs": [1]}),
        ),
    )
    segment(root / "demo" / "two", [row(0, 1, {"loss": 3})])
    assert engine.keys(["one", "two"]).keys == [
        Key("h", "histogram", 1, histogram, 1),
        Key("loss", "number", 2, 3, 2),
        Key("n.ok", "bool", 1, True, 1),
        Key("note", "string", 1, "x", 1),
        Key("xs", "list", 1, [1], 1),
    ]


def test_a_number_that_json_cannot_say_is_a_number(engine: Engine, run_dir: Path) -> None:
    """It counts, and comes back as it was."""
    segment(run_dir, rows((0, {"loss": None, "_nonfinite": {"loss": "NaN"}})))
    (key,) = engine.keys(["r"]).keys
    assert (key.kind, key.count) == ("number", 1)
    assert math.isnan(key.last)


def test_what_a_later_attempt_hides_does_not_count(engine: Engine, root: Path) -> None:
    """Neither its values nor the keys that only it holds, indexed or not."""
    run_dir = root / "demo" / "r"
    segment(run_dir, rows(*((step, {"a": step, "early": 1}) for step in range(3))))
    segment(run_dir, rows(*((step, {"a": step, "late": 1}) for step in range(3, 9))), number=1)
    segment(run_dir, rows((4, {"a": -4}), (5, {"a": -5})), writer="n1-7-1", attempt=1)
    expected = [
        Key("a", "number", 6, -5, 1), Key("early", "number", 3, 1, 1),
        Key("late", "number", 1, 1, 1),
    ]  # fmt: skip
    assert engine.keys(["r"]).keys == expected
    build_run(run_dir, run_place(index_root(root), "demo", "r"), min_bytes=1)
    assert engine.keys(["r"]).keys == expected


def test_system_keys_are_another_stream(engine: Engine, run_dir: Path) -> None:
    """History has none of them."""
    segment(run_dir, [{"_timestamp": 1.0, "cpu_percent": 5}], stream="system_metrics")
    assert engine.keys(["r"]).keys == []
    assert [key.key for key in engine.keys(["r"], stream="system").keys] == ["cpu_percent"]
