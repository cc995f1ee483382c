"""How far a run has grown, as one opaque word: the sizes of its segments when it was taken.

A rev is taken before reading, so what is read may be newer than the rev says, never older: whoever
continues from it misses nothing. It tells the run that it was taken of from one that is made anew
under the same id: nobody continues with the lines of another run.
"""

from __future__ import annotations

import base64
import os
import zlib
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from tracklab.errors import QueryError
from tracklab.storage.layout import parse_segment_name, plain_name
from tracklab.storage.reading import line_start, open_segment, segment_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Origin", "offsets_in", "origin_of", "parse_rev", "rev_of", "run_rev", "whole_starts",
]  # fmt: skip

# A run of 10,000 segments needs a tenth of this.
_MAX_TEXT_BYTES: Final = 8 << 20
#: Not the name of a segment.
_ORIGIN: Final = "origin"
#: The first of these that its creator wrote tells which run it is.
_TELLING: Final = ("events", "history", "system_metrics", "llm")
#: No two segments begin with the same so many bytes: they tell the time, the process and the run.
_HEAD_BYTES: Final = 1_024


class Origin(NamedTuple):
    """Which run this is: a segment of it, and a digest of how that begins."""

    segment: str
    head: str


def run_rev(run_dir: Path) -> str:
    """Return the rev of a run. Cost: one directory scan, a `stat` per segment, one small read."""
    names = _segment_names(run_dir)
    # First: of a run that is made anew meanwhile, old lines are told of, never new ones.
    origin = _origin(run_dir, names)
    return rev_of(_sizes(run_dir, names), origin=origin)


def rev_of(offsets: Mapping[str, int], *, origin: Origin | None = None) -> str:
    """Return the rev that says `offsets`, in bytes by segment name; None continues any run."""
    told = {**offsets, _ORIGIN: list(origin)} if origin else dict(offsets)
    text = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    return base64.urlsafe_b64encode(zlib.compress(text, 1)).decode().rstrip("=")


def parse_rev(rev: str) -> tuple[dict[str, int], Origin | None]:
    """Return the byte offsets by segment name that `rev` says, and of which run.

    Raises:
        QueryError: it is no rev.
    """
    try:
        packed = base64.b64decode(rev + "=" * (-len(rev) % 4), altchars=b"-_", validate=True)
        text = zlib.decompressobj().decompress(packed, _MAX_TEXT_BYTES)
        told = orjson.loads(text)
    except (ValueError, zlib.error):
        told = None
    if isinstance(told, dict):
        origin = told.pop(_ORIGIN, None)
        if (origin is None or _is_origin(origin)) and all(map(_is_offset, told, told.values())):
            return told, origin and Origin(*origin)
    raise QueryError(f"This is no rev: {rev[:80]!r}. Send back a rev as an answer gave it.")


def offsets_in(run_dir: Path, rev: str) -> tuple[dict[str, int], Origin | None]:
    """Return what `parse_rev` does, of a rev of the run that lies there.

    A rev that does not say of which run it is, as older ones did not, continues any.

    Raises:
        QueryError: it is no rev, or one of another run that lay here before.
    """
    offsets, origin = parse_rev(rev)
    if origin is not None and _head(run_dir, origin.segment) != origin.head:
        raise QueryError(
            "This rev is of a run that has been made anew since, under the same id. Ask without "
            "it, and put the answer in the place of what you have."
        )
    return offsets, origin


def whole_starts(run_dir: Path, rev: str) -> dict[str, int]:
    """Return where to read on after `rev` by segment name.

    A line that was being written when the rev was taken is read again from its beginning.

    Raises:
        QueryError: it is no rev, or one of another run that lay here before.
    """
    return {
        name: line_start(run_dir / name, offset) if offset else 0
        for name, offset in offsets_in(run_dir, rev)[0].items()
    }


def origin_of(run_dir: Path) -> Origin | None:
    """Return which run lies there; None while it has no line. Cost: a scan and a small read."""
    return _origin(run_dir, _segment_names(run_dir))


def _segment_names(run_dir: Path) -> set[str]:
    try:
        names = os.listdir(run_dir)
    except OSError:
        return set()
    return {name for name in map(plain_name, names) if parse_segment_name(name)}


def _sizes(run_dir: Path, names: Iterable[str]) -> dict[str, int]:
    """Return the size in bytes of every segment by name; one that vanishes is left out."""
    sizes = {}
    for name in names:
        with suppress(OSError):
            sizes[name] = _size(f"{run_dir}/{name}")
    return sizes


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except FileNotFoundError:
        return segment_size(Path(path))


def _origin(run_dir: Path, names: Iterable[str]) -> Origin | None:
    first = min(names, key=_telling, default=None)
    head = None if first is None else _head(run_dir, first)
    return Origin(first, head) if first is not None and head is not None else None


def _telling(name: str) -> tuple[str, int, int]:
    parts = parse_segment_name(name)
    assert parts is not None
    return parts.writer or "", _TELLING.index(parts.stream), parts.number


def _head(run_dir: Path, name: str) -> str | None:
    """Return a digest of how a segment begins; None of one that may yet begin otherwise."""
    try:
        with open_segment(run_dir / name) as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return None
    line, ended, _ = head.partition(b"\n")
    if not ended and len(head) < _HEAD_BYTES:
        return None
    return blake2b(line, digest_size=8).hexdigest()


def _is_offset(name: str, value: object) -> bool:
    # The name becomes part of a path: only a segment's will do.
    return type(value) is int and value >= 0 and parse_segment_name(name) is not None


def _is_origin(value: object) -> bool:
    return (
        isinstance(value, list)
        and [type(part) for part in value] == [str, str]
        and parse_segment_name(value[0]) is not None
    )
