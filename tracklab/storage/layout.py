"""Where everything lies: names of segments, locks and run directories, both ways.

The promise to readers: a name that `segment_name` made is understood by `parse_segment_name`,
and nothing else in a run directory is.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tracklab.records.names import RESERVED, STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "SegmentName",
    "find_runs",
    "is_run_dir",
    "lock_name",
    "parse_segment_name",
    "segment_name",
    "segments",
]

_NAME = re.compile(
    r"(?P<stream>history|system_metrics|events|llm)"
    r"(?:\.(?P<writer>[A-Za-z0-9_-]+(?:-\d+)+))?(?:\.(?P<number>\d{6}))?\.jsonl"
)
_MAX_PROJECT_DEPTH = 16


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


def parse_segment_name(name: str) -> SegmentName | None:
    """Return the parts of a segment's file name, or None if it is no segment."""
    match = _NAME.fullmatch(name)
    if match is None or (match["writer"] and not match["number"]):
        return None
    return SegmentName(match["stream"], match["writer"], int(match["number"] or 0))


def segments(run_dir: Path, stream: str) -> list[Path]:
    """Return the segments of `stream`, the creator's first, each writer's in its own order.

    A directory that has vanished has no segments.
    """
    found = []
    try:
        names = os.listdir(run_dir)
    except (FileNotFoundError, NotADirectoryError):
        return []
    for name in names:
        parts = parse_segment_name(name)
        if parts is not None and parts.stream == stream:
            found.append((parts.writer or "", parts.number, name))
    return [run_dir / name for _, _, name in sorted(found)]


def lock_name(writer: str | None) -> str:
    """Return the name of the empty file whose lock proves that a writer lives."""
    return "run.lock" if writer is None else f"run.{writer}.lock"


def is_run_dir(path: Path) -> bool:
    """Return whether `path` holds a run: its metadata, or at least one segment."""
    try:
        with os.scandir(path) as entries:
            return any(_marks_run(entry.name) for entry in entries)
    except OSError:
        return False


def find_runs(root: Path, *, project: str | None = None) -> Iterator[tuple[str, str, Path]]:
    """Yield `(project, run_id, run_dir)` for every run under `root`, sorted by path.

    Projects may be trees; links are not followed, run directories are not entered, and a
    directory that cannot be read hides only itself.

    Args:
        root: the data directory.
        project: look only there and below; other projects cost nothing then.
    """
    parts = tuple(project.split("/")) if project is not None else ()
    if _may_hold_runs(root, parts):
        yield from _walk(root.joinpath(*parts), parts)


def _may_hold_runs(root: Path, parts: tuple[str, ...]) -> bool:
    """Return whether a walk from `root` would come to the project of these parts."""
    if any(not part or part.startswith(".") or "\0" in part for part in parts):
        return False
    if parts and parts[0] in RESERVED:
        return False
    for part in parts:
        root /= part
        if root.is_symlink() or is_run_dir(root):
            return False
    return True


def _walk(directory: Path, parts: tuple[str, ...]) -> Iterator[tuple[str, str, Path]]:
    try:
        with os.scandir(directory) as scan:
            entries = sorted(
                (entry for entry in scan if entry.is_dir(follow_symlinks=False)),
                key=lambda entry: entry.name,
            )
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or (not parts and entry.name in RESERVED):
            continue
        path = Path(entry.path)
        if parts and is_run_dir(path):
            yield "/".join(parts), entry.name, path
        elif len(parts) < _MAX_PROJECT_DEPTH:
            yield from _walk(path, (*parts, entry.name))


def _marks_run(name: str) -> bool:
    return name == "metadata.json" or (
        name.startswith(STREAMS) and parse_segment_name(name) is not None
    )
