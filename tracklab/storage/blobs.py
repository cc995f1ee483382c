"""Values too large for a line: files named by their content, beside the lines that name them.

A line that names a blob is written after the blob is complete, so a reader that finds the line
finds the blob.
"""

from __future__ import annotations

import math
import os
import re
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.storage.descriptors import lent
from tracklab.storage.permissions import PRIVATE, create_file, make_directory
from tracklab.storage.reading import open_regular

if TYPE_CHECKING:
    import hashlib
    from collections.abc import Callable, Iterator

__all__ = [
    "TOLD_MAX_BYTES", "VALUES_DIR", "fetched", "fit", "is_reference", "store_blob", "store_value",
    "value_path",
]  # fmt: skip

#: Where a run keeps large values, relative to its directory.
VALUES_DIR = Path("media", "values")
# A reference takes about 100 bytes: moving smaller values out would gain little.
_WORTH_MOVING = 512
_BLOCK_BYTES: Final = 1 << 20
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
#: Of a value that readers must know, such as a configuration.
TOLD_MAX_BYTES: Final = 64 << 20
#: Larger values stay references where they are shown: a page of rows must not become a download.
_SHOWN_BYTES: Final = 1 << 20
_numbers = count()


def value_path(run_dir: Path, digest: str) -> Path:
    """Return where the value `sha256:<64 hex>` lies in a run."""
    return run_dir / VALUES_DIR / digest.removeprefix("sha256:")


def store_value(run_dir: Path, encoded: bytes, *, file_mode: int = PRIVATE) -> dict[str, Any]:
    """Write `encoded` (JSON, UTF-8) as a content-addressed file and return its reference.

    Equal values share one file. Raises OSError when the file cannot be written.
    """
    digest = _sha256()(encoded).hexdigest()
    if not value_path(run_dir, digest).exists():
        store_blob(run_dir / VALUES_DIR, encoded, name=str, file_mode=file_mode)
    return {"$ref": f"sha256:{digest}", "bytes": len(encoded)}


def fetched(
    run_dir: Path,
    record: dict[str, Any],
    *,
    most_bytes: int = _SHOWN_BYTES,
    room_bytes: float = math.inf,
) -> dict[str, Any]:
    """Return `record` with the values that its references name, its own keys only.

    A reference whose file is missing, damaged or larger than `most_bytes` stays a reference, and
    so do those behind which all that was read comes to `room_bytes`.
    """
    if not any(isinstance(value, dict) and "$ref" in value for value in record.values()):
        return record
    whole = {}
    for key, value in record.items():
        content = b""
        if room_bytes > 0 and is_reference(value):
            content = _content(run_dir, value["$ref"], most_bytes)
            room_bytes -= len(content)
        whole[key] = _parsed(content, value) if content else value
    return whole


def _content(run_dir: Path, digest: str, most_bytes: int) -> bytes:
    """Return what a file of a value holds; nothing if it is missing, or too large."""
    try:
        with open(open_regular(value_path(run_dir, digest)), "rb") as file:
            content = file.read(most_bytes + 1)
    except OSError:
        return b""
    return content if len(content) <= most_bytes else b""


def _parsed(content: bytes, reference: Any) -> Any:
    try:
        return orjson.loads(content)
    except ValueError:
        return reference


def is_reference(value: Any) -> bool:
    """Return whether a value of a record names a file that holds it."""
    if not isinstance(value, dict) or set(value) - {"encoding"} != {"$ref", "bytes"}:
        return False
    digest = value["$ref"]
    return isinstance(digest, str) and bool(_DIGEST.fullmatch(digest))


def store_blob(
    directory: Path,
    content: bytes | Path,
    *,
    name: Callable[[str], str],
    file_mode: int = PRIVATE,
) -> tuple[Path, str, int]:
    """Write a file under a name made of its content, whole or not at all.

    Args:
        directory: where to; made if missing.
        content: the bytes, or a file to copy; what is copied is what is counted and named.
        name: returns the file's name for the SHA-256 of its content, in hex.
        file_mode: permission bits of the file.

    Returns:
        Where it lies, its SHA-256 in hex, its size in bytes.

    Raises:
        OSError: it cannot be read or written; nothing of it is left then.
    """
    found, size = _sha256()(), 0
    make_directory(directory, file_mode=file_mode)
    # A name of its own for each attempt: threads and forked children write equal blobs at once.
    part = directory / f".{os.getpid()}-{next(_numbers)}.part"
    try:
        with open(create_file(part, os.O_TRUNC, file_mode=file_mode), "wb") as file:
            for block in _blocks(content):
                found.update(block)
                size += file.write(block)
        path = directory / name(found.hexdigest())
        part.rename(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    return path, found.hexdigest(), size


@cache
def _sha256() -> Callable[..., hashlib._Hash]:
    with lent():
        from hashlib import sha256  # noqa: PLC0415 - OpenSSL takes 3 ms, and few runs have blobs
    return sha256


def _blocks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


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
