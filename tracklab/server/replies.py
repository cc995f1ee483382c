"""How an answer is written: JSON bytes, and a tag that spares reading what has not changed."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

from tracklab.query.plain import plain

if TYPE_CHECKING:
    from fastapi import Request

__all__ = ["body_tagged", "bytes_tagged", "encoded", "etag", "json_reply", "not_modified"]

#: Kept by browsers, but never used without asking: the files may have grown.
_ASK_FIRST = "private, no-cache"


def json_reply(value: Any, *, tag: str | None = None, status: int = 200) -> Response:
    """Return `value`, any engine result, as JSON; non-finite numbers become their names."""
    return _reply(encoded(value), tag=tag, status=status)


def body_tagged(request: Request, value: Any) -> Response:
    """Return `value` tagged by its own bytes, or 304 if the browser has the same ones.

    It saves sending, not computing: for answers that no rev describes.
    """
    return bytes_tagged(request, encoded(value), media_type="application/json")


def encoded(answer: Any) -> bytes:
    """Return an engine result as JSON.

    The entries of its lists are written one by one: what they are in between takes many times
    the room of their text.
    """
    if isinstance(answer, list):
        return b"[%b]" % b",".join(orjson.dumps(plain(entry)) for entry in answer)
    if not dataclasses.is_dataclass(answer):
        return orjson.dumps(plain(answer))
    fields = (
        b"%b:%b" % (orjson.dumps(field.name), encoded(getattr(answer, field.name)))
        for field in dataclasses.fields(answer)
    )
    return b"{%b}" % b",".join(fields)


def bytes_tagged(
    request: Request, body: bytes, *, media_type: str, tag: str | None = None
) -> Response:
    """Return a body of any type as `body_tagged` does; `tag` stands for its bytes."""
    tag = tag or etag(body)
    return not_modified(request, tag) or _reply(body, tag=tag, status=200, media_type=media_type)


def etag(*parts: str | bytes) -> str:
    """Return an entity tag, quotes included, that is equal only for equal `parts`."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        # The length first: ("a", "bc") and ("ab", "c") are different questions.
        digest.update(len(data).to_bytes(8, "little") + data)
    return f'"{digest.hexdigest()}"'


def not_modified(request: Request, tag: str) -> Response | None:
    """Return a 304 if the request says that it holds `tag`, else None.

    Source: RFC 9110 §13.1.2; the comparison is weak, and `*` matches anything.
    """
    held = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if tag in held or f"W/{tag}" in held or "*" in held:
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": _ASK_FIRST})
    return None


def _reply(
    body: bytes, *, tag: str | None, status: int, media_type: str = "application/json"
) -> Response:
    headers = {"ETag": tag, "Cache-Control": _ASK_FIRST} if tag else {"Cache-Control": "no-store"}
    return Response(body, status_code=status, media_type=media_type, headers=headers)
