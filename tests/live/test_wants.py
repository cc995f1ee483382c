"""A subscription is understood or refused, never half of it."""

from __future__ import annotations

from typing import Any

import pytest

from tracklab.errors import QueryError
from tracklab.live.wants import ConsoleWant, Wants, parse_wants


def test_a_whole_subscription_is_understood() -> None:
    """Every field of the protocol arrives; later ones are ignored."""
    data = {
        "runs": ["p/a"], "keys": ["loss"], "system": True, "revs": {"p/a": "r"}, "later": 1,
        "logs": {"run": "p/a", "stream": "stderr", "offset": 7, "rank": 2}, "binary": True,
    }  # fmt: skip
    assert parse_wants(data) == Wants(
        ("p/a",), frozenset({"loss"}), system=True, console=ConsoleWant("p/a", "stderr", 7, 2),
        revs={"p/a": "r"}, binary=True,
    )  # fmt: skip


def test_nothing_is_wanted_by_default() -> None:
    """An empty subscription silences what came before, and means all keys of no run."""
    assert parse_wants({}) == Wants()


@pytest.mark.parametrize(
    "data",
    [
        None, [], "x", {"runs": "p/a"}, {"runs": [1]}, {"keys": {"a": 1}}, {"revs": ["r"]},
        {"logs": "p/a"}, {"logs": {"run": 1}}, {"logs": {"run": "a", "stream": "x"}},
        {"logs": {"run": "a", "stream": []}},
        {"logs": {"run": "a", "rank": -1}}, {"logs": {"run": "a", "rank": None}},
        {"logs": {"run": "a", "offset": -1}}, {"logs": {"run": "a", "offset": True}},
        {"runs": ["x"] * 201}, {"keys": ["x"] * 10_001},
    ],
)  # fmt: skip
def test_nonsense_is_refused(data: Any) -> None:
    """A wrong type or a flood of names is told to the client."""
    with pytest.raises(QueryError):
        parse_wants(data)
