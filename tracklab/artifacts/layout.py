"""Where artifacts lie below a data directory, and who may work there at the same moment.

<root>/artifacts/<type>/<name>/v<N>/    metadata.json  manifest.json  files/
<root>/artifacts/<type>/<name>/versions.json           derived from them
<root>/artifacts/.dedup/<2 hex>/<64 hex>               each content once
<root>/artifacts/.building/<who>/                      what is not a version yet
<root>/artifacts/.joined/<64 hex>/<part>/              what waits for the parts of others
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from tracklab.artifacts.names import folder_of, name_of, version_number
from tracklab.storage.identity import boot_id, process_start, this_process
from tracklab.storage.permissions import PRIVATE, create_file, make_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "alone",
    "base_of",
    "blob_path",
    "building_dir",
    "buildings",
    "collection_dir",
    "collections",
    "is_abandoned",
    "joined_dir",
    "parts_waiting",
    "pool_dir",
    "pool_lock",
    "version_dirs",
]

_PLACE: Final = "artifacts"
_POOL: Final = ".dedup"
_BUILDING: Final = ".building"
_JOINED: Final = ".joined"
_LOCK: Final = ".lock"
_GATE: Final = ".gate"
#: Parts of a building's name behind the host, which may hold dashes itself.
_OWNER_PARTS: Final = 4


def base_of(root: Path) -> Path:
    """Return the directory of all artifacts of a data directory."""
    return root / _PLACE


def pool_dir(root: Path) -> Path:
    """Return the directory that holds each content once."""
    return root / _PLACE / _POOL


def blob_path(root: Path, sha256: str) -> Path:
    """Return where a content lies, or would."""
    return root / _PLACE / _POOL / sha256[:2] / sha256


def joined_dir(root: Path) -> Path:
    """Return the directory of parts that wait for those of other runs."""
    return root / _PLACE / _JOINED


def collection_dir(root: Path, kind: str, name: str) -> Path:
    """Return the directory of all versions of an artifact."""
    return root / _PLACE / folder_of(kind) / folder_of(name)


def collections(root: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield type, name and directory of every artifact, in the order of their directories."""
    for kind in _folders(base_of(root)):
        for name in _folders(kind):
            yield name_of(kind.name), name_of(name.name), name


def version_dirs(collection: Path) -> list[tuple[int, Path]]:
    """Return number and directory of every version, deleted ones too, by number."""
    return [(number, collection / f"v{number}") for number in version_numbers(collection)]


def version_numbers(collection: Path) -> list[int]:
    """Return the number of every version, in order, deleted ones too."""
    found = (version_number(name) for name in _names(collection))
    return sorted(number for number in found if number is not None)


def buildings(root: Path) -> list[Path]:
    """Return the directories of what is being built, or was when its process ended."""
    return _folders(base_of(root) / _BUILDING)


def parts_waiting(root: Path) -> list[Path]:
    """Return the directories of parts that wait for those of other runs."""
    return _folders(joined_dir(root))


def building_dir(root: Path, *, file_mode: int = PRIVATE) -> Path:
    """Make a directory to build in, on the file system of the versions, named by its owner.

    Raises:
        OSError: it cannot be made.
    """
    process = this_process()
    owner = f"{process.label}-{process.start_ticks or 0}-{(boot_id() or '0')[:8]}"
    path = base_of(root) / _BUILDING / f"{owner}-{secrets.token_hex(6)}"
    make_directory(path, file_mode=file_mode)
    return path


def is_abandoned(building: Path, *, now_s: float, grace_s: float) -> bool:
    """Return whether nobody works in a building any more.

    Its process is gone, or lived on another boot; of another machine's it is its age that tells.

    Args:
        building: one of `buildings`.
        now_s: epoch seconds.
        grace_s: it is let alone for so long after its last change: a forked child may go on.
    """
    try:
        if now_s - building.stat().st_mtime < grace_s:
            return False
    except OSError:
        return False
    parts = building.name.rsplit("-", _OWNER_PARTS)
    here = this_process()
    if len(parts) <= _OWNER_PARTS or parts[0] != here.label.rpartition("-")[0]:
        return now_s - building.stat().st_mtime > _FOREIGN_S
    _, pid, ticks, boot, _ = parts
    if boot != (boot_id() or "0")[:8]:
        return True
    return not pid.isdecimal() or str(process_start(int(pid)) or 0) != ticks


#: How long a building of another machine is let alone.
_FOREIGN_S: Final = 7 * 86_400.0


@contextmanager
def alone(collection: Path, *, file_mode: int = PRIVATE) -> Iterator[None]:
    """Let one process at a time change a collection.

    Where the file system has no locks, versions are still distinct, because a directory is made
    by one; only aliases that two set at one moment may then end up with either.
    """
    with _locked(collection / _LOCK, fcntl.LOCK_EX, file_mode):
        yield


@contextmanager
def pool_lock(root: Path, *, exclusive: bool = False, file_mode: int = PRIVATE) -> Iterator[None]:
    """Keep the pool from being tidied while versions come to be (many may), and the reverse.

    Whoever tidies closes the gate first, and holds it: those who come later wait there, so that
    the others come to an end.
    """
    make_directory(pool_dir(root), file_mode=file_mode)
    how = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    with ExitStack() as held:
        with ExitStack() as gate:
            gate.enter_context(_locked(pool_dir(root) / _GATE, how, file_mode))
            held.enter_context(_locked(pool_dir(root) / _LOCK, how, file_mode))
            if exclusive:
                held.push(gate.pop_all())
        yield


@contextmanager
def _locked(path: Path, how: int, file_mode: int) -> Iterator[None]:
    descriptor = create_file(path, os.O_APPEND, file_mode=file_mode)
    try:
        with suppress(OSError):  # no locks on this file system
            fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _folders(directory: Path) -> list[Path]:
    return [directory / name for name in sorted(_names(directory)) if name[0] != "."]


def _names(directory: Path) -> list[str]:
    """Return the names of the directories in one; none if it cannot be read."""
    try:
        with os.scandir(directory) as scan:
            return [entry.name for entry in scan if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
