"""Which segments are closed, so that they may be compressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracklab.records.names import STREAMS
from tracklab.storage.layout import parse_segment_name, segments, writers_with_locks
from tracklab.storage.liveness import UNTOUCHED_AFTER_S, living_writers

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.storage.identity import Process

__all__ = ["Closed", "closed_segments"]


@dataclass(frozen=True, slots=True)
class Closed:
    """A plain segment that nobody appends to any more; `size_bytes` is what it takes now."""

    path: Path
    size_bytes: int


def closed_segments(
    run_dir: Path, *, here: Process, now_s: float, older_than_s: float
) -> list[Closed]:
    """Return the plain segments of a run that are closed.

    The newest of each stream of a writer that lives or may live is not, and none that was written
    within the last `older_than_s` seconds is taken for closed. What another program wrote, which
    holds no lock and may append by name at any time, never is.
    """
    living = set(living_writers(run_dir, here=here, now_s=now_s, doubt_s=UNTOUCHED_AFTER_S))
    has_creator = None in writers_with_locks(run_dir)
    found = []
    for stream in STREAMS:
        newest: dict[str | None, Path] = {}
        own = segments(run_dir, stream)
        for path in own:
            name = parse_segment_name(path.name)
            if name is not None and name.writer in living:
                newest[name.writer] = path  # they come in the order of their numbers
        found += [
            path
            for path in own
            if path not in newest.values() and (has_creator or _writer_of(path) is not None)
        ]
    return [closed for path in found if (closed := _closed(path, now_s - older_than_s))]


def _writer_of(path: Path) -> str | None:
    name = parse_segment_name(path.name)
    return name.writer if name else None


def _closed(path: Path, until_s: float) -> Closed | None:
    try:
        seen = path.lstat()
    except OSError:
        return None  # compressed already
    return Closed(path, seen.st_size) if seen.st_mtime <= until_s else None
