"""Series on the wire: columns as raw numbers, so that a browser decodes a chart without parsing.

    "TLS1" | u32 LE header bytes | JSON header, padded with spaces | columns, little-endian

Columns start at a multiple of 8 bytes from the beginning of the frame, so a browser makes typed
arrays of them without a copy. In the header a column is its byte offset from the first column;
it has `n` values of 64 bits. Where the header of a series says `"y": "f32"`, values have 32 bits:
those of `last`, `lo`, `hi` and `mean`. Equal columns are stored once. `total` counts the points
in range.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from tracklab.query.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from tracklab.query.answers.series import Series, SeriesReply

__all__ = ["FRAME_TYPE", "frame", "rows_frame", "series_json"]

FRAME_TYPE = "application/vnd.tracklab.series"
_MAGIC = b"TLS1"
_ALIGN = 8
_COLUMNS = ("x", "last", "lo", "hi", "mean", "cnt")
_VALUES: Final = ("last", "lo", "hi", "mean")
_NONFINITE: Final = frozenset({"NaN", "Infinity", "-Infinity"})
_SHORT: Final = np.finfo(np.float32)


def frame(reply: SeriesReply, *, short: bool = False) -> bytes:
    """Return `reply` as one binary frame. Cost: one copy of its columns.

    Args:
        reply: what to send.
        short: values in 32 bits, about seven digits, where a series has none that are too large
            or too small for that.
    """
    pool = _Pool()
    headings = [_heading(series, pool, short=short) for series in reply.series]
    return pool.framed({"series": headings, "coverage": reply.coverage, "revs": reply.revs})


def rows_frame(run: str, rows: Sequence[Mapping[str, Any]], *, rev: str) -> bytes:
    """Return new rows of a run as a frame: each key over `_step`, those of the row's time too.

    Text and lists are in no frame. `rev` is that after the last of the rows, which stand in the
    order in which they were written.
    """
    pool = _Pool()
    keys = dict.fromkeys(key for row in rows for key in row if key != "_step")
    headings = [_row_heading(run, key, rows, pool, rev=rev) for key in keys]
    told = [one for one in headings if one["n"] or one["nonfinite"]]
    return pool.framed({"series": told, "coverage": 1.0, "revs": {run: rev}})


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
        self._columns: list[bytes] = []
        self._offsets: dict[bytes, int] = {}
        self._end = 0

    def put(self, column: NDArray[np.float64], *, short: bool = False) -> int:
        """Return the byte offset at which `column` lies in the frame's columns."""
        data = column.astype("<f4" if short else "<f8", copy=False).tobytes()
        if data not in self._offsets:
            self._offsets[data] = self._end
            padded = data + b"\0" * (-len(data) % _ALIGN)
            self._end += len(padded)
            self._columns.append(padded)
        return self._offsets[data]

    def framed(self, header: dict[str, Any]) -> bytes:
        """Return the frame of these columns and of a header that names them."""
        text = orjson.dumps(header)
        start = len(_MAGIC) + 4
        text += b" " * (-(start + len(text)) % _ALIGN)
        return b"".join((_MAGIC, len(text).to_bytes(4, "little"), text, *self._columns))


def _heading(series: Series, pool: _Pool, *, short: bool) -> dict[str, Any]:
    columns = _arrays(series)
    short = short and all(_is_short(columns[name]) for name in _VALUES if name in columns)
    told = {"y": "f32"} if short else {}
    offsets = {
        name: pool.put(column, short=short and name in _VALUES) for name, column in columns.items()
    }
    return _fields(series) | told | offsets


def _is_short(column: NDArray[np.float64]) -> bool:
    """Return whether 32 bits hold the numbers of a column but for their last digits."""
    size = np.abs(column[column != 0])
    return not len(size) or bool(_SHORT.tiny <= size.min() and size.max() <= _SHORT.max)


def _row_heading(
    run: str, key: str, rows: Iterable[Mapping[str, Any]], pool: _Pool, *, rev: str
) -> dict[str, Any]:
    points = [(row["_step"], row[key]) for row in rows if key in row and "_step" in row]
    finite = [(x, y) for x, y in points if isinstance(y, (int, float)) and math.isfinite(y)]
    return {
        "run": run,
        "key": key,
        "n": len(finite),
        "total": len(finite),
        "exact": True,
        "rev": rev,
        "nonfinite": [
            {"x": x, "value": y} for x, y in points if isinstance(y, str) and y in _NONFINITE
        ],
        "x": pool.put(np.array([x for x, _ in finite], dtype=np.float64)),
        "last": pool.put(np.array([y for _, y in finite], dtype=np.float64)),
    }


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
