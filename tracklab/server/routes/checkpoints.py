"""Checkpoints: what they cost, and how often to save."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.engine import CheckpointPage
from tracklab.server.replies import json_reply
from tracklab.server.services import Asked

router = APIRouter(prefix="/api/checkpoints", tags=["checkpoints"])


@router.get("", responses={200: {"model": CheckpointPage}})
async def checkpoints(
    request: Request,
    asked: Asked,
    run: str | None = None,
    project: str | None = None,
    mtbf: Annotated[float | None, Query(gt=0, description="mean s between failures")] = None,
) -> Response:
    """Return every checkpoint save and load by time, what they cost, and how often to save."""
    found = await asked.workers.ask(
        request, lambda: asked.engine.checkpoints(run=run, project=project, mtbf_s=mtbf)
    )
    return json_reply(found)
