"""Captured console text of a run, and the search for lines of it and of events."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.answers.text import ConsolePage, SearchPage
from tracklab.server.parameters import Limit, Moment, Order, names
from tracklab.server.services import Asked, tagged

router = APIRouter(prefix="/api/logs", tags=["logs"])


@router.get("", responses={200: {"model": ConsolePage}})
async def logs(
    request: Request,
    asked: Asked,
    run: str,
    stream: Literal["stdout", "stderr"] = "stdout",
    rank: Annotated[int, Query(ge=0, description="of the process that printed it")] = 0,
    offset: Annotated[int, Query(ge=0, description="first byte")] = 0,
    limit: Limit = 1000,
    tail: Annotated[bool, Query(description="the last `limit` lines instead")] = False,
) -> Response:
    """Return console lines: carriage returns folded, colour codes kept."""

    def question() -> ConsolePage:
        return asked.engine.logs(
            run, stream=stream, rank=rank, offset=offset, limit=limit, tail=tail
        )

    return await tagged(
        request, asked, state=lambda: asked.engine.version(run, console=True), question=question
    )


@router.get("/search", responses={200: {"model": SearchPage}})
async def search(
    request: Request,
    asked: Asked,
    run: str,
    q: Annotated[str, Query(max_length=1000, description="text, in any case")] = "",
    re: Annotated[str, Query(max_length=1000, description="regular expression (RE2)")] = "",
    stream: Annotated[
        str, Query(description="comma-separated: stdout, stderr, app, alerts, events")
    ] = "",
    level: Annotated[str | None, Query(description="this level or a graver one")] = None,
    x0: Moment = None,
    x1: Moment = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="most lines to return")] = 100,
    order: Order = "asc",
) -> Response:
    """Return lines that hold a text or an expression, within a second or two.

    Console text has neither level nor time. `coverage` is the share of the text that has been
    searched; `cursor` goes on from there, null at the end.
    """

    def question() -> SearchPage:
        return asked.engine.search(
            run, q=q, re=re, streams=names(stream), level=level, x0=x0, x1=x1, after=after,
            limit=limit, order=order,
        )  # fmt: skip

    return await tagged(
        request,
        asked,
        state=lambda: asked.engine.version(run, console=True),
        question=question,
        works=asked.scanners,
    )
