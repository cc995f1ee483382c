"""Runs: list, read, edit, delete, restore. A run is `project/run_id`, or an id that is unique."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.errors import NotFoundError
from tracklab.query.addresses import resolve
from tracklab.query.engine import RowPage, RunDetail, RunPage
from tracklab.query.plain import plain
from tracklab.server import edits
from tracklab.server.flat import TABLES, Format, run_row, shaped, wanted
from tracklab.server.parameters import Limit, names
from tracklab.server.problems import RefusedError
from tracklab.server.replies import body_tagged, json_reply
from tracklab.server.services import Asked, Services, tagged
from tracklab.server.shapes import RunEdit, RunReply

router = APIRouter(prefix="/api/runs", tags=["runs"])


@router.get("", responses={200: {"model": RunPage, **TABLES}})
async def runs(
    request: Request,
    asked: Asked,
    project: str | None = None,
    status: str = "",
    f: Annotated[str, Query(max_length=4096, description="filter text")] = "",
    sort: Annotated[str, Query(max_length=512, description="field, - for descending")] = (
        "-created_at"
    ),
    limit: Annotated[int, Query(ge=1, le=20_000)] = 100,
    cursor: str | None = None,
    cols: Annotated[str, Query(description="comma-separated fields; empty for all")] = "",
    format: Format = None,  # noqa: A002 - the parameter's name
) -> Response:
    """Return one page of runs that match, and how many match in all."""

    def question() -> RunPage:
        return asked.engine.runs(
            project=project, status=names(status), f=f, sort=sort, limit=limit, cursor=cursor,
            cols=names(cols),
        )  # fmt: skip

    def answer() -> Response:
        page = question()
        return shaped(request, page, wanted(request, format), lambda: map(run_row, page.runs))

    return await asked.workers.ask(request, answer)


@router.get("/{run:path}/metrics", responses={200: {"model": RowPage}})
async def metrics(
    request: Request, run: str, asked: Asked, keys: str = "", limit: Limit = 1000
) -> Response:
    """Return merged history rows from the first step on, flat, with dotted names."""
    page = await asked.workers.ask(
        request, lambda: asked.engine.rows(run, keys=names(keys), limit=limit)
    )
    return body_tagged(request, page)


@router.get("/{run:path}/config", responses={200: {"model": dict[str, Any]}})
async def config(request: Request, run: str, asked: Asked) -> Response:
    """Return what the run was configured with, nested as it was given."""
    try:
        return await tagged(
            request,
            asked,
            state=lambda: asked.engine.rev(run),
            question=lambda: asked.engine.glance(run).config,
        )
    except NotFoundError:
        return await _detail(request, f"{run}/config", asked)  # a run may have that id


@router.post("/{run:path}/restore", responses={200: {"model": RunReply}})
async def restore(request: Request, run: str, asked: Asked) -> Response:
    """Take the run back out of the trash; `run` is its whole address."""
    place = await asked.readers.ask(request, lambda: edits.restore(asked.root, run))
    return await _announced(request, place.address, asked)


@router.get("/{run:path}", responses={200: {"model": RunReply}})
async def run(request: Request, run: str, asked: Asked) -> Response:
    """Return one run with everything counted, its metadata and the size of its streams."""
    return await _detail(request, run, asked)


async def _detail(request: Request, run: str, asked: Services) -> Response:
    def state() -> str:
        # Whether a run lives, and for how many times ten seconds it has been silent, changes
        # without a byte written.
        seen = asked.engine.glance(run)
        return f"{asked.engine.rev(run)} {seen.status} {seen.stalled} {(seen.silent_s or 0) // 10}"

    return await tagged(request, asked, state=state, question=lambda: _flat(asked.engine.run(run)))


@router.patch("/{run:path}", responses={200: {"model": RunReply}})
async def change(request: Request, run: str, edit: RunEdit, asked: Asked) -> Response:
    """Change name, notes or tags. The edit is a line of the run, written by this server."""
    values = edit.model_dump(exclude_unset=True)
    if not values or any(value is None for value in values.values()):
        raise RefusedError(400, "Send at least one of name, notes, tags, and no null.")
    await asked.readers.ask(request, lambda: edits.change(resolve(asked.root, run), values))
    return await _announced(request, run, asked)


@router.delete("/{run:path}", status_code=204)
async def discard(request: Request, run: str, asked: Asked) -> Response:
    """Move the run into the trash, from where `restore` takes it back."""
    place = await asked.readers.ask(request, lambda: resolve(asked.root, run))
    await asked.readers.ask(request, lambda: edits.discard(asked.root, place))
    asked.hub.announce(place.address)
    return Response(status_code=204)


async def _announced(request: Request, run: str, asked: Services) -> Response:
    """Return the run as it is now, and tell it to every client."""
    detail = await asked.workers.ask(request, lambda: asked.engine.run(run))
    asked.hub.announce(detail.run)
    return json_reply(_flat(detail))


def _flat(detail: RunDetail) -> dict[str, Any]:
    fields: dict[str, Any] = plain(detail.run)
    return fields | {"metadata": plain(detail.metadata), "streams": plain(detail.streams)}
