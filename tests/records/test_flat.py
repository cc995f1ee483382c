"""Dotted names: what a reader calls a nested value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.records.flat import flatten, lookup

NAMES = st.sampled_from(["a", "b", "a.b", "_type", ""])
NESTED: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(0, 3) | st.just([1]) | st.just({}),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
RECORDS = st.dictionaries(st.sampled_from(["a", "b", "a.b", "a.b.a"]), NESTED, max_size=4)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"a": 1}, {"a": 1}),
        ({"a": {"b": {"c": 1}, "d": 2}}, {"a.b.c": 1, "a.d": 2}),
        ({"a": {"b": 1}, "a.b": 2}, {"a.b": 2}),
        ({"a.b": 2, "a": {"b": 1}}, {"a.b": 2}),
        ({"a": {}}, {"a": {}}),
        ({"h": {"_type": "histogram", "bins": [1]}}, {"h": {"_type": "histogram", "bins": [1]}}),
        ({"v": {"$ref": "sha256:0", "bytes": 9}}, {"v": {"$ref": "sha256:0", "bytes": 9}}),
        ({"xs": [{"a": 1}]}, {"xs": [{"a": 1}]}),
    ],
)
def test_nested_values_get_dotted_names(record: Any, expected: Any) -> None:
    """A literal name wins; lists, media and references are values."""
    assert flatten(record) == expected


@given(RECORDS, st.sampled_from(["a", "b", "a.b", "a.b.a", "a.a", "b.a.b", "a."]))
@PATIENT
def test_lookup_finds_what_flatten_shows(record: dict[str, Any], key: str) -> None:
    """One key of a row, without flattening all of it."""
    assert lookup(record, key) == flatten(record).get(key)
