"""Sweeps: what was searched, how far it has come, and what each trial measured."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.answers.sweeps import SweepDetail, SweepList
from tracklab.query.sweeps import list_sweeps, show_sweep, sweep_state, sweeps_state
from tracklab.server.services import Asked, tagged

router = APIRouter(prefix="/api/sweeps", tags=["sweeps"])


@router.get("", responses={200: {"model": SweepList}})
async def sweeps(
    request: Request,
    asked: Asked,
    project: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Response:
    """List the newest sweeps of a project, or of all, each with its standing and best trial."""
    return await tagged(
        request,
        asked,
        state=lambda: sweeps_state(asked.root, project=project, limit=limit),
        question=lambda: list_sweeps(asked.root, project=project, limit=limit),
        looks=asked.scanners,
        works=asked.scanners,
    )


@router.get("/{sweep:path}", responses={200: {"model": SweepDetail}})
async def sweep(
    request: Request,
    sweep: str,
    asked: Asked,
    after: Annotated[int, Query(ge=-1, description="number of a trial")] = -1,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 2_000,
) -> Response:
    """Return one sweep with its parameters, and a page of its trials in the order of claims."""
    return await tagged(
        request,
        asked,
        state=lambda: sweep_state(asked.root, sweep),
        question=lambda: show_sweep(asked.root, sweep, after=after, limit=limit),
        looks=asked.scanners,
        works=asked.scanners,
    )
