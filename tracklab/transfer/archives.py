"""Runs come out of an archive that `packing` wrote, each whole or not at all.

What comes from elsewhere is not trusted: only plain files with plain names, no more than fits on
the disk, and nothing is seen in the data directory before all of it has been compared with the
manifest.
"""

from __future__ import annotations

import gzip
import os
import shutil
import tarfile
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.errors import StorageError, TrackLabError, UsageError
from tracklab.records.names import check_project, check_run_id
from tracklab.storage.layout import is_run_dir
from tracklab.storage.permissions import create_file, make_directory
from tracklab.storage.zstd import zstandard
from tracklab.transfer.landing import Outcome, put, staging
from tracklab.transfer.packing import Measured
from tracklab.transfer.trees import files_of
from tracklab.transfer.unpacking import FORMAT, HEADER, MANIFEST, ForwardReader, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["unpack"]

_BLOCK_BYTES: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"


def unpack(
    archive: Path,
    root: Path,
    *,
    project: str | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> list[Outcome]:
    """Put the runs of an archive into the data directory, each whole or not at all.

    A run that is there already with the same content stays as it is.

    Args:
        archive: a file that `pack` wrote.
        root: the data directory.
        project: for all runs, instead of their own.
        dry_run: unpack and compare beside the data, and leave nothing.
        progress: is told how many bytes of the archive have been read.

    Raises:
        UsageError: it is no such archive or holds no run, or a run is there already and differs.
        StorageError: it is damaged, holds what it must not, or cannot be written.
        OSError: it cannot be read.
    """
    with staging(root) as place:
        manifest = _extract(archive, place, progress or _nobody)
        targets = [(check_project(project or told.project), told.run_id) for told in manifest]
        _check_apart(["/".join(target) for target in targets], archive)
        outcomes = []
        for told, target in zip(manifest, targets, strict=True):
            run_dir = place / told.project / told.run_id
            told.compare(run_dir, archive)
            outcomes.append((told, run_dir, target, _is_there(told, root, target)))
        for _, run_dir, target, there in outcomes:
            if not (there or dry_run):
                put(root, run_dir, *target, replacing=False)
    return [
        Outcome(
            "/".join(target), "archive", str(archive), "unchanged" if there else "new", 0,
            {"files": len(told.files)},
        )
        for told, _, target, there in outcomes
    ]  # fmt: skip


def _nobody(_done_bytes: int) -> None:
    pass


def _is_there(told: _Told, root: Path, target: tuple[str, str]) -> bool:
    """Return whether a run is in its place already.

    Raises:
        UsageError: something else is there.
    """
    path = root.joinpath(*target)
    if is_run_dir(path) and told.is_in(path):
        return True
    above = [folder for folder in path.parents if folder.is_relative_to(root) and folder != root]
    if path.exists() or path.is_symlink() or any(map(is_run_dir, above)):
        raise UsageError(
            f"A run {'/'.join(target)} cannot come: one is there already that differs from the "
            "one in the archive, or there is a project or a run in its way. Nothing was changed. "
            f"Choose another project with --project, or delete what is there: {path}"
        )
    return False


def _check_apart(addresses: list[str], archive: Path) -> None:
    """Raise UsageError if two runs would have one place, or one lies in the other."""
    for address, times in Counter(addresses).items():
        above = {str(folder) for folder in PurePosixPath(address).parents}
        if times > 1 or above.intersection(addresses):
            raise UsageError(
                f"import archive cannot put two runs at one place, or one into the other: "
                f"{address}. Nothing was changed. Import it with another --project or without, "
                f"or export the runs one by one: {archive}"
            )


@dataclass(frozen=True)
class _Told:
    """What the manifest says of one run; `files` are size and SHA-256 by path."""

    project: str
    run_id: str
    files: dict[str, tuple[int, str]]

    def compare(self, run_dir: Path, archive: Path) -> None:
        """Raise StorageError unless a directory holds exactly these files."""
        found = _measured_files(run_dir)
        if found != self.files:
            wrong = sorted(
                path
                for path in found.keys() | self.files.keys()
                if found.get(path) != self.files.get(path)
            )
            raise StorageError(
                f"The archive is damaged: {len(wrong)} files of {self.project}/{self.run_id} are "
                f"not what its manifest says, the first is {wrong[0]!r}. Get it again: {archive}"
            )
        if not is_run_dir(run_dir):
            raise StorageError(
                f"The archive was refused: {self.project}/{self.run_id} has neither metadata nor "
                f"lines, so it is no run. Nothing of it was kept: {archive}"
            )

    def is_in(self, run_dir: Path) -> bool:
        """Return whether a directory holds the same content, whatever else it holds."""
        found = _measured_files(run_dir)
        return all(found.get(path) == told for path, told in self.files.items())


def _measured_files(run_dir: Path) -> dict[str, tuple[int, str]]:
    found = {}
    for inner in [inner for inner, is_plain in files_of(run_dir) if is_plain]:
        size = 0
        with open(run_dir / inner, "rb") as file:
            measured = Measured(file)
            while block := measured.read(_BLOCK_BYTES):
                size += len(block)
        found[inner] = (size, measured.digest())
    return found


def _extract(archive: Path, place: Path, progress: Callable[[int], None]) -> list[_Told]:
    """Unpack an archive into an empty directory, and return its manifest."""
    manifest: bytes | None = None
    kept: set[str] = set()
    with _opened(archive, place) as source, tarfile.open(fileobj=source, mode="r:") as tar:  # type: ignore[call-overload] # less than a file will do
        first = True
        while (member := tar.next()) is not None:
            tar.members = []  # memory stays flat
            reason = refusal(member, first=first, ended=manifest is not None)
            if reason:
                raise StorageError(
                    f"The archive was refused: {member.name[:200]!r} {reason}. Nothing of it was "
                    f"kept. An archive comes from `tracklab export --format tar`: {archive}"
                )
            content = tar.extractfile(member)
            assert content is not None
            if member.name == HEADER:
                source.expect(_size_bytes(content.read(), archive))
            elif member.name == MANIFEST:
                manifest = b"".join(iter(lambda: content.read(_BLOCK_BYTES), b""))  # noqa: B023 - read at once
            else:
                _keep(content, place / member.name, member)
                kept.add(member.name)
            first = False
            progress(source.read_bytes)
    if manifest is None:
        raise UsageError(
            "import archive found no manifest at the end: the file is cut off, or was not written "
            f"by `tracklab export --format tar`: {archive}"
        )
    runs = _parsed(manifest, archive)
    _check_all_told(kept, runs, archive)
    return runs


def _check_all_told(kept: set[str], runs: list[_Told], archive: Path) -> None:
    """Raise StorageError if the manifest does not name a file that was in the archive."""
    beyond = kept - {f"{run.project}/{run.run_id}/{path}" for run in runs for path in run.files}
    if beyond:
        raise StorageError(
            f"The archive was refused: its manifest does not name {min(beyond)[:200]!r}, which is "
            f"in it. Nothing of it was kept. Get it from where it was written: {archive}"
        )


def _keep(content: Any, path: Path, member: tarfile.TarInfo) -> None:
    make_directory(path.parent)
    with open(create_file(path, os.O_EXCL), "wb") as file:
        shutil.copyfileobj(content, file, _BLOCK_BYTES)
    os.utime(path, (member.mtime, member.mtime))


@contextmanager
def _opened(archive: Path, place: Path) -> Iterator[ForwardReader]:
    """Give the plain content of an archive, however it is compressed.

    Raises:
        StorageError: it is damaged, cut off, or no archive.
    """
    errors: tuple[type[Exception], ...] = (
        tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, OverflowError,
        FileExistsError, NotADirectoryError,
    )  # fmt: skip
    with open(archive, "rb") as file:
        head = file.read(4)
        file.seek(0)
        source: Any = file
        if head.startswith(_GZIP):
            source = gzip.GzipFile(fileobj=file, mode="rb")
        elif head == _ZSTANDARD:
            zst = zstandard()
            source, errors = zst.reader(file), (*errors, zst.error)
        room = shutil.disk_usage(place).free
        try:
            yield ForwardReader(source, file, packed_bytes=archive.stat().st_size, room_bytes=room)
        except TrackLabError:
            raise
        except errors as error:
            raise StorageError(
                f"import archive cannot read the file ({error}). It is damaged, cut off or no "
                f"archive: {archive}"
            ) from None


def _size_bytes(header: bytes, archive: Path) -> int:
    """Return how long the first member says that the archive is."""
    try:
        return int(_document(header, archive)["size_bytes"])
    except (ValueError, TypeError, KeyError) as error:
        raise StorageError(
            f"The archive's first member cannot be read ({error}). Get it again: {archive}"
        ) from None


def _document(content: bytes, archive: Path) -> dict[str, Any]:
    """Return what a member says, of the format that is read here.

    Raises:
        StorageError: it is of a newer one.
        ValueError, TypeError, KeyError: it is no such document.
    """
    document: dict[str, Any] = orjson.loads(content)
    if int(document["format"]) > FORMAT:
        raise StorageError(
            f"The archive was written by a newer version: its format is {document['format']}, and "
            f"this version reads {FORMAT}. Update tracklab and import it again: {archive}"
        )
    return document


def _parsed(manifest: bytes, archive: Path) -> list[_Told]:
    """Return what a manifest says.

    Raises:
        UsageError: it names no run.
        StorageError: it says something else.
    """
    try:
        runs = [_told(run) for run in _document(manifest, archive)["runs"]]
    except (ValueError, TypeError, KeyError) as error:
        raise StorageError(
            f"The archive's manifest cannot be read ({error}). It is damaged, get it again: "
            f"{archive}"
        ) from None
    if not runs:
        raise UsageError(
            "import archive found no run: the manifest names none. Name an archive that "
            f"`tracklab export --format tar` wrote: {archive}"
        )
    if len({(run.project, run.run_id) for run in runs}) != len(runs):
        raise StorageError(f"The archive was refused: a run stands in it twice. {archive}")
    return runs


def _told(run: dict[str, Any]) -> _Told:
    files = {str(one["path"]): (int(one["size"]), str(one["sha256"])) for one in run["files"]}
    return _Told(check_project(run["project"]), check_run_id(run["run_id"]), files)
