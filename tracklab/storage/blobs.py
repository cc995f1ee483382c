"""Values too large for a line: files named by their content, beside the lines that name them.

A line that names a blob is written after the blob is complete, so a reader that finds the line
finds the blob.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from tracklab.storage.permissions import PRIVATE, create_file, make_directory

if TYPE_CHECKING:
    from typing import Any

__all__ = ["VALUES_DIR", "fit", "store_value", "value_path"]

#: Where a run keeps large values, relative to its directory.
VALUES_DIR = Path("media", "values")
# A reference takes about 100 bytes: moving smaller values out would gain little.
_WORTH_MOVING = 512


def value_path(run_dir: Path, digest: str) -> Path:
    """Return where the value `sha256:<64 hex>` lies in a run."""
    return run_dir / VALUES_DIR / digest.removeprefix("sha256:")


def store_value(run_dir: Path, encoded: bytes, *, file_mode: int = PRIVATE) -> dict[str, Any]:
    """Write `encoded` (JSON, UTF-8) as a content-addressed file and return its reference.

    Equal values share one file. Raises OSError when the file cannot be written.
    """
    digest = hashlib.sha256(encoded).hexdigest()
    path = value_path(run_dir, digest)
    if not path.exists():
        make_directory(path.parent, file_mode=file_mode)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        with open(create_file(part, os.O_TRUNC, file_mode=file_mode), "wb") as file:
            file.write(encoded)
        part.rename(path)
    return {"$ref": f"sha256:{digest}", "bytes": len(encoded)}


def fit(run_dir: Path, body: bytes, *, room: int, file_mode: int = PRIVATE) -> list[bytes]:
    """Return `body` as one or more JSON objects that each fit on a line.

    Large values move to blobs, largest first, until the rest fits; an object whose keys alone
    are too many is split, and each part says `_part: [i, n]`.

    Args:
        run_dir: the run's directory.
        body: a JSON object, longer than `room`.
        room: bytes that one part may take.
        file_mode: permission bits of blobs.

    Raises:
        OSError: a blob could not be written.
    """
    fields = {key: orjson.dumps(value) for key, value in orjson.loads(body).items()}
    total = sum(len(key) + len(value) + 8 for key, value in fields.items())
    for key in sorted(fields, key=lambda name: len(fields[name]), reverse=True):
        if total <= room or len(fields[key]) < _WORTH_MOVING:
            break
        reference = orjson.dumps(store_value(run_dir, fields[key], file_mode=file_mode))
        total -= len(fields[key]) - len(reference)
        fields[key] = reference
    parts = _packed(fields, room)
    if len(parts) == 1:
        return [_join(parts[0])]
    return [_join({**part, "_part": b"[%d,%d]" % (i, len(parts))}) for i, part in enumerate(parts)]


def _packed(fields: dict[str, bytes], room: int) -> list[dict[str, bytes]]:
    parts: list[dict[str, bytes]] = [{}]
    size = 0
    for key, value in fields.items():
        needed = len(orjson.dumps(key)) + len(value) + 2
        if size + needed > room and parts[-1]:
            parts.append({})
            size = 0
        parts[-1][key] = value
        size += needed
    return parts


def _join(fields: dict[str, bytes]) -> bytes:
    return b"{%b}" % b",".join(orjson.dumps(key) + b":" + value for key, value in fields.items())
