"""Whatever Python holds becomes strict JSON, and what JSON cannot say is said beside it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import json
import math
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracklab.records.encode import MAX_DEPTH, encode_object


class Colour(enum.Enum):
    """An enumeration to log."""

    RED = "red"


@dataclasses.dataclass
class Point:
    """A dataclass to log."""

    x: int
    y: float


class Hostile:
    """Raises at every touch."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError


def written(value: object) -> Any:
    """Return what a strict reader finds for `value`."""

    def refuse(token: str) -> None:
        raise AssertionError(token)

    return json.loads(encode_object({"v": value}), parse_constant=refuse)["v"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (0.25, 0.25),
        ("text", "text"),
        ("nullable", "nullable"),
        (2**63, 2**63),
        (2**70, str(2**70)),
        (-(2**64), str(-(2**64))),
        (np.float64(3.5), 3.5),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(1), True),
        (np.array(5.0), 5.0),
        (np.arange(3), [0, 1, 2]),
        (dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc), "2026-01-02T03:04:05+00:00"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (dt.timedelta(days=1), "P1D"),
        (dt.timedelta(days=-2), "P-2D"),
        (dt.timedelta(), "P0D"),
        (dt.timedelta(seconds=1.5), "PT1.5S"),
        (dt.timedelta(seconds=1234567.5), "PT1234567.5S"),
        (dt.timedelta(days=30, seconds=1), "PT2592001S"),
        (dt.timedelta(seconds=100), "PT100S"),
        (dt.timedelta(microseconds=3), "PT0.000003S"),
        (dt.timedelta(microseconds=-3), "PT-0.000003S"),
        (dt.timedelta.max, "PT86399999999999.999999S"),
        (np.timedelta64(3, "us"), "PT0.000003S"),
        (np.longdouble(1.5), 1.5),
        (np.arange(2, dtype=np.longdouble), [0.0, 1.0]),
        (np.clongdouble(1 + 2j), "(1+2j)"),
        (np.complex64(1 + 2j), "(1+2j)"),
        (deque([1, (2, deque([3], 1))], 9), [1, [2, [3]]]),
        (decimal.Decimal("1.5"), "1.5"),
        (Path("a") / "b", "a/b"),
        (Colour.RED, "red"),
        (Point(1, 2.0), {"x": 1, "y": 2.0}),
        ({1}, [1]),
        ((1, (2, 3)), [1, [2, 3]]),
        (1 + 2j, "(1+2j)"),
        (b"ab", {"_type": "bytes", "base64": "YWI="}),
        ({1: "a"}, {"1": "a"}),
        ("\ud800x", "�x"),
        ("a\x00b\n", "a\x00b\n"),
        (dict, "builtins.dict"),
        ((n for n in [1]), {"_error": "unserialisable", "type": "builtins.generator"}),
        (object(), {"_error": "unserialisable", "type": "builtins.object"}),
    ],
)
def test_a_value_becomes_its_nearest_json(value: object, expected: object) -> None:
    """Each row of the encoder's table."""
    assert written(value) == expected


def test_a_hostile_object_becomes_a_marker() -> None:
    """An object that raises whenever it is touched costs its own value only."""
    assert written([Hostile(), 1]) == [
        {"_error": "unserialisable", "type": f"{__name__}.Hostile"},
        1,
    ]


def test_an_integer_with_too_many_digits_becomes_a_marker() -> None:
    """CPython refuses to print it, and so do we."""
    assert written(10**5000)["_error"] == "unserialisable"


@pytest.mark.parametrize(
    ("value", "where", "name"),
    [
        (math.nan, "v", "NaN"),
        (math.inf, "v", "Infinity"),
        (-math.inf, "v", "-Infinity"),
        ([1.0, math.nan], "v.1", "NaN"),
        ({"a": {"b": math.inf}}, "v.a.b", "Infinity"),
        (np.float32("nan"), "v", "NaN"),
        (np.longdouble("inf"), "v", "Infinity"),
        (deque([1.0, math.nan]), "v.1", "NaN"),
        (np.array([math.nan]), "v.0", "NaN"),
    ],
)
def test_a_number_that_is_not_finite_is_null_and_named(value: Any, where: str, name: str) -> None:
    """The line stays strict JSON, and a reader gets the float back from `_nonfinite`."""
    line = orjson.loads(encode_object({"v": value, "other": 1}))
    assert line["_nonfinite"] == {where: name}
    assert line["other"] == 1


def test_a_cycle_ends_in_a_marker() -> None:
    """A list that holds itself is written once."""
    cycle: list[object] = [1]
    cycle.append(cycle)
    assert written(cycle) == [1, {"_error": "cycle"}]


def test_one_object_in_two_places_is_no_cycle() -> None:
    """Sharing is not nesting."""
    shared = [math.nan]
    assert written([shared, shared]) == [[None], [None]]


def test_nesting_ends_at_the_limit() -> None:
    """What is deeper becomes a marker, not an exception."""
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(MAX_DEPTH * 4):
        inner["k"] = {}
        inner = inner["k"]
    assert b"nested deeper than 64" in encode_object(deep)


def test_colliding_keys_are_named() -> None:
    """Of two keys with one text the last wins, and the line says so."""
    line = orjson.loads(encode_object({"v": {1: "a", "1": "b"}}))
    assert line == {"v": {"1": "b"}, "_lossy": ["v.1"]}


def test_a_user_object_cannot_pose_as_a_reference() -> None:
    """Only we may write `$ref`, or a reader would look for a file."""
    assert "$ref" not in written({"$ref": "sha256:x", "bytes": 1})


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # busy machines
@given(st.dictionaries(st.text(st.characters()), json_like, max_size=5))
def test_any_object_gives_one_line_of_strict_json(data: dict[str, Any]) -> None:
    """No exception, no bare NaN, no line break, whatever goes in."""

    def refuse(token: str) -> None:
        raise AssertionError(token)

    body = encode_object(data)
    assert b"\n" not in body
    assert isinstance(json.loads(body, parse_constant=refuse), dict)


user_keys = st.text().filter(lambda key: key not in {"_nonfinite", "_lossy"})


@given(st.dictionaries(user_keys, st.floats() | st.integers(-(2**63), 2**63) | st.text()))
def test_plain_values_come_back_as_they_were(data: dict[str, Any]) -> None:
    """Numbers and texts survive the line exactly, NaN through `_nonfinite`."""
    line = orjson.loads(encode_object(data))
    for path, name in line.pop("_nonfinite", {}).items():
        line[path] = float(name.replace("Infinity", "inf"))
    assert line.keys() == data.keys()
    assert repr(sorted(line.items())) == repr(sorted(data.items()))
