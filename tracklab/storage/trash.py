"""What was deleted and can come back: `<root>/.tracklab/trash/`, on the same file system.

Deleting is a rename, so it takes no time and open readers keep what they have. Directories are
walked by descriptor and no link is followed, neither on the way in nor when the trash is emptied.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracklab.errors import NotFoundError, StorageError, UsageError
from tracklab.records.names import check_project, check_run_id
from tracklab.storage.layout import find_runs, writers_with_locks
from tracklab.storage.liveness import lock_held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Discarded", "discard", "discard_files", "discarded", "is_written", "purge", "restore"]

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


def restore(root: Path, address: str) -> list[str]:
    """Bring back what was last deleted under `address` (project/run_id).

    A whole run, or else the files that were removed from a run that is there.

    Returns:
        The paths of the files, none for a whole run.

    Raises:
        NotFoundError: the trash holds nothing of this address.
        StorageError: another run, or another file, has its place by now.
        OSError: nothing can be moved.
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


def _restore_run(root: Path, place: tuple[str, ...], run_id: str) -> list[str]:
    with _opened(root, (*_TRASH, *place)) as source:
        kept = _newest_name(source, run_id)
        with _opened(root, place, make=True) as target:
            if _exists(target, run_id):
                raise StorageError(
                    "Another run has this address by now. Delete or rename it first."
                )
            _move(source, kept, target, run_id)
    return []


def _restore_files(root: Path, run: tuple[str, ...]) -> list[str]:
    """Bring back all files of a run, the ones removed last first."""
    kept = root.joinpath(*_TRASH, _PARTS, *run)
    found = []
    for batch in sorted(os.listdir(kept), reverse=True):
        for directory, _, names in os.walk(kept / batch):
            inner = (kept / batch).joinpath(directory).relative_to(kept / batch).parts
            for name in names:
                found.append("/".join((*inner, name)))
                with (
                    _opened(root, (*_TRASH, _PARTS, *run, batch, *inner)) as source,
                    _opened(root, (*run, *inner), make=True) as target,
                ):
                    if _exists(target, name):
                        raise StorageError(
                            f"The run has a file {found[-1]!r} by now. Move it away."
                        )
                    _move(source, name, target, name)
        shutil.rmtree(kept / batch)
    kept.rmdir()
    return found


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
