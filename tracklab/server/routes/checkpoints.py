"""Checkpoints: what they cost, and how often to save."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.answers.checkpoints import Checkpoint, CheckpointPage
from tracklab.server.flat import TABLES, Format, columns_of, shaped, wanted
from tracklab.server.services import Asked, tagged

router = APIRouter(prefix="/api/checkpoints", tags=["checkpoints"])


@router.get("", responses={200: {"model": CheckpointPage, **TABLES}})
async def checkpoints(
    request: Request,
    asked: Asked,
    run: str | None = None,
    project: str | None = None,
    mtbf: Annotated[float | None, Query(gt=0, description="mean s between failures")] = None,
    limit: Annotated[
        int, Query(ge=1, le=10_000, description="the newest; numbers are over all")
    ] = (10_000),
    format: Format = None,  # noqa: A002 - the parameter's name
) -> Response:
    """Return every checkpoint save and load by time, what they cost, and how often to save."""
    form = wanted(request, format)
    return await tagged(
        request,
        asked,
        state=lambda: asked.engine.checkpoints_version(run=run, project=project),
        question=lambda: asked.engine.checkpoints(
            run=run, project=project, mtbf_s=mtbf, limit=limit
        ),
        shape=shaped(request, form, lambda page: page.checkpoints, columns=columns_of(Checkpoint)),
        variant=form,
        looks=asked.scanners,
        works=asked.scanners,
    )
