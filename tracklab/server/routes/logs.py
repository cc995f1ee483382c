"""Captured console text of a run."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.engine import ConsolePage
from tracklab.server.parameters import Limit
from tracklab.server.replies import json_reply
from tracklab.server.services import Asked

router = APIRouter(prefix="/api/logs", tags=["logs"])


@router.get("", responses={200: {"model": ConsolePage}})
async def logs(
    request: Request,
    asked: Asked,
    run: str,
    stream: Literal["stdout", "stderr"] = "stdout",
    offset: Annotated[int, Query(ge=0, description="first byte")] = 0,
    limit: Limit = 1000,
    tail: Annotated[bool, Query(description="the last `limit` lines instead")] = False,
) -> Response:
    """Return console lines: carriage returns folded, colour codes kept."""

    def question() -> ConsolePage:
        return asked.engine.logs(run, stream=stream, offset=offset, limit=limit, tail=tail)

    return json_reply(await asked.workers.ask(request, question))
