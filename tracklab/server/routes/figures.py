"""Figures of plotly and bokeh: the page that draws one, and the library that it draws with."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from tracklab.server import figures
from tracklab.server.files import SANDBOX_PAGE
from tracklab.server.replies import bytes_tagged, not_modified
from tracklab.server.services import Asked

router = APIRouter(prefix="/api/figures", tags=["media"])


@router.get("/frame", response_class=Response, responses={200: {"content": {"text/html": {}}}})
async def frame(request: Request, asked: Asked) -> Response:
    """Return the page for a frame that draws one figure: no origin of ours, and no network."""
    page = await asked.readers.ask(request, figures.FRAME.read_bytes)
    reply = bytes_tagged(request, page, media_type="text/html")
    reply.headers["Content-Security-Policy"] = SANDBOX_PAGE
    return reply


@router.get(
    "/{library}", response_class=Response, responses={200: {"content": {"text/javascript": {}}}}
)
async def library(
    request: Request,
    library: Annotated[str, Path(description="plotly or bokeh")],
    asked: Asked,
) -> Response:
    """Return the JavaScript of a library that is installed where the server runs."""
    files = await asked.readers.ask(request, lambda: figures.script_files(library))
    tag = figures.script_tag(files)
    same = not_modified(request, tag)
    if same:
        return same
    body = await asked.readers.ask(request, lambda: figures.script(files))
    return bytes_tagged(request, body, media_type="text/javascript", tag=tag)
