"""Runs put together by what they say."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.answers.runs import RunGroup, RunGroups
from tracklab.query.plain import plain
from tracklab.server.flat import TABLES, Format, shaped, wanted
from tracklab.server.parameters import names
from tracklab.server.services import Asked

router = APIRouter(prefix="/api/run-groups", tags=["runs"])


@router.get("", responses={200: {"model": RunGroups, **TABLES}})
async def run_groups(
    request: Request,
    asked: Asked,
    by: Annotated[str, Query(max_length=4096, description="comma-separated fields")],
    project: str | None = None,
    status: str = "",
    f: Annotated[str, Query(max_length=4096, description="filter text")] = "",
    columns: Annotated[str, Query(description="comma-separated fields with numbers")] = "",
    sort: Annotated[
        str, Query(max_length=512, description="count, a field of by, or a column and .mean, ...")
    ] = "-count",
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
    format: Format = None,  # noqa: A002 - the parameter's name
) -> Response:
    """Return groups of the runs that match, with counts and with numbers of some fields."""
    shape = shaped(
        request, wanted(request, format), lambda found: _rows(found.groups),
        columns=[*names(by), "count"],
    )  # fmt: skip

    def answer() -> Response:
        found = asked.engine.run_groups(
            names(by), project=project, status=names(status), f=f, columns=names(columns),
            sort=sort, limit=limit,
        )  # fmt: skip
        return shape(found, None)

    return await asked.workers.ask(request, answer)


def _rows(groups: list[RunGroup]) -> Iterator[dict[str, Any]]:
    for group in groups:
        yield {**group.values, "count": group.count, **group.statuses, **plain(group.columns)}
