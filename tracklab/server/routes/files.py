"""Files of a run: console text, media, what the user saved, and the lines themselves."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.errors import NotFoundError
from tracklab.query.addresses import Place, resolve
from tracklab.server.files import FileReply, list_files, open_regular
from tracklab.server.replies import body_tagged
from tracklab.server.services import Asked, Services
from tracklab.server.shapes import FileEntry, FileList

router = APIRouter(prefix="/api/runs", tags=["files"])

_MAX_LISTED = 10_000


@router.get("/{run:path}/files", responses={200: {"model": FileList}})
async def files(request: Request, run: str, asked: Asked) -> Response:
    """List the regular files of the run by path, at most 10,000."""

    def question() -> FileList:
        found = list_files(resolve(asked.root, run).path, limit=_MAX_LISTED + 1)
        entries = [FileEntry(**file) for file in found[:_MAX_LISTED]]
        return FileList(entries, truncated=len(found) > _MAX_LISTED)

    return body_tagged(request, await asked.workers.ask(request, question))


@router.get(
    "/{run:path}/files/{path:path}",
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
    descriptor, name = await asked.readers.ask(request, lambda: _open(asked, run, path))
    return FileReply(descriptor, name, span=request.headers.get("range"), inline=inline)


def _open(asked: Services, run: str, path: str) -> tuple[int, str]:
    place, inside = _split(asked, f"{run}/files/{path}")
    return open_regular(place.path, inside), inside.rpartition("/")[2]


def _split(asked: Services, text: str) -> tuple[Place, str]:
    """Return the run and the path inside it: `files` may also be part of either."""
    parts = text.split("/files/")
    for count in range(1, len(parts)):
        try:
            place = resolve(asked.root, "/files/".join(parts[:count]))
        except NotFoundError:
            continue
        return place, "/files/".join(parts[count:])
    raise NotFoundError("There is no such run. GET /api/runs lists those of this directory.")
