"""One run: read, edit, delete, restore; its rows, configuration and files.

A run is `project/run_id`, or an id that is unique, and no id or project is reserved for a route.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.errors import NotFoundError
from tracklab.query.addresses import resolve
from tracklab.query.answers.runs import RunDetail
from tracklab.query.answers.series import RowPage
from tracklab.query.plain import plain
from tracklab.server import edits
from tracklab.server.files import FileReply, list_files, open_regular
from tracklab.server.meaning import meant
from tracklab.server.parameters import Limit, names
from tracklab.server.problems import RefusedError
from tracklab.server.replies import body_tagged, json_reply
from tracklab.server.services import Asked, Services, living_state, tagged
from tracklab.server.shapes import FileEntry, FileList, RunEdit, RunReply

router = APIRouter(prefix="/api/runs")

_MAX_LISTED = 10_000


@router.get("/{run:path}/metrics", tags=["runs"], responses={200: {"model": RowPage}})
async def metrics(
    request: Request, run: str, asked: Asked, keys: str = "", limit: Limit = 1000
) -> Response:
    """Return merged history rows from the first step on, flat, with dotted names."""
    other = await _instead(request, asked, run, "metrics")
    return other or await tagged(
        request,
        asked,
        state=lambda: asked.engine.version(run),
        question=lambda: asked.engine.rows(run, keys=names(keys), limit=limit),
        works=asked.scanners,
    )


@router.get("/{run:path}/config", tags=["runs"], responses={200: {"model": dict[str, Any]}})
async def config(request: Request, run: str, asked: Asked) -> Response:
    """Return what the run was configured with, nested as it was given."""
    other = await _instead(request, asked, run, "config")
    return other or await tagged(
        request,
        asked,
        state=lambda: asked.engine.version(run),
        question=lambda: asked.engine.glance(run).config,
    )


@router.get("/{run:path}/files", tags=["files"], responses={200: {"model": FileList}})
async def files(request: Request, run: str, asked: Asked) -> Response:
    """List the regular files of the run by path, at most 10,000."""

    def question() -> FileList:
        found = list_files(resolve(asked.root, run).path, limit=_MAX_LISTED + 1)
        entries = [FileEntry(**file) for file in found[:_MAX_LISTED]]
        return FileList(entries, truncated=len(found) > _MAX_LISTED)

    other = await _instead(request, asked, run, "files")
    return other or body_tagged(request, await asked.workers.ask(request, question))


# Behind those above: a file may be called as they are, and they tell it from what they mean.
@router.get(
    "/{run:path}/files/{path:path}",
    tags=["files"],
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def file(
    request: Request,
    run: str,
    path: str,
    asked: Asked,
    inline: Annotated[bool, Query(description="show in a frame instead of download")] = False,
) -> Response:
    """Send one file, as a download unless `inline`, always in a sandbox; takes a byte range."""
    place, inside = await asked.readers.ask(
        request, lambda: meant(asked.root, f"{run}/files/{path}")
    )
    return await _of_run(request, asked, place, inside, inline=inline)


@router.get("/{run:path}", tags=["runs"], responses={200: {"model": RunReply}})
async def run(request: Request, run: str, asked: Asked) -> Response:
    """Return one run with everything counted, its metadata and the size of its streams."""
    return await _detail(request, asked, run)


@router.post("/{run:path}/restore", tags=["runs"], responses={200: {"model": RunReply}})
async def restore(request: Request, run: str, asked: Asked) -> Response:
    """Take the run back out of the trash; `run` is its whole address."""
    place = await asked.readers.ask(request, lambda: edits.restore(asked.root, run))
    return await _announced(request, place.address, asked)


@router.patch("/{run:path}", tags=["runs"], responses={200: {"model": RunReply}})
async def change(request: Request, run: str, edit: RunEdit, asked: Asked) -> Response:
    """Change name, notes or tags. The edit is a line of the run, written by this server."""
    values = edit.model_dump(exclude_unset=True)
    if not values or any(value is None for value in values.values()):
        raise RefusedError(400, "Send at least one of name, notes, tags, and no null.")
    await asked.readers.ask(request, lambda: edits.change(resolve(asked.root, run), values))
    return await _announced(request, run, asked)


@router.delete("/{run:path}", tags=["runs"], status_code=204)
async def discard(request: Request, run: str, asked: Asked) -> Response:
    """Move the run into the trash, from where `restore` takes it back."""
    place = await asked.readers.ask(request, lambda: resolve(asked.root, run))
    await asked.readers.ask(request, lambda: edits.discard(asked.root, place))
    asked.hub.announce(place.address)
    return Response(status_code=204)


async def _instead(request: Request, asked: Services, run: str, subject: str) -> Response | None:
    """Return the answer about what else the address means; None if it is `subject` of `run`."""
    address = f"{run}/{subject}"
    place, inside = await asked.readers.ask(request, lambda: meant(asked.root, address))
    return None if inside == subject else await _of_run(request, asked, place, inside)


async def _of_run(
    request: Request, asked: Services, run: str, inside: str, *, inline: bool = False
) -> Response:
    """Return the run itself, or a file of it."""
    if not inside:
        return await _detail(request, asked, run)
    folder, _, path = inside.partition("/")
    if folder != "files":
        raise NotFoundError("There is no such run. GET /api/runs lists those of this directory.")
    descriptor = await asked.readers.ask(
        request, lambda: open_regular(resolve(asked.root, run).path, path)
    )
    name = path.rpartition("/")[2]
    return FileReply(descriptor, name, span=request.headers.get("range"), inline=inline)


async def _detail(request: Request, asked: Services, run: str) -> Response:
    def state() -> str:
        return f"{asked.engine.version(run)} {living_state(asked.engine, [run])}"

    return await tagged(
        request,
        asked,
        state=state,
        question=lambda: _flat(asked.engine.run(run)),
        looks=asked.workers,
    )


async def _announced(request: Request, run: str, asked: Services) -> Response:
    """Return the run as it is now, and tell it to every client."""
    detail = await asked.workers.ask(request, lambda: asked.engine.run(run))
    asked.hub.announce(detail.run)
    return json_reply(_flat(detail))


def _flat(detail: RunDetail) -> dict[str, Any]:
    fields: dict[str, Any] = plain(detail.run)
    return fields | {"metadata": plain(detail.metadata), "streams": plain(detail.streams)}
