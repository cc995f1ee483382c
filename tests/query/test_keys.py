"""Which keys there are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from tests.query.files import row, rows, segment
from tracklab.index.building import build_run
from tracklab.index.places import index_root, run_place
from tracklab.query.answers.series import Key
from tracklab.query.cursors import PAGE_BYTES
from tracklab.query.keys import MOST_KEYS

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


def test_of_very_many_keys_the_first_are_told(engine: Engine, root: Path) -> None:
    """All are counted, and what is told of the first is right: over runs, whenever they came."""
    every = [f"k{n:06}" for n in range(3 * MOST_KEYS)]
    for run, names in (("one", every[::-1]), ("two", every[: 2 * MOST_KEYS]), ("three", every[:1])):
        lines = [dict.fromkeys(names[at : at + 5_000], at) for at in range(0, len(names), 5_000)]
        segment(root / "demo" / run, rows(*enumerate(lines)))
    page = engine.keys(["one", "two", "three"])
    assert page.total == len(every)
    assert [key.key for key in page.keys] == every[:MOST_KEYS]
    assert {(key.count, key.runs) for key in page.keys[1:]} == {(2, 2)}
    assert (page.keys[0].count, page.keys[0].runs) == (3, 3)
    assert page.keys[-1].last == MOST_KEYS - 5_000


@pytest.mark.parametrize(
    ("last", "told", "kind"),
    [
        ("é" * 2_000, "é" * 250 + "…", "string"),
        ({"_type": "t", "chart": {"fields": {}}, "xs": [1] * 999},
         {"_type": "t", "chart": {"fields": {}}, "xs": None}, "t"),
        ([{"_type": "a"}, {"_type": "b", "x": "x" * 999}, {"_type": "a"}, *[1] * 999],
         [{"_type": "a"}, {"_type": "b", "x": None}, 1], "list"),
        ({"_type": "t", **{str(n): n for n in range(500)}}, None, "t"),
        ({"_type": "x" * 2_000}, {"_type": None}, "object"),
        (["x" * 900], ["x" * 900], "list"),
    ],
)  # fmt: skip
def test_a_long_last_value_is_cut(
    engine: Engine, run_dir: Path, last: Any, told: Any, kind: str
) -> None:
    """Its kind is told all the same, and of media what says how to show them."""
    segment(run_dir, rows((0, {"k": last})))
    (key,) = engine.keys(["r"]).keys
    assert (key.last, key.kind) == (told, kind)


def test_all_last_values_together_are_no_more_than_a_page(engine: Engine, run_dir: Path) -> None:
    """Behind that only numbers are told."""
    fit = PAGE_BYTES // 902
    lines: list[dict[str, Any]] = [{f"k{n:06}": "x" * 900} for n in range(fit + 9)]
    segment(run_dir, rows(*enumerate([*lines, {"z": 1}])))
    told = [key.last for key in engine.keys(["r"]).keys]
    assert (told[-1], told.count(None), told.index(None)) == (1, 9, fit)
