"""Events of a run: lifecycle, config, checkpoints, alerts, exceptions, and the user's log."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.answers.events import Event, EventPage
from tracklab.server.flat import TABLES, Format, columns_of, shaped, wanted
from tracklab.server.parameters import Limit, Order
from tracklab.server.services import Asked, tagged

router = APIRouter(prefix="/api/events", tags=["events"])


@router.get("", responses={200: {"model": EventPage, **TABLES}})
async def events(
    request: Request,
    asked: Asked,
    run: str,
    kind: Annotated[str | None, Query(description="comma-separated; log: the user's own")] = None,
    level: Annotated[str | None, Query(description="this level or a graver one")] = None,
    search: Annotated[str | None, Query(max_length=256, description="literal text")] = None,
    after: str | None = None,
    limit: Limit = 1000,
    order: Order = "asc",
    format: Format = None,  # noqa: A002 - the parameter's name
) -> Response:
    """Return events by time; `cursor` continues after them."""
    form = wanted(request, format)
    return await tagged(
        request,
        asked,
        state=lambda: asked.engine.version(run),
        question=lambda: asked.engine.events(
            run, kind=kind, level=level, search=search, after=after, limit=limit, order=order
        ),
        shape=shaped(request, form, lambda page: page.events, columns=columns_of(Event)),
        variant=form,
        works=asked.scanners,
    )
