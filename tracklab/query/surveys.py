"""What one look into a run's directory shows, before any file in it is opened."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracklab.storage.layout import lock_owner, parse_segment_name, plain_name, sigterm_owner

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Survey", "survey"]


@dataclass(slots=True)
class Survey:
    """What a run's directory shows, in nanoseconds since the epoch.

    Attributes:
        grown_ns: when a segment of each writer last grew.
        locks: writers that have a lock file.
        tellers: writers that have events: these may tell a beginning and an end of their own.
        terminated: writers in whose file a SIGTERM left word.
        metadata_ns: when `metadata.json` was last replaced, 0 without one.
    """

    grown_ns: dict[str | None, int] = field(default_factory=dict)
    locks: list[str | None] = field(default_factory=list)
    tellers: set[str | None] = field(default_factory=set)
    terminated: set[str | None] = field(default_factory=set)
    metadata_ns: int = 0


def survey(run_dir: Path | str, names: Iterable[str] | None = None) -> Survey:
    """Look into a run's directory.

    Args:
        run_dir: the directory.
        names: what is in it, for whoever has just listed it.

    Cost: one scan without `names`, and a `stat` per segment.
    """
    if names is None:
        try:
            names = os.listdir(run_dir)
        except OSError:
            names = ()  # the run is being moved away: it shows nothing more
    seen = Survey()
    for name in names:
        if name.endswith(".lock"):
            if name.startswith("run."):
                seen.locks.append(lock_owner(name))
        elif ".jsonl" in name or name == "metadata.json" or name.endswith(".sigterm"):
            with suppress(OSError):  # it has been removed
                _note(seen, name, os.lstat(f"{run_dir}/{name}"))
    return seen


def _note(seen: Survey, name: str, found: os.stat_result) -> None:
    if name == "metadata.json":
        seen.metadata_ns = found.st_mtime_ns
    elif name.startswith("run.") and name.endswith(".sigterm"):
        if found.st_size:
            seen.terminated.add(sigterm_owner(name))
    elif segment := parse_segment_name(plain_name(name)):
        writer = segment.writer
        seen.grown_ns[writer] = max(found.st_mtime_ns, seen.grown_ns.get(writer, 0))
        if segment.stream == "events":
            seen.tellers.add(writer)
