"""Saved views of the UI."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracklab.server import views
from tracklab.server.problems import RefusedError
from tracklab.server.replies import body_tagged, json_reply
from tracklab.server.services import Asked
from tracklab.server.shapes import ViewEdit, ViewList
from tracklab.server.views import SavedView

router = APIRouter(prefix="/api/views", tags=["views"])


@router.get("", responses={200: {"model": ViewList}})
async def every(request: Request, asked: Asked) -> Response:
    """Return all saved views by name."""
    found = await asked.readers.ask(request, lambda: views.every(asked.root))
    return body_tagged(request, ViewList(found))


@router.post("", status_code=201, responses={201: {"model": SavedView}})
async def add(request: Request, asked: Asked, view: ViewEdit) -> Response:
    """Save a new view; `data` is whatever the UI makes of it."""

    def save() -> SavedView:
        return views.add(asked.root, name=view.name, project=view.project, data=view.data or {})

    return json_reply(await asked.readers.ask(request, save), status=201)


@router.get("/{view_id}", responses={200: {"model": SavedView}})
async def one(request: Request, asked: Asked, view_id: str) -> Response:
    """Return one saved view."""
    return body_tagged(
        request, await asked.readers.ask(request, lambda: views.read(asked.root, view_id))
    )


@router.patch("/{view_id}", responses={200: {"model": SavedView}})
async def change(request: Request, asked: Asked, view_id: str, view: ViewEdit) -> Response:
    """Change name, project or data of a view; what is left out stays."""
    values = view.model_dump(exclude_unset=True)
    if not values or values.get("data", {}) is None:
        raise RefusedError(400, "Send at least one of name, project, data, and no null for data.")
    found = await asked.readers.ask(request, lambda: views.change(asked.root, view_id, values))
    return json_reply(found)


@router.delete("/{view_id}", status_code=204)
async def remove(request: Request, asked: Asked, view_id: str) -> Response:
    """Delete a view."""
    await asked.readers.ask(request, lambda: views.remove(asked.root, view_id))
    return Response(status_code=204)
