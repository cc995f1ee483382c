"""LLM calls as columns, some thousands at a time: from the index, or from their lines.

What sums up calls reads these blocks, so that it neither knows nor cares which it was; ten
million calls are never in memory together.
"""

from __future__ import annotations

from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from tracklab.index.calls import CODE, GatheredCalls, kinds_of
from tracklab.index.shelves import Shelf
from tracklab.query.llm import calls_of
from tracklab.query.reach import Reach
from tracklab.storage.reading import Reading
from tracklab.storage.streams import Tally, run_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from tracklab.index.parts import Part
    from tracklab.query.addresses import Place
    from tracklab.query.llm import CallFilter, PlacedCall
    from tracklab.records.calls import Kind
    from tracklab.storage.streams import Segment

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    #: Returns the index of a run.
    Shelves = Callable[[Place], Shelf]

__all__ = ["Block", "Blocks"]

_BLOCK_CALLS = 8_192


class Block:
    """Some calls: what each code stands for, the code of each, and their numbers when asked for.

    Args:
        kinds: what the codes stand for.
        codes: of each call.
        load: returns one of the numbers of `Call`, by name, for every call.
        ends: returns smallest and largest of them, NaN without any, if that is known unread.
    """

    def __init__(
        self,
        kinds: Sequence[Kind],
        codes: Codes,
        load: Callable[[str], Floats],
        *,
        ends: Callable[[str], tuple[float, float]] | None = None,
    ) -> None:
        self.kinds = kinds
        self.codes = codes
        self._load = load
        self._ends = ends
        self._columns: dict[str, Floats] = {}

    def column(self, name: str) -> Floats:
        """Return one of the numbers of `Call` for every call."""
        if name not in self._columns:
            self._columns[name] = self._load(name)
        return self._columns[name]

    def ends(self, name: str) -> tuple[float, float]:
        """Return the smallest and the largest of these numbers, NaN where there is none."""
        if self._ends is not None:
            return self._ends(name)
        known = self.column(name)
        known = known[~np.isnan(known)]
        return (float(known.min()), float(known.max())) if len(known) else (np.nan, np.nan)

    def of(self, chosen: NDArray[np.bool_] | Codes) -> Block:
        """Return some of the calls."""
        return Block(self.kinds, self.codes[chosen], lambda name: self.column(name)[chosen])


class Blocks:
    """The calls that a question is about, to be gone through any number of times.

    Going through them raises `DamagedError` where the index is not what was written.

    Args:
        places: runs.
        shelves: returns the index of each.
        wanted: which calls.
        reach: returns what is told how much of a run was read.
    """

    def __init__(
        self,
        places: Iterable[Place],
        shelves: Shelves,
        wanted: CallFilter,
        *,
        reach: Callable[[Place], Reach] = lambda _place: Reach(),
    ) -> None:
        self._places = list(places)
        self._shelves = shelves
        self._wanted = wanted
        self._reach = reach
        self._shelf: Shelf | None = None

    def discard(self) -> None:
        """Remove the index in use: it is damaged. Going through again then reads lines."""
        if self._shelf is not None:
            self._shelf.discard()

    def without_index(self) -> Blocks:
        """Return the same calls, read from their lines."""
        return Blocks(self._places, lambda _place: Shelf(None), self._wanted, reach=self._reach)

    def __iter__(self) -> Iterator[Block]:
        for place in self._places:
            for block in self._of_run(place):
                chosen = self._chosen(block)
                yield block if chosen is None or chosen.all() else block.of(chosen)

    def _of_run(self, place: Place) -> Iterator[Block]:
        if self._wanted.search:  # a text is in no column
            yield from _gathered(calls_of([place], self._wanted))
            return
        with ExitStack() as held:
            shelf = self._shelf = held.enter_context(self._shelves(place))
            reach = self._reach(place)
            for segment in run_segments(place.path, "llm"):
                start = 0
                for part in shelf.parts(segment.path):
                    block = self._indexed(part)
                    if block is not None:
                        yield block
                    start = part.end
                if reach.may_parse(segment.path, start):
                    yield from _read(segment, start)

    def _indexed(self, part: Part) -> Block | None:
        if part.counts.rows == 0 or self._lies_outside(part):
            return None
        codes = part.packed(CODE).astype(np.intp)
        return Block(kinds_of(part), codes, part.packed, ends=part.ends)

    def _lies_outside(self, part: Part) -> bool:
        """Return whether no call of a part can be in the asked range of time."""
        x0, x1 = self._wanted.x0, self._wanted.x1
        if x0 is None and x1 is None:
            return False
        low, high = part.ends("time_s")
        return (x0 is not None and high < x0) or (x1 is not None and low > x1)

    def _chosen(self, block: Block) -> NDArray[np.bool_] | None:
        wanted = self._wanted
        if (wanted.model, wanted.success, wanted.x0, wanted.x1) == (None, None, None, None):
            return None
        chosen = np.ones(len(block.codes), dtype=bool)
        if wanted.model is not None:
            fits = np.array([kind.model == wanted.model for kind in block.kinds], dtype=bool)
            chosen &= fits[block.codes]
        if wanted.success is not None:
            chosen &= (block.column("failed") == 0) == wanted.success
        if wanted.x0 is not None:
            chosen &= block.column("time_s") >= wanted.x0
        if wanted.x1 is not None:
            chosen &= block.column("time_s") <= wanted.x1
        return chosen


def _gathered(calls: Iterable[PlacedCall]) -> Iterator[Block]:
    waiting = iter(calls)
    while some := list(islice(waiting, _BLOCK_CALLS)):
        gathered = GatheredCalls()
        gathered.add([call.record for call in some])
        yield _block(gathered)


def _read(segment: Segment, start: int) -> Iterator[Block]:
    """Yield the calls of a segment from byte `start` on, from its lines."""
    reading = Reading(segment.path, start=max(start, segment.body), until=segment.size)
    gathered = GatheredCalls()
    for _, lines in reading.blocks():
        gathered.add_lines(lines, Tally())
        if gathered.row_count >= _BLOCK_CALLS:
            yield _block(gathered)
            gathered = GatheredCalls()
    if gathered.row_count:
        yield _block(gathered)


def _block(gathered: GatheredCalls) -> Block:
    return Block(gathered.kinds, gathered.codes(), gathered.columns().__getitem__)
