"""Console text in files: appended only, bounded, its beginning and its newest end kept.

`stdout.log` begins the text. When it is large enough, the text goes on in a part whose name says
at which byte of the text it begins: `stdout.000000008388608.log`. When there are too many parts,
the oldest but the first goes, and a mark at the end of the first says so. So a reader that
follows a part never sees it shrink, and an offset names the same byte for ever.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from tracklab.storage.descriptors import close_file, is_open
from tracklab.storage.permissions import PRIVATE, create_file, make_directory

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ConsoleFile", "Part", "part_name", "parts", "place_of", "places"]

#: The first, the one that is written, and six between them.
_MOST_PARTS: Final = 8
_MARK: Final = b"[tracklab: text is left out here, to keep this within %d bytes]\n"
_RANK = re.compile(r"rank-([1-9]\d{0,8})")
_NAME = re.compile(r"(?P<stream>stdout|stderr)(?:\.(?P<start>\d{15}))?\.log")


class Part(NamedTuple):
    """A file of console text, and at which byte of the whole text it begins."""

    start: int
    path: Path
    size: int


def places(run_dir: Path) -> dict[int, Path]:
    """Return the directories of a run that hold console text, by the rank that prints into them.

    Rank 0, or a process that has none, has the first. Links are left out.
    """
    logs = run_dir / "logs"
    found = {}
    try:
        if not logs.is_symlink():
            found[0] = logs
            with os.scandir(logs) as entries:
                for entry in entries:
                    match = _RANK.fullmatch(entry.name)
                    if match and entry.is_dir(follow_symlinks=False):
                        found[int(match[1])] = logs / entry.name
    except OSError:  # there is no text
        pass
    return dict(sorted(found.items()))


def place_of(run_dir: Path, rank: int) -> Path:
    """Return the directory that `places` finds for a rank, there or not."""
    logs = run_dir / "logs"
    return logs / f"rank-{rank}" if rank else logs


def part_name(stream: str, start: int) -> str:
    """Return the name of the part of `stream` that begins at byte `start` of the text."""
    return f"{stream}.{start:015d}.log" if start else f"{stream}.log"


def parts(directory: Path, stream: str) -> list[Part]:
    """Return the parts of `stream` that are there, in order; none reaches into the next.

    Links are left out, and a directory that cannot be read has no parts.
    """
    found = []
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                match = _NAME.fullmatch(entry.name)
                if match and match["stream"] == stream and entry.is_file(follow_symlinks=False):
                    size = entry.stat(follow_symlinks=False).st_size
                    found.append(Part(int(match["start"] or 0), directory / entry.name, size))
    except OSError:
        return []
    found.sort()
    following = [part.start for part in found[1:]]
    return [
        part._replace(size=min(part.size, following[index] - part.start))
        if index < len(following) else part
        for index, part in enumerate(found)
    ]  # fmt: skip


class ConsoleFile:
    """The text of one stream of one run, open for appending.

    Args:
        directory: where it lies; made if need be.
        stream: `stdout` or `stderr`.
        most_bytes: of all its parts together.
        file_mode: permission bits.
        turns: whether this writer begins new parts; of several that append, one does.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(
        self, directory: Path, stream: str, *, most_bytes: int, file_mode: int = PRIVATE,
        turns: bool = True,
    ) -> None:  # fmt: skip
        self._directory = directory
        self._stream = stream
        self._most_bytes = most_bytes
        self._part_bytes = most_bytes // _MOST_PARTS
        self._file_mode = file_mode
        self._owner = os.getpid() if turns else None
        make_directory(directory, file_mode=file_mode)
        known = parts(directory, stream)
        self._open(known[-1].start if known else 0)

    def append(self, data: bytes) -> None:
        """Append bytes of text; a disk that takes none loses them, and nobody is told."""
        with suppress(OSError):
            if not is_open(self._descriptor):  # closed by a program that has become a daemon
                self._open(self._start)
            if self._owner != os.getpid():
                self._follow()
                _write_all(self._descriptor, data)
                return
            while data:
                room = self._part_bytes - self._size
                if len(data) > room:
                    cut = data.rfind(b"\n", 0, max(room, 0)) + 1 or max(room, 0)
                else:
                    cut = len(data)
                _write_all(self._descriptor, data[:cut])
                self._size += cut
                data = data[cut:]
                if data:
                    self._turn()

    def close(self) -> None:
        """Append nothing more."""
        close_file(self._descriptor)

    def _open(self, start: int) -> None:
        path = self._directory / part_name(self._stream, start)
        self._descriptor = create_file(path, os.O_APPEND, file_mode=self._file_mode)
        self._start = start
        self._size = os.fstat(self._descriptor).st_size

    def _follow(self) -> None:
        """Go on in the newest part: a forked child must not write into one that is complete."""
        known = parts(self._directory, self._stream)
        if known and known[-1].start != self._start:
            close_file(self._descriptor)
            self._open(known[-1].start)

    def _turn(self) -> None:
        """Begin the next part, and make room for it."""
        # Others may have appended as well: the name must say where the text really stands.
        start = self._start + os.fstat(self._descriptor).st_size
        before = self._descriptor
        self._open(start)
        close_file(before)
        first, *others = parts(self._directory, self._stream)
        if len(others) >= _MOST_PARTS:
            if others[0].start == first.start + first.size:
                self._mark(first.path)
            for part in others[: len(others) + 1 - _MOST_PARTS]:
                part.path.unlink()

    def _mark(self, path: Path) -> None:
        descriptor = create_file(path, os.O_APPEND, file_mode=self._file_mode)
        with suppress(OSError):
            os.write(descriptor, _MARK % self._most_bytes)
        close_file(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
