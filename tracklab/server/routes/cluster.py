"""Machines that take part: hosts on which runs are written, now and before.

They are known by the runs in the data directory, and in the further ones that the server was
given: machines that share no disk have a directory each.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab import clock
from tracklab.errors import QueryError
from tracklab.live.cluster import Node, nodes
from tracklab.query.answers.series import GroupSeries
from tracklab.query.engine import Engine
from tracklab.query.group_means import united
from tracklab.query.plain import plain
from tracklab.server.parameters import names
from tracklab.server.replies import json_reply
from tracklab.server.services import Asked, Services
from tracklab.server.shapes import NodeHistory, NodeList

if TYPE_CHECKING:
    from tracklab.query.answers.runs import Run

router = APIRouter(prefix="/api/cluster", tags=["cluster"])

_MAX_RUNS = 200
_MAX_SERIES = 200
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

    The history of a node is the mean over its runs in each bucket of time: all of them sampled
    the same machine.
    """
    end = clock.now() if x1 is None else x1
    begin = end - _HOUR_S if x0 is None else x0

    def answer() -> dict[str, Any]:
        history = _history(asked, names(keys), begin, end, px)
        return {"nodes": _nodes(asked, measured=True), "history": history}

    return json_reply(await asked.workers.ask(request, answer))


def _nodes(asked: Services, *, measured: bool) -> list[Node]:
    runs: list[Run] = []
    rows: dict[str, dict[str, Any]] = {}
    for number, engine in enumerate((asked.engine, *asked.others)):
        living = engine.runs(
            status=("running", "stale"), sort="-updated_at", limit=_MAX_RUNS, cols=("host",)
        ).runs
        for run in living:
            name = f"{number}:{run.run}"  # two directories may hold runs of one name
            runs.append(replace(run, run=name))
            rows[name] = _newest(engine, run.run) if measured else {}
    return nodes(runs, rows)


def _newest(engine: Engine, address: str) -> dict[str, Any]:
    try:
        row: dict[str, Any] = plain(engine.sample(address))
    except QueryError:  # it has gone meanwhile
        return {}
    return row


def _history(
    asked: Services, keys: list[str], begin: float, end: float, px: int
) -> list[GroupSeries]:
    if not keys:
        return []
    if len(keys) > _MAX_SERIES:
        raise QueryError(f"{len(keys)} keys are more than the {_MAX_SERIES} of one request.")
    found: list[GroupSeries] = []
    for engine in (asked.engine, *asked.others):
        at = f'created <= "{_text(end)}" and updated >= "{_text(begin)}" and host != null'
        meant = engine.runs(
            f=at, sort="-updated_at", limit=_MAX_SERIES // len(keys), cols=("host",)
        ).runs
        found += engine.series_means(
            [run.run for run in meant], keys, by="host", stream="system", x="time", x0=begin,
            x1=end, px=px,
        ).groups  # fmt: skip
    return sorted(united(found, span=end - begin, px=px), key=lambda one: one.group or "")


def _text(epoch_s: float) -> str:
    try:
        return clock.rfc3339(epoch_s)
    except (OverflowError, ValueError):
        raise QueryError("x0 and x1 are epoch seconds, as in 1790000000.") from None
