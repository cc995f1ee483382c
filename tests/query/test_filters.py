"""The filter language: what a text means, and where it is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.errors import QueryError
from tracklab.query.filter_syntax import parse_filter
from tracklab.query.filters import matches

NOW_S = 1_795_196_400.0 + 86_400
RUN = {
    "name": "swift-7",
    "status": "running",
    "tags": ["base line", "v2"],
    "host": "n1",
    "created_at": "2026-11-20T17:40:00.000000Z",
    "exit_code": None,
    "step": 12,
    "config.lr": 3e-4,
    "config.model": "7B",
    "config.amp": True,
    "config.none": None,
    "config.seed": 9007199254740993,
    "config.big": 18446744073709551615,
    "config.huge": 18446744073709551617.0,  # lines have no integers beyond 64 bits
    "summary.val/loss": float("nan"),
    "summary.acc": 0.9,
}


def holds(text: str) -> bool:
    """Return whether the run matches."""
    return matches(parse_filter(text, now_s=NOW_S), RUN.get)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "status = running",
        "status:running",
        "status == 'running'",
        "name ~ SWIFT",
        "name !~ slow",
        "name !~ '.'",
        "tag = v2",
        'tag = "base line"',
        "tags ~ LINE",
        "tag != v3",
        "config.lr < 1e-3",
        "config.lr<=3e-4",
        "config.lr >= 0.0003 and config.lr > -1",
        "config.model = 7B",
        "config.amp = true",
        "config.amp != false",
        "config.model in (1B, 7B)",
        "config.model not in [1B, '13B']",
        "config.nothing = null",
        "config.nothing != 3",
        "not config.nothing < 3",
        "exit_code = null",
        "not exit_code = 0",
        "summary.acc > 0.5 or summary.acc < 0.1",
        "(status = failed or status = running) and not (host = n2)",
        "NOT status = failed AND host = n1",
        "not not host = n1",
        "created > 2026-11-19",
        "created >= 2026-11-20",
        "created = 2026-11-20",
        "created <= 2026-11-20",
        "created = 2026-11",
        "created <= 2026-11 and created >= 2026 and not created < 2026-11-20",
        "created > 2025 and created < 2027",
        "ended = null",
        "config.seed = 9007199254740993",
        "config.seed > 9007199254740992 and config.seed < 9007199254740994",
        "config.seed <= 9007199254740993",
        "config.big = 18446744073709551615",
        "config.huge = 18446744073709551617",
        "config.seed in (1, 9007199254740993)",
        "created < 2026-11-21",
        "created >= 2026-11-20T17:40:00Z",
        "created > -2d",
        "created < -23h",
        "'summary.acc' = 0.9",
        "`config.lr` = 0.0003",
        "status = running or status = failed and host = n2",
        "step = 12",
        "summary.val/loss != 1",
    ],
)
def test_a_filter_matches(text: str) -> None:
    """Every operator, every kind of value, both ways to nest."""
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "status = failed",
        "status = RUNNING",
        "name ~ swift.",
        "tag = v3",
        "config.lr = '0.0003'",
        "config.lr < abc",
        "config.model > 5 and config.model < 1",
        "config.amp = 1",
        "config.amp > 0",
        "config.nothing < 3",
        "config.nothing ~ ''",
        "exit_code = 0",
        "created > -1h",
        "created = 2026-11-21",
        "created > 2026-11-20",
        "created < 2026-11-20",
        "created != 2026-11-20",
        "created > 2026",
        "created = null",
        "created < null",
        "ended < 2026-11-20",
        "config.seed = 9007199254740992",
        "config.seed < 9007199254740993",
        "config.big = 18446744073709551614",
        "summary.val/loss < 1",
        "summary.val/loss > 1",
        "not (status = running)",
        "config.model in (1B, 13B)",
    ],
)
def test_a_filter_does_not_match(text: str) -> None:
    """A missing value, another type, a pattern that is only text."""
    assert not holds(text)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("status", 7),
        ("status =", 9),
        ("= 3", 1),
        ("status = a b = c", 12),
        ("(status = a", 12),
        ("status = a)", 11),
        ("nothing = 3", 1),
        ("status = a and nope.x > 3", 16),
        ("status in a", 11),
        ("status in (a b)", 14),
        ("status not = a", 12),
        ("created > soon", 11),
        ("status = a or", 14),
        ('status = "a', 10),
        ("(" * 65 + "status = a" + ")" * 65, 65),
    ],
)
def test_a_fault_is_shown_where_it_is(text: str, position: int) -> None:
    """The UI marks that place."""
    with pytest.raises(QueryError, match=rf"at position {position}:"):
        parse_filter(text, now_s=NOW_S)


@pytest.mark.parametrize("text", ["2026-13-45", "2026-02-30", "2026-00", "2026-11-20T25:00:00"])
def test_a_time_that_cannot_be_is_refused(text: str) -> None:
    """It is shown, and so is what can be written."""
    with pytest.raises(QueryError, match=f"no such time as {text}; expected a date as 2026-11-20"):
        parse_filter(f"created > {text}", now_s=NOW_S)


def test_a_filter_is_no_novel() -> None:
    """Its length is bounded before anything looks at it."""
    with pytest.raises(QueryError, match="4096"):
        parse_filter("x" * 5000, now_s=NOW_S)


@given(st.text(max_size=30))
@PATIENT
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else happens."""
    try:
        holds(text)
    except QueryError:
        return


@given(
    st.recursive(
        st.tuples(st.sampled_from(["step", "config.lr"]), st.sampled_from(["<", ">=", "="]),
                  st.integers(-20, 20)),
        lambda inner: st.tuples(st.sampled_from(["and", "or"]), inner, inner)
        | st.tuples(st.just("not"), inner),
        max_leaves=8,
    )
)  # fmt: skip
@PATIENT
def test_logic_is_that_of_python(tree: Any) -> None:
    """However deep the parentheses."""

    def text(node: Any) -> str:
        if node[0] == "not":
            return f"not ({text(node[1])})"
        if node[0] in {"and", "or"}:
            return f"({text(node[1])}) {node[0]} ({text(node[2])})"
        return f"{node[0]} {node[1]} {node[2]}"

    def truth(node: Any) -> bool:
        if node[0] == "not":
            return not truth(node[1])
        if node[0] in {"and", "or"}:
            return all(map(truth, node[1:])) if node[0] == "and" else any(map(truth, node[1:]))
        value: Any = RUN[node[0]]
        return bool({"<": value < node[2], ">=": value >= node[2], "=": value == node[2]}[node[1]])

    assert holds(text(tree)) == truth(tree)
