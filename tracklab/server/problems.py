"""Every refusal in one shape: RFC 9457 `application/problem+json`, without path or traceback.

The promise to callers: a reply of 400 or more always parses as `{"type", "title", "status",
"detail"}`, and `detail` says what to do. What went wrong inside stays in the server's log.
"""

from __future__ import annotations

import errno
import http
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tracklab.errors import NotFoundError, StorageError, TrackLabError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

__all__ = ["PROBLEM_TYPE", "Problem", "RefusedError", "install", "reply"]

PROBLEM_TYPE = "application/problem+json"
_NO_FILES_LEFT = frozenset({errno.EMFILE, errno.ENFILE})
_log = logging.getLogger("tracklab.server")


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal: an HTTP status, one sentence of detail, and headers for the reply."""

    status: int
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The standard phrase of the status, e.g. `Not Found`."""
        return http.HTTPStatus(self.status).phrase

    def body(self) -> bytes:
        """Return the problem as JSON bytes."""
        return orjson.dumps(
            {
                "type": "about:blank",
                "title": self.title,
                "status": self.status,
                "detail": self.detail,
            }
        )


class RefusedError(TrackLabError):
    """A request is refused; `problem` is what the caller is told."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.problem = Problem(status, detail, names)


def reply(problem: Problem) -> Response:
    """Return `problem` as a reply that no cache keeps."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(
        problem.body(), status_code=problem.status, media_type=PROBLEM_TYPE, headers=headers
    )


def install(app: FastAPI) -> None:
    """Make `app` answer every error, expected or not, with a problem."""
    for kind in (TrackLabError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    problem = _problem_of(error)
    if problem.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        # Only the path: a query string may hold what the user searched for.
        asked = (request.method, request.url.path)
        if (
            isinstance(error, RefusedError)
            and problem.status != http.HTTPStatus.INTERNAL_SERVER_ERROR
        ):
            _log.warning("%s %s refused: %s", *asked, problem.detail)
        else:
            _log.error("%s %s failed", *asked, exc_info=error)
    return reply(problem)


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, RefusedError):
        return error.problem
    if isinstance(error, HTTPException):
        return Problem(error.status_code, _sentence(error), dict(error.headers or {}))
    if isinstance(error, RequestValidationError):
        return Problem(422, _first_fault(error.errors()))
    if isinstance(error, NotFoundError):
        return Problem(404, str(error))
    if isinstance(error, StorageError):
        # Its message ends with a path, which only the log may show.
        return Problem(503, "The data directory could not be read. The server's log says why.")
    if isinstance(error, OSError) and error.errno in _NO_FILES_LEFT:
        detail = "The server has as many files open as it may. Ask again in a moment."
        return Problem(503, detail, {"Retry-After": "5"})
    if isinstance(error, TrackLabError):
        return Problem(400, str(error))
    return Problem(500, "The server failed on this request. Its log says why.")


def _sentence(error: HTTPException) -> str:
    if error.status_code == http.HTTPStatus.NOT_FOUND and error.detail == "Not Found":
        return "Nothing is served at this address. /docs lists every route."
    if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        return "This address does not take this method. /docs lists every route."
    return str(error.detail)


def _first_fault(faults: Any) -> str:
    """Return where the first fault lies and what is wrong, never the value itself."""
    first = faults[0]
    where = " ".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}. /docs lists what each route takes."
