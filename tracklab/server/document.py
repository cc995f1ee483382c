"""What the framework does not write into the API's document: who may ask, and what else comes.

Routes say what they answer. Here stands what holds for all of them: the token, the refusals that
any of them may give, and what a browser is spared.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from tracklab.server.guard import NEEDS_TOKEN
from tracklab.server.problems import PROBLEM_TYPE

__all__ = ["complete"]

_PROBLEM: Final = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
_ETAG: Final = {"ETag": {"schema": {"type": "string"}, "description": "for If-None-Match"}}
_RETRY_AFTER: Final = {
    "Retry-After": {"schema": {"type": "integer"}, "description": "seconds to wait"}
}
#: What any route may answer instead: status, what it means, a detail as told, and its headers.
_REFUSALS: Final[tuple[tuple[int, str, str, dict[str, Any]], ...]] = (
    (
        401,
        "Who asks has shown neither the token nor that it is the server's own account.",
        NEEDS_TOKEN.detail,
        {"WWW-Authenticate": {"schema": {"type": "string", "const": "Bearer"}}},
    ),
    (
        429,
        "Too many questions wait already, or this address has asked too often.",
        "Too many questions at once. Ask again in a second.",
        _RETRY_AFTER,
    ),
    (
        503,
        "The question took too long, or the server cannot answer now.",
        "This question took too long. Ask for less at once.",
        _RETRY_AFTER,
    ),
)
#: They tell of this moment and are never kept, so they have no tag.
_UNTAGGED: Final = (
    "/api/self", "/api/system/", "/api/hardware/", "/api/cluster/", "/api/index", "/metrics",
)  # fmt: skip
_FILE: Final = "/files/{path}"
#: The type of a file goes by its name.
_BYTES: Final = {"*/*": {"schema": {"type": "string", "format": "binary"}}}


def complete(document: dict[str, Any]) -> None:
    """Add security and common answers to an OpenAPI document."""
    components = document["components"]
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token in .tracklab/server-token of the data directory, or the one "
            "for reading. The server's own account on the same machine needs none.",
        }
    }
    document["security"] = [{"token": []}, {}]
    components["responses"] = {"NotModified": _not_modified()} | {
        f"Problem{status}": _refusal(status, meaning, detail, headers)
        for status, meaning, detail, headers in _REFUSALS
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _add_answers(operation["responses"], path, method)


def _add_answers(answers: dict[str, Any], path: str, method: str) -> None:
    answers["4XX"]["content"] = _PROBLEM
    for status, *_ in _REFUSALS:
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if path.endswith(_FILE):
        answers["200"]["content"] = _BYTES
        answers["206"] = {
            "description": "The bytes that Range asked for.",
            "headers": {"Content-Range": {"schema": {"type": "string"}}},
            "content": _BYTES,
        }
    elif method == "get" and not path.startswith(_UNTAGGED):
        answers["200"]["headers"] = _ETAG
        answers["304"] = {"$ref": "#/components/responses/NotModified"}


def _not_modified() -> dict[str, Any]:
    return {"description": "What If-None-Match names is still the answer.", "headers": _ETAG}


def _refusal(status: int, meaning: str, detail: str, headers: dict[str, Any]) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    example = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    content = {PROBLEM_TYPE: {**_PROBLEM[PROBLEM_TYPE], "example": example}}
    return {"description": meaning, "headers": headers, "content": content}
