"""Columns of several parts, one behind the other, as one: a search or a reading of them all.

Places are counted in whole blocks, so that the last block of each part, which is seldom full,
needs no special case: its padding repeats its last number, stands in the same bucket as that, and
is left out where points are counted.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tracklab.index.blocks import BLOCK, confirm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tracklab.index.blocks import StoredColumn

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]

__all__ = ["JoinedColumn"]


class JoinedColumn:
    """Columns read as one, as far as it is asked for.

    Every reading raises `DamagedError` where a file is not what was written.

    Args:
        columns: in order, none of them empty.

    Attributes:
        places: just past the last place: all blocks, with their padding.
    """

    def __init__(self, columns: Sequence[StoredColumn]) -> None:
        self._columns = columns
        blocks = [column.block_count for column in columns]
        self._starts = np.concatenate([[0], np.cumsum(blocks)])
        padding = [-len(column) % BLOCK for column in columns]
        self._padding = np.concatenate([[0], np.cumsum(padding)])
        self.places = int(self._starts[-1]) * BLOCK

    @cached_property
    def _edges(self) -> Floats:
        return np.concatenate([column.edges() for column in self._columns], axis=1)

    @property
    def firsts(self) -> Floats:
        """The first number of each block."""
        firsts: Floats = self._edges[0]
        return firsts

    @cached_property
    def extremes(self) -> Floats:
        """Smallest and largest number and sum of each block, shape `(3, blocks)`."""
        return np.concatenate([column.extremes() for column in self._columns], axis=1)

    def counted(self, places: Indices) -> Indices:
        """Return how many numbers, padding left out, stand before each place.

        Args:
            places: none within padding.
        """
        column = np.searchsorted(self._starts, places // BLOCK, "right") - 1
        counted: Indices = places - self._padding[column]
        return counted

    def padding(self, numbers: Indices) -> NDArray[np.bool_]:
        """Return which places of some blocks are padding, shape `(len(numbers), 256)`."""
        length = np.full(len(numbers), BLOCK)
        column = np.searchsorted(self._starts, numbers, "right") - 1
        is_last = numbers + 1 == self._starts[column + 1]
        length[is_last] -= np.diff(self._padding)[column[is_last]]
        return np.arange(BLOCK) >= length[:, None]

    def span(self, start: int, end: int) -> Floats:
        """Return the numbers between two places, padding left out."""
        if start >= end:
            return np.empty(0)
        numbers = np.arange(start // BLOCK, -(-end // BLOCK))
        real = ~self.padding(numbers).reshape(-1)
        offset = int(numbers[0]) * BLOCK
        real[: start - offset] = real[end - offset :] = False
        found: Floats = self.blocks(numbers).reshape(-1)[real]
        return found

    def at(self, place: int) -> float:
        """Return the number at a place."""
        return float(self.blocks(np.array([place // BLOCK]))[0, place % BLOCK])

    def blocks(self, numbers: Indices) -> Floats:
        """Return some blocks, shape `(len(numbers), 256)`.

        Args:
            numbers: of the blocks, increasing.

        Cost: a read for each group of blocks that lie together.
        """
        found = np.empty((len(numbers), BLOCK))
        if not len(numbers):
            return found
        column = np.searchsorted(self._starts, numbers, "right") - 1
        apart = (np.diff(numbers) != 1) | (np.diff(column) != 0)
        ends = np.append(np.flatnonzero(apart) + 1, len(numbers))
        starts = np.append(0, ends[:-1])
        own = numbers[starts] - self._starts[column[starts]]
        groups = (starts.tolist(), ends.tolist(), column[starts].tolist(), own.tolist())
        for start, end, held_by, first in zip(*groups, strict=True):
            self._columns[held_by].read_into(found[start:end], first)
        confirm(found, self._edges[1][numbers])
        return found

    def before(self, edges: Floats, *, or_equal: bool = False) -> tuple[Indices, Floats]:
        """Return up to which place numbers are smaller than each edge, if they never fall.

        Args:
            edges: any order.
            or_equal: let numbers that are equal to the edge be before it too.

        Returns:
            places, and the number in front of each; NaN at the first place.

        Cost: one block for each edge.
        """
        block = np.searchsorted(self._edges[0], edges, "right" if or_equal else "left") - 1
        inside = block >= 0
        numbers, place = np.unique(block[inside], return_inverse=True)
        rows = self.blocks(numbers)[place]
        asked = edges[inside][:, None]
        counts = (rows <= asked if or_equal else rows < asked).sum(axis=1)
        found, last = np.zeros(len(edges), dtype=np.intp), np.full(len(edges), np.nan)
        found[inside] = block[inside] * BLOCK + counts
        last[inside] = rows[np.arange(len(rows)), counts - 1]  # a block begins before its edge
        return found, last
