"""Values that were too large for their line: read from the file that the line names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from tracklab.storage.blobs import value_path
from tracklab.storage.reading import open_regular

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["fetched"]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
#: Larger values stay references: a page of rows must not become a download.
_MAX_BYTES = 1 << 20


def fetched(run_dir: Path, record: dict[str, Any]) -> dict[str, Any]:
    """Return `record` with the values of its references up to 1 MiB, its own keys only.

    A reference whose file is missing, damaged or larger stays a reference.
    """
    if not any(isinstance(value, dict) and "$ref" in value for value in record.values()):
        return record
    return {key: _value(run_dir, value) for key, value in record.items()}


def _value(run_dir: Path, value: Any) -> Any:
    if not isinstance(value, dict) or set(value) - {"encoding"} != {"$ref", "bytes"}:
        return value
    digest = value["$ref"]
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        return value
    try:
        with open(open_regular(value_path(run_dir, digest)), "rb") as file:
            content = file.read(_MAX_BYTES + 1)
        return value if len(content) > _MAX_BYTES else orjson.loads(content)
    except (OSError, ValueError):
        return value
