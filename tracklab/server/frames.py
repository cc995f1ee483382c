"""Series on the wire: columns as raw numbers, so that a browser decodes a chart without parsing.

    "TLS1" | u32 LE header bytes | JSON header, padded with spaces | f64 LE columns

Columns start at a multiple of 8 bytes from the beginning of the frame, so a browser makes typed
arrays of them without a copy. In the header a column is its byte offset from the first column;
it has `n` values. Equal columns are stored once. `total` counts the points in range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from tracklab.query.plain import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tracklab.query.answers.series import Series, SeriesReply

__all__ = ["FRAME_TYPE", "frame", "series_json"]

FRAME_TYPE = "application/vnd.tracklab.series"
_MAGIC = b"TLS1"
_ALIGN = 8
_COLUMNS = ("x", "last", "lo", "hi", "mean", "cnt")


def frame(reply: SeriesReply) -> bytes:
    """Return `reply` as one binary frame. Cost: one copy of its columns."""
    pool = _Pool()
    header = {
        "series": [_heading(series, pool) for series in reply.series],
        "coverage": reply.coverage,
        "revs": reply.revs,
    }
    text = orjson.dumps(header)
    start = len(_MAGIC) + 4
    text += b" " * (-(start + len(text)) % _ALIGN)
    return b"".join((_MAGIC, len(text).to_bytes(4, "little"), text, *pool.columns))


def series_json(reply: SeriesReply) -> bytes:
    """Return `reply` as JSON, with the same fields as a frame's header and lists for columns."""
    value = {
        "series": [_fields(series) | _arrays(series) for series in reply.series],
        "coverage": reply.coverage,
        "revs": reply.revs,
    }
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


class _Pool:
    """The columns of a frame, each different one once."""

    def __init__(self) -> None:
        self.columns: list[bytes] = []
        self._offsets: dict[bytes, int] = {}
        self._end = 0

    def put(self, column: NDArray[np.float64]) -> int:
        """Return the byte offset at which `column` lies in the frame's columns."""
        data = column.astype("<f8", copy=False).tobytes()
        if data not in self._offsets:
            self._offsets[data] = self._end
            self._end += len(data)
            self.columns.append(data)
        return self._offsets[data]


def _heading(series: Series, pool: _Pool) -> dict[str, Any]:
    return _fields(series) | {name: pool.put(column) for name, column in _arrays(series).items()}


def _fields(series: Series) -> dict[str, Any]:
    return {
        "run": series.run,
        "key": series.key,
        "attempt": series.attempt,
        "n": len(series.x),
        "total": series.n,
        "exact": series.exact,
        "rev": series.rev,
        "nonfinite": plain(series.nonfinite),
    }


def _arrays(series: Series) -> dict[str, NDArray[np.float64]]:
    columns = ((name, getattr(series, name)) for name in _COLUMNS)
    return {name: np.ascontiguousarray(data) for name, data in columns if data is not None}
