"""Projects: which there are, and how their runs fare."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracklab.query.answers.runs import Project
from tracklab.server.replies import body_tagged
from tracklab.server.services import Asked
from tracklab.server.shapes import ProjectList

router = APIRouter(prefix="/api/projects", tags=["projects"])


@router.get("", responses={200: {"model": ProjectList}})
async def projects(request: Request, asked: Asked) -> Response:
    """List every project, last active first."""
    found = await asked.workers.ask(request, asked.engine.projects)
    return body_tagged(request, {"projects": found})


@router.get("/{project:path}", responses={200: {"model": Project}})
async def project(request: Request, project: str, asked: Asked) -> Response:
    """Return one project with its runs counted by status."""
    found = await asked.workers.ask(request, lambda: asked.engine.project(project.strip("/")))
    return body_tagged(request, found)
