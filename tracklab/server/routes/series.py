"""Metrics: which keys there are, their columns for charts, their rows as logged."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from tracklab.clock import rfc3339
from tracklab.errors import QueryError
from tracklab.query.answers.series import KeyPage, RowPage, SeriesReply
from tracklab.query.frames import FRAME_TYPE, frame, series_json
from tracklab.server.flat import (
    GROUP_COLUMNS,
    LATEST_S,
    SERIES_COLUMNS,
    TABLES,
    Format,
    group_rows,
    series_rows,
    shaped,
    wanted,
)  # fmt: skip
from tracklab.server.parameters import Limit, Order, RowStreamName, names
from tracklab.server.services import Asked, Services, tagged
from tracklab.server.shapes import GroupTable, SeriesQuestion, SeriesTable, YForm

router = APIRouter(prefix="/api", tags=["metrics"])

_MAX_SERIES = 200
#: Points of one answer, all series together: some 30 MB with what it takes to send them. As
#: rows, or as text, they take three times as much.
_MOST_POINTS = 200_000
_MOST_ROWS = 100_000
_FRAME: dict[int | str, dict[str, Any]] = {
    200: {
        "model": SeriesTable,
        "description": "A binary frame unless Accept names application/json or text/csv.",
        "content": {
            FRAME_TYPE: {"schema": {"type": "string", "format": "binary"}},
            **TABLES["content"],
        },
    }
}


@router.get("/keys", responses={200: {"model": KeyPage}})
async def keys(
    request: Request, asked: Asked, runs: str, stream: RowStreamName = "history"
) -> Response:
    """Return the keys that the runs (comma-separated) logged, sorted by name."""
    addresses = names(runs)
    return await tagged(
        request,
        asked,
        state=lambda: _versions(asked, addresses),
        question=lambda: asked.engine.keys(addresses, stream=stream),
    )


@router.get("/series", responses=_FRAME)
async def series(
    request: Request,
    asked: Asked,
    runs: Annotated[str, Query(description="comma-separated addresses")],
    keys: Annotated[str, Query(description="comma-separated dotted names")],
    stream: RowStreamName = "history",
    x: Annotated[str | None, Query(description="step, time, relative, or any key")] = None,
    x0: float | None = None,
    x1: float | None = None,
    px: Annotated[int, Query(ge=1, le=20_000, description="columns on the screen")] = 1000,
    smooth: Annotated[
        str | None, Query(description="ema:WEIGHT, gaussian:SIGMA or average:WINDOW")
    ] = None,
    since: Annotated[
        str | None, Query(description="a rev, or a JSON object of revs by address")
    ] = None,
    y: YForm = "f64",
    format: Format = None,  # noqa: A002 - the parameter's name
) -> Response:
    """Return columns of the asked keys: every point, or buckets that lose no extreme."""
    addresses = names(runs)
    try:
        question = SeriesQuestion(
            runs=addresses, keys=names(keys), stream=stream, x=x, x0=x0, x1=x1, px=px,
            smooth=smooth, since=_since(since, addresses), y=y,
        )  # fmt: skip
    except ValidationError:
        raise QueryError("runs and keys name 1 to 200 entries each, since revs.") from None
    return await _answer(request, asked, question, format)


@router.post("/series", responses=_FRAME)
async def series_by_body(
    request: Request,
    asked: Asked,
    question: SeriesQuestion,
    format: Format = None,  # noqa: A002 - the parameter's name
) -> Response:
    """Ask the same as `GET /api/series`, for lists that no address holds."""
    return await _answer(request, asked, question, format)


@router.get("/series/means", responses={200: {"model": GroupTable, **TABLES}})
async def means(
    request: Request,
    asked: Asked,
    runs: Annotated[str, Query(description="comma-separated addresses")],
    keys: Annotated[str, Query(description="comma-separated dotted names")],
    by: Annotated[
        str, Query(max_length=512, description="group, tag, config.KEY, ...; empty for all")
    ] = "",
    stream: RowStreamName = "history",
    x: Annotated[str | None, Query(description="step, time, relative, or any key")] = None,
    x0: float | None = None,
    x1: float | None = None,
    px: Annotated[int, Query(ge=1, le=20_000, description="columns on the screen")] = 1000,
    smooth: str | None = None,
    format: Format = None,  # noqa: A002 - the parameter's name
) -> Response:
    """Return the mean over the runs of each group, its standard error, and how many tell it."""
    addresses, dotted = names(runs), names(keys)
    _check_count(len(addresses), len(dotted))
    form = wanted(request, format)
    timed = _is_time(x, stream)

    def state() -> str:
        # What names the groups may change without a byte written: the status of a run does.
        groups = asked.engine.fields(addresses, [by]) if by else {}
        return f"{_versions(asked, addresses)} {groups}"

    return await tagged(
        request,
        asked,
        state=state,
        question=lambda: asked.engine.series_means(
            addresses, dotted, by=by, stream=stream, x=x, x0=x0, x1=x1,
            px=min(px, _MOST_ROWS // (len(addresses) * len(dotted))), smooth=smooth,
        ),
        shape=shaped(
            request, form, lambda found: group_rows(found.groups, timed=timed),
            columns=GROUP_COLUMNS,
        ),
        variant=form,
        looks=asked.workers if by else None,
    )  # fmt: skip


@router.get("/rows", responses={200: {"model": RowPage, **TABLES}})
async def rows(
    request: Request,
    asked: Asked,
    run: str,
    stream: RowStreamName = "history",
    keys: str = "",
    after: str | None = None,
    limit: Limit = 1000,
    order: Order = "asc",
    format: Format = None,  # noqa: A002 - the parameter's name
) -> Response:
    """Return rows with dotted names, history merged per step; `cursor` continues after them."""
    form = wanted(request, format)
    return await tagged(
        request,
        asked,
        state=lambda: asked.engine.version(run),
        question=lambda: asked.engine.rows(
            run, stream=stream, keys=names(keys), after=after, limit=limit, order=order
        ),
        shape=shaped(request, form, lambda page: map(_row, page.rows), columns=_row_columns(keys)),
        variant=form,
        works=asked.scanners,
    )


def _row_columns(keys: str) -> list[str]:
    return ["time", "_timestamp", "_step", *names(keys)]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its time as text in front, for those who read no epochs."""
    at = row.get("_timestamp")
    return {"time": rfc3339(at), **row} if isinstance(at, float) and 0 <= at < LATEST_S else row


def _accepted(request: Request) -> str:
    accept = request.headers.get("accept", "")
    return "json" if "application/json" in accept else "csv" if "text/csv" in accept else "frame"


def _is_time(x: str | None, stream: str) -> bool:
    return x == "time" or (x is None and stream == "system")


async def _answer(
    request: Request, asked: Services, question: SeriesQuestion, form: str | None
) -> Response:
    _check_count(len(question.runs), len(question.keys))
    kind = form or _accepted(request)
    timed = _is_time(question.x, question.stream)
    table = shaped(
        request, kind, lambda found: series_rows(found.series, timed=timed), columns=SERIES_COLUMNS
    )

    is_table = kind in {"flat", "csv"}
    most = _MOST_ROWS if is_table else _MOST_POINTS

    def shape(found: SeriesReply, tag: str | None) -> Response:
        if is_table:
            return table(found, tag)
        headers = {"Cache-Control": "private, no-cache", "Vary": "Accept"}
        headers |= {"ETag": tag} if tag else {}
        if kind == "json":
            return Response(series_json(found), media_type="application/json", headers=headers)
        return Response(
            frame(found, short=question.y == "f32"), media_type=FRAME_TYPE, headers=headers
        )

    return await tagged(
        request,
        asked,
        state=lambda: _versions(asked, question.runs),
        question=lambda: asked.engine.series(
            question.runs,
            question.keys,
            px=min(question.px, most // (len(question.runs) * len(question.keys))),
            **question.model_dump(exclude={"runs", "keys", "px", "y"}),
        ),
        shape=shape,
        variant=question.model_dump_json() + kind,
    )


def _check_count(runs: int, keys: int) -> None:
    if not runs or not keys:
        raise QueryError("runs and keys name at least one entry each.")
    if runs * keys > _MAX_SERIES:
        raise QueryError(
            f"{runs} runs x {keys} keys are more than the 200 series that one request may ask "
            "for. Ask in several."
        )


def _versions(asked: Services, runs: list[str]) -> str:
    return " ".join(map(asked.engine.version, runs))


def _since(text: str | None, runs: list[str]) -> dict[str, str] | None:
    if text is None:
        return None
    if text.startswith("{"):
        try:
            revs: dict[str, str] = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise QueryError("since is a rev, or a JSON object of revs by address.") from None
        return revs
    return dict.fromkeys(runs, text)
