"""Machines that take part: hosts on which runs are written, now and before.

They are known by the runs in the data directory, and in the further ones that the server was
given: machines that share no disk have a directory each.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab import clock
from tracklab.errors import QueryError
from tracklab.live.cluster import Node, cluster_nodes
from tracklab.query.answers.machines import MachineReply
from tracklab.query.group_means import united
from tracklab.server.parameters import names
from tracklab.server.replies import json_reply
from tracklab.server.services import Asked, Services
from tracklab.server.shapes import NodeHistory, NodeList

router = APIRouter(prefix="/api/cluster", tags=["cluster"])

_MAX_KEYS = 200
_HOUR_S = 3600.0


@router.get("/info", responses={200: {"model": NodeList}})
async def info(request: Request, asked: Asked) -> Response:
    """Return each node with its status and number of living runs."""
    found = await asked.workers.ask(request, lambda: _nodes(asked, measured=False))
    return json_reply({"nodes": found})


@router.get("/metrics", responses={200: {"model": NodeHistory}})
async def metrics(
    request: Request,
    asked: Asked,
    keys: Annotated[str, Query(description="comma-separated: their history, too")] = "",
    x0: Annotated[float | None, Query(description="epoch s; an hour ago")] = None,
    x1: Annotated[float | None, Query(description="epoch s; now")] = None,
    px: Annotated[int, Query(ge=1, le=20_000, description="columns on the screen")] = 500,
) -> Response:
    """Return each node with its newest system row, and of some keys what they were.

    The history of a node is the mean over the runs that were written there, in each bucket of
    time: all of them sampled the same machine. With very many runs, of some machines not all of
    them are read; `coverage` tells the share that was.
    """
    end = clock.now() if x1 is None else x1
    begin = end - _HOUR_S if x0 is None else x0

    def answer() -> dict[str, Any]:
        history = _history(asked, names(keys), begin, end, px)
        nodes = _nodes(asked, measured=True)
        return {"nodes": nodes, "history": history.groups, "coverage": history.coverage}

    return json_reply(await asked.workers.ask(request, answer))


def _nodes(asked: Services, *, measured: bool) -> list[Node]:
    return cluster_nodes((asked.engine, *asked.others), measured=measured)


def _history(asked: Services, keys: list[str], begin: float, end: float, px: int) -> MachineReply:
    if not keys:
        return MachineReply([], 1.0)
    if len(keys) > _MAX_KEYS:
        raise QueryError(f"{len(keys)} keys are more than the {_MAX_KEYS} of one request.")
    told = [
        engine.machine_means(keys, x0=begin, x1=end, px=px)
        for engine in (asked.engine, *asked.others)
    ]
    groups = united((one for each in told for one in each.groups), span=end - begin, px=px)
    coverage = min(one.coverage for one in told)
    return MachineReply(sorted(groups, key=lambda one: one.group or ""), coverage)
