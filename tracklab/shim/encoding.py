"""JSON of any object, for programs that borrow wandb's encoder."""

from __future__ import annotations

import re
from typing import Any

import orjson

from tracklab.records.encode import encode_object

__all__ = ["json_dumps_safer", "json_friendly", "make_artifact_name_safe"]


def json_dumps_safer(obj: Any, **_: Any) -> str:
    """Return `obj` as strict JSON; what JSON cannot say becomes a text, a number or null."""
    return orjson.dumps(_plain(obj)).decode()


def json_friendly(obj: Any) -> tuple[Any, bool]:
    """Return `obj` as what JSON can say, and whether that is something else."""
    plain = _plain(obj)
    return plain, type(plain) is not type(obj) or plain != obj


def make_artifact_name_safe(name: str) -> str:
    """Return `name` with at most 128 characters and none that an artifact's name may not have."""
    safe = re.sub(r"[^a-zA-Z0-9_\-.]", "_", name)
    return safe if len(safe) <= 128 else f"{safe[:63]}..{safe[-63:]}"  # noqa: PLR2004 - see above


def _plain(obj: Any) -> Any:
    return orjson.loads(encode_object({"value": obj}))["value"]
