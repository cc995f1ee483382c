"""Rows that are read many at once, key by key, are those that are read one by one."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from typing import Any

import orjson
import pytest

from tests.index.test_answers import written_rows
from tests.query.files import row
from tracklab.index.gathering import Gathered
from tracklab.records.decode import decode_row
from tracklab.records.flat import OWN_FIELDS, flatten, is_open
from tracklab.storage.streams import Tally

NESTED: list[dict[str, Any]] = [
    {"n": {"x": 1.5, "deep": {"y": 2}}},
    {"n": {"x": 1.5, "deep": {}}, "a": True},
    {"n": {"x": 1.5}, "n.x": 4},
    {"n": {"deep": {"y": 1}, "deep.y": 2}},
    {"n.m": {"x": 1}, "n": {"m": {"x": 2}}},
    {"n": {"_type": "histogram", "bins": [1, 2]}},
    {"n": {}},
    {"n": None},
    {"n": 3},
]
ODD = [
    b"",
    b"{}",
    b"7",
    b'{"_timestamp":1795196400.5,"_step":3,"a":1}\r',
    b'{"_timestamp":1795196400.5,"_step":3,"a":1},{"a":2}',
    b'{"_timestamp":1795196400.5,"a":[{"b":1}',
    b'{"_timestamp":1795196400.5,"a":NaN}',
    b'{"_timestamp":1795196400500,"_step":3.0,"a":1}',
    b'{"_timestamp":1795196400,"_step":-36893488147419103232,"a":18446744073709551616}',
    b'{"_timestamp":1795196400.5,"_step":3,"a":1,"a":2,"a":"x"}',
    b'{"step":4,"timestamp":"2026-11-21T09:30:00Z","a":1}',
    b'{"logger":"tracklab.segment","message":"segment","data":{}}',
    b'{"_timestamp":1795196400.5,"_step":null,"_runtime":{"s":1},"a":"{"}',
]

Entry = tuple[int, float | None]


def one_by_one(lines: list[bytes]) -> tuple[dict[str, list[Entry]], list[list[float]]]:
    """Return each key's entries that are not null, None for what is no number; and the axes."""
    found: dict[str, list[Entry]] = defaultdict(list)
    rows = [record for record in map(decode_row, lines) if isinstance(record, dict)]
    for number, record in enumerate(rows):
        groups = {key: "" for key in record if "." not in key and is_open(record[key])}
        for key, value in {**flatten(record), **groups}.items():
            if key not in OWN_FIELDS and value is not None:
                told = float(value) if isinstance(value, (int, float)) else None
                found[key].append((number, told))
    names = ("_step", "_timestamp", "_runtime")
    told_axes = [[one.get(name, math.nan) for one in rows] for name in names]
    axes = [[x if isinstance(x, (int, float)) else math.nan for x in axis] for axis in told_axes]
    return found, [list(map(float, axis)) for axis in axes]


def together(lines: list[bytes]) -> tuple[dict[str, list[Entry]], list[list[float]]]:
    """Return the same of all lines as one block."""
    gathered = Gathered(by_step=True)
    gathered.add_lines(b"".join(line + b"\n" for line in lines), Tally())
    found = {}
    for key, entries in gathered.keys().items():
        told = zip(entries.rows.tolist(), entries.value.tolist(), entries.numeric, strict=True)
        found[key] = [(place, value if numeric else None) for place, value, numeric in told]
    axes = gathered.axes()
    return found, [axis.tolist() for axis in (axes.group, axes.time, axes.relative)]


def plain_rows(count: int) -> list[bytes]:
    """Return rows as most trainings log them, of two sets of keys."""
    values = [{"a": 0.5, "b": n} if n % 7 else {"a": 1, "rare": 1e9} for n in range(count)]
    return [orjson.dumps(row(step, step, told)) for step, told in enumerate(values)]


def nested_rows(other: dict[str, Any]) -> list[bytes]:
    """Return rows that nest the same keys, and one among them that does it otherwise."""
    values = [*NESTED[:1] * 20, other, *NESTED[:1] * 20]
    return [orjson.dumps(row(step, step, told)) for step, told in enumerate(values)]


@pytest.mark.parametrize(
    "lines",
    [
        plain_rows(100),
        *map(nested_rows, NESTED),
        *([*plain_rows(20), odd, *plain_rows(3)] for odd in ODD),
        *(
            list(map(orjson.dumps, written_rows(random.Random(seed), 200, orderly=bool(seed % 2))))  # noqa: S311 - made-up data
            for seed in range(4)
        ),
    ],
)
def test_rows_read_together_are_those_read_one_by_one(lines: list[bytes]) -> None:
    """As we write them, nested alike and otherwise, and with everything that may stand there."""
    columns, axes = together(lines)
    expected_columns, expected_axes = one_by_one(lines)

    assert repr(sorted(columns.items())) == repr(sorted(expected_columns.items()))  # NaN is NaN
    assert repr(axes) == repr(expected_axes)
