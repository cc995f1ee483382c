"""Answers as plain tables: for Grafana, spreadsheets, and whatever reads rows with columns.

`format=flat` gives a JSON list of objects without nesting, `format=csv` or `Accept: text/csv` the
same as CSV. Where an answer is a page, the header `Next-Cursor` says where the next one begins.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from fastapi import Query

from tracklab.clock import rfc3339
from tracklab.query.plain import plain
from tracklab.records.flat import flatten
from tracklab.server.replies import bytes_tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fastapi import Request
    from starlette.responses import Response

    from tracklab.query.answers.runs import Run
    from tracklab.query.answers.series import GroupSeries, Series

    Row = dict[str, Any]

__all__ = [
    "LATEST_S",
    "TABLES",
    "Format",
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
_CSV = "text/csv; charset=utf-8"
#: The year 5138: later times are none.
LATEST_S = 1e11
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def wanted(request: Request, form: str | None) -> str:
    """Return in which form an answer is wanted: json, flat or csv."""
    if form is not None:
        return form
    return "csv" if "text/csv" in request.headers.get("accept", "") else "json"


def shaped(
    request: Request,
    answer: Any,
    form: str,
    rows: Callable[[], Iterable[Row]],
    *,
    tag: str | None = None,
) -> Response:
    """Return an answer of the engine in the form that is wanted.

    Args:
        request: who asks; one that holds the same answer gets a 304.
        answer: what JSON shows; its `cursor`, if it has one, goes into a header of the others.
        form: from `wanted`.
        rows: returns the rows of a table.
        tag: entity tag; by default one of the answer's own bytes.
    """
    if form == "json":
        body, media_type = orjson.dumps(plain(answer)), "application/json"
    else:
        flat = [flatten(plain(row)) for row in rows()]
        body, media_type = orjson.dumps(flat), "application/json"
        if form == "csv":
            body, media_type = _csv(flat).encode(), _CSV
    reply = bytes_tagged(request, body, media_type=media_type, tag=tag)
    reply.headers["Vary"] = "Accept"
    cursor = getattr(answer, "cursor", None)
    if cursor is not None and form != "json":
        reply.headers["Next-Cursor"] = cursor
    return reply


def run_row(run: Run) -> Row:
    """Return a run with its config and summary as columns."""
    row: Row = plain(run)
    config, summary = row.pop("config"), row.pop("summary")
    row["tags"] = ", ".join(row["tags"])
    told = {f"summary.{key}": value for key, value in summary.items()}
    return {**row, **{f"config.{key}": v for key, v in flatten(config).items()}, **told}


def series_rows(found: Iterable[Series], *, timed: bool) -> Iterator[Row]:
    """Yield a row for each point or bucket; `timed` says that x is epoch seconds."""
    for one in found:
        names = [n for n in ("lo", "hi", "mean", "cnt") if getattr(one, n) is not None]
        columns = [getattr(one, name).tolist() for name in ("x", "last", *names)]
        for x, last, *more in zip(*columns, strict=True):
            row = {"run": one.run, "key": one.key, "x": x, "value": last}
            yield row | dict(zip(names, more, strict=True)) | _time(x, timed=timed)


def group_rows(found: Iterable[GroupSeries], *, timed: bool) -> Iterator[Row]:
    """Yield a row for each bucket of each group."""
    names = ("x", "mean", "stderr", "lo", "hi", "n")
    for one in found:
        for values in zip(*(getattr(one, name).tolist() for name in names), strict=True):
            row = {"group": one.group, "key": one.key, **dict(zip(names, values, strict=True))}
            yield row | _time(values[0], timed=timed)


def _time(x: float, *, timed: bool) -> Row:
    return {"time": rfc3339(x)} if timed and 0 <= x < LATEST_S else {}


def _csv(rows: list[Row]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(map(_cell, names))
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Return a value as a cell: what a spreadsheet would take for a formula is marked as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        value = orjson.dumps(value).decode()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
