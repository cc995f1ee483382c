"""Columns of numbers on disk in blocks of 256 that are checked one by one as they are read.

The promise: a block comes back as it was written, or `DamagedError` is raised; so a flipped bit
costs a slower answer and never a wrong one. Files are read by position and not mapped: a file
that is cut short then raises, where a mapping would end the process, and what was read is not
counted as memory of the server.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from typing import BinaryIO

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Words = NDArray[np.uint64]

__all__ = ["BLOCK", "DamagedError", "Stored", "StoredColumn", "confirm", "store"]

#: Numbers in a block: 2 KiB, so that a chart of 2,000 columns reads some 4 MB at its edges.
BLOCK: Final = 256
_ITEM_BYTES: Final = 8
#: What is told of each block: its first number and its checksum,
_EDGES: Final = 2
#: and smallest and largest number and their sum. An axis is searched without these.
_EXTREMES: Final = 3
# One odd factor per place: no change of a single bit leaves the sum as it was, and blocks of
# equal numbers in another order differ. Any fixed odd numbers would do.
_MIXED: Final = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: odd, and well spread
_FACTORS: Final = np.arange(1, 2 * BLOCK, 2, dtype=np.uint64) * _MIXED
_BLOCK_BYTES: Final = BLOCK * _ITEM_BYTES


class DamagedError(Exception):
    """A file of the index is not what was written: it is read no further."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a column lies in its file, and the checksums of what is told of its blocks.

    Attributes:
        at: first byte.
        count: numbers.
        edges_check: of the first numbers and the blocks' own checksums.
        extremes_check: of the smallest and largest numbers and the sums.
    """

    at: int
    count: int
    edges_check: int
    extremes_check: int

    @property
    def block_count(self) -> int:
        """How many blocks it has; the last may be padded."""
        return -(-self.count // BLOCK)


def store(file: BinaryIO, values: Floats) -> Stored:
    """Append a column to a file and return where it lies.

    Args:
        file: open for writing, at its end.
        values: shape `(n,)`.

    Cost: 3 ns a number beside the write.
    """
    at, count = file.tell(), len(values)
    blocks = _filled(np.ascontiguousarray(values, dtype=np.float64))
    edges = np.empty((_EDGES, len(blocks)), dtype=np.float64)
    extremes = np.empty((_EXTREMES, len(blocks)), dtype=np.float64)
    if count:
        edges[0], edges[1] = blocks[:, 0], _sums(blocks).view(np.float64)
        extremes[0], extremes[1] = blocks.min(axis=1), blocks.max(axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            extremes[2] = blocks.sum(axis=1)
            extremes[2, -1] = values[(count - 1) // BLOCK * BLOCK :].sum()
    file.write(blocks.reshape(-1)[:count].tobytes())
    file.write(edges.tobytes())
    file.write(extremes.tobytes())
    return Stored(at, count, _check(edges), _check(extremes))


class StoredColumn:
    """One column, read as far as it is asked for; what is read raises `DamagedError` if changed.

    Args:
        descriptor: of the file, open for reading as long as this is used.
        stored: where the column lies.
    """

    def __init__(self, descriptor: int, stored: Stored) -> None:
        self._descriptor = descriptor
        self._stored = stored

    def __len__(self) -> int:
        return self._stored.count

    @property
    def block_count(self) -> int:
        """How many blocks it has; the last may be padded."""
        return self._stored.block_count

    def edges(self) -> Floats:
        """Return the first number of each block and its checksum, shape `(2, block_count)`."""
        return self._digest(_EDGES, 0, self._stored.edges_check)

    def extremes(self) -> Floats:
        """Return smallest and largest number and sum of each block, shape `(3, block_count)`."""
        return self._digest(_EXTREMES, _EDGES, self._stored.extremes_check)

    def whole(self) -> Floats:
        """Return every number, shape `(n,)`."""
        found = np.empty((self.block_count, BLOCK))
        if len(found):
            self.read_into(found, 0)
            confirm(found, self.edges()[1])
        return found.reshape(-1)[: len(self)]

    def read_into(self, room: Floats, first: int) -> None:
        """Read the blocks from the one numbered `first` on, unchecked; see `confirm`.

        Args:
            room: shape `(blocks, 256)`; what the last block lacks is its last number again.
            first: number of the first block.
        """
        at = self._stored.at + first * _BLOCK_BYTES
        size = room.size
        if first * BLOCK + size <= self._stored.count:
            if os.preadv(self._descriptor, [room.data], at) != size * _ITEM_BYTES:
                raise DamagedError("the file is shorter than it was")
            return
        count = self._stored.count - first * BLOCK
        data = os.pread(self._descriptor, count * _ITEM_BYTES, at)
        if len(data) != count * _ITEM_BYTES:
            raise DamagedError("the file is shorter than it was")
        flat = room.reshape(-1)
        flat[:count] = np.frombuffer(data)
        flat[count:] = flat[count - 1]

    def _digest(self, lines: int, before: int, check: int) -> Floats:
        count = self.block_count
        at = self._stored.at + (self._stored.count + before * count) * _ITEM_BYTES
        raw = os.pread(self._descriptor, lines * count * _ITEM_BYTES, at)
        if len(raw) != lines * count * _ITEM_BYTES:
            raise DamagedError("the file is shorter than it was")
        digest = np.frombuffer(raw, dtype=np.float64).reshape(lines, count)
        if _check(digest) != check:
            raise DamagedError("the digest of a column has changed")
        return digest


def confirm(blocks: Floats, sums: Floats) -> None:
    """Compare blocks with their checksums.

    Raises:
        DamagedError: one is not what was written.
    """
    if not np.array_equal(_sums(blocks), sums.view(np.uint64)):
        raise DamagedError("a block has changed")


def _check(digest: Floats) -> int:
    """Return the checksum of what is told of blocks; twice as quick as a CRC of all of it."""
    words = digest.reshape(-1)
    whole = len(words) // BLOCK * BLOCK
    sums = _sums(words[:whole].reshape(-1, BLOCK))
    return zlib.crc32(words[whole:].tobytes(), zlib.crc32(sums.tobytes()))


def _filled(values: Floats) -> Floats:
    """Return blocks; the last is filled up with its last number, which changes no extreme."""
    missing = -len(values) % BLOCK
    whole = np.concatenate([values, np.repeat(values[-1:], missing)]) if missing else values
    return whole.reshape(-1, BLOCK)


def _sums(blocks: Floats) -> Words:
    words: Any = blocks.view(np.uint64) @ _FACTORS
    return np.asarray(words ^ _MIXED, dtype=np.uint64)  # a page of zeros is not its own sum
