"""Answers as plain tables: for Grafana, spreadsheets, and whatever reads rows with columns.

`format=flat` gives a JSON list of objects without nesting, `format=csv` or `Accept: text/csv` the
same as CSV. Where an answer is a page, the header `Next-Cursor` says where the next one begins.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import fields
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from fastapi import Query

from tracklab.clock import rfc3339
from tracklab.errors import QueryError
from tracklab.query.plain import number_name, plain
from tracklab.records.flat import flatten
from tracklab.server.replies import bytes_tagged, encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from fastapi import Request
    from starlette.responses import Response

    from tracklab.query.answers.runs import Run
    from tracklab.query.answers.series import GroupSeries, Series

    Row = dict[str, Any]

__all__ = [
    "GROUP_COLUMNS",
    "LATEST_S",
    "SERIES_COLUMNS",
    "TABLES",
    "Format",
    "columns_of",
    "group_rows",
    "run_row",
    "series_rows",
    "shaped",
    "wanted",
]

Format = Annotated[
    Literal["json", "flat", "csv"] | None,
    Query(description="flat: a list of rows; csv, or Accept: text/csv: the same as CSV"),
]
#: What a route that answers with tables says of them.
TABLES: dict[str, Any] = {"content": {"text/csv": {"schema": {"type": "string"}}}}
SERIES_COLUMNS = ("run", "key", "x", "value")
GROUP_COLUMNS = ("group", "key", "x", "mean", "stderr", "lo", "hi", "n")
#: What has columns of its own for each of its keys.
_UNFOLDED = frozenset({"config", "summary", "data"})
_CSV = "text/csv; charset=utf-8"
_ROWS_AT_ONCE = 1_000
#: Cells of one CSV, empty ones too: more take longer than an answer may.
_MOST_CELLS = 2_000_000
#: The year 5138: later times are none.
LATEST_S = 1e11
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: A number that begins like a formula.
_BELOW_ALL = number_name(-math.inf)


def wanted(request: Request, form: str | None) -> str:
    """Return in which form an answer is wanted: json, flat or csv."""
    if form is not None:
        return form
    return "csv" if "text/csv" in request.headers.get("accept", "") else "json"


def shaped(
    request: Request,
    form: str,
    rows: Callable[[Any], Iterable[Any]],
    *,
    columns: Iterable[str],
) -> Callable[[Any, str | None], Response]:
    """Return what makes the reply for an answer of the engine, in the form that is wanted.

    It takes the answer and its entity tag; None for one of the answer's own bytes. The `cursor`
    of an answer goes into a header of a table.

    Args:
        request: who asks; one that holds the same answer gets a 304.
        form: from `wanted`.
        rows: returns the rows of a table, given the answer.
        columns: what the head of a CSV without rows names.
    """

    def reply(answer: Any, tag: str | None) -> Response:
        if form == "json":
            body, media_type = encoded(answer), "application/json"
        else:
            body, media_type = _table(map(plain, rows(answer)), columns, form)
        made = bytes_tagged(request, body, media_type=media_type, tag=tag)
        made.headers["Vary"] = "Accept"
        cursor = getattr(answer, "cursor", None)
        if cursor is not None and form != "json":
            made.headers["Next-Cursor"] = cursor
        return made

    return reply


def columns_of(kind: type[Any]) -> list[str]:
    """Return the columns that each row of such answers has."""
    return [one.name for one in fields(kind) if one.name not in _UNFOLDED]


def run_row(run: Run) -> Row:
    """Return a run with its config and summary as columns."""
    row: Row = plain(run)
    config, summary = row.pop("config"), row.pop("summary")
    row["tags"] = ", ".join(row["tags"])
    told = {f"summary.{key}": value for key, value in summary.items()}
    return {**row, **{f"config.{key}": v for key, v in flatten(config).items()}, **told}


def series_rows(found: Iterable[Series], *, timed: bool) -> Iterator[Row]:
    """Yield a row for each point or bucket, and one for each value that no line can draw.

    `timed` says that x is epoch seconds.
    """
    for one in found:
        names = [n for n in ("lo", "hi", "mean", "cnt") if getattr(one, n) is not None]
        columns = [getattr(one, name).tolist() for name in ("x", "last", *names)]
        finite = zip(*columns, strict=True)
        odd = ((value.x, value.value) for value in one.nonfinite)
        for x, last, *more in merge(finite, odd, key=itemgetter(0)):
            row = {"run": one.run, "key": one.key, "x": x, "value": last}
            yield row | dict(zip(names, more, strict=False)) | _time(x, timed=timed)


def group_rows(found: Iterable[GroupSeries], *, timed: bool) -> Iterator[Row]:
    """Yield a row for each bucket of each group."""
    names = GROUP_COLUMNS[2:]
    for one in found:
        for values in zip(*(getattr(one, name).tolist() for name in names), strict=True):
            row = {"group": one.group, "key": one.key, **dict(zip(names, values, strict=True))}
            yield row | _time(values[0], timed=timed)


def _time(x: float, *, timed: bool) -> Row:
    return {"time": rfc3339(x)} if timed and 0 <= x < LATEST_S else {}


def _table(rows: Iterable[Row], columns: Iterable[str], form: str) -> tuple[bytes, str]:
    """Return a table as bytes and their type. Until then rows wait as text: a tenth of the room."""
    names: dict[str, None] = {}
    count = 0
    parts = []
    told = iter(rows)
    while some := [flatten(row) for row in islice(told, _ROWS_AT_ONCE)]:
        count += len(some)
        names.update((name, None) for row in some for name in row)
        if form == "csv" and count * len(names) > _MOST_CELLS:
            raise QueryError(
                f"The first {count:,} rows have {len(names):,} columns: too many for one table. "
                "Ask for fewer rows (limit), for some columns only, or for format=flat."
            )
        parts.append(orjson.dumps(some))
    if form == "csv":
        held = (row for part in parts for row in orjson.loads(part))
        return _csv(held, list(names) or list(columns)), _CSV
    return b"[%b]" % b",".join(part[1:-1] for part in parts), "application/json"


def _csv(rows: Iterable[Row], names: Sequence[str]) -> bytes:
    content = io.BytesIO()
    text = io.TextIOWrapper(content, "utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(map(_cell, names))
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    text.flush()
    return content.getvalue()


def _cell(value: Any) -> Any:
    """Return a value as a cell: what a spreadsheet would take for a formula is marked as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        value = orjson.dumps(value).decode()
    if isinstance(value, str) and value.startswith(_FORMULA) and value != _BELOW_ALL:
        return f"'{value}"
    return value
