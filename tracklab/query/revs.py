"""How far a run has grown, as one opaque word: the sizes of its segments when it was taken.

Two equal revs mean that nothing was written between. A rev is taken before reading, so what is
read may be newer than the rev says, never older: whoever continues from it misses nothing.
"""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING

import orjson

from tracklab.errors import QueryError
from tracklab.records.names import STREAMS
from tracklab.storage.layout import parse_segment_name, segments
from tracklab.storage.reading import line_start, segment_size

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["offsets_of", "rev_of", "run_rev", "segment_sizes", "whole_starts"]

# A run of 10,000 segments needs a tenth of this.
_MAX_TEXT_BYTES = 8 << 20


def run_rev(run_dir: Path) -> str:
    """Return the rev of a run. Cost: one directory scan and a `stat` per segment."""
    return rev_of(segment_sizes(run_dir))


def segment_sizes(run_dir: Path) -> dict[str, int]:
    """Return the size in bytes of every segment by name; one that vanishes is left out."""
    paths = (path for stream in STREAMS for path in segments(run_dir, stream))
    sizes = ((path.name, _size(path)) for path in paths)
    return {name: size for name, size in sizes if size is not None}


def rev_of(offsets: Mapping[str, int]) -> str:
    """Return the rev that says `offsets`, in bytes by segment name."""
    text = orjson.dumps(dict(offsets), option=orjson.OPT_SORT_KEYS)
    return base64.urlsafe_b64encode(zlib.compress(text, 1)).decode().rstrip("=")


def offsets_of(rev: str) -> dict[str, int]:
    """Return the byte offsets by segment name that `rev` says.

    Raises:
        QueryError: it is no rev.
    """
    try:
        packed = base64.b64decode(rev + "=" * (-len(rev) % 4), altchars=b"-_", validate=True)
        text = zlib.decompressobj().decompress(packed, _MAX_TEXT_BYTES)
        offsets = orjson.loads(text)
    except (ValueError, zlib.error):
        offsets = None
    if isinstance(offsets, dict) and all(_is_offset(*item) for item in offsets.items()):
        return offsets
    raise QueryError(f"This is no rev: {rev[:80]!r}. Send back a rev as an answer gave it.")


def whole_starts(run_dir: Path, rev: str) -> dict[str, int]:
    """Return where to read on after `rev` by segment name.

    A line that was being written when the rev was taken is read again from its beginning.

    Raises:
        QueryError: it is no rev.
    """
    return {
        name: line_start(run_dir / name, offset) if offset else 0
        for name, offset in offsets_of(rev).items()
    }


def _size(path: Path) -> int | None:
    try:
        return segment_size(path)
    except OSError:
        return None


def _is_offset(name: str, value: object) -> bool:
    # The name becomes part of a path: only a segment's will do.
    return type(value) is int and value >= 0 and parse_segment_name(name) is not None
