"""How a version comes to be, whole or not at all, and how what is said of it changes.

A version is built in a directory of its own and gets its name by one rename, after the disk holds
all of it: whoever is killed in between leaves a building behind, never half a version. The name
`v<N>` is free or taken, so two processes never get the same number.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from tracklab.artifacts.copying import digests_of, link_or_clone, sync_file
from tracklab.artifacts.layout import (
    alone,
    blob_path,
    building_dir,
    collection_dir,
    pool_lock,
    version_numbers,
)
from tracklab.artifacts.states import ArtifactState
from tracklab.artifacts.versions import (
    Version,
    aliases_of,
    collection,
    last_claim,
    newest_of,
    read_version,
)
from tracklab.errors import CommError, StorageError
from tracklab.storage.documents import sync_directory, write_json
from tracklab.storage.permissions import PRIVATE, make_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from tracklab.artifacts.manifest import ArtifactManifest, ArtifactManifestEntry

__all__ = ["FORMAT_VERSION", "change", "commit", "delete", "write_index"]

#: Version of the layout. It only grows.
FORMAT_VERSION: Final = 1


def commit(  # noqa: PLR0913 - what, of what, said how, when, kept how
    root: Path,
    kind: str,
    name: str,
    *,
    manifest: ArtifactManifest,
    told: Mapping[str, Any],
    aliases: Iterable[str] = (),
    now: str,
    file_mode: int = PRIVATE,
    indexed: bool = True,
) -> tuple[Version, bool]:
    """Make a version of these entries, or find that the project's newest one has them already.

    Args:
        root: the data directory.
        kind: the artifact's type.
        name: its name.
        manifest: its entries; of a file, `local_path` says where its content lies until now,
            and nothing else may change that file.
        told: what its metadata say beside what is found out here.
        aliases: what it is called from now on, beside `latest`.
        now: RFC 3339.
        file_mode: permission bits of files; contents are read-only.
        indexed: also write `versions.json`; whoever makes many versions does so at their end.

    Returns:
        The version, and whether it is new.

    Raises:
        OSError: it cannot be written; there is no version then.

    Cost: about ten waits for the disk, whatever the size. Without aliases and index the number of
        versions that are there already matters little.
    """
    directory = collection_dir(root, kind, name)
    make_directory(directory, file_mode=file_mode)
    project = str(told.get("project", ""))
    same = _newest_if_same(root, kind, name, project, manifest)
    if same is None:
        building = building_dir(root, file_mode=file_mode)
        try:
            with pool_lock(root, file_mode=file_mode):
                _build(root, building, manifest, file_mode=file_mode)
                with alone(directory, file_mode=file_mode):
                    same = _newest_if_same(root, kind, name, project, manifest)
                    if same is None:
                        record = _record(told, manifest, now, _claimed(root, kind, name, aliases))
                        made = _name(building, directory, record, file_mode=file_mode)
                        if indexed:
                            _write_index(root, kind, name, directory, file_mode=file_mode)
                        return Version(kind, name, made, directory / f"v{made}", record), True
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return _called(root, same, aliases, now=now, file_mode=file_mode), False


def change(
    root: Path,
    version: Version,
    edit: Callable[[dict[str, Any], list[Version]], None],
    *,
    now: str,
    file_mode: int = PRIVATE,
) -> Version:
    """Change what a version's metadata say: what it holds never changes.

    Args:
        root: the data directory.
        version: which one.
        edit: changes the metadata it is given; it is told all versions of the collection, too.
        now: RFC 3339.
        file_mode: permission bits.

    Raises:
        StorageError: the version is gone.
        OSError: its metadata cannot be written.
    """
    directory = version.path.parent
    with alone(directory, file_mode=file_mode):
        fresh = read_version(version.kind, version.name, version.number, version.path)
        if fresh is None or fresh.deleted:
            raise StorageError(f"The version {version.address} is gone: it was deleted.")
        record = {**fresh.told, "updated_at": now}
        edit(record, collection(root, version.kind, version.name))
        write_json(version.path / "metadata.json", record, durable=True, file_mode=file_mode)
        _write_index(root, version.kind, version.name, directory, file_mode=file_mode)
    return Version(version.kind, version.name, version.number, version.path, record)


def delete(root: Path, version: Version, *, now: str, file_mode: int = PRIVATE) -> Version:
    """Delete what a version holds; its number is never given again.

    Contents that no other version has go with the next `tracklab artifact gc`.

    Raises:
        StorageError: it is gone already.
        OSError: it cannot be removed.
    """

    def edit(record: dict[str, Any], versions: list[Version]) -> None:
        record["state"] = ArtifactState.DELETED.value
        record["aliases"] = claims(versions, version.claims, ())

    gone = change(root, version, edit, now=now, file_mode=file_mode)
    # Only after the metadata say so: whoever is killed here leaves files that gc removes.
    shutil.rmtree(version.path / "files", ignore_errors=True)
    (version.path / "manifest.json").unlink(missing_ok=True)
    return gone


def claims(
    versions: list[Version], old: Mapping[str, Any], aliases: Iterable[str]
) -> dict[str, Any]:
    """Return claims that give a version these aliases and none of its others.

    Args:
        versions: all of the collection.
        old: the version's claims so far.
        aliases: what it is called.
    """
    number = last_claim(versions) + 1
    dropped = {alias: {"claim": number, "held": False} for alias in old}
    return dropped | {alias: {"claim": number, "held": True} for alias in aliases}


def write_index(root: Path, kind: str, name: str, *, file_mode: int = PRIVATE) -> None:
    """Write `versions.json` anew, from what the versions themselves say, if the disk takes it."""
    directory = collection_dir(root, kind, name)
    with alone(directory, file_mode=file_mode):
        _write_index(root, kind, name, directory, file_mode=file_mode)


def index_of(versions: list[Version], kind: str, name: str) -> dict[str, Any]:
    """Return what `versions.json` says."""
    held = aliases_of(versions)
    shown = ("project", "digest", "size", "file_count", "created_at", "run")
    return {
        "format": FORMAT_VERSION, "type": kind, "name": name,
        "versions": [
            {"version": one.label, "aliases": held[one.number],
             **{field: one.told.get(field) for field in shown}}
            for one in versions
            if not one.deleted
        ],
    }  # fmt: skip


def _newest_if_same(
    root: Path, kind: str, name: str, project: str, manifest: ArtifactManifest
) -> Version | None:
    """Return the project's newest version if it holds just these entries."""
    newest = newest_of(root, kind, name, project)
    if newest is None or newest.digest != manifest.digest():
        return None
    try:
        theirs = newest.manifest()
    except CommError:
        return None  # it is damaged: a new version is whole
    same = all(
        theirs.entries[path].sha256 == entry.sha256 and _still_holds(newest, entry)
        for path, entry in manifest.entries.items()
    )
    return newest if same else None


def _still_holds(version: Version, entry: ArtifactManifestEntry) -> bool:
    """Return whether a version has a content that was brought again, undamaged."""
    if entry.sha256 is None or entry.local_path is None:
        return True
    return _is_sound(version.path / "files" / entry.path, entry.sha256, entry.local_path)


def _build(root: Path, building: Path, manifest: ArtifactManifest, *, file_mode: int) -> None:
    """Put every content into the pool and under its name in `building`, all on disk."""
    files = building / "files"
    make_directory(files, file_mode=file_mode)
    kept = [entry for entry in manifest.entries.values() if entry.sha256 is not None]
    fresh = _put_all(root, kept, file_mode=file_mode)
    for directory in {blob.parent for blob in fresh}:
        sync_directory(directory)
    folders = {files}
    for entry in kept:
        target = files / entry.path
        if target.parent not in folders:
            make_directory(target.parent, file_mode=file_mode)
            folders |= {target.parent, *target.parent.parents} - {*files.parents}
        assert entry.sha256 is not None
        link_or_clone(blob_path(root, entry.sha256), target)
    for directory in folders:
        sync_directory(directory)
    write_json(
        building / "manifest.json", manifest.to_manifest_json(), durable=True, file_mode=file_mode
    )


def _put_all(root: Path, entries: Iterable[ArtifactManifestEntry], *, file_mode: int) -> list[Path]:
    """Put the contents that the pool has not into it; return where they lie."""
    new = {entry.sha256: entry for entry in entries if not _is_there(root, entry)}
    # What has a name in the pool is trusted by later loggers, so the disk must hold it before.
    # All were written by now: the disk takes most of them with the first.
    for entry in new.values():
        if entry.local_path is None:
            raise FileNotFoundError(
                errno.ENOENT, "a content is missing, see tracklab fsck", entry.path
            )
        os.chmod(entry.local_path, file_mode & 0o444)  # noqa: PTH101 - a text, as programs read it
        sync_file(_path(entry.local_path))
    blobs = []
    for entry in new.values():
        assert entry.sha256 is not None
        assert entry.local_path is not None
        blobs.append(blob_path(root, entry.sha256))
        make_directory(blobs[-1].parent, file_mode=file_mode)
        with suppress(FileExistsError):  # another process had the same content at this moment
            link_or_clone(_path(entry.local_path), blobs[-1])
    return blobs


def _is_there(root: Path, entry: ArtifactManifestEntry) -> bool:
    """Return whether the pool has a content; one that is damaged is set aside.

    Cost: a pass over it, if it is not the very file that was compared when it was added.
    """
    assert entry.sha256 is not None
    blob = blob_path(root, entry.sha256)
    if not blob.exists():
        return False
    if entry.local_path is None or _is_sound(blob, entry.sha256, entry.local_path):
        return True
    with suppress(FileNotFoundError):  # somebody else has set it aside at this moment
        blob.rename(blob.with_name(f"{blob.name}.damaged"))
    return False


def _is_sound(stored: Path, sha256: str, ours: str) -> bool:
    """Return whether a stored file holds a content; what is `ours` under two names does.

    Cost: a pass over it, if it is a file of its own.
    """
    with suppress(OSError):
        if stored.samefile(ours):
            return True
    with suppress(OSError):
        return digests_of(stored).sha256 == sha256
    return False


def _name(building: Path, directory: Path, record: dict[str, Any], *, file_mode: int) -> int:
    """Give the building its name as a version, and return the number that was free."""
    number = max(version_numbers(directory), default=-1) + 1
    while True:
        record["version"] = f"v{number}"
        write_json(building / "metadata.json", record, durable=True, file_mode=file_mode)
        try:
            building.rename(directory / f"v{number}")
        except OSError:
            if not (directory / f"v{number}").exists():
                raise
            number += 1  # where there are no locks, somebody was quicker
        else:
            sync_directory(directory)
            return number


def _record(
    told: Mapping[str, Any], manifest: ArtifactManifest, now: str, claimed: dict[str, Any]
) -> dict[str, Any]:
    return {
        "format": FORMAT_VERSION,
        "version": None,
        "state": ArtifactState.COMMITTED.value,
        **told,
        "digest": manifest.digest(),
        "size": manifest.size(),
        "file_count": len(manifest),
        "created_at": now,
        "updated_at": now,
        "aliases": claimed,
    }


def _claimed(root: Path, kind: str, name: str, aliases: Iterable[str]) -> dict[str, Any]:
    wanted = list(aliases)
    return claims(collection(root, kind, name), {}, wanted) if wanted else {}


def _called(
    root: Path, version: Version, aliases: Iterable[str], *, now: str, file_mode: int
) -> Version:
    """Give a version more aliases, if it has not all of them."""
    wanted = list(aliases)
    if not wanted:
        return version
    held = aliases_of(collection(root, version.kind, version.name))
    if set(wanted) <= set(held.get(version.number, ())):
        return version

    def edit(record: dict[str, Any], versions: list[Version]) -> None:
        record["aliases"] = {**record["aliases"], **claims(versions, {}, wanted)}

    return change(root, version, edit, now=now, file_mode=file_mode)


def _write_index(root: Path, kind: str, name: str, directory: Path, *, file_mode: int) -> None:
    told = index_of(collection(root, kind, name), kind, name)
    with suppress(OSError):  # nothing here reads it, and the versions are on disk
        write_json(directory / "versions.json", told, file_mode=file_mode)


def _path(text: str) -> Path:
    from pathlib import Path  # noqa: PLC0415 - as a type above

    return Path(text)
