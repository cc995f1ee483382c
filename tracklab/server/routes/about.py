"""The server itself: what it is, and what it offers."""

import html
import os

import psutil
from fastapi import APIRouter, Request
from starlette.responses import Response

from tracklab import __version__, clock
from tracklab.server import pages
from tracklab.server.examples import example_of
from tracklab.server.replies import json_reply
from tracklab.server.services import Asked
from tracklab.server.shapes import ServerFacts

router = APIRouter()


@router.get("/api/self", tags=["server"], responses={200: {"model": ServerFacts}})
async def about(asked: Asked) -> Response:
    """Return version, memory, clients and age of this server."""
    facts = ServerFacts(
        version=__version__,
        pid=os.getpid(),
        rss_bytes=psutil.Process().memory_info().rss,
        started_at=clock.rfc3339(asked.started_s),
        uptime_s=clock.now() - asked.started_s,
        root=str(asked.root),
        clients=asked.hub.clients,
        ui_built=pages.built(),
    )
    return json_reply(facts)


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> Response:
    """Return every route as one plain page that loads nothing else."""
    paths = request.app.openapi()["paths"]
    items = [
        f"<dt><code>{method.upper()} {html.escape(path)}</code></dt>"
        f"<dd>{html.escape(str(route.get('description', '')))}</dd>{_parameters(route)}"
        f"<dd><code>{html.escape(example_of(path, route))}</code></dd>"
        for path, methods in paths.items()
        for method, route in methods.items()
    ]
    intro = (
        '<p>The same as data: <a href="openapi.json">openapi.json</a>. Live updates come over '
        "a WebSocket at <code>/ws</code>.</p>"
    )
    return pages.page("Routes of the API", f"{intro}<dl>{''.join(items)}</dl>")


def _parameters(route: dict[str, object]) -> str:
    parameters = route.get("parameters")
    if not isinstance(parameters, list):
        return ""
    names = ", ".join(f"<code>{html.escape(one['name'])}</code>" for one in parameters)
    return f"<dd>{names}</dd>"
