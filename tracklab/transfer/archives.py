"""Runs as one file, to be handed on: a tar whose last member says what must be in it.

Members are `<project>/<run_id>/<path>`; the manifest gives the size and the SHA-256 of each. Other
tools unpack such a file as any other. What comes from elsewhere is not trusted: only plain files
with plain names, no more than fits on the disk, and nothing is seen in the data directory before
all of it has been compared with the manifest.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tarfile
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import orjson

from tracklab.errors import StorageError, TrackLabError, UsageError
from tracklab.records.names import check_project, check_run_id
from tracklab.storage.layout import is_run_dir
from tracklab.storage.permissions import PRIVATE, create_file, make_directory
from tracklab.storage.zstd import zstandard
from tracklab.transfer.landing import Outcome, put, staging
from tracklab.transfer.unpacking import MANIFEST, ForwardReader, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["FORMS", "Packed", "pack", "unpack"]

#: Endings of an archive's name, and how it is compressed.
FORMS: Final = {".tar": "", ".tar.gz": "gz", ".tgz": "gz", ".tar.zst": "zst"}

_BLOCK_BYTES: Final = 1 << 20
_FORMAT: Final = 1
_GZIP: Final = b"\x1f\x8b"
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"
_GZIP_LEVEL: Final = 6


@dataclass(frozen=True, slots=True)
class Packed:
    """What an archive holds: runs, files, bytes of content, and what was left out of it."""

    runs: int
    files: int
    size_bytes: int
    left_out: list[str] = field(default_factory=list)


def pack(runs: Sequence[tuple[str, str, Path]], output: Path) -> Packed:
    """Write runs as an archive, compressed as its name says; a file that is there is replaced.

    A run that is being written is taken as it is at that moment.

    Args:
        runs: project, run id and directory of each.
        output: ends with one of `FORMS`.

    Raises:
        StorageError: it cannot be written.
        OSError: a run cannot be read.

    Cost: reads each run once; a compressed archive needs room for the plain one beside it.
    """
    form = next(form for end, form in FORMS.items() if output.name.endswith(end))
    plain = output.with_name(f".{output.name}.{os.getpid()}.tar")
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        with open(create_file(plain, os.O_TRUNC), "wb") as file:
            packed = _write_tar(runs, file)
        if form:
            _compress(plain, part, form)
        (part if form else plain).replace(output)
    except OSError as error:
        raise StorageError(
            f"export cannot write the archive ({error.strerror or error}). Choose another place "
            f"with --output, or make room there: {output}"
        ) from None
    finally:
        plain.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
    return packed


def _write_tar(runs: Sequence[tuple[str, str, Path]], file: BinaryIO) -> Packed:
    told: list[dict[str, Any]] = []
    left_out: list[str] = []
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for project, run_id, run_dir in runs:
            files = []
            for path in _files(run_dir, left_out):
                inner = path.relative_to(run_dir).as_posix()
                with suppress(FileNotFoundError):  # replaced or removed meanwhile
                    files.append({"path": inner, **_add(tar, path, f"{project}/{run_id}/{inner}")})
            told.append({"project": project, "run_id": run_id, "files": files})
        manifest = orjson.dumps({"format": _FORMAT, "runs": told}, option=orjson.OPT_INDENT_2)
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(manifest), PRIVATE
        tar.addfile(entry, _Measured.of_bytes(manifest))
    sizes = [one["size"] for run in told for one in run["files"]]
    return Packed(len(told), len(sizes), sum(sizes), left_out)


def _files(run_dir: Path, left_out: list[str]) -> Iterator[Path]:
    """Yield the regular files of a run; what is being written under another name is passed over."""
    for above, folders, names in os.walk(run_dir):
        folders.sort()
        for name in sorted(names):
            path = Path(above, name)
            if above == str(run_dir) and name.startswith("."):
                continue
            if path.is_symlink() or not path.is_file():
                left_out.append(f"{run_dir.name}/{path.relative_to(run_dir).as_posix()}")
            else:
                yield path


def _add(tar: tarfile.TarFile, path: Path, name: str) -> dict[str, Any]:
    """Add a file as long as it is now, and return its size and digest."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with open(descriptor, "rb") as source:
        seen = os.fstat(descriptor)
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = seen.st_size, seen.st_mode & 0o666, int(seen.st_mtime)
        measured = _Measured(source)
        tar.addfile(entry, measured)
    return {"size": seen.st_size, "sha256": measured.digest()}


class _Measured:
    """A file that is read once, and its digest."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sum = hashlib.sha256()

    @classmethod
    def of_bytes(cls, content: bytes) -> _Measured:
        """Return some bytes as such a file."""
        from io import BytesIO  # noqa: PLC0415 - for the manifest only

        return cls(BytesIO(content))

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, at most `size`."""
        data = self._file.read(size)
        self._sum.update(data)
        return data

    def digest(self) -> str:
        """Return the SHA-256 of what was read, in hex."""
        return self._sum.hexdigest()


def _compress(plain: Path, part: Path, form: str) -> None:
    size = plain.stat().st_size
    with open(plain, "rb") as source, open(create_file(part, os.O_TRUNC), "wb") as target:
        if form == "gz":
            writer: Any = gzip.GzipFile("", "wb", _GZIP_LEVEL, target, 0)
        else:
            writer = zstandard().writer(target, size)
        while block := source.read(_BLOCK_BYTES):
            writer.write(block)
        writer.close()


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
        UsageError: it is no such archive, or a run is there already and differs.
        StorageError: it is damaged, holds what it must not, or cannot be written.
        OSError: it cannot be read.
    """
    with staging(root) as place:
        manifest = _extract(archive, place, progress or _nobody)
        outcomes = []
        for told in manifest:
            run_dir = place / told.project / told.run_id
            told.compare(run_dir, archive)
            target = (check_project(project or told.project), told.run_id)
            there = is_run_dir(root.joinpath(*target))
            if there and not told.is_in(root.joinpath(*target)):
                raise UsageError(
                    f"A run {'/'.join(target)} is there already, and it differs from the one in "
                    "the archive. Choose another project with --project, or delete that run: "
                    f"{root.joinpath(*target)}"
                )
            outcomes.append((told, run_dir, target, there))
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

    def is_in(self, run_dir: Path) -> bool:
        """Return whether a directory holds the same content, whatever else it holds."""
        found = _measured_files(run_dir)
        return all(found.get(path) == told for path, told in self.files.items())


def _measured_files(run_dir: Path) -> dict[str, tuple[int, str]]:
    found = {}
    for path in _files(run_dir, []):
        size = 0
        with open(path, "rb") as file:
            measured = _Measured(file)
            while block := measured.read(_BLOCK_BYTES):
                size += len(block)
        found[path.relative_to(run_dir).as_posix()] = (size, measured.digest())
    return found


def _extract(archive: Path, place: Path, progress: Callable[[int], None]) -> list[_Told]:
    """Unpack an archive into an empty directory, and return its manifest."""
    manifest: bytes | None = None
    with _opened(archive, place) as source, tarfile.open(fileobj=source, mode="r:") as tar:  # type: ignore[call-overload] # less than a file will do
        while (member := tar.next()) is not None:
            tar.members = []  # memory stays flat
            reason = refusal(member, ended=manifest is not None)
            if reason:
                raise StorageError(
                    f"The archive was refused: {member.name[:200]!r} {reason}. Nothing of it was "
                    f"kept. An archive comes from `tracklab export --format tar`: {archive}"
                )
            content = tar.extractfile(member)
            assert content is not None
            if member.name == MANIFEST:
                manifest = b"".join(iter(lambda: content.read(_BLOCK_BYTES), b""))  # noqa: B023 - read at once
            else:
                _keep(content, place / member.name, member)
            progress(source.read_bytes)
    if manifest is None:
        raise UsageError(
            "import archive found no manifest at the end: the file is cut off, or was not written "
            f"by `tracklab export --format tar`: {archive}"
        )
    return _parsed(manifest, archive)


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


def _parsed(manifest: bytes, archive: Path) -> list[_Told]:
    """Return what a manifest says. Raises StorageError: it says something else."""
    try:
        runs = [_told(run) for run in orjson.loads(manifest)["runs"]]
    except (ValueError, TypeError, KeyError) as error:
        raise StorageError(
            f"The archive's manifest cannot be read ({error}). It was written by a newer version, "
            f"or is damaged: {archive}"
        ) from None
    if len({(run.project, run.run_id) for run in runs}) != len(runs):
        raise StorageError(f"The archive was refused: a run stands in it twice. {archive}")
    return runs


def _told(run: dict[str, Any]) -> _Told:
    files = {str(one["path"]): (int(one["size"]), str(one["sha256"])) for one in run["files"]}
    return _Told(check_project(run["project"]), check_run_id(run["run_id"]), files)
