"""What is wrong in the store, and what nobody needs any more.

`check` reads and changes nothing; `repair` does what can be done without losing anything; `plan`
says what a collection would remove, and `collect` removes just that. What a version refers to is
never touched.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tracklab.artifacts.copying import digests_of, link_or_clone
from tracklab.artifacts.layout import (
    blob_path,
    buildings,
    collections,
    is_abandoned,
    parts_waiting,
    pool_dir,
    pool_lock,
    version_dirs,
)
from tracklab.artifacts.lineage import edges
from tracklab.artifacts.names import RUN_TABLE
from tracklab.artifacts.store import delete, index_of, write_index
from tracklab.artifacts.versions import Version, collection, living, read_version
from tracklab.clock import parse_time, rfc3339
from tracklab.errors import CommError, TrackLabError
from tracklab.storage.documents import read_json
from tracklab.storage.trash import discarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["GRACE_S", "Fault", "Waste", "check", "collect", "plan", "repair"]

#: What changed less long ago may belong to a logger that is at work.
GRACE_S: Final = 3_600.0
_PARTS_S: Final = 30 * 86_400.0
_HEX: Final = frozenset("0123456789abcdef")
_SHA_CHARS: Final = 64
#: Of a name that gets an ending.
_NAME_BYTES: Final = 240


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        kind: `flipped`, `missing`, `unreadable`, `orphan`, `abandoned` or `stale`.
        path: below the data directory.
        detail: what was found, and what it means.
        cure: what to do.
        harmful: whether something cannot be read; the others only take room or time.
    """

    kind: str
    path: str
    detail: str
    cure: str
    harmful: bool


@dataclass(frozen=True)
class Waste:
    """One thing that may go: `kind` is `expired`, `blob`, `building`, `parts` or `remains`."""

    kind: str
    path: str
    size_bytes: int


def check(root: Path, *, now_s: float, grace_s: float = GRACE_S) -> list[Fault]:
    """Return what is wrong in the store, harmful faults first.

    Args:
        root: the data directory.
        now_s: epoch seconds.
        grace_s: age below which a building or an orphan is somebody's work.

    Cost: reads every content once.
    """
    faults: list[Fault] = []
    sound: dict[str, bool] = {}
    broken: dict[Path, _Broken] = {}
    for kind, name, directory in collections(root):
        for number, path in version_dirs(directory):
            version = read_version(kind, name, number, path)
            if version is None:
                faults.append(_fault(root, "unreadable", path / "metadata.json"))
            elif not version.deleted:
                faults += _version_faults(root, version, sound, broken)
        if _is_stale(root, kind, name, directory):
            faults.append(_fault(root, "stale", directory / "versions.json"))
    faults += [_told(root, path, one, sound) for path, one in broken.items()]
    with suppress(CommError):  # what versions refer to is not known, so nothing is an orphan
        faults += _pool_faults(root, sound, now_s=now_s, grace_s=grace_s)
    faults += [
        _fault(root, "abandoned", path)
        for path in buildings(root)
        if is_abandoned(path, now_s=now_s, grace_s=grace_s)
    ]
    return sorted(faults, key=lambda fault: (not fault.harmful, fault.path))


def _pool_faults(
    root: Path, sound: dict[str, bool], *, now_s: float, grace_s: float
) -> Iterator[Fault]:
    """Yield faults of contents that no version refers to."""
    referred = _referred(root)
    for blob in _blobs(root):
        if blob.name in referred:
            continue
        if not _holds(blob, blob.name, sound):
            yield replace(_fault(root, "flipped", blob), cure=_FROM_A_COPY)
        elif now_s - blob.stat().st_ctime >= grace_s:
            yield _fault(root, "orphan", blob)


def repair(root: Path, faults: Iterable[Fault]) -> list[Fault]:
    """Cure what can be cured from what is there; return the faults that are cured.

    A content that is missing or flipped in one place is taken from the other, if that one holds
    it; what is damaged is set aside as `<name>.damaged`, never deleted.
    """
    return [fault for fault in faults if _CURES.get(fault.kind, _nothing)(root, fault)]


def plan(root: Path, *, now_s: float, grace_s: float = GRACE_S) -> list[Waste]:
    """Return what may go, the versions whose time is over first.

    Args:
        root: the data directory.
        now_s: epoch seconds.
        grace_s: what changed less long ago stays.

    Cost: reads every manifest and looks at every content.
    """
    over = list(_expired(root, now_s))
    old = {blob for one in over for blob in _shas(one)}
    kept = _referred(root, without={version.path for version in over})
    spare = [
        blob
        for blob in _blobs(root)
        if blob.name not in kept and (blob.name in old or now_s - blob.stat().st_ctime >= grace_s)
    ]
    left = [one for one in buildings(root) if is_abandoned(one, now_s=now_s, grace_s=grace_s)]
    parts_s = max(grace_s, _PARTS_S)
    parts = [one for one in parts_waiting(root) if now_s - one.stat().st_mtime >= parts_s]
    found = {
        "expired": [version.path for version in over], "blob": spare, "building": left,
        "parts": parts, "remains": list(_remains(root)),
    }  # fmt: skip
    return [Waste(kind, _inside(root, path), _size(path)) for kind in found for path in found[kind]]


def collect(root: Path, planned: Iterable[Waste], *, now_s: float) -> list[Waste]:
    """Remove what was planned, as far as nobody needs it by now; return what went.

    Loggers wait for the moment that this takes.

    Raises:
        OSError: something cannot be removed; what was removed before it is gone.
    """
    todo = list(planned)
    done = []
    again = {one.path: one for one in _expired(root, now_s)}
    for waste in todo:
        if waste.kind == "expired":
            path = root / waste.path
            if path in again:
                with suppress(TrackLabError):  # somebody else was quicker
                    delete(root, again[path], now=rfc3339(now_s))
                    done.append(waste)
    with pool_lock(root, exclusive=True):
        kept = _referred(root)
        for waste in todo:
            path = root / waste.path
            if waste.kind == "blob" and path.name not in kept:
                path.unlink(missing_ok=True)
                done.append(waste)
            elif waste.kind in {"building", "parts", "remains"}:
                shutil.rmtree(path, ignore_errors=True)
                done.append(waste)
    return done


@dataclass
class _Broken:
    """A content that a place should hold: who needs it, and where else it may lie."""

    kind: str
    sha256: str
    versions: list[str]
    others: list[Path]


def _version_faults(
    root: Path, version: Version, sound: dict[str, bool], broken: dict[Path, _Broken]
) -> Iterator[Fault]:
    """Yield what is wrong with its manifest; contents go to `broken`, each place once."""
    try:
        entries = version.manifest().entries
    except TrackLabError:
        yield _fault(root, "unreadable", version.path / "manifest.json")
        return
    for inner, entry in sorted(entries.items()):
        if entry.sha256 is None:
            continue
        blob, file = blob_path(root, entry.sha256), version.path / "files" / inner
        for place, other in ((blob, file), (file, blob)):
            if place.is_file() and _holds(place, entry.sha256, sound):
                continue
            if place == file and _is_one(file, blob):
                continue  # told as the pool's
            kind = "flipped" if place.is_file() else "missing"
            one = broken.setdefault(place, _Broken(kind, entry.sha256, [], []))
            one.versions.append(f"{version.address} {inner}")
            one.others.append(other)


def _is_one(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _told(root: Path, path: Path, one: _Broken, sound: dict[str, bool]) -> Fault:
    """Return the fault of one place, with the versions that need it and a cure that helps."""
    fault = _fault(root, one.kind, path)
    curable = any(other.is_file() and _holds(other, one.sha256, sound) for other in one.others)
    shown = ", ".join(one.versions[:_MOST_SHOWN])
    more = f" and {len(one.versions) - _MOST_SHOWN} more" if one.versions[_MOST_SHOWN:] else ""
    detail = f"{fault.detail}: {shown}{more}"
    return replace(fault, detail=detail, cure=fault.cure if curable else _FROM_A_COPY)


def _holds(path: Path, sha256: str, sound: dict[str, bool]) -> bool:
    """Return whether a file holds what it should; names of one inode are read once."""
    status = path.stat()
    key = f"{status.st_dev}:{status.st_ino}:{sha256}"
    if key not in sound:
        try:
            sound[key] = digests_of(path).sha256 == sha256
        except OSError:
            sound[key] = False
    return sound[key]


def _is_stale(root: Path, kind: str, name: str, directory: Path) -> bool:
    known = collection(root, kind, name)
    return bool(known) and read_json(directory / "versions.json") != index_of(known, kind, name)


def _remains(root: Path) -> Iterator[Path]:
    """Yield files of deleted versions, left by a process that was killed while it deleted."""
    for kind, name, _ in collections(root):
        for one in collection(root, kind, name):
            if one.deleted and (one.path / "files").exists():
                yield one.path / "files"


def _expired(root: Path, now_s: float) -> Iterator[Version]:
    for kind, name, _ in collections(root):
        for one in living(root, kind, name):
            ttl_s = one.told.get("ttl_s")
            with suppress(ValueError):
                if ttl_s and parse_time(str(one.told.get("created_at"))) + ttl_s <= now_s:
                    yield one
    yield from _tables_of_nobody(root)


def _tables_of_nobody(root: Path) -> Iterator[Version]:
    """Yield logged tables of runs that are gone for good, unless they are used or have a name."""
    found = [
        one
        for kind, name, _ in collections(root)
        if kind == RUN_TABLE
        for one in living(root, kind, name)
        if not one.claims and not one.told.get("tags") and not (root / _run_of(one)).exists()
    ]
    if not found:
        return
    resting = {entry.address for entry in discarded(root) if entry.whole}
    used = {(edge.name, edge.number) for edge in edges(root) if edge.op == "use"}
    for one in found:
        if _run_of(one) not in resting and (one.name, one.number) not in used:
            yield one


def _run_of(version: Version) -> str:
    """Return the address of the run that logged a table, the data directory itself if none is."""
    told = version.told.get("run")
    return f"{told.get('project')}/{told.get('id')}" if isinstance(told, dict) else "."


def _referred(root: Path, *, without: set[Path] = frozenset()) -> set[str]:  # type: ignore[assignment] # never changed
    """Return every content that a version refers to.

    Raises:
        CommError: metadata or a manifest are damaged: what they refer to is not known, so nothing
            may go.
    """
    return {
        sha
        for kind, name, directory in collections(root)
        for number, path in version_dirs(directory)
        if path not in without
        for sha in _shas(_readable(kind, name, number, path))
    }


def _readable(kind: str, name: str, number: int, path: Path) -> Version:
    found = read_version(kind, name, number, path)
    if found is None:
        raise CommError(
            f"The metadata of {name}:v{number} are missing or damaged, so what it refers to is not "
            "known and nothing is removed. `tracklab fsck` says what can be done."
        )
    return found


def _shas(version: Version) -> set[str]:
    if version.deleted:
        return set()
    return {entry.sha256 for entry in version.manifest().entries.values() if entry.sha256}


def _blobs(root: Path) -> Iterator[Path]:
    for directory, _, names in os.walk(pool_dir(root)):
        for name in sorted(names):
            if len(name) == _SHA_CHARS and set(name) <= _HEX:
                yield (
                    blob_path(root, name)
                    if directory.endswith(name[:2])
                    else (pool_dir(root) / name)
                )


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(
        os.lstat(os.path.join(directory, name)).st_size  # noqa: PTH118 - many files
        for directory, _, names in os.walk(path)
        for name in names
    )


def _inside(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


_FROM_THE_OTHER: Final = (
    "`tracklab fsck --repair` takes the content from its other place, which is sound"
)
_FROM_A_COPY: Final = "no other place has the content: bring the file back from a copy"
#: Versions that one fault names.
_MOST_SHOWN: Final = 10
_DETAILS: Final[dict[str, tuple[str, str, bool]]] = {
    "flipped": (
        "holds another content than its name or manifest says",
        _FROM_THE_OTHER,
        True,
    ),
    "missing": (
        "is not there, and a version refers to it",
        _FROM_THE_OTHER,
        True,
    ),
    "unreadable": ("is missing or no JSON object", "bring the file back from a copy", True),
    "orphan": ("belongs to no version", "`tracklab artifact gc` removes it", False),
    "abandoned": (
        "was being built by a process that has ended",
        "`tracklab artifact gc` removes it",
        False,
    ),
    "stale": (
        "says something else than the versions do",
        "`tracklab fsck --repair` writes it anew",
        False,
    ),
}


def _fault(root: Path, kind: str, path: Path) -> Fault:
    detail, cure, harmful = _DETAILS[kind]
    return Fault(kind, _inside(root, path), detail, cure, harmful)


def _restore(root: Path, fault: Fault) -> bool:
    """Put a sound content in the place of one that is missing or damaged."""
    path = root / fault.path
    parts = path.relative_to(root).parts
    in_pool = parts[1] == pool_dir(root).name
    twins = list(_twins(root, path, in_pool=in_pool))
    for sha256, other in twins:
        if other.is_file() and digests_of(other).sha256 == sha256:
            same = [file for _, file in twins if in_pool and _is_one(path, file)]
            for place in (path, *same):
                _put_back(other, place)
            return True
    return False


def _put_back(sound: Path, place: Path) -> None:
    """Give a place a sound content; what lay there is set aside, under a name that fits."""
    if place.exists():
        short = os.fsdecode(os.fsencode(place.name)[:_NAME_BYTES])
        place.rename(place.with_name(f"{short}.damaged"))
    place.parent.mkdir(parents=True, exist_ok=True)
    link_or_clone(sound, place)


def _twins(root: Path, path: Path, *, in_pool: bool) -> Iterator[tuple[str, Path]]:
    """Yield where else the content of `path` should lie, with its name."""
    for kind, name, _ in collections(root):
        for one in living(root, kind, name):
            with suppress(CommError):  # a damaged manifest helps nobody
                for inner, entry in one.manifest().entries.items():
                    file = one.path / "files" / inner
                    if in_pool and entry.sha256 == path.name:
                        yield path.name, file
                    elif file == path and entry.sha256 is not None:
                        yield entry.sha256, blob_path(root, entry.sha256)


def _rewrite(root: Path, fault: Fault) -> bool:
    directory = (root / fault.path).parent
    for kind, name, path in collections(root):
        if path == directory:
            write_index(root, kind, name)
            return True
    return False


def _nothing(_root: Path, _fault: Fault) -> bool:
    return False


_CURES: Final[dict[str, Any]] = {"flipped": _restore, "missing": _restore, "stale": _rewrite}
