"""What may go: closed segments and console logs of ended runs, or whole runs, by age, size, count.

Nothing goes by itself, and by default only what can be had again or matters least: system rows
and console text. A run with a living writer is not touched. What goes lies in the trash first,
and the run itself tells in its events what was taken from it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from tracklab.records.encode import encode_object
from tracklab.records.names import STREAMS
from tracklab.storage.layout import find_runs, parse_segment_name, plain_name
from tracklab.storage.liveness import UNTOUCHED_AFTER_S, living_writers
from tracklab.storage.notes import add_note
from tracklab.storage.reading import Reading
from tracklab.storage.trash import discard, discard_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tracklab.storage.identity import Process

__all__ = ["EXPENDABLE", "KINDS", "Policy", "Removal", "apply", "plan"]

#: What a policy may name: the streams of lines, and `console`, what the program printed.
KINDS: Final = (*STREAMS, "console")
#: What goes if a policy names nothing.
EXPENDABLE: Final = frozenset({"system_metrics", "console"})
_NOTE_FILES: Final = 100


@dataclass(frozen=True, slots=True)
class Policy:
    """What may go, and how much may stay; the newest stays.

    Attributes:
        older_than_s: what was last written longer ago goes; None sets no limit.
        max_bytes: of what is beyond this total, the oldest goes; None sets no limit.
        max_count: so many files, or runs, stay; None sets no limit.
        kinds: some of `KINDS`; of no meaning for whole runs.
        whole_runs: judge runs instead of their files.
    """

    older_than_s: float | None = None
    max_bytes: int | None = None
    max_count: int | None = None
    kinds: frozenset[str] = EXPENDABLE
    whole_runs: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """One thing to remove.

    Attributes:
        project: the run's project.
        run_id: the run.
        file: its path in the run's directory; None for the whole run.
        size_bytes: what it takes on disk.
        changed_s: when it was last written, epoch seconds.
        reason: `age`, `size` or `count`.
    """

    project: str
    run_id: str
    file: str | None
    size_bytes: int
    changed_s: float
    reason: str

    @property
    def address(self) -> str:
        """The run's address."""
        return f"{self.project}/{self.run_id}"


@dataclass(frozen=True, slots=True)
class _Unit:
    """A file or a run as a policy sees it; what is not `free` counts, and stays."""

    project: str
    run_id: str
    file: str | None
    size_bytes: int
    changed_s: float
    free: bool = field(compare=False)


def plan(
    root: Path, policy: Policy, *, here: Process, now_s: float, project: str | None = None
) -> list[Removal]:
    """Return what `policy` removes, the oldest first.

    Args:
        root: the data directory.
        policy: what may go.
        here: the process that asks.
        now_s: epoch seconds.
        project: only this project and those below it.

    Cost: a scan of all runs and a `stat` of their files; reads no line.
    """
    units = [
        unit
        for name, run_id, path in find_runs(root, project=project)
        for unit in _units(name, run_id, path, policy, here=here, now_s=now_s)
    ]
    units.sort(key=lambda unit: (-unit.changed_s, unit.project, unit.run_id, unit.file or ""))
    found, size_bytes = [], 0
    for count, unit in enumerate(units, 1):
        size_bytes += unit.size_bytes
        reason = _reason(unit, policy, count=count, size_bytes=size_bytes, now_s=now_s)
        if reason is not None and unit.free:
            found.append(
                Removal(
                    unit.project, unit.run_id, unit.file, unit.size_bytes, unit.changed_s, reason
                )
            )
    return found[::-1]


def apply(
    root: Path,
    removals: Iterable[Removal],
    *,
    here: Process,
    now_s: float,
    done: Callable[[Removal], None] = lambda _removal: None,
) -> None:
    """Move what was planned into the trash, run by run; `done` is told of each.

    A run that has been taken up since is left alone.

    Raises:
        OSError: something cannot be moved; what was moved before it was told.
    """
    ordered = sorted(removals, key=attrgetter("project", "run_id"))
    for (project, run_id), group in groupby(ordered, key=attrgetter("project", "run_id")):
        own = list(group)
        run_dir = root / project / run_id
        if _is_open(run_dir, here=here, now_s=now_s):
            continue
        files = [removal for removal in own if removal.file is not None]
        if len(files) < len(own):
            discard(root, project, run_id)
        else:
            _tell(run_dir, project, files)
            names = [removal.file for removal in files if removal.file is not None]
            discard_files(root, project, run_id, names, now_s=now_s)
        for removal in own:
            done(removal)


def _units(
    project: str, run_id: str, run_dir: Path, policy: Policy, *, here: Process, now_s: float
) -> Iterator[_Unit]:
    free = not _is_open(run_dir, here=here, now_s=now_s)
    files = [
        (entry, found) for entry in _walk(run_dir) if (found := _stat(run_dir / entry)) is not None
    ]
    if policy.whole_runs:
        size_bytes = sum(found.st_size for _, found in files)
        written = (found.st_mtime for name, found in files if _kind(name) is not None)
        changed_s = max(written, default=_age_of(run_dir))
        yield _Unit(project, run_id, None, size_bytes, changed_s, free)
        return
    for name, found in files:
        if _kind(name) in policy.kinds:
            yield _Unit(project, run_id, name, found.st_size, found.st_mtime, free)


def _is_open(run_dir: Path, *, here: Process, now_s: float) -> bool:
    """Return whether anybody may still append to a run."""
    return bool(living_writers(run_dir, here=here, now_s=now_s, doubt_s=UNTOUCHED_AFTER_S))


def _kind(name: str) -> str | None:
    """Return which of `KINDS` a file of a run is, None for all others."""
    if name.startswith("logs/") and name.endswith(".log"):
        return "console"
    segment = parse_segment_name(plain_name(name))
    return segment.stream if segment else None


def _walk(run_dir: Path) -> Iterator[str]:
    """Yield the paths of a run's regular files; links are no files."""
    for directory, _, names in os.walk(run_dir):
        inner = Path(directory).relative_to(run_dir)
        yield from ((inner / name).as_posix() for name in names)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None


def _age_of(run_dir: Path) -> float:
    found = _stat(run_dir)
    return found.st_mtime if found else 0.0


def _reason(
    unit: _Unit, policy: Policy, *, count: int, size_bytes: int, now_s: float
) -> str | None:
    if policy.older_than_s is not None and now_s - unit.changed_s > policy.older_than_s:
        return "age"
    if policy.max_bytes is not None and size_bytes > policy.max_bytes:
        return "size"
    if policy.max_count is not None and count > policy.max_count:
        return "count"
    return None


def _tell(run_dir: Path, project: str, removals: list[Removal]) -> None:
    """Write into the run's events what is about to be taken from it.

    Said before it is done: numbers that are named and still there harm nobody. The note gets the
    time of the newest line, so that the run grows no younger by it.
    """
    before_ns = max(
        (found.st_mtime_ns for name in os.listdir(run_dir) if _kind(name) is not None
         and (found := _stat(run_dir / name)) is not None),
        default=0,
    )  # fmt: skip
    for start in range(0, len(removals), _NOTE_FILES):
        some = removals[start : start + _NOTE_FILES]
        entries = [_told(run_dir, removal) for removal in some]
        data = {
            "op": "remove",
            "segments": [entry for entry in entries if "segment" in entry],
            "files": [entry for entry in entries if "path" in entry],
        }
        note = add_note(
            run_dir, project=project, logger="tracklab.retention", message="removed",
            data=encode_object(data),
        )  # fmt: skip
        os.utime(note, ns=(before_ns, before_ns))


def _told(run_dir: Path, removal: Removal) -> dict[str, object]:
    name = removal.file or ""
    size = {"bytes": removal.size_bytes, "reason": removal.reason}
    if parse_segment_name(plain_name(name)) is None:
        return {"path": name, **size}
    lines = Reading(run_dir / plain_name(name)).lines()
    seqs = [seq for _, line in lines if (seq := _seq(line)) is not None]
    span = {"first_seq": min(seqs), "last_seq": max(seqs)} if seqs else {}
    return {"segment": plain_name(name), "lines": len(seqs), **span, **size}


def _seq(line: bytes) -> int | None:
    try:
        record = orjson.loads(line)
        return int(record["seq" if "seq" in record else "_seq"])
    except (ValueError, KeyError, TypeError):
        return None
