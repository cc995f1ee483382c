"""Where everything lies: names of segments, locks and run directories, both ways.

The promise to readers: a name that `segment_name` made is understood by `parse_segment_name`,
and nothing else in a run directory is. A compressed segment goes by its plain name everywhere:
`storage.reading` finds the file behind it.
"""

from __future__ import annotations

import os
import re
import stat
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tracklab.records.names import RESERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Sift = Callable[[tuple[str, ...], str, list[str]], Iterable[str]]

__all__ = [
    "FORMATS",
    "MAX_PROJECT_DEPTH",
    "SegmentName",
    "find_runs",
    "is_run_dir",
    "is_text",
    "lock_name",
    "lock_owner",
    "may_hold_runs",
    "packed_path",
    "parse_segment_name",
    "plain_name",
    "scan_runs",
    "segment_name",
    "segments",
    "sigterm_name",
    "sigterm_owner",
    "writers_with_locks",
]

#: How a segment may be compressed, by the end of its file name; the first that is there is read.
FORMATS = ("zst", "gz")

_NAME = re.compile(
    r"(?P<stream>history|system_metrics|events|llm)"
    r"(?:\.(?P<writer>[A-Za-z0-9_-]+(?:-\d+)+))?(?:\.(?P<number>\d{6}))?\.jsonl"
)
#: Projects may lie in projects, as deep as this.
MAX_PROJECT_DEPTH = 16


class SegmentName(NamedTuple):
    """The parts of a segment's file name; `writer` is None for the run's creator."""

    stream: str
    writer: str | None
    number: int


def segment_name(stream: str, number: int, *, writer: str | None = None) -> str:
    """Return the file name of segment `number` (0 or more) of `stream`.

    The run's creator writes `history.jsonl`, then `history.000001.jsonl`; any other writer
    `history.<writer>.000000.jsonl` onwards.
    """
    if writer is not None:
        return f"{stream}.{writer}.{number:06d}.jsonl"
    return f"{stream}.{number:06d}.jsonl" if number else f"{stream}.jsonl"


@lru_cache(maxsize=1_024)  # a listing meets the same few names in every run
def parse_segment_name(name: str) -> SegmentName | None:
    """Return the parts of a segment's file name, or None if it is no segment."""
    match = _NAME.fullmatch(name)
    if match is None or (match["writer"] and not match["number"]):
        return None
    return SegmentName(match["stream"], match["writer"], int(match["number"] or 0))


def plain_name(name: str) -> str:
    """Return the name of a segment without what says how it is compressed."""
    stem, _, end = name.rpartition(".")
    return stem if end in FORMATS else name


def packed_path(path: Path, form: str) -> Path:
    """Return where the segment named `path` lies when compressed as `form`."""
    return path.with_name(f"{path.name}.{form}")


def segments(run_dir: Path, stream: str) -> list[Path]:
    """Return the segments of `stream`, the creator's first, each writer's in its own order.

    A compressed segment is named as if it were plain, once, also while both files are there. A
    directory that has vanished, or that the disk cannot read, has no segments.
    """
    found = set()
    try:
        names = os.listdir(run_dir)
    except OSError:
        return []
    for name in map(plain_name, names):
        parts = parse_segment_name(name)
        if parts is not None and parts.stream == stream:
            found.add((parts.writer or "", parts.number, name))
    return [run_dir / name for _, _, name in sorted(found)]


def lock_name(writer: str | None) -> str:
    """Return the name of the empty file whose lock proves that a writer lives."""
    return "run.lock" if writer is None else f"run.{writer}.lock"


def sigterm_name(writer: str | None) -> str:
    """Return the name of the file that a SIGTERM fills, empty until then."""
    return "run.sigterm" if writer is None else f"run.{writer}.sigterm"


def sigterm_owner(name: str) -> str | None:
    """Return the writer whose file for a SIGTERM has this name; None for the run's creator."""
    return name[len("run.") : -len(".sigterm")] or None


def lock_owner(name: str) -> str | None:
    """Return the writer whose lock file has this name; None for the run's creator."""
    return name[len("run.") : -len(".lock")] or None


def writers_with_locks(run_dir: Path) -> list[str | None]:
    """Return the writers that have a lock file, the creator first. Cost: one directory scan."""
    try:
        names = os.listdir(run_dir)
    except OSError:
        return []
    found = [lock_owner(name) for name in names if name[:4] == "run." and name[-5:] == ".lock"]
    return sorted(found, key=lambda writer: writer or "")


def is_run_dir(path: Path | str) -> bool:
    """Return whether `path` holds a run: its metadata, or at least one segment."""
    try:
        return _marks_run(os.listdir(path))
    except OSError:
        return False


def find_runs(root: Path, *, project: str | None = None) -> Iterator[tuple[str, str, Path]]:
    """Yield `(project, run_id, run_dir)` for every run under `root`; see `scan_runs`."""
    for name, run_id, path, _ in scan_runs(root, project=project):
        yield name, run_id, Path(path)


def scan_runs(
    root: Path, *, project: str | None = None, sift: Sift = lambda _parts, _path, names: names
) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield `(project, run_id, run_dir, names in it)` for every run under `root`, sorted by path.

    Projects may be trees; links are not followed, run directories are not entered, and a
    directory that cannot be read, or whose name is no UTF-8, hides only itself.

    Args:
        root: the data directory.
        project: look only there and below; other projects cost nothing then.
        sift: told a project's parts, its path and the names in it, a list of its own, returns
            those that are left to be looked into: for whoever knows some runs already.

    Cost: a `stat` and a scan for each directory that is looked into.
    """
    parts = tuple(project.split("/")) if project is not None else ()
    if may_hold_runs(root, parts):
        path = str(root.joinpath(*parts))
        yield from _walk(path, _names(path), parts, sift)


def may_hold_runs(root: Path, parts: tuple[str, ...]) -> bool:
    """Return whether a walk from `root` would come to the project of these parts."""
    if any(not part or part.startswith(".") or "\0" in part for part in parts):
        return False
    if len(parts) > MAX_PROJECT_DEPTH or (parts and parts[0] in RESERVED):
        return False
    try:
        for part in parts:
            root /= part
            if root.is_symlink() or is_run_dir(root):
                return False
    except OSError:  # no name is that long
        return False
    return True


def _walk(
    path: str, names: list[str], parts: tuple[str, ...], sift: Sift
) -> Iterator[tuple[str, str, str, list[str]]]:
    project, above = "/".join(parts), f"{path.rstrip('/')}/"
    for name in sorted(sift(parts, path, names) if parts else names):
        if name[:1] == "." or (not parts and name in RESERVED) or not is_text(name):
            continue
        if not _is_directory(above + name):
            continue
        inside = _names(above + name)
        if parts and _marks_run(inside):
            yield project, name, above + name, inside
        elif len(parts) < MAX_PROJECT_DEPTH:
            yield from _walk(above + name, inside, (*parts, name), sift)


def is_text(name: str) -> bool:
    """Return whether a name can be said in UTF-8, and so in an address."""
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def _is_directory(path: str) -> bool:
    """Return whether a directory lies there, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _marks_run(names: list[str]) -> bool:
    """Return whether these are names in a run's directory: its metadata, or a segment."""
    if "metadata.json" in names:
        return True
    # Of a project with 100,000 runs no name needs a second look.
    suspects = (name for name in names if ".jsonl" in name)
    return any(parse_segment_name(plain_name(name)) is not None for name in suspects)
