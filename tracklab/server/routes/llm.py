"""LLM calls: each one, and numbers over many."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.answers.llm import LlmPage, LlmStats
from tracklab.query.plain import plain
from tracklab.server.flat import TABLES, Format, shaped, wanted
from tracklab.server.parameters import Limit, Order
from tracklab.server.replies import body_tagged
from tracklab.server.services import Asked

router = APIRouter(prefix="/api/llm", tags=["llm"])


@router.get("", responses={200: {"model": LlmPage, **TABLES}})
async def calls(
    request: Request,
    asked: Asked,
    run: str | None = None,
    project: str | None = None,
    model: str | None = None,
    success: bool | None = None,
    search: Annotated[str | None, Query(max_length=256, description="literal text")] = None,
    x0: Annotated[float | None, Query(description="epoch seconds")] = None,
    x1: Annotated[float | None, Query(description="epoch seconds")] = None,
    after: str | None = None,
    limit: Limit = 100,
    order: Order = "desc",
    format: Format = None,  # noqa: A002 - the parameter's name
) -> Response:
    """Return calls by time, of a run, a project or all."""

    def answer() -> Response:
        page = asked.engine.llm_calls(
            run=run, project=project, model=model, success=success, search=search, x0=x0, x1=x1,
            after=after, limit=limit, order=order,
        )  # fmt: skip
        return shaped(request, page, wanted(request, format), lambda: map(plain, page.calls))

    return await asked.workers.ask(request, answer)


@router.get("/stats", responses={200: {"model": LlmStats}})
async def stats(
    request: Request,
    asked: Asked,
    run: str | None = None,
    project: str | None = None,
    group: Literal["model", "provider", "operation"] = "model",
    model: str | None = None,
    x0: Annotated[float | None, Query(description="epoch seconds")] = None,
    x1: Annotated[float | None, Query(description="epoch seconds")] = None,
) -> Response:
    """Return counts, errors, latency percentiles (s) and tokens: total, by group, over time."""

    def question() -> LlmStats:
        return asked.engine.llm_stats(
            run=run, project=project, group=group, model=model, x0=x0, x1=x1
        )

    return body_tagged(request, await asked.workers.ask(request, question))
