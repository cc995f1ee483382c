"""How what an importer says becomes a run directory, whole or not at all.

The run is written beside the data, in `<root>/.tracklab/imports/`, by a writer like any other,
whose lines get the times they had; when all of it is there and durable, one rename puts it in its
place. Importing the same again is recognised by a digest over everything that was said and adds
nothing; a run whose source has grown is written anew and takes the place of the earlier one, which
goes to the trash. What others noted of it meanwhile, such as an edit in the browser, moves along.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from tracklab.errors import StorageError, UsageError
from tracklab.records.names import check_project, check_run_id
from tracklab.storage.documents import sync_directory
from tracklab.storage.layout import is_run_dir, parse_segment_name, plain_name
from tracklab.storage.permissions import make_directory
from tracklab.storage.streams import Tally, events, run_segments
from tracklab.storage.trash import discard, is_written, restore
from tracklab.transfer.counting import Counting
from tracklab.transfer.shelving import Shelf
from tracklab.transfer.things import At
from tracklab.transfer.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracklab.transfer.things import Found

__all__ = ["Outcome", "bring", "staging"]

KIND: Final = "tracklab.import"
_IMPORTS: Final = (".tracklab", "imports")
_ABANDONED_AFTER_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one run.

    Attributes:
        address: project/run_id.
        tool: whose files it lay in.
        source: where.
        result: `new`, `unchanged` (nothing was written) or `replaced`.
        rows: rows of history in the source.
        counts: how many of everything else, by name.
        lost: what could not be taken along, for people.
    """

    address: str
    tool: str
    source: str
    result: Literal["new", "unchanged", "replaced"]
    rows: int
    counts: dict[str, int]
    lost: list[str] = field(default_factory=list)


def bring(
    found: Found,
    root: Path,
    *,
    project: str | None = None,
    run_id: str | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Outcome:
    """Make an ordinary run of one that was found in another tool's files.

    Args:
        found: the run.
        root: the data directory; made if it is missing.
        project: instead of the tool's.
        run_id: instead of the tool's.
        dry_run: read everything and write nothing.
        progress: is told how many bytes of the source have been read.

    Raises:
        UsageError: a name cannot be used, or another run has this address.
        StorageError: it cannot be written; then nothing is there.
        OSError: the source cannot be read.
    """
    project = check_project(project or found.project)
    run_id = check_run_id(run_id or found.run_id)
    target = root / project / run_id
    there = is_run_dir(target)
    earlier = _earlier_digest(target, f"{project}/{run_id}", found.tool) if there else None
    tell = progress or _nobody
    shelf = Shelf(root, project, run_id)
    seen = Counting(shelf)
    if there or dry_run:
        _read(found, seen, tell if dry_run else _nobody)
    same = there and seen.digest() == earlier
    if not (same or dry_run):
        with staging(root) as place:
            seen = _write(found, place / run_id, shelf, tell)
            if there:
                _carry_notes(target, place / run_id)
            put(root, place / run_id, project, run_id, replacing=there)
    tell(found.size_bytes)
    counts = {name: count for name, count in sorted(seen.counts.items()) if count}
    return Outcome(
        f"{project}/{run_id}", found.tool, str(found.source),
        "unchanged" if same else "replaced" if there else "new", counts.pop("rows", 0), counts,
        seen.lost,
    )  # fmt: skip


def _nobody(_done_bytes: int) -> None:
    pass


def _read(found: Found, into: Counting, tell: Callable[[int], None]) -> None:
    for thing in found.things():
        if isinstance(thing, At):
            tell(thing.done_bytes)
        else:
            into.take(thing)


def _write(found: Found, run_dir: Path, shelf: Shelf, tell: Callable[[int], None]) -> Writing:
    make_directory(run_dir)
    origin = {"tool": found.tool, "source": str(found.source)}
    writing = Writing(run_dir, shelf=shelf, origin=origin)
    try:
        _read(found, writing, tell)
        writing.finish(KIND, {**origin, "digest": writing.digest()})
    finally:
        writing.close()
    if writing.lines_lost:
        raise StorageError(
            f"The import of {shelf.project}/{shelf.run_id} stopped: {writing.lines_lost} lines "
            "could not be written. Nothing of it was kept. Make room and import again: "
            f"{run_dir.parent}"
        )
    return writing


def _earlier_digest(run_dir: Path, address: str, tool: str) -> str | None:
    """Return the digest of the last import into a run.

    Raises:
        UsageError: the run was logged here, at least in part, and must not be replaced.
    """
    told = None
    for segment in run_segments(run_dir, "events"):
        for _, event in events(segment, Tally(), holding=[KIND.encode()]):
            if event.get("logger") == KIND:
                told = event.get("data") or {}
    if told is None or told.get("tool") != tool:
        raise UsageError(
            f"A run {address} is there already and was not imported from {tool}. Choose "
            f"another address with --id or --project, or delete that run: {run_dir}"
        )
    if any(name.writer is not None for name in _names(run_dir) if name.stream != "events"):
        raise UsageError(
            f"The run {address} was imported and has been continued here since, so it cannot be "
            f"replaced. Import the source under another address with --id: {run_dir}"
        )
    digest = told.get("digest")
    return digest if isinstance(digest, str) else None


def _names(run_dir: Path) -> list[Any]:
    names = (parse_segment_name(plain_name(name)) for name in os.listdir(run_dir))
    return [name for name in names if name is not None]


def _carry_notes(earlier: Path, run_dir: Path) -> None:
    """Copy what other writers noted of the earlier run: each has segments of its own."""
    for entry in os.scandir(earlier):
        name = parse_segment_name(plain_name(entry.name))
        if name and name.writer is not None and entry.is_file(follow_symlinks=False):
            shutil.copyfile(entry.path, run_dir / entry.name)
            shutil.copymode(entry.path, run_dir / entry.name)


@contextmanager
def staging(root: Path) -> Iterator[Path]:
    """Give an empty directory on the data's disk, which is gone afterwards.

    Raises:
        StorageError: the data directory cannot be written.
    """
    above = root.joinpath(*_IMPORTS)
    place = above / f"{os.getpid()}-{os.urandom(4).hex()}"
    try:
        make_directory(place)
    except OSError as error:
        raise StorageError(
            f"An import cannot write the data directory ({error.strerror}). Choose another one "
            f"with --dir, or allow writing there: {root}"
        ) from None
    try:
        _remove_abandoned(above)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        with suppress(OSError):  # another import is at work
            above.rmdir()


def _remove_abandoned(above: Path) -> None:
    """Remove what imports left that were killed."""
    for entry in list(os.scandir(above)):
        with suppress(OSError):
            old = entry.stat(follow_symlinks=False).st_mtime < time.time() - _ABANDONED_AFTER_S
            runs = [path for path in above.joinpath(entry.name).iterdir() if path.is_dir()]
            if old and not any(map(is_written, runs)):
                shutil.rmtree(entry.path)


def put(root: Path, run_dir: Path, project: str, run_id: str, *, replacing: bool) -> None:
    """Give a finished run directory its place, in one step.

    Raises:
        StorageError: another run got there first, or the earlier one is being written.
    """
    target = root / project / run_id
    make_directory(target.parent)
    if replacing:
        discard(root, project, run_id)
    try:
        run_dir.rename(target)
    except OSError as error:
        if replacing:
            restore(root, f"{project}/{run_id}")
        raise StorageError(
            f"The run {project}/{run_id} cannot be put in its place ({error.strerror}) and is "
            f"as it was before. Look what is there and import again: {target}"
        ) from None
    sync_directory(target.parent)
