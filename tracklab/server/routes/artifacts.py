"""Artifacts: names, versions, files, and who made and used them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.errors import NotFoundError
from tracklab.query.artifacts import (
    ArtifactVersionDetail,
    Lineage,
    artifacts_state,
    files_dir,
    lineage,
    lineage_state,
    list_artifacts,
    list_versions,
    show_version,
)
from tracklab.server.files import FileReply, open_regular
from tracklab.server.services import Asked, tagged
from tracklab.server.shapes import ArtifactList, ArtifactVersionList

router = APIRouter(prefix="/api/artifacts", tags=["artifacts"])


@router.get("", responses={200: {"model": ArtifactList}})
async def artifacts(
    request: Request,
    asked: Asked,
    kind: Annotated[str | None, Query(alias="type")] = None,
    project: str | None = None,
) -> Response:
    """List artifacts by type and name; with `project`, only what that project logged."""
    return await tagged(
        request,
        asked,
        state=lambda: artifacts_state(asked.root),
        question=lambda: ArtifactList(list_artifacts(asked.root, kind=kind, project=project)),
    )


@router.get("/{type}/{name}", responses={200: {"model": ArtifactVersionList}})
async def versions(
    request: Request,
    type: str,  # noqa: A002 - the path's name for it
    name: str,
    asked: Asked,
) -> Response:
    """List the versions of an artifact, the newest first."""
    return await tagged(
        request,
        asked,
        state=lambda: artifacts_state(asked.root, type, name),
        question=lambda: ArtifactVersionList(list_versions(asked.root, type, name)),
    )


@router.get("/{type}/{name}/{version}", responses={200: {"model": ArtifactVersionDetail}})
async def version(
    request: Request,
    type: str,  # noqa: A002 - as above
    name: str,
    version: str,
    asked: Asked,
) -> Response:
    """Return one version, named by `v3` or an alias, with its files and the runs that used it."""
    return await tagged(
        request,
        asked,
        state=lambda: artifacts_state(asked.root, type, name) + lineage_state(asked.root),
        question=lambda: show_version(asked.root, type, name, version),
        looks=asked.scanners,
        works=asked.scanners,
    )


@router.get("/{type}/{name}/{version}/lineage", responses={200: {"model": Lineage}})
async def version_lineage(
    request: Request,
    type: str,  # noqa: A002 - as above
    name: str,
    version: str,
    asked: Asked,
    depth: Annotated[int, Query(ge=1, le=100, description="steps from the version")] = 10,
) -> Response:
    """Return which runs made and used a version, what else they made and used, and so on."""
    return await tagged(
        request,
        asked,
        state=lambda: artifacts_state(asked.root, type, name) + lineage_state(asked.root),
        question=lambda: lineage(asked.root, type, name, version, depth=depth),
        looks=asked.scanners,
        works=asked.scanners,
    )


@router.get(
    "/{type}/{name}/{version}/files/{path:path}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def version_file(
    request: Request,
    type: str,  # noqa: A002 - as above
    name: str,
    version: str,
    path: str,
    asked: Asked,
    inline: Annotated[bool, Query(description="show in a frame instead of download")] = False,
) -> Response:
    """Send one file, as a download unless `inline`, always in a sandbox; takes a byte range."""

    def question() -> int:
        directory = files_dir(asked.root, type, name, version)
        try:
            return open_regular(directory, path)
        except NotFoundError:
            raise NotFoundError(
                "This version has no such file. GET /api/artifacts/{type}/{name}/{version} lists "
                "what it has."
            ) from None

    descriptor = await asked.readers.ask(request, question)
    last = path.rpartition("/")[2]
    return FileReply(descriptor, last, span=request.headers.get("range"), inline=inline)
