"""What Prometheus scrapes."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.cursors import PAGE_BYTES
from tracklab.server.exposition import EXPOSITION_TYPE, exposition
from tracklab.server.services import Asked, Services

router = APIRouter(tags=["metrics"])

_MAX_RUNS = 100
_COLS = ("name", "host", "step", "status", "summary")


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def scrape(
    request: Request,
    asked: Asked,
    project: Annotated[str | None, Query(description="only its runs")] = None,
) -> Response:
    """Return the newest numbers of living runs, at most 100, in Prometheus' text format.

    Those that were written last come first; of summaries some 4 MiB are told.
    """
    text = await asked.scanners.ask(request, lambda: _text(asked, project))
    return Response(text, media_type=EXPOSITION_TYPE, headers={"Cache-Control": "no-store"})


def _text(asked: Services, project: str | None) -> str:
    runs = asked.engine.runs(
        project=project, status=("running", "stale"), sort="-updated_at", limit=_MAX_RUNS,
        cols=_COLS, most_bytes=PAGE_BYTES,
    ).runs  # fmt: skip
    machines = {run.run: asked.engine.machines(run=run.run) for run in runs}
    calls = {run.run: asked.engine.llm_stats(run=run.run).total for run in runs}
    return exposition(runs, machines, calls)
