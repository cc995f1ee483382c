"""Filters as MongoDB writes them, against a judge that reads them anew for every run."""

from __future__ import annotations

import operator
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklab.api.conditions import parse_conditions
from tracklab.errors import QueryError

PATHS = ("config.lr", "summary_metrics.loss", "state", "tags", "displayName")
VALUES = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, "a", "ab", "b"])
LISTS = st.lists(VALUES, min_size=1, max_size=3)
TESTS = st.recursive(
    st.tuples(st.sampled_from(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]), VALUES)
    | st.tuples(st.sampled_from(["$in", "$nin"]), LISTS)
    | st.tuples(st.just("$exists"), st.booleans())
    | st.tuples(st.just("$regex"), st.sampled_from(["a", "^b", "b$", "[ab]{2}"])),
    lambda inner: st.tuples(st.just("$not"), st.lists(inner, min_size=1, max_size=2).map(dict)),
    max_leaves=3,
)
FILTERS = st.recursive(
    st.dictionaries(
        st.sampled_from(PATHS), VALUES | st.lists(TESTS, min_size=1, max_size=2).map(dict),
        max_size=2,
    ),
    lambda inner: st.tuples(
        st.sampled_from(["$and", "$or", "$nor"]), st.lists(inner, min_size=1, max_size=3)
    ).map(lambda pair: dict([pair])) | inner.map(lambda one: {"$not": one}),
    max_leaves=4,
)  # fmt: skip
RUNS = st.dictionaries(st.sampled_from(PATHS), VALUES | st.lists(VALUES, max_size=2))


def brute_force(filters: Any, run: dict[str, Any]) -> bool:
    """Return whether a run meets a filter, as the manual says it."""
    for key, value in filters.items():
        if key in {"$and", "$or", "$nor"}:
            met = [brute_force(one, run) for one in value]
            holds = {"$and": all(met), "$or": any(met), "$nor": not any(met)}[key]
        elif key == "$not":
            holds = not brute_force(value, run)
        else:
            tests = value if isinstance(value, dict) else {"$eq": value}
            holds = all(passes(run.get(key), name, one) for name, one in tests.items())
        if not holds:
            return False
    return True


def passes(found: Any, name: str, value: Any) -> bool:
    """Return whether one value passes one test."""
    if name in {"$ne", "$nin", "$not"}:
        if name == "$not":
            return not all(passes(found, *pair) for pair in value.items())
        return not passes(found, {"$ne": "$eq", "$nin": "$in"}[name], value)
    if name == "$exists":
        return (found is None) is not value
    if name == "$in":
        return any(passes(found, "$eq", one) for one in value)
    each = found if isinstance(found, list) else [found]
    if name == "$regex":
        return any(isinstance(one, str) and bool(re.search(value, one)) for one in each)
    call: Any = getattr(operator, {"$gte": "ge", "$lte": "le"}.get(name, name[1:]))
    return any(kind(one) == kind(value) and bool(call(one, value)) for one in each
               if name == "$eq" or None not in (one, value))  # fmt: skip


def kind(value: Any) -> type:
    """Return what a value is compared as."""
    return float if type(value) is int else type(value)


@given(filters=FILTERS, run=RUNS)
def test_a_filter_wants_what_the_judge_wants(filters: Any, run: dict[str, Any]) -> None:
    """Every operator, nested in every other."""
    assert parse_conditions(filters).holds(run.get) is brute_force(filters, run)


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({"createdAt": {"$gte": "2026-11-20"}}, True),
        ({"createdAt": {"$lt": "2026-11-20T19:40:00+02:00"}}, False),
        ({"createdAt": "2026-11-20T18:40:00+01:00"}, True),
        ({"createdAt": {"$gt": 1_795_196_399}}, True),
        ({"displayName": {"$regex": "^BASE", "$options": "i"}}, True),
        ({"displayName": re.compile("line$")}, True),
        ({"config.model": {"layers": 2}}, True),
        ({"tags": ["a", "b"]}, True),
        (None, True),
    ],
)
def test_values_are_read_as_people_write_them(filters: Any, wanted: bool) -> None:  # noqa: FBT001 - a case
    """Times in any zone, flags, compiled expressions, whole objects and lists."""
    run = {"createdAt": "2026-11-20T17:40:00.000000Z", "displayName": "baseline",
           "config.model": {"layers": 2}, "tags": ["a", "b"]}  # fmt: skip
    assert parse_conditions(filters).holds(run.get) is wanted


@pytest.mark.parametrize(
    "filters",
    [
        {"state": {"$near": 1}}, {"$where": "1"}, {"$or": {}}, {"$and": []}, ["state"],
        {"state": {"$in": "running"}}, {"state": {"$regex": "("}}, {"loss": 1},
        {"createdAt": {"$gt": "soon"}}, {"state": {"$regex": "a", "$options": "q"}},
        {"$and": [3]}, {"config.": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(filters: Any) -> None:
    """As a ValueError that says what was received and what to write."""
    with pytest.raises(ValueError, match=r"\. ") as caught:
        parse_conditions(filters)
    assert isinstance(caught.value, QueryError)
