"""The server itself: what it is, and what it offers."""

import html
import os
from dataclasses import fields

import psutil
from fastapi import APIRouter, Request
from starlette.responses import Response

from tracklab import __version__, clock
from tracklab.errors import SettingsError
from tracklab.server import pages
from tracklab.server.examples import example_of
from tracklab.server.problems import RefusedError
from tracklab.server.replies import body_tagged, json_reply
from tracklab.server.services import Asked
from tracklab.server.shapes import ServerConfig, ServerFacts, SettingFact
from tracklab.settings import Settings, retention_days

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


@router.get("/api/config", tags=["server"], responses={200: {"model": ServerConfig}})
async def config(request: Request, asked: Asked) -> Response:
    """Return the settings that hold where the server runs; none of them is a secret."""
    return body_tagged(request, await asked.readers.ask(request, _config))


def _config() -> ServerConfig:
    try:
        now, days = Settings.load(), retention_days()
    except SettingsError:
        raise RefusedError(
            503, "The server's settings cannot be read. Run `tracklab doctor` where it runs."
        ) from None
    told = [
        SettingFact(
            one.name, _written(one.name, getattr(now, one.name)), _written(one.name, one.default)
        )
        for one in fields(Settings)
    ]
    return ServerConfig(days, told)


def _written(name: str, value: object) -> str:
    """Return a setting's value as its environment variable is written."""
    if name == "file_mode":
        return f"{value:o}"
    return str(value).lower() if isinstance(value, bool) else str(value)


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
