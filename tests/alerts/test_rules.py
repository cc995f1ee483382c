"""Rules over metrics: each value of each metric is judged, once, wherever a restart falls."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.scenes import Listener, Scene
from tests.query.files import START_S, event, row, segment
from tracklab.alerts.rules import Rule, load_rules
from tracklab.errors import SettingsError

pytestmark = pytest.mark.integration

ONE = "{name: x, key: y, when: nan}"
CONFIG = Path(__file__).resolve().parents[2] / "config" / "alerts.yaml"


def told(root: Path, *rules: Rule, **options: Any) -> list[str]:
    """Look once, and return what is told."""
    scene = Scene(root, listener := Listener(), rules=rules, **options)
    assert scene.look()
    return [notice.text for notice in listener.told]


def logged(root: Path, values: list[dict[str, Any]], **options: Any) -> Path:
    """Write a run that has logged some rows."""
    end = event("tracklab.lifecycle", "finish", {"exit_code": 0}, seq=9)
    segment(root / "p/r", [end], stream="events")
    rows = [row(number, number, value) for number, value in enumerate(values, 1)]
    return segment(root / "p/r", rows, **options)


@pytest.mark.parametrize(
    ("when", "steps"),
    [
        ("nan", [2]), ("inf", [3]), ("not finite", [2]), ("> 1", [3, 6]), (">= 1", [3, 5]),
        ("< 1", [1, 4]), ("<= -5e-1", [4]), (" <0", [4]),
    ],
)  # fmt: skip
def test_each_excursion_is_told_once(root: Path, when: str, steps: list[int]) -> None:
    """When it begins; a value that is in order ends it, a row without the metric does not."""
    values = [0.5, math.nan, math.inf, -0.5, 1, 7.25]
    lines: list[dict[str, Any]] = [{"loss": value} for value in values]
    lines[1] = {"loss": None, "_nonfinite": {"loss": "NaN"}}
    lines[2] = {"loss": None, "_nonfinite": {"loss": "Infinity"}}
    logged(root, [*lines, {"other": 1}, {"loss": True}, {"loss": "text"}])
    texts = told(root, Rule("r", "loss", when, wait="0s"))
    assert [int(text.rpartition(" ")[2]) for text in texts] == steps


def test_several_rows_in_a_row_are_counted_by_writer_and_metric(root: Path) -> None:
    """One that is in order begins the count anew; nested metrics have dotted names."""
    logged(root, [{"a": {"x": n % 4, "y": 3}} for n in range(12)])
    logged(root, [{"a": {"x": 3}}] * 2, writer="h-1-1")
    rule = Rule("high", "a.*", ">= 2", rows=2, wait="0s")
    assert told(root, rule) == [
        "a.y is 3 at step 2, 2 times in a row",
        *(f"a.x is 3 at step {step}, 2 times in a row" for step in (4, 8, 12, 2)),
    ]


def test_a_rule_waits_before_it_is_told_again(root: Path) -> None:
    """By the times of the rows, which are a second apart."""
    logged(root, [{"loss": n % 2} for n in range(20)])
    assert len(told(root, Rule("r", "loss", "> 0", wait="5s"))) == 4


def test_what_stays_broken_is_told_when_the_wait_is_over(root: Path) -> None:
    """It was in order for a moment, and broke anew within the wait."""
    logged(root, [{"loss": 9}, {"loss": 1}, *[{"loss": 9}] * 8])
    texts = told(root, Rule("r", "loss", "> 5", wait="5s"))
    assert texts == ["loss is 9 at step 1", "loss is 9 at step 6, 4 times in a row"]


def test_metrics_and_writers_of_one_rule_do_not_wait_for_each_other(root: Path) -> None:
    """Each that fits is judged by itself."""
    logged(root, [{"a/loss": 9, "b/loss": 1}, {"a/loss": 1, "b/loss": 9}])
    logged(root, [{"a/loss": 8}], writer="h-1-1")
    texts = told(root, Rule("r", "*/loss", "> 5"))
    assert texts == [
        "a/loss is 9 at step 1", "b/loss is 9 at step 2", "a/loss is 8 at step 1",
    ]  # fmt: skip


def test_rules_that_one_row_breaks_are_told_once_each(root: Path, tmp_path: Path) -> None:
    """Also if the target fails between two of them, and the next try is another process."""
    logged(root, [{"a": 1}, {"a": 9, "b": 9, "c": 9}, {"a": 1}])
    rules = [Rule(f"{key} high", key, "> 5") for key in "abc"]
    listener = Listener(refused={"c high"})
    for _ in range(3):
        Scene(root, listener, rules=rules, kept=tmp_path / "kept.json").look()
    listener.refused.clear()
    assert Scene(root, listener, rules=rules, kept=tmp_path / "kept.json").look()
    assert listener.titles == ["a high", "b high", "c high"]


def test_restarts_change_nothing(root: Path, tmp_path: Path) -> None:
    """Rows that come in pieces, to watchers that are killed, give what one look gives."""
    chance = random.Random(3)  # noqa: S311 - a mixture, not a secret
    values = [{"loss": chance.choice((1, 1, 9))} for _ in range(400)]
    rule = Rule("r", "loss", "> 5", rows=2, wait="0s")
    path = logged(root, values)
    at_once = told(root, rule)
    content, path_size, found = path.read_bytes(), 0, []
    while path_size < len(content):
        path_size += chance.randrange(1, 9_000)
        path.write_bytes(content[:path_size])
        found += told(root, rule, kept=tmp_path / "kept.json")
    twin = [
        n for n in range(1, 400)
        if [values[k]["loss"] if k >= 0 else 1 for k in (n - 2, n - 1, n)] == [1, 9, 9]
    ]  # fmt: skip
    assert found == at_once
    assert [int(text.split()[5][:-1]) for text in found] == [n + 1 for n in twin]


def test_old_rows_of_a_long_run_are_passed_over(root: Path) -> None:
    """Whoever begins at a time is told of what was logged from then on, and reads little more."""
    logged(root, [{"loss": n % 100 // 99, "pad": "x" * 300} for n in range(6_000)])
    texts = told(root, Rule("r", "loss", "> 0", wait="0s"), since_s=START_S + 5_750)
    assert texts == ["loss is 1 at step 5800", "loss is 1 at step 5900", "loss is 1 at step 6000"]


def test_the_example_is_a_file_of_rules() -> None:
    """With every field, and defaults where it says so."""
    first, second, third = load_rules(CONFIG)
    assert (first.level, first.rows, second.rows, second.wait) == ("error", 1, 5, "1h")
    assert (third.key, third.level, third.wait) == ("gradients/*", "warning", "10m")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- name: x", "no list under `rules`"),
        ("rules: [1]", "1 is no rule"),
        ("rules: [{name: x, key: y}]", "has no when"),
        ("rules: [{name: x, key: y, when: nan, every: 3}]", "has no 'every'"),
        ("rules: [{name: x, key: y, when: nan, rows: '3'}]", "rows is '3', which is no int"),
        ("rules: [{name: x, key: y, when: big}]", "when cannot be 'big'"),
        ("rules: [{name: x, key: y, when: '> 1.2.3'}]", "when cannot be"),
        ("rules: [{name: x, key: y, when: nan, rows: 0}]", "rows cannot be 0"),
        ("rules: [{name: x, key: y, when: nan, level: bad}]", "level cannot be 'bad'"),
        ("rules: [{name: x, key: y, when: nan, wait: soon}]", "wait cannot be 'soon'"),
        ("rules: [", "cannot be used"),
        ("[" * 20_000, "nested too deeply"),
        (f"rules: [{ONE}, {ONE}]", "two rules have the name 'x'"),
    ],
)
def test_a_file_that_cannot_be_followed_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """Before anything starts, with what to write."""
    (tmp_path / "rules.yaml").write_text(text)
    with pytest.raises(SettingsError, match=r"config/alerts\.yaml") as refused:
        load_rules(tmp_path / "rules.yaml")
    assert why in str(refused.value)
