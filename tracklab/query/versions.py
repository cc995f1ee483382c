"""What changes whenever files do: by `stat` alone, so that nobody reads what he has already."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import blake2b
from stat import S_ISDIR
from typing import TYPE_CHECKING, Final

from tracklab.storage.layout import lock_owner, scan_runs
from tracklab.storage.liveness import STALE_AFTER_S, lock_held

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["AGED_S", "files_version", "lives_version", "stream_version"]

#: Seconds of age that an answer may have about what changes by time alone, such as durations.
AGED_S: Final = 10


def files_version(directory: Path) -> str:
    """Return what changes whenever a file in a directory does, in size, content or identity.

    A file that is replaced by another of the same size has another inode or another time of its
    last change, which no program can set. Directories in it do not count.

    Cost: one scan and a `stat` per file; nothing is opened.
    """
    return _version(f"{directory}/{name}" for name in sorted(_names(directory)))[0]


def stream_version(root: Path, stream: str, *, project: str | None = None) -> str:
    """Return what changes whenever a line of one stream is written by any run, or a run goes.

    Args:
        root: the data directory.
        stream: `history`, `system_metrics`, `events` or `llm`.
        project: only its runs, and those of its subprojects.

    Cost: a scan of each run's directory, and a `stat` for each segment of the stream.
    """
    return _version(
        f"{run_dir}/{name}"
        for _, _, run_dir, names in scan_runs(root, project=project)
        for name in sorted(names)
        if name.startswith(stream)
    )[0]


def lives_version(root: Path, *, now_s: float, project: str | None = None) -> str:
    """Return what changes whenever a file of any run does, or what is known of its writers' lives.

    A writer that is killed changes no file, only a lock. While one lives, or may, it changes every
    `AGED_S` seconds too: durations count on, and silence becomes doubt.

    Args:
        root: the data directory.
        now_s: epoch seconds.
        project: only its runs, and those of its subprojects.

    Cost: a scan of each run's directory, a `stat` for each file and a probe of each lock.
    """
    told = []
    for _, _, run_dir, names in scan_runs(root, project=project):
        held = {
            name: lock_held(run_dir, lock_owner(name)) for name in sorted(names) if _locks(name)
        }
        version, changed_ns = _version(f"{run_dir}/{name}" for name in sorted(names))
        ended = held and set(held.values()) == {False}
        may_live = not ended or now_s - changed_ns / 1e9 < STALE_AFTER_S + AGED_S
        told.append((version, held, now_s // AGED_S if may_live else None))
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()


def _locks(name: str) -> bool:
    return name.startswith("run.") and name.endswith(".lock")


def _version(paths: Iterable[str]) -> tuple[str, int]:
    """Return what changes with the files, and when the newest did, in ns since the epoch."""
    found, newest_ns = blake2b(digest_size=16), 0
    for path in paths:
        with suppress(OSError):  # it has been removed
            seen = os.lstat(path)
            if not S_ISDIR(seen.st_mode):
                told = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
                found.update(f"{path}/{told}".encode("utf-8", "surrogateescape"))
                newest_ns = max(newest_ns, seen.st_mtime_ns)
    return found.hexdigest(), newest_ns


def _names(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []
