"""The list of runs."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.answers.runs import Run, RunPage
from tracklab.query.cursors import PAGE_BYTES
from tracklab.server.flat import TABLES, Format, columns_of, run_row, shaped, wanted
from tracklab.server.parameters import names
from tracklab.server.services import Asked

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
            cols=names(cols), most_bytes=PAGE_BYTES,
        )  # fmt: skip

    shape = shaped(
        request, wanted(request, format), lambda page: map(run_row, page.runs),
        columns=columns_of(Run),
    )  # fmt: skip

    def answer() -> Response:
        return shape(question(), None)

    return await asked.workers.ask(request, answer)
