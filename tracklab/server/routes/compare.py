"""Runs side by side."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.errors import QueryError
from tracklab.query.answers.runs import Comparison
from tracklab.server.parameters import names
from tracklab.server.services import Asked, living_state, tagged

router = APIRouter(prefix="/api/compare", tags=["compare"])

_MAX_RUNS = 200


@router.get("", responses={200: {"model": Comparison}})
async def compare(
    request: Request,
    asked: Asked,
    runs: Annotated[str, Query(description="comma-separated addresses")],
) -> Response:
    """Return config and summary of the runs, key by key, with what differs."""
    addresses = names(runs)
    if not 1 <= len(addresses) <= _MAX_RUNS:
        raise QueryError(f"{len(addresses)} runs cannot be compared; name 1 to {_MAX_RUNS}.")

    def state() -> str:
        versions = " ".join(map(asked.engine.version, addresses))
        return f"{versions} {living_state(asked.engine, addresses)}"

    return await tagged(
        request,
        asked,
        state=state,
        question=lambda: asked.engine.compare(addresses),
        looks=asked.workers,
    )
