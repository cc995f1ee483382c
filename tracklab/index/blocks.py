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
    Indices = NDArray[np.intp]

__all__ = ["BLOCK", "DamagedError", "Stored", "StoredColumn", "store"]

#: Numbers in a block: 2 KiB, so that a chart of 2,000 columns reads some 4 MB at its edges.
BLOCK: Final = 256
_ITEM_BYTES: Final = 8
#: What is told of each block: first, smallest and largest number, checksum, sum.
_DIGEST: Final = 5
# One odd factor per place: no change of a single bit leaves the sum as it was, and blocks of
# equal numbers in another order differ. Any fixed odd numbers would do.
_MIXED: Final = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: odd, and well spread
_FACTORS: Final = np.arange(1, 2 * BLOCK, 2, dtype=np.uint64) * _MIXED
_BLOCK_BYTES: Final = BLOCK * _ITEM_BYTES


class DamagedError(Exception):
    """A file of the index is not what was written: it is read no further."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a column lies in its file: first byte, count of numbers, checksum of its digest."""

    at: int
    count: int
    check: int

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
    digest = np.empty((_DIGEST, len(blocks)), dtype=np.float64)
    if count:
        digest[0], digest[1], digest[2] = blocks[:, 0], blocks.min(axis=1), blocks.max(axis=1)
        digest[3] = _sums(blocks).view(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            digest[4] = blocks.sum(axis=1)
    file.write(blocks.reshape(-1)[:count].tobytes())
    raw = digest.tobytes()
    file.write(raw)
    return Stored(at, count, zlib.crc32(raw))


class StoredColumn:
    """One column, read as far as it is asked for.

    Args:
        descriptor: of the file, open for reading as long as this is used.
        stored: where the column lies.

    Raises:
        DamagedError: the digest is not the one that was written.

    Attributes:
        first: first number of each block, shape `(block_count,)`.
        low: smallest number of each block.
        high: largest number of each block.
        total: sum of each block that is full.
    """

    def __init__(self, descriptor: int, stored: Stored) -> None:
        self._descriptor = descriptor
        self._stored = stored
        count = stored.block_count
        at = stored.at + stored.count * _ITEM_BYTES
        raw = os.pread(descriptor, _DIGEST * count * _ITEM_BYTES, at)
        if zlib.crc32(raw) != stored.check:
            raise DamagedError("the digest of a column has changed")
        digest = np.frombuffer(raw, dtype=np.float64).reshape(_DIGEST, count)
        self.first, self.low, self.high, self.total = digest[0], digest[1], digest[2], digest[4]
        self._sums = digest[3].view(np.uint64)

    def __len__(self) -> int:
        return self._stored.count

    def whole(self) -> Floats:
        """Return every number, shape `(n,)`."""
        return self.span(0, len(self))

    def span(self, start: int, end: int) -> Floats:
        """Return the numbers from `start` to `end`, both within 0 and n."""
        if start >= end:
            return np.empty(0)
        first = start // BLOCK
        blocks = self.blocks(np.arange(first, -(-end // BLOCK)))
        offset = first * BLOCK
        return blocks.reshape(-1)[start - offset : end - offset]

    def blocks(self, numbers: Indices) -> Floats:
        """Return some blocks, shape `(len(numbers), 256)`.

        Args:
            numbers: of the blocks, increasing.

        Cost: a read for each group of blocks that lie together.
        """
        found = np.empty((len(numbers), BLOCK))
        if not len(numbers):
            return found
        room = found.data.cast("B")
        ends = np.append(np.flatnonzero(np.diff(numbers) != 1) + 1, len(numbers)).tolist()
        start = 0
        for end in ends:
            first = int(numbers[start]) * BLOCK
            count = min((int(numbers[end - 1]) + 1) * BLOCK, len(self)) - first
            at = start * _BLOCK_BYTES
            self._read_into(room[at : at + count * _ITEM_BYTES], first)
            if count % BLOCK:
                found[end - 1, count % BLOCK :] = found[end - 1, count % BLOCK - 1]
            start = end
        return self._checked(found, numbers)

    def before(self, edges: Floats, *, or_equal: bool = False) -> Indices:
        """Return how many numbers are smaller than each edge, in a column that never falls.

        Args:
            edges: any order.
            or_equal: count numbers that are equal to the edge too.

        Cost: one block for each edge.
        """
        block = np.searchsorted(self.first, edges, "right" if or_equal else "left") - 1
        inside = block >= 0
        numbers, place = np.unique(block[inside], return_inverse=True)
        rows = self.blocks(numbers)[place]
        asked = edges[inside][:, None]
        counts = (rows <= asked if or_equal else rows < asked).sum(axis=1)
        found = np.zeros(len(edges), dtype=np.intp)
        found[inside] = np.minimum(block[inside] * BLOCK + counts, len(self))
        return found

    def _read_into(self, room: memoryview, first: int) -> None:
        """Read numbers from the one numbered `first` on."""
        at = self._stored.at + first * _ITEM_BYTES
        if os.preadv(self._descriptor, [room], at) != len(room):
            raise DamagedError("the file is shorter than it was")

    def _checked(self, blocks: Floats, numbers: Indices) -> Floats:
        if not np.array_equal(_sums(blocks), self._sums[numbers]):
            raise DamagedError("a block has changed")
        return blocks


def _filled(values: Floats) -> Floats:
    """Return blocks; the last is filled up with its last number, which changes no extreme."""
    missing = -len(values) % BLOCK
    whole = np.concatenate([values, np.repeat(values[-1:], missing)]) if missing else values
    return whole.reshape(-1, BLOCK)


def _sums(blocks: Floats) -> Words:
    words: Any = blocks.view(np.uint64) @ _FACTORS
    return np.asarray(words ^ _MIXED, dtype=np.uint64)  # a page of zeros is not its own sum
