"""The parts of one run's index as a reader finds them: what is sound, in order, and no more.

Whatever is missing, damaged, of another file or of another format is passed over: the lines it
stood for are then read from the segment. Nothing here takes a lock; all that a reader may
do is to remove what it found damaged.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from tracklab.index.blocks import DamagedError
from tracklab.index.fingerprints import is_same, is_untouched, open_file
from tracklab.index.parts import Part

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from typing_extensions import Self

__all__ = ["Shelf", "part_name"]

_NAME: Final = re.compile(r"(?P<segment>[^/]+)\.(?P<start>\d+)-(?P<end>\d+)\.tlx")


def part_name(segment: str, start: int, end: int) -> str:
    """Return the file name of the part that covers these bytes of a segment."""
    return f"{segment}.{start}-{end}.tlx"


class Shelf:
    """The index of one run. Use as a context manager: leaving it closes every part.

    Args:
        place: the directory of the run's parts; it may be missing. None has none.
    """

    def __init__(self, place: Path | None) -> None:
        self._place = place
        self._open: list[Part] = []
        self._used: list[Part] = []
        self._names: dict[str, list[tuple[int, int]]] = {}
        with suppress(OSError):
            for name in os.listdir(place) if place else ():
                match = _NAME.fullmatch(name)
                if match:
                    span = (int(match["start"]), int(match["end"]))
                    self._names.setdefault(match["segment"], []).append(span)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for part in self._open:
            part.close()
        self._open.clear()

    def __bool__(self) -> bool:
        """Whether there is any part at all."""
        return bool(self._names)

    def discard(self) -> None:
        """Remove the parts in use: one of them is damaged, and the next builder makes it anew."""
        for part in self._used:
            with suppress(OSError):
                part.path.unlink()

    def parts(self, segment: Path) -> list[Part]:
        """Return the sound parts of a segment from its first byte on, without a gap.

        Cost: a `stat` and two small reads for each part; two more of a segment that was touched.
        """
        spans = self._names.get(segment.name)
        return self._chain(segment, spans) if spans else []

    def _chain(self, segment: Path, spans: list[tuple[int, int]]) -> list[Part]:
        chain: list[Part] = []
        at = 0
        while True:
            ends = sorted((end for start, end in spans if start == at and end > at), reverse=True)
            found = (self._sound(part_name(segment.name, at, end), segment) for end in ends)
            part = next((part for part in found if part is not None), None)
            if part is None:
                return chain
            chain.append(part)
            at = part.end

    def _sound(self, name: str, segment: Path) -> Part | None:
        try:
            part = Part(f"{self._place}/{name}")  # a Path for each of hundreds is slower
        except (OSError, DamagedError, ValueError):
            return None
        self._open.append(part)
        self._used.append(part)
        try:
            return part if _is_of(segment, part.segment) else None
        except OSError:
            return None


def _is_of(segment: Path, known: Mapping[str, Any]) -> bool:
    with suppress(FileNotFoundError):  # it may be compressed
        if is_untouched(segment, known):
            return True
    descriptor, _ = open_file(segment)
    try:
        return is_same(descriptor, known)
    finally:
        os.close(descriptor)
