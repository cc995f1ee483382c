"""Checkpoints: what they cost."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracklab.query.engine import CheckpointPage
from tracklab.server.replies import json_reply
from tracklab.server.services import Asked

router = APIRouter(prefix="/api/checkpoints", tags=["checkpoints"])


@router.get("", responses={200: {"model": CheckpointPage}})
async def checkpoints(
    request: Request, asked: Asked, run: str | None = None, project: str | None = None
) -> Response:
    """Return every checkpoint save and load by time: seconds, bytes, MB/s, failures."""
    found = await asked.workers.ask(
        request, lambda: asked.engine.checkpoints(run=run, project=project)
    )
    return json_reply(found)
