"""What was deleted and can come back: `<root>/.tracklab/trash/`, on the same file system.

Deleting is a rename, so it takes no time and open readers keep what they have. Directories are
walked by descriptor and no link is followed, neither on the way in nor when the trash is emptied.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracklab.errors import NotFoundError, StorageError, UsageError
from tracklab.records.names import check_project, check_run_id
from tracklab.storage.layout import (
    FORMATS,
    find_runs,
    parse_segment_name,
    plain_name,
    writers_with_locks,
)
from tracklab.storage.liveness import lock_held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "Discarded", "Restored", "discard", "discard_files", "discarded", "is_written", "purge",
    "restore",
]  # fmt: skip

_TRASH: Final = (".tracklab", "trash")
# No project begins with a dot, so files of runs that stay lie apart from whole runs.
_PARTS: Final = ".parts"
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Discarded:
    """One thing in the trash.

    Attributes:
        address: the run it is, or belonged to.
        parts: its path below the trash.
        since_s: when it was put there, epoch seconds.
        whole: whether it is a whole run.
    """

    address: str
    parts: tuple[str, ...]
    since_s: float
    whole: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back from the trash.

    Attributes:
        whole: whether it is a whole run.
        files: the paths of files that were removed from a run, and are there again.
        staying: the paths of those whose place is taken.
    """

    whole: bool = False
    files: tuple[str, ...] = ()
    staying: tuple[str, ...] = ()


def is_written(run_dir: Path) -> bool:
    """Return whether a living writer holds one of the run's locks."""
    return any(lock_held(run_dir, writer) for writer in writers_with_locks(run_dir))


def discard(root: Path, project: str, run_id: str) -> None:
    """Move a run into the trash; one step, whatever its size.

    Raises:
        StorageError: a writer of the run lives.
        OSError: it cannot be moved.
    """
    place = project.split("/")
    with _opened(root, place) as source, _opened(root, (*_TRASH, *place), make=True) as target:
        run_dir = root.joinpath(*place, run_id)
        _refuse_if_written(run_dir)
        name = _free_name(target, run_id)
        _move(source, run_id, target, name)
        moved = root.joinpath(*_TRASH, *place, name)
        if is_written(moved):  # taken up between the question and the move
            _move(target, name, source, run_id)
            _refuse_if_written(run_dir)


def restore(root: Path, address: str) -> Restored:
    """Bring back what was last deleted under `address` (project/run_id).

    A whole run, or else the files that were removed from a run that is there; a file whose place
    another has by now stays in the trash, and keeps none of the others there.

    Raises:
        NotFoundError: the trash holds nothing of this address.
        StorageError: another run, or other files, have its place by now; nothing was moved.
        OSError: something cannot be moved; files before it were.
    """
    project, _, run_id = address.strip("/").rpartition("/")
    place = tuple(project.split("/"))
    if _is_sound(project, run_id):
        with suppress(FileNotFoundError, NotADirectoryError):
            return _restore_run(root, place, run_id)
        with suppress(FileNotFoundError, NotADirectoryError):
            return _restore_files(root, (*place, run_id))
    raise NotFoundError(
        f"The trash holds no run {address!r}. Write the whole address: project/run_id."
    )


def discard_files(
    root: Path, project: str, run_id: str, files: Sequence[str], *, now_s: float
) -> None:
    """Move files of a run into the trash; the run stays.

    Args:
        root: the data directory.
        project: the run's project.
        run_id: the run.
        files: paths in the run's directory.
        now_s: epoch seconds; names this removal.

    Raises:
        OSError: one cannot be moved; those before it were.
    """
    run = (*project.split("/"), run_id)
    batch = (*_TRASH, _PARTS, *run, f"{now_s:.6f}")
    for file in files:
        *inner, name = file.split("/")
        with (
            _opened(root, (*run, *inner)) as source,
            _opened(root, (*batch, *inner), make=True) as target,
        ):
            _move(source, name, target, name)


def discarded(root: Path) -> list[Discarded]:
    """Return what the trash holds, the oldest first. Cost: a scan of the trash."""
    trash = root.joinpath(*_TRASH)
    found = []
    for project, run_id, path in find_runs(trash):
        address = f"{project}/{run_id.partition('~')[0]}"
        found.append(Discarded(address, (*project.split("/"), run_id), _since_s(path), whole=True))
    for batch in _batches(trash / _PARTS):
        parts = batch.relative_to(trash).parts
        found.append(Discarded("/".join(parts[1:-1]), parts, _since_s(batch), whole=False))
    return sorted(found, key=lambda entry: (entry.since_s, entry.parts))


def purge(root: Path, entry: Discarded) -> None:
    """Delete something in the trash for good.

    Raises:
        OSError: part of it cannot be deleted.
    """
    # The standard library's walks by descriptor and follows no link, where the system can.
    assert shutil.rmtree.avoids_symlink_attacks
    with _opened(root, (*_TRASH, *entry.parts[:-1])) as directory:
        shutil.rmtree(f"/proc/self/fd/{directory}/{entry.parts[-1]}")
    if not entry.whole:
        _drop_if_empty(root, entry.parts[:-1])


def _restore_run(root: Path, place: tuple[str, ...], run_id: str) -> Restored:
    with _opened(root, (*_TRASH, *place)) as source:
        kept = _newest_name(source, run_id)
        with _opened(root, place, make=True) as target:
            if _exists(target, run_id):
                raise StorageError(
                    "Another run has this address by now. Delete or rename it first."
                )
            _move(source, kept, target, run_id)
    return Restored(whole=True)


def _restore_files(root: Path, run: tuple[str, ...]) -> Restored:
    """Bring back the files of a run whose places are free, the ones removed last first."""
    kept = (_PARTS, *run)
    files: list[str] = []
    staying: list[str] = []
    for batch in sorted(filter(_is_time, os.listdir(root.joinpath(*_TRASH, *kept))), reverse=True):
        top = root.joinpath(*_TRASH, *kept, batch)
        for directory, _, names in os.walk(top, topdown=False):
            inner = Path(directory).relative_to(top).parts
            for name in names:
                back = _restore_file(root, run, (*kept, batch, *inner), inner, name)
                (files if back else staying).append("/".join((*inner, name)))
            _drop_if_empty(root, (*kept, batch, *inner))
    _drop_if_empty(root, kept)
    if staying and not files:
        raise StorageError(
            f"The run has files of these names by now: {', '.join(sorted(staying))}. Move them "
            "away, then restore again."
        )
    if not files:
        raise FileNotFoundError("/".join(run))
    return Restored(files=tuple(files), staying=tuple(staying))


def _restore_file(
    root: Path, run: tuple[str, ...], kept: tuple[str, ...], inner: tuple[str, ...], name: str
) -> bool:
    """Move a file out of the trash, unless the run has it by now in whatever form."""
    with (
        _opened(root, (*_TRASH, *kept)) as source,
        _opened(root, (*run, *inner), make=True) as target,
    ):
        if any(_exists(target, form) for form in _forms(name)):
            return False
        _move(source, name, target, name)
        return True


def _forms(name: str) -> Iterator[str]:
    """Yield the names under which a file may lie: a segment also compressed, or no longer."""
    plain = plain_name(name)
    yield name
    if parse_segment_name(plain) is not None:
        yield from (plain, *(f"{plain}.{form}" for form in FORMATS))


def _drop_if_empty(root: Path, parts: tuple[str, ...]) -> None:
    """Remove a directory in the trash that holds nothing any more."""
    with suppress(OSError), _opened(root, (*_TRASH, *parts[:-1])) as above:
        os.rmdir(parts[-1], dir_fd=above)


def _refuse_if_written(run_dir: Path) -> None:
    if is_written(run_dir):
        raise StorageError("This run is still being written. Stop it, then delete it.")


@contextmanager
def _opened(root: Path, parts: Sequence[str], *, make: bool = False) -> Iterator[int]:
    """Open a directory below `root` step by step, so that no part of the way can be a link."""
    descriptor = os.open(root, _DIRECTORY & ~os.O_NOFOLLOW)
    try:
        for part in parts:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, 0o700, dir_fd=descriptor)
            deeper = os.open(part, _DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = deeper
        yield descriptor
    finally:
        os.close(descriptor)


def _move(source: int, name: str, target: int, new_name: str) -> None:
    os.rename(name, new_name, src_dir_fd=source, dst_dir_fd=target)
    os.fsync(target)
    os.fsync(source)


def _exists(directory: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _free_name(directory: int, run_id: str) -> str:
    """Return a name that the trash does not hold yet; `~` is in no run id."""
    count = 1
    while _exists(directory, _trash_name(run_id, count)):
        count += 1
    return _trash_name(run_id, count)


def _newest_name(directory: int, run_id: str) -> str:
    _, _, count = _free_name(directory, run_id).partition("~")
    if not count:
        raise FileNotFoundError(run_id)
    return _trash_name(run_id, int(count) - 1)


def _trash_name(run_id: str, count: int) -> str:
    return run_id if count == 1 else f"{run_id}~{count}"


def _is_sound(project: str, run_id: str) -> bool:
    try:
        return bool(check_project(project) and check_run_id(run_id))
    except UsageError:
        return False


def _batches(directory: Path) -> Iterator[Path]:
    """Yield what was removed together: directories named by a time, whatever lies above them."""
    try:
        with os.scandir(directory) as entries:
            below = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return
    for entry in below:
        path = directory / entry.name
        if _is_time(entry.name):
            yield path
        else:
            yield from _batches(path)


def _is_time(name: str) -> bool:
    seconds, dot, micros = name.partition(".")
    return dot == "." and seconds.isdecimal() and len(micros) == 6 and micros.isdecimal()  # noqa: PLR2004


def _since_s(path: Path) -> float:
    """Return when something came into the trash: a rename moves the time of its inode's change."""
    if _is_time(path.name):
        return float(path.name)
    return path.lstat().st_ctime
