"""Checkpoints: what they cost, and how often to save."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.answers.checkpoints import Checkpoint, CheckpointPage
from tracklab.query.plain import plain
from tracklab.server.flat import TABLES, Format, columns_of, shaped, wanted
from tracklab.server.services import Asked

router = APIRouter(prefix="/api/checkpoints", tags=["checkpoints"])


@router.get("", responses={200: {"model": CheckpointPage, **TABLES}})
async def checkpoints(
    request: Request,
    asked: Asked,
    run: str | None = None,
    project: str | None = None,
    mtbf: Annotated[float | None, Query(gt=0, description="mean s between failures")] = None,
    format: Format = None,  # noqa: A002 - the parameter's name
) -> Response:
    """Return every checkpoint save and load by time, what they cost, and how often to save."""

    def answer() -> Response:
        found = asked.engine.checkpoints(run=run, project=project, mtbf_s=mtbf)
        return shaped(
            request, found, wanted(request, format), lambda: map(plain, found.checkpoints),
            columns=columns_of(Checkpoint),
        )  # fmt: skip

    return await asked.scanners.ask(request, answer)
