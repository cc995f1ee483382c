"""Media of a run: records of images, tables, charts and the like, for a page that shows them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.answers.media import MediaPage
from tracklab.query.media import media_state
from tracklab.server.parameters import Limit, Order, names
from tracklab.server.services import Asked, tagged

router = APIRouter(prefix="/api/media", tags=["media"])


@router.get("", responses={200: {"model": MediaPage}})
async def media(
    request: Request,
    asked: Asked,
    run: str,
    key: Annotated[str, Query(description="comma-separated keys; empty: all")] = "",
    type: Annotated[  # noqa: A002 - the parameter's name
        str, Query(description="comma-separated types, such as image-file; empty: all")
    ] = "",
    after: str | None = None,
    limit: Limit = 100,
    order: Order = "asc",
) -> Response:
    """Return what was logged as media, by step and key; files come by `/api/runs/{run}/files/`."""
    return await tagged(
        request,
        asked,
        state=lambda: media_state(asked.engine.rev(run)),
        question=lambda: asked.engine.media(
            run, keys=names(key), types=names(type), after=after, limit=limit, order=order
        ),
        works=asked.scanners,
    )
