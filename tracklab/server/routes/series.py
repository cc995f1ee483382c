"""Metrics: which keys there are, their columns for charts, their rows as logged."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from tracklab.errors import QueryError
from tracklab.query.engine import KeyPage, RowPage
from tracklab.server.frames import FRAME_TYPE, frame, series_json
from tracklab.server.parameters import Limit, Order, RowStreamName, names
from tracklab.server.replies import etag, json_reply, not_modified
from tracklab.server.services import Asked, Services
from tracklab.server.shapes import SeriesQuestion, SeriesTable

router = APIRouter(prefix="/api", tags=["metrics"])

_MAX_SERIES = 200
_FRAME: dict[int | str, dict[str, Any]] = {
    200: {
        "model": SeriesTable,
        "description": "A binary frame unless Accept names application/json.",
        "content": {FRAME_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/keys", responses={200: {"model": KeyPage}})
async def keys(
    request: Request, asked: Asked, runs: str, stream: RowStreamName = "history"
) -> Response:
    """Return the keys that the runs (comma-separated) logged, sorted by name."""
    addresses = names(runs)
    tag = await _tag(request, asked, addresses)
    same = not_modified(request, tag)
    if same:
        return same
    found = await asked.workers.ask(request, lambda: asked.engine.keys(addresses, stream=stream))
    return json_reply(found, tag=tag if found.coverage == 1 else None)


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
) -> Response:
    """Return columns of the asked keys: every point, or buckets that lose no extreme."""
    addresses = names(runs)
    try:
        question = SeriesQuestion(
            runs=addresses, keys=names(keys), stream=stream, x=x, x0=x0, x1=x1, px=px,
            smooth=smooth, since=_since(since, addresses),
        )  # fmt: skip
    except ValidationError:
        raise QueryError("runs and keys name 1 to 200 entries each, since revs.") from None
    return await _answer(request, asked, question)


@router.post("/series", responses=_FRAME)
async def series_by_body(request: Request, asked: Asked, question: SeriesQuestion) -> Response:
    """Ask the same as `GET /api/series`, for lists that no address holds."""
    return await _answer(request, asked, question)


@router.get("/rows", responses={200: {"model": RowPage}})
async def rows(
    request: Request,
    asked: Asked,
    run: str,
    stream: RowStreamName = "history",
    keys: str = "",
    after: str | None = None,
    limit: Limit = 1000,
    order: Order = "asc",
) -> Response:
    """Return rows with dotted names, history merged per step; `cursor` continues after them."""
    tag = await _tag(request, asked, [run])
    same = not_modified(request, tag)
    if same:
        return same

    def question() -> RowPage:
        return asked.engine.rows(
            run, stream=stream, keys=names(keys), after=after, limit=limit, order=order
        )

    return json_reply(await asked.workers.ask(request, question), tag=tag)


async def _answer(request: Request, asked: Services, question: SeriesQuestion) -> Response:
    if len(question.runs) * len(question.keys) > _MAX_SERIES:
        raise QueryError(
            f"{len(question.runs)} runs x {len(question.keys)} keys are more than the 200 "
            "series that one request may ask for. Ask in several."
        )
    as_json = "application/json" in request.headers.get("accept", "")
    tag = await _tag(
        request, asked, question.runs, question.model_dump_json(), "json" if as_json else "frame"
    )
    same = not_modified(request, tag)
    if same:
        return same

    def work() -> tuple[bytes, float]:
        parts = question.model_dump(exclude={"runs", "keys"})
        reply = asked.engine.series(question.runs, question.keys, **parts)
        return series_json(reply) if as_json else frame(reply), reply.coverage

    body, coverage = await asked.workers.ask(request, work)
    headers = {"Cache-Control": "private, no-cache", "Vary": "Accept"}
    if coverage == 1:  # a partial answer becomes whole without a change of the run
        headers["ETag"] = tag
    media_type = "application/json" if as_json else FRAME_TYPE
    return Response(body, media_type=media_type, headers=headers)


async def _tag(request: Request, asked: Services, runs: list[str], *parts: str) -> str:
    """Return the entity tag of this question, from `stat` alone: no line is read."""
    revs = await asked.readers.ask(request, lambda: asked.engine.revs(runs))
    return etag(
        str(request.url.path), request.url.query, *parts, orjson.dumps(sorted(revs.items()))
    )


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
