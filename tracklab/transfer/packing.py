"""Runs as one file, to be handed on: a tar whose last member says what must be in it.

Members are `<project>/<run_id>/<path>`; the manifest gives the size and the SHA-256 of each. The
first member says how long the tar is, so whoever unpacks it knows what comes. Other tools unpack
such a file as any other.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import orjson

from tracklab.errors import StorageError, UsageError
from tracklab.storage.permissions import PRIVATE, create_file
from tracklab.storage.zstd import zstandard
from tracklab.transfer.trees import files_of
from tracklab.transfer.unpacking import FORMAT, HEADER, MANIFEST, fault_of_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["FORMS", "Measured", "Packed", "pack"]

#: Endings of an archive's name, and how it is compressed.
FORMS: Final = {".tar": "", ".tar.gz": "gz", ".tgz": "gz", ".tar.zst": "zst"}

_BLOCK_BYTES: Final = 1 << 20
_GZIP_LEVEL: Final = 6


@dataclass(frozen=True, slots=True)
class Packed:
    """What an archive holds: runs, files, bytes of content; and what was left out, and why."""

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
        UsageError: there are no runs.
        StorageError: it cannot be written.
        OSError: a run cannot be read.

    Cost: reads each run once; a compressed archive needs room for the plain one beside it.
    """
    if not runs:
        raise UsageError(
            "export found no run for an archive. Name runs or a project that `tracklab ls` "
            f"shows; nothing was written: {output}"
        )
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
        _add_bytes(tar, HEADER, _header(0))
        for project, run_id, run_dir in runs:
            files = []
            for inner in _packable(project, run_dir, left_out):
                with suppress(FileNotFoundError):  # replaced or removed meanwhile
                    told_of = _add(tar, run_dir / inner, f"{project}/{run_id}/{inner}")
                    files.append({"path": inner, **told_of})
            told.append({"project": project, "run_id": run_id, "files": files})
        manifest = orjson.dumps({"format": FORMAT, "runs": told}, option=orjson.OPT_INDENT_2)
        _add_bytes(tar, MANIFEST, manifest)
    size = file.tell()
    file.seek(tarfile.BLOCKSIZE)  # the header's content, now that it is known
    file.write(_header(size))
    sizes = [one["size"] for run in told for one in run["files"]]
    return Packed(len(told), len(sizes), sum(sizes), left_out)


def _header(size_bytes: int) -> bytes:
    """Return the first member's content; equally long for each size."""
    return b'{"format": %d, "size_bytes": %20d}\n' % (FORMAT, size_bytes)


def _packable(project: str, run_dir: Path, left_out: list[str]) -> Iterator[str]:
    """Yield the paths in a run that an archive may hold; name the others, and why."""
    for inner, is_plain in files_of(run_dir):
        name = f"{project}/{run_dir.name}/{inner}"
        reason = fault_of_name(name) if is_plain else "is no plain file"
        if reason:
            left_out.append(f"{name} {reason}")
        else:
            yield inner


def _add(tar: tarfile.TarFile, path: Path, name: str) -> dict[str, Any]:
    """Add a file as long as it is now, and return its size and digest."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with open(descriptor, "rb") as source:
        seen = os.fstat(descriptor)
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = seen.st_size, seen.st_mode & 0o666, int(seen.st_mtime)
        measured = Measured(source)
        tar.addfile(entry, measured)
    return {"size": seen.st_size, "sha256": measured.digest()}


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    from io import BytesIO  # noqa: PLC0415 - for two small members only

    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), PRIVATE
    tar.addfile(entry, BytesIO(content))


class Measured:
    """A file that is read once, and its digest."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sum = hashlib.sha256()

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
