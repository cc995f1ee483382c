"""The binary frame and the JSON of a chart say the same."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import orjson

from tracklab.query.answers.series import NonFinite, Series, SeriesReply
from tracklab.server.frames import frame, series_json

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
                column = np.frombuffer(data, "<f8", series["n"], start + series[name])
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
