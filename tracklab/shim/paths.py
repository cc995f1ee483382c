"""Types and spellings of paths, under the names that programs import them by."""

from __future__ import annotations

import os
from typing import Union

__all__ = ["FilePathStr", "StrPath", "to_forward_slash_path"]

FilePathStr = str
StrPath = Union[str, "os.PathLike[str]"]


def to_forward_slash_path(path: str) -> str:
    """Return a path with `/` between its parts, on Windows too."""
    return path.replace("\\", "/") if os.name == "nt" else path
