"""SQL: one SELECT, worked out in a process of its own."""

import os
from collections.abc import Iterator
from typing import BinaryIO, Final

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from tracklab.query.sql.asking import Answer, TooLongError, WorkerError, answered
from tracklab.server.problems import RefusedError
from tracklab.server.services import Asked
from tracklab.server.shapes import SqlQuestion

router = APIRouter(prefix="/api", tags=["query"])

#: Of an answer, beside its columns.
_MOST_BYTES: Final = 64 << 20
_CHUNK_BYTES: Final = 256 << 10


@router.post("/query", responses={200: {"model": Answer}})
async def query(request: Request, asked: Asked, question: SqlQuestion) -> Response:
    """Return what one SELECT over runs, history, system, events, llm and checkpoints gives.

    The SQL is DuckDB's; it reads these tables and nothing else, and changes nothing.
    """

    def work() -> BinaryIO:
        try:
            file, _ = answered(
                asked.root, question.sql, runs=question.runs, project=question.project,
                f=question.f, limit=question.limit, most_bytes=_MOST_BYTES,
            )  # fmt: skip
        except TooLongError as error:
            raise RefusedError(503, str(error), Retry_After="5") from error
        except WorkerError as error:
            raise RefusedError(
                500, "The process for this question has failed. The server's log says why."
            ) from error
        return file

    file = await asked.analysts.ask(request, work)
    headers = {
        "Content-Length": str(os.fstat(file.fileno()).st_size), "Cache-Control": "no-store",
    }  # fmt: skip
    return StreamingResponse(_chunks(file), media_type="application/json", headers=headers)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
