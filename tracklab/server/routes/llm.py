"""LLM calls: each one, and numbers over many."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracklab.query.answers.llm import LlmCall, LlmPage, LlmStats
from tracklab.server.flat import TABLES, Format, columns_of, shaped, wanted
from tracklab.server.parameters import Limit, Moment, Order, texts_by_name
from tracklab.server.services import Asked, tagged

Labels = Annotated[
    list[Annotated[str, Query(max_length=1024)]],
    Query(max_length=20, description="field=text, only calls that have this text in this field"),
]

router = APIRouter(prefix="/api/llm", tags=["llm"])


@router.get("", responses={200: {"model": LlmPage, **TABLES}})
async def calls(
    request: Request,
    asked: Asked,
    run: str | None = None,
    project: str | None = None,
    model: str | None = None,
    provider: str | None = None,
    operation: str | None = None,
    label: Labels = [],  # noqa: B006 - never changed
    success: bool | None = None,
    search: Annotated[str | None, Query(max_length=256, description="literal text")] = None,
    x0: Moment = None,
    x1: Moment = None,
    after: str | None = None,
    limit: Limit = 100,
    order: Order = "desc",
    format: Format = None,  # noqa: A002 - the parameter's name
) -> Response:
    """Return calls by time, of a run, a project or all."""
    form = wanted(request, format)

    def question() -> LlmPage:
        return asked.engine.llm_calls(
            run=run, project=project, model=model, provider=provider, operation=operation,
            labels=texts_by_name(label), success=success, search=search, x0=x0, x1=x1,
            after=after, limit=limit, order=order,
        )  # fmt: skip

    return await tagged(
        request,
        asked,
        state=lambda: asked.engine.calls_version(run=run, project=project),
        question=question,
        shape=shaped(request, form, lambda page: page.calls, columns=columns_of(LlmCall)),
        variant=form,
        looks=asked.scanners,
        works=asked.scanners,
    )


@router.get("/stats", responses={200: {"model": LlmStats}})
async def stats(
    request: Request,
    asked: Asked,
    run: str | None = None,
    project: str | None = None,
    group: Annotated[str, Query(max_length=512, description="any field of a call")] = "model",
    model: str | None = None,
    provider: str | None = None,
    operation: str | None = None,
    label: Labels = [],  # noqa: B006 - never changed
    x0: Moment = None,
    x1: Moment = None,
    width: Annotated[float | None, Query(description="seconds of a time bucket")] = None,
) -> Response:
    """Return counts, errors, percentiles (s), tokens and costs: total, by group, over time."""

    def question() -> LlmStats:
        return asked.engine.llm_stats(
            run=run, project=project, group=group, model=model, provider=provider,
            operation=operation, labels=texts_by_name(label), x0=x0, x1=x1, width=width,
        )  # fmt: skip

    return await tagged(
        request,
        asked,
        state=lambda: asked.engine.calls_version(run=run, project=project),
        question=question,
        looks=asked.scanners,
        works=asked.scanners,
    )
