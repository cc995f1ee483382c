"""How far the index of a run goes, whether it is sound, and how to be rid of it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracklab.index.blocks import DamagedError
from tracklab.index.building import STREAMS
from tracklab.index.parts import Part
from tracklab.index.shelves import Shelf
from tracklab.storage.reading import segment_size
from tracklab.storage.streams import run_segments

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Extent", "drop", "extent", "trim", "unsound"]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the rows of a run is indexed, in bytes of its segments.

    Attributes:
        total_bytes: of all segments with rows.
        indexed_bytes: of these, what the index covers.
        parts: files of the index.
        size_bytes: of these files.
    """

    total_bytes: int = 0
    indexed_bytes: int = 0
    parts: int = 0
    size_bytes: int = 0

    def __add__(self, other: Extent) -> Extent:
        return Extent(
            self.total_bytes + other.total_bytes,
            self.indexed_bytes + other.indexed_bytes,
            self.parts + other.parts,
            self.size_bytes + other.size_bytes,
        )


def extent(run_dir: Path, place: Path) -> Extent:
    """Return how far the index of a run goes. Cost: some small reads for each segment."""
    found = Extent()
    with Shelf(place) as shelf:
        for stream in STREAMS:
            for segment in run_segments(run_dir, stream):
                parts = shelf.parts(segment.path)
                found += Extent(
                    _plain_size(segment.path),
                    parts[-1].end if parts else 0,
                    len(parts),
                    sum(_size(part.path) for part in parts),
                )
    return found


def unsound(run_dir: Path, place: Path) -> dict[str, str]:
    """Return the files of a run's index that no answer may rest on, each with the reason.

    Cost: reads the whole index of the run.
    """
    try:
        names = sorted(name for name in os.listdir(place) if name.endswith(".tlx"))
    except OSError:
        return {}
    faults = {name: fault for name in names if (fault := _fault(place / name))}
    with Shelf(place) as shelf:
        used = {
            part.path.name
            for stream in STREAMS
            for segment in run_segments(run_dir, stream)
            for part in shelf.parts(segment.path)
        }
    unused = "its segment has changed, or another file covers the same lines"
    return {**{name: unused for name in names if name not in used}, **faults}


def trim(index_root: Path, most_runs: int) -> int:
    """Keep the index of so many runs, and return how many lost theirs; only by the one builder.

    The runs that were indexed longest ago lose it. Cost: a scan of the index.
    """
    found = {path.parent for path in (index_root / "runs").rglob("*.tlx")}
    oldest_first = sorted(found, key=lambda place: place.stat().st_mtime_ns)
    gone = oldest_first[: max(len(found) - most_runs, 0)]
    for place in gone:
        shutil.rmtree(place, ignore_errors=True)
    return len(gone)


def drop(index_root: Path) -> None:
    """Remove an index; only by the one builder.

    Raises:
        OSError: it cannot be removed.
    """
    for part in ("catalog", "runs"):
        if (index_root / part).exists():
            shutil.rmtree(index_root / part)


def _fault(path: Path) -> str | None:
    try:
        with Part(path) as part:
            part.confirm()
    except DamagedError as error:
        return str(error)
    except OSError as error:
        return error.strerror or str(error)
    return None


def _plain_size(segment: Path) -> int:
    try:
        return segment_size(segment)
    except OSError:
        return 0


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
