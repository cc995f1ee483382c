"""The way in: the exchange of a one-time code, and the UI's page for every other address."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from tracklab.server import pages
from tracklab.server.auth import comes_over_tls
from tracklab.server.guard import LOGIN_PATH
from tracklab.server.problems import RefusedError
from tracklab.server.replies import json_reply
from tracklab.server.services import Asked
from tracklab.server.shapes import LoginCode

router = APIRouter()


@router.get(LOGIN_PATH, include_in_schema=False)
async def login(request: Request, asked: Asked, code: str = "") -> Response:
    """Exchange a one-time code for the cookie, and go on without the code in the address."""
    cookie = asked.access.exchange(code, secure=comes_over_tls(request.scope))
    if cookie is None:
        raise RefusedError(401, "This link has been used or never was valid. Ask for a new one.")
    headers = {"Set-Cookie": cookie, "Cache-Control": "no-store"}
    return RedirectResponse("./", status_code=303, headers=headers)


@router.post("/api/login-codes", tags=["server"], responses={200: {"model": LoginCode}})
async def login_code(
    asked: Asked,
    read_only: Annotated[
        bool, Query(description="the browser may read and change nothing")
    ] = False,
) -> Response:
    """Make a one-time code: `/login?code=CODE` lets one browser in, once."""
    return json_reply(LoginCode(asked.access.new_code(read_only=read_only)))


@router.get("/{path:path}", include_in_schema=False)
async def ui(request: Request, path: str) -> Response:
    """Return a file of the UI, or its page: the browser resolves the UI's own addresses."""
    if path == "api" or path.startswith("api/"):
        raise RefusedError(404, "Nothing is served at this address. /docs lists every route.")
    return pages.asset(request, path) or pages.index()
