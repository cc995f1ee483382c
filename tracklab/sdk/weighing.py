"""What a checkpoint weighs on disk, and in which format it lies there.

Names, sizes and a file's first bytes tell it: nothing is ever loaded or unpickled.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["format_on_disk", "is_missing", "size_on_disk"]

_INDEX_SUFFIX = ".index.json"
#: An index names one shard per tensor; the largest models have some hundred thousand tensors.
_INDEX_MAX_BYTES = 64 << 20
_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"
_SAFETENSORS_LENGTH_BYTES = 8


def size_on_disk(path: str | os.PathLike[str]) -> int | None:
    """Return the bytes of a checkpoint; None if nothing is there.

    A directory weighs as all files below it, as distributed checkpoints need. The index of a
    sharded model (`model.safetensors.index.json`) weighs as itself and the shards it names.
    Links are not followed; a file that vanishes meanwhile counts nothing.
    """
    place = Path(path)
    try:
        if place.is_dir():
            return _bytes_below(place)
        return place.lstat().st_size + sum(map(_bytes_of, _shards(place)))
    except (OSError, ValueError):  # nothing there, nothing we may see, or no name at all
        return None


def is_missing(path: str | os.PathLike[str]) -> bool:
    """Return whether nothing is at `path`; False too where we may not look."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return True
    except OSError:
        return False
    return False


def format_on_disk(path: str | os.PathLike[str]) -> str | None:
    """Return `safetensors`, `torch`, `dcp`, `sharded`, `directory` or `file`; None for nothing.

    `dcp` is a directory of torch.distributed.checkpoint, `sharded` an index with its shards.
    """
    place = Path(path)
    try:
        if place.is_dir():
            return "dcp" if (place / ".metadata").is_file() else "directory"
        if place.name.endswith(_INDEX_SUFFIX):
            return "sharded" if _shards(place) else "file"
        with open(place, "rb") as file:
            return _format_of(file.read(_SAFETENSORS_LENGTH_BYTES + 1), place.suffix)
    except OSError:
        return None


def _format_of(start: bytes, suffix: str) -> str:
    if start[_SAFETENSORS_LENGTH_BYTES:] == b"{":  # the length of a JSON header, then the header
        return "safetensors"
    known = suffix in {".pt", ".pth", ".ckpt", ".bin"}
    return "torch" if known and start.startswith((_ZIP, _PICKLE)) else "file"


def _bytes_below(directory: Path) -> int:
    return sum(
        _bytes_of(Path(place) / name) for place, _, names in os.walk(directory) for name in names
    )


def _bytes_of(path: Path) -> int:
    with suppress(OSError):
        return path.lstat().st_size
    return 0


def _shards(index: Path) -> set[Path]:
    """Return the files that an index names beside itself; none for any other file."""
    if not index.name.endswith(_INDEX_SUFFIX):
        return set()
    try:
        if index.stat().st_size > _INDEX_MAX_BYTES:
            return set()
        names: Any = json.loads(index.read_bytes())["weight_map"].values()
        return {index.parent / name for name in names if Path(name).name == name}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return set()  # it is some other JSON file, and weighs what it weighs
