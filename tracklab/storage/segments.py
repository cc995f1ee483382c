"""The segments of one stream of one writer: created, appended to, sealed. Nothing else, ever.

A segment is never renamed, truncated, shared or deleted here: log shippers lose lines at each
of these. One line is one `os.write` of complete bytes on a private descriptor, so a line is
with the operating system when `append` returns.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import orjson

from tracklab.records.lines import LINE_MAX_BYTES
from tracklab.storage.descriptors import close_file, is_open, spared
from tracklab.storage.documents import sync_directory
from tracklab.storage.layout import segment_name
from tracklab.storage.permissions import PRIVATE, create_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Limits", "Segments"]

_FLAGS: Final = os.O_APPEND | os.O_EXCL
_CLOSED: Final = -1
_write: Final = os.write  # a name of our own: one lookup less per line
_NEVER: Final = float("-inf")


@dataclass(frozen=True, slots=True)
class Limits:
    """When a segment is sealed and who may read it.

    Attributes:
        max_bytes: a segment that has reached this size is sealed.
        max_age_s: a segment is sealed this many seconds after its creation.
        file_mode: permission bits of files, set whatever the umask.
    """

    max_bytes: int = 64 * 1024 * 1024
    max_age_s: float = 24 * 3600.0
    file_mode: int = PRIVATE


class Segments:
    """One writer's segments of one stream. Its caller holds the writer's lock.

    Args:
        directory: the run's directory.
        stream: which stream.
        writer: None for the run's creator.
        limits: when to rotate.
        header: returns the first line of segment `number`, started at a time in epoch seconds.

    Attributes:
        good_until_s: `append` may be called up to this time (epoch seconds); after it, `begin`.
        sync_fault: what the disk said when a full segment could not be made durable.
    """

    __slots__ = (
        "_begun",
        "_descriptor",
        "_directory",
        "_dirty",
        "_header",
        "_limits",
        "_max_bytes",
        "_name_unsynced",
        "_number",
        "_size",
        "_stream",
        "_synced_size",
        "_torn_bytes",
        "_writer",
        "good_until_s",
        "sync_fault",
    )  # fmt: skip

    def __init__(
        self,
        directory: Path,
        stream: str,
        *,
        writer: str | None,
        limits: Limits,
        header: Callable[[str, int, float], bytes],
    ) -> None:
        self._directory = directory
        self._stream = stream
        self._writer = writer
        self._limits = limits
        self._max_bytes = limits.max_bytes
        self._header = header
        self._number = 0
        self._descriptor = _CLOSED
        self._size = 0
        self.good_until_s = _NEVER
        self._dirty = False  # the last write may have left a torn line
        self._begun = False  # the open segment has its header
        self._synced_size = 0
        self._name_unsynced = False
        self._torn_bytes = 0  # how much of an append that failed is in the file
        self.sync_fault: OSError | None = None

    def begin(self, now_s: float) -> None:
        """Seal the open segment, if any, and begin the next with its header.

        Raises:
            OSError: there is no segment to append to; the next call tries again, in the same
                file if that was created.
        """
        if self._begun:
            self._seal()
        if self._descriptor == _CLOSED:
            self._open()
        self.append(self._header(self._stream, self._number - 1, now_s))
        self._begun = True
        self.good_until_s = now_s + self._limits.max_age_s

    def append(self, line: bytes) -> None:
        """Append one complete line, line break included.

        Raises:
            OSError: the line is not, or not wholly, in the file. The next line will start on
                a line of its own.
        """
        if self._dirty:
            # What a failed write left behind must not swallow this good line.
            line = b"\n" + line
        # Set first: whatever interrupts from here on leaves the doubt behind it.
        self._dirty = True
        size = _write(self._descriptor, line)
        if size != len(line):
            size = self._complete(line, size)
        self._dirty = False
        self._size = size = self._size + size
        if size >= self._max_bytes:
            self.good_until_s = _NEVER

    def _complete(self, line: bytes, written: int) -> int:
        """Write the rest of a line; a full disk shows as a short write, only then as an error."""
        while written < len(line):
            self._torn_bytes = written
            more = _write(self._descriptor, line[written:])
            if more == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            written += more
        return written

    def ends_with(self, seq: int) -> bool:
        """Whether the last line of the open segment has this number.

        Raises:
            OSError: nobody can tell: it cannot be read, or does not end in a whole line.
        """
        if self._descriptor == _CLOSED:
            return False
        name = segment_name(self._stream, self._number - 1, writer=self._writer)
        with (self._directory / name).open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(end - LINE_MAX_BYTES - 1, 0))  # and the line break before it
            tail = file.read()
        if tail and not tail.endswith(b"\n"):
            raise InterruptedError(errno.EINTR, os.strerror(errno.EINTR))
        line = orjson.loads(tail[:-1].rpartition(b"\n")[2] or b"{}")
        return seq in (line.get("_seq"), line.get("seq"))

    def append_all(self, lines: list[bytes]) -> tuple[int, OSError | None]:
        """Append lines with one call; return how many are wholly in the file, and the error."""
        led = int(self._dirty)  # by a line break that ends what an earlier failure left
        self._torn_bytes = 0
        try:
            self.append(b"".join(lines))
        except OSError as error:
            ends = accumulate(map(len, lines), initial=led)
            return sum(
                end <= self._torn_bytes for end in ends
            ) - 1 if self._torn_bytes else 0, error
        return len(lines), None

    def _open(self) -> None:
        while True:
            name = segment_name(self._stream, self._number, writer=self._writer)
            self._number += 1
            try:
                self._descriptor = create_file(
                    self._directory / name, _FLAGS, file_mode=self._limits.file_mode
                )
                break
            except FileExistsError:
                continue  # another life of this writer left it; it is not ours to append to
            except OSError:
                self._number -= 1
                raise
        self._size = self._synced_size = 0
        self._dirty = self._begun = False
        self._name_unsynced = True

    def _seal(self) -> None:
        try:
            os.fdatasync(self._descriptor)
        except OSError as error:
            self.sync_fault = error  # its lines are written; only a power cut could lose them
        self.drop()

    def duplicate(self) -> int | None:
        """Return a second descriptor of the open segment if it holds unsynced lines.

        `fdatasync` takes up to tens of milliseconds. With a descriptor of its own the sampler
        can wait for it without keeping the lock from `log()`.

        Raises:
            OSError: the process has no descriptor left; the lines count as unsynced still.
        """
        if self._descriptor == _CLOSED or self._size == self._synced_size:
            return None
        descriptor = spared(os.dup, self._descriptor)
        self._synced_size = self._size
        return descriptor

    def sync_name(self) -> None:
        """Make the name of a new segment survive a power cut; later calls cost nothing."""
        if self._name_unsynced:
            self._name_unsynced = False
            sync_directory(self._directory)

    def drop(self) -> None:
        """Close the open segment as it is; the next line opens a new one.

        Also the answer to a failed `fdatasync`: the kernel may have thrown the unwritten pages
        away, so trying again on the same file would claim what is not true.
        """
        if self._descriptor != _CLOSED:
            descriptor, self._descriptor = self._descriptor, _CLOSED
            self.good_until_s = _NEVER
            self._begun = self._dirty = False
            close_file(descriptor)

    def forget_closed(self) -> bool:
        """Let go of the open segment if the program has closed it, and say whether it has."""
        if self._descriptor == _CLOSED or is_open(self._descriptor):
            return False
        self._descriptor = _CLOSED
        self.good_until_s = _NEVER
        self._begun = self._dirty = False
        return True
