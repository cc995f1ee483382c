"""SQL: one SELECT, worked out in a process of its own."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracklab.query.sql.asking import Answer, ask
from tracklab.server.replies import json_reply
from tracklab.server.services import Asked
from tracklab.server.shapes import SqlQuestion

router = APIRouter(prefix="/api", tags=["query"])


@router.post("/query", responses={200: {"model": Answer}})
async def query(request: Request, asked: Asked, question: SqlQuestion) -> Response:
    """Return what one SELECT over runs, history, system, events, llm and checkpoints gives.

    The SQL is DuckDB's; it reads these tables and nothing else, and changes nothing.
    """

    def work() -> Answer:
        return ask(
            asked.root, question.sql, runs=question.runs, project=question.project,
            f=question.f, limit=question.limit,
        )  # fmt: skip

    return json_reply(await asked.analysts.ask(request, work))
