"""Files that a record names by their content: where they lie, and whether they still hold it."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tracklab.records.fields import whole
from tracklab.storage.blobs import value_path
from tracklab.storage.reading import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Attachment", "attachments", "fault_of"]

_BLOCK_BYTES: Final = 1 << 20
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NAMED = re.compile(r"media/.+_([0-9a-f]{20})\.[^/]+")


class Attachment(NamedTuple):
    """A file by what its record says: `sha256:<hex>`, where it lies, its size if told.

    Of a list of images the digest is only the beginning that their names have.
    """

    digest: str
    path: Path
    size_bytes: int | None


def attachments(record: object, run_dir: Path) -> Iterator[Attachment]:
    """Yield what a record keeps in files: values too large for its line, and media."""
    waiting = [record]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, list):
            waiting += inner
        if not isinstance(inner, dict):
            continue
        waiting += inner.values()
        digest = inner.get("$ref")
        if isinstance(digest, str) and _DIGEST.fullmatch(digest):
            yield Attachment(digest, value_path(run_dir, digest), whole(inner.get("bytes")))
        digest, path = f"sha256:{inner.get('sha256')}", inner.get("path")
        if "_type" in inner and _DIGEST.fullmatch(digest) and _is_inside(path):
            yield Attachment(digest, run_dir / str(path), whole(inner.get("size")))
        if "_type" in inner and isinstance(inner.get("filenames"), list):
            yield from _by_name(inner["filenames"], run_dir)


def _by_name(paths: list[Any], run_dir: Path) -> Iterator[Attachment]:
    for path in paths:
        match = _NAMED.fullmatch(path) if _is_inside(path) else None
        if match:
            yield Attachment(f"sha256:{match[1]}", run_dir / path, None)


def fault_of(attachment: Attachment) -> str | None:
    """Return `missing` or `damaged`; None if the file holds what its digest says."""
    found, size_bytes = hashlib.sha256(), 0
    try:
        with open(open_regular(attachment.path), "rb") as content:
            while block := content.read(_BLOCK_BYTES):
                found.update(block)
                size_bytes += len(block)
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "damaged"
    same = f"sha256:{found.hexdigest()}".startswith(attachment.digest)
    return None if same and attachment.size_bytes in {None, size_bytes} else "damaged"


def _is_inside(path: object) -> bool:
    return isinstance(path, str) and not path.startswith("/") and ".." not in path.split("/")
