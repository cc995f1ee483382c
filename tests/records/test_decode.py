"""Lines in, records out: whatever wrote them, and nothing ever raises."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.records.decode import BadLine, Header, decode_event, decode_row, parse_block
from tracklab.records.encode import encode_object

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


def row(line: bytes) -> dict[str, Any]:
    """Decode a row that must be good."""
    record = decode_row(line)
    assert isinstance(record, dict), record
    return record


def event(line: bytes) -> dict[str, Any]:
    """Decode an event that must be good."""
    record = decode_event(line)
    assert isinstance(record, dict), record
    return record


def same(left: Any, right: Any) -> bool:
    """Compare values; NaN equals NaN."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return bool(left == right)


@given(st.binary(max_size=80))
@PATIENT
def test_no_bytes_raise(line: bytes) -> None:
    """Anything may lie in a file."""
    assert isinstance(decode_row(line), (dict, Header, BadLine))
    assert isinstance(decode_event(line), (dict, Header, BadLine))


@given(JSON)
@PATIENT
def test_any_json_value_is_a_record_or_a_bad_line(value: Any) -> None:
    """Fields of the wrong type, missing, nested: still a record that can be sent on."""
    line = json.dumps(value).encode()
    for record in (decode_row(line), decode_event(line)):
        if isinstance(record, dict):
            orjson.dumps(record)


@given(st.dictionaries(st.text(st.characters(categories=["Ll"]), min_size=1, max_size=3), JSON))
@PATIENT
def test_what_is_encoded_decodes(values: dict[str, Any]) -> None:
    """Also numbers that JSON cannot say, nested in dicts and lists."""
    line = b'{"_timestamp":1.5,"_step":3' + (b"," + encode_object(values)[1:] if values else b"}")
    got = row(line)
    assert (got.pop("_timestamp"), got.pop("_step")) == (1.5, 3)
    assert same(got, values)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("loss", {"loss": math.inf, "a": {"b": None}, "xs": [1, None], "c.d": None}),
        ("a.b", {"loss": None, "a": {"b": math.inf}, "xs": [1, None], "c.d": None}),
        ("xs.1", {"loss": None, "a": {"b": None}, "xs": [1, math.inf], "c.d": None}),
        ("c.d", {"loss": None, "a": {"b": None}, "xs": [1, None], "c.d": math.inf}),
        ("xs.7", {"loss": None, "a": {"b": None}, "xs": [1, None], "c.d": None}),
        ("a.b.c", {"loss": None, "a": {"b": None}, "xs": [1, None], "c.d": None}),
    ],
)
def test_nonfinite_numbers_come_back(path: str, expected: dict[str, Any]) -> None:
    """`_nonfinite` names a dotted path into dicts and lists; a path to nothing is ignored."""
    values = {"loss": None, "a": {"b": None}, "xs": [1, None], "c.d": None}
    line = json.dumps({**values, "_nonfinite": {path: "Infinity"}}).encode()
    assert row(line) == expected


def test_a_path_of_many_dots_does_not_take_for_ever() -> None:
    """Keys with dots can be read in very many ways; only some of them are tried."""
    shallow = {"a": {"a": {"a": {"a.a": {"a": 1}}}}, "_nonfinite": {".".join("a" * 5_000): "NaN"}}
    assert "_nonfinite" not in row(json.dumps(shallow).encode())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", ""),
        (b"3", "int"),
        (b"[]", "list"),
        (b'{"a":1', "end"),
        (b'{"a":1}{"b":2}', "after document"),
        (b"\xff", "utf-8"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "deeper than 64"),
        (b"{" + b",".join(b'"%d":0' % i for i in range(100_001)) + b"}", "100000 keys"),
        (b'{"a":NaN,"b":"\\ud800"}', "surrogates"),
        (b'{"a":NaN' + b"[" * 100_000, ""),
        (b'{"a":NaN,"b":1' + b"0" * 400 + b"}", "too large"),
    ],
)
def test_a_bad_line_says_why(line: bytes, reason: str) -> None:
    """It is counted, and people can look up what was wrong."""
    record = decode_row(line)
    assert isinstance(record, BadLine)
    assert reason in record.reason.lower()


def test_64_levels_are_not_too_deep() -> None:
    """The limit itself is allowed, and brackets in a text are no levels."""
    assert row(b'{"a":' * 64 + b"1" + b"}" * 64)
    assert row(b'{"a":"' + b"[" * 100 + b'"}')


def test_bare_nan_is_read_leniently() -> None:
    """What the standard library's encoder writes by default."""
    got = row(b'{"a":NaN,"b":-Infinity,"c":123456789012345678901234567890,"_step":1}')
    assert math.isnan(got["a"])
    assert (got["b"], got["c"], got["_step"]) == (-math.inf, 1.2345678901234568e29, 1)


@pytest.mark.parametrize(
    ("line", "time", "step"),
    [
        (b'{"_timestamp":1795196400.5,"_step":3}', 1795196400.5, 3),
        (b'{"timestamp":1795196400.5,"step":3}', 1795196400.5, 3),
        (b'{"timestamp":1795196400500,"step":3.0}', 1795196400.5, 3),
        (b'{"timestamp":"2026-11-20T17:40:00.500Z","step":3}', 1795196400.5, 3),
        (b'{"_timestamp":1795196400500000000,"_step":3}', 1795196400.5, 3),
        (b'{"_timestamp":"soon","_step":"many"}', None, None),
        (b'{"_timestamp":true,"_step":true}', None, None),
        (b'{"_step":1e300}', None, None),
        (b'{"_step":18446744073709551615}', None, 2**64 - 1),
        (b'{"_step":-1e19}', None, None),
    ],
)
def test_rows_of_other_programs(line: bytes, time: float | None, step: int | None) -> None:
    """Bare names, and times of any unit; what cannot be read is left out."""
    got = row(line)
    assert (got.get("_timestamp"), got.get("_step")) == (time, step)


def test_a_user_may_log_step_and_timestamp() -> None:
    """In a row of our own they are the user's keys."""
    got = row(b'{"_timestamp":1.5,"_step":3,"step":9,"timestamp":"x","logger":"tracklab.segment"}')
    assert (got["_step"], got["step"], got["timestamp"]) == (3, 9, "x")


def test_a_header_is_no_row_and_no_event() -> None:
    """It tells the attempt."""
    line = (
        b'{"run_id":"r","seq":0,"logger":"tracklab.segment","message":"segment",'
        b'"data":{"attempt":2}}'
    )
    assert (
        decode_row(line) == decode_event(line) == Header("r", None, 0, 2, None, 0, {"attempt": 2})
    )


AT = "2026-11-20T17:40:00.123456Z"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            {"timestamp": AT, "level": "INFO", "logger": "performance_metrics",
             "message": "checkpoint_save", "data": {"duration": 0.5}},
            (AT, "INFO", "performance_metrics", "checkpoint_save", {"duration": 0.5}),
        ),
        (
            {"asctime": "2026-11-20 17:40:00,123", "levelname": "WARNING", "name": "app",
             "message": "hi", "epoch": 1},
            ("2026-11-20T17:40:00.123000Z", "WARNING", "app", "hi", {"epoch": 1}),
        ),
        (
            {"event": "saved", "level": "warn", "timestamp": "2026-11-20T17:40:00.1Z", "k": [1]},
            ("2026-11-20T17:40:00.100000Z", "WARNING", "", "saved", {"k": [1]}),
        ),
        (
            {"@timestamp": "2026-11-20T17:40:00.123Z", "log.level": "error", "message": "no",
             "log": {"logger": "db"}, "trace.id": "ab", "ecs.version": "1.6"},
            ("2026-11-20T17:40:00.123000Z", "ERROR", "db", "no",
             {"log": {}, "ecs.version": "1.6"}),
        ),
        (
            {"ts": 1795196400123, "level": 40, "msg": "m", "data": 3},
            ("2026-11-20T17:40:00.123000Z", "ERROR", "", "m", {"data": 3}),
        ),
        ({"timestamp": "later", "level": {}, "message": 5}, (None, "INFO", "", "5", {})),
    ],
)  # fmt: skip
def test_events_of_other_programs(line: dict[str, Any], expected: tuple[Any, ...]) -> None:
    """python-json-logger, structlog, ECS and plain records: one layout comes out."""
    got = event(json.dumps(line).encode())
    assert (
        tuple(got[key] for key in ("timestamp", "level", "logger", "message", "data")) == expected
    )


def test_numbers_in_the_data_of_an_event_come_back() -> None:
    """`_nonfinite` stands inside `data` there."""
    got = event(b'{"message":"m","data":{"value":null,"_nonfinite":{"value":"NaN"}}}')
    assert math.isnan(got["data"]["value"])


def test_a_block_is_parsed_at_once_or_not_at_all() -> None:
    """One line that is unusual sends the whole block to the careful way."""
    assert parse_block(b'{"a":1}\n{"a":2}\n') == [{"a": 1}, {"a": 2}]
    for unusual in (b"\n", b"3\n", b'{"a":NaN}\n', b'{"a":1},{"a":2}\n', b'{"a":[\n1]}\n'):
        assert parse_block(b'{"a":1}\n' + unusual) is None
