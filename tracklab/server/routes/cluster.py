"""Machines that take part: hosts whose runs are being written now."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracklab.errors import QueryError
from tracklab.live.cluster import Node, nodes
from tracklab.query.plain import plain
from tracklab.server.replies import json_reply
from tracklab.server.services import Asked, Services
from tracklab.server.shapes import NodeList

router = APIRouter(prefix="/api/cluster", tags=["cluster"])

_MAX_RUNS = 200


@router.get("/info", responses={200: {"model": NodeList}})
async def info(request: Request, asked: Asked) -> Response:
    """Return each node with its status and number of living runs."""
    found = await asked.workers.ask(request, lambda: _nodes(asked, measured=False))
    return json_reply({"nodes": found})


@router.get("/metrics", responses={200: {"model": NodeList}})
async def metrics(request: Request, asked: Asked) -> Response:
    """Return each node with its newest system row."""
    found = await asked.workers.ask(request, lambda: _nodes(asked, measured=True))
    return json_reply({"nodes": found})


def _nodes(asked: Services, *, measured: bool) -> list[Node]:
    runs = asked.engine.runs(
        status=("running", "stale"), sort="-updated_at", limit=_MAX_RUNS, cols=("host",)
    ).runs
    rows = {run.run: _newest(asked, run.run) for run in runs} if measured else {}
    return nodes(runs, rows)


def _newest(asked: Services, address: str) -> dict[str, Any]:
    try:
        page = asked.engine.rows(address, stream="system", limit=1, order="desc")
    except QueryError:
        return {}
    row: dict[str, Any] = plain(page.rows[0]) if page.rows else {}
    return row
