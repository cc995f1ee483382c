"""The binary frame and the JSON of a chart say the same."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import orjson
import pytest

from tracklab.query.answers.series import NonFinite, Series, SeriesReply
from tracklab.query.frames import frame, rows_frame, series_json

X = np.array([0.0, 1.0, 2.0])
Y = np.array([3.0, 2.5, 1e300])
COLUMNS = ("x", "last", "lo", "hi", "mean", "cnt")


def reply() -> SeriesReply:
    """Return one exact series and one in buckets over the same x."""
    odd = [NonFinite(1.5, "NaN")]
    exact = Series("p/a", "loss", 0, 3, True, X, Y, None, None, None, None, "r1", odd)
    coarse = Series("p/a", "acc", 0, 30, False, X.copy(), Y, Y - 1, Y + 1, Y, X + 9, "r1")
    empty = Series("p/a", "gone", 0, 0, True, X[:0], Y[:0], None, None, None, None, "r1")
    return SeriesReply([exact, coarse, empty], 1.0, {"p/a": "r1"})


def decode(data: bytes) -> dict[str, Any]:
    """Read a frame as its documentation says."""
    assert data[:4] == b"TLS1"
    (size,) = struct.unpack("<I", data[4:8])
    header: dict[str, Any] = orjson.loads(data[8 : 8 + size])
    start = 8 + size
    assert start % 8 == 0
    for series in header["series"]:
        for name in COLUMNS:
            if name in series:
                assert series[name] % 8 == 0
                short = series.get("y") == "f32" and name not in {"x", "cnt"}
                kind = "<f4" if short else "<f8"
                column = np.frombuffer(data, kind, series["n"], start + series[name])
                series[name] = column.tolist()
    return header


def test_a_frame_says_what_the_json_says() -> None:
    """Header fields and columns are equal in both."""
    assert decode(frame(reply())) == orjson.loads(series_json(reply()))


def test_buckets_carry_their_extremes_and_exact_points_do_not() -> None:
    """Numbers over a bucket are there for buckets only; `total` counts the points behind them."""
    exact, coarse, empty = decode(frame(reply()))["series"]
    assert (exact["n"], exact["total"], "lo" in exact) == (3, 3, False)
    assert (coarse["n"], coarse["total"], coarse["cnt"]) == (3, 30, [9.0, 10.0, 11.0])
    assert exact["nonfinite"] == [{"x": 1.5, "value": "NaN"}]
    assert empty["x"] == []


def test_equal_columns_are_stored_once() -> None:
    """Fifty metrics over one x cost one x."""
    one = frame(SeriesReply(reply().series[:1], 1.0, {}))
    series = decode(frame(reply()))["series"]
    assert series[0]["x"] == series[1]["x"]
    assert len(frame(reply())) < len(one) + 8 * 3 * 4 + 420


@pytest.mark.parametrize("values", [[0.1, -2.5, 0.0], [1.0, 1e300, 0.0], [1.0, 1e-300, 0.0]])
def test_short_numbers_keep_seven_digits(values: list[float]) -> None:
    """And what 32 bits cannot hold at all stays as it is; x and counts always do."""
    last = np.array(values)
    one = Series("p/a", "acc", 0, 30, False, X + 0.1, last, last, last, last, X + 2**40, "r1")
    (told,) = decode(frame(SeriesReply([one, one], 1.0, {}), short=True))["series"][:1]
    is_short = max(values) < 1e38 and min(abs(value) for value in values if value) > 1e-37
    assert ("y" in told) is is_short
    assert told["x"] == (X + 0.1).tolist()
    assert told["cnt"] == (X + 2**40).tolist()
    for name in ("last", "lo", "hi", "mean"):
        assert told[name] == pytest.approx(values, rel=1e-6 if is_short else 0)


def test_rows_become_a_series_for_each_key_with_numbers() -> None:
    """Over steps, times included; NaN stands beside, text is in no frame."""
    rows: list[dict[str, Any]] = [
        {"_step": 3, "_timestamp": 9.5, "loss": 1, "note": "x"},
        {"_step": 4, "_timestamp": 9.75, "loss": "NaN", "ok": True, "list": [1]},
        {"_step": 4, "_timestamp": 9.8, "loss": 0.5},
    ]
    told = decode(rows_frame("p/a", rows, rev="r9"))
    assert told["revs"] == {"p/a": "r9"}
    assert [(one["key"], one["x"], one["last"], one["nonfinite"]) for one in told["series"]] == [
        ("_timestamp", [3, 4, 4], [9.5, 9.75, 9.8], []),
        ("loss", [3, 4], [1, 0.5], [{"x": 4, "value": "NaN"}]),
        ("ok", [4], [1], []),
    ]
    assert decode(rows_frame("p/a", [], rev="r"))["series"] == []
