"""Files that rows name: where they lie in a run, and the record that stands for them."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from tracklab.transfer.things import File

__all__ = ["images_record", "media_file"]

_UNSAFE: Final = re.compile(r"[^\w.@+=, -]+")
_PART_CHARS: Final = 60
_DIGITS: Final = 20
_MARKS: Final = {
    b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"RIFF": "wav", b"OggS": "ogg",
    b"BM": "bmp",
}  # fmt: skip


def media_file(folder: str, key: str, step: int, content: bytes) -> tuple[File, dict[str, Any]]:
    """Return a file of media, and what a row says of it: its path, its size and its SHA-256.

    Args:
        folder: below `media/`, such as `images`.
        key: the row's; slashes make folders.
        step: the row's.
        content: all of the file; its first bytes say what kind it is.
    """
    digest = hashlib.sha256(content).hexdigest()
    parts = [_UNSAFE.sub("_", part)[:_PART_CHARS].strip(".") or "_" for part in key.split("/")]
    ending = next((end for mark, end in _MARKS.items() if content.startswith(mark)), "bin")
    name = f"{'/'.join(parts)}_{step}_{digest[:_DIGITS]}.{ending}"
    path = f"media/{folder}/{name}"
    return File(path, content), {"path": path, "sha256": digest, "size": len(content)}


def images_record(records: list[dict[str, Any]], *, width: int, height: int) -> dict[str, Any]:
    """Return what a row says of one or more images of one size."""
    form = records[0]["path"].rpartition(".")[2]
    size = {"width": width, "height": height, "format": form}
    if len(records) == 1:
        return {"_type": "image-file", **records[0], **size}
    names = [record["path"] for record in records]
    return {"_type": "images/separated", **size, "count": len(records), "filenames": names}
