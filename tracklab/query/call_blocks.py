"""LLM calls as columns, some thousands at a time: from the index, or from their lines.

What sums up calls reads these blocks, so that it neither knows nor cares which it was; ten
million calls are never in memory together.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np

from tracklab.index.calls import CODE, GatheredCalls, kinds_of
from tracklab.index.shelves import Shelf
from tracklab.query.reach import Reach
from tracklab.records.calls import Kind
from tracklab.storage.reading import Reading
from tracklab.storage.streams import Tally, run_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tracklab.index.parts import Part
    from tracklab.query.addresses import Place
    from tracklab.query.llm import CallFilter
    from tracklab.storage.streams import Segment

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    #: What calls say of a field, and which of it each of them says.
    Coded = tuple[list[str], Codes]
    #: Returns the index of a run.
    Shelves = Callable[[Place], Shelf]

__all__ = ["Block", "Blocks"]

_BLOCK_CALLS = 8_192
#: Up to so many calls that had to be read for their labels are kept: some 30 MB.
_KEPT_CALLS = 300_000


class Block:
    """Some calls: what each code stands for, the code of each, and their numbers when asked for.

    Args:
        kinds: what the codes stand for.
        codes: of each call.
        load: returns one of the numbers of `Call`, by name, for every call.
        ends: returns smallest and largest of them, NaN without any, if that is known unread.
        labels: what the calls say of other fields than those of `Kind`.
    """

    def __init__(
        self,
        kinds: Sequence[Kind],
        codes: Codes,
        load: Callable[[str], Floats],
        *,
        ends: Callable[[str], tuple[float, float]] | None = None,
        labels: Mapping[str, Coded] | None = None,
    ) -> None:
        self.kinds = kinds
        self.codes = codes
        self._load = load
        self._ends = ends
        self._labels = labels or {}
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

    def coded(self, name: str) -> Coded:
        """Return the texts that calls have in a field, and the place of its own for each call."""
        if name not in Kind._fields:
            return self._labels[name]
        names, of_kind = _coded([getattr(kind, name) for kind in self.kinds])
        return names, of_kind[self.codes]

    def of(self, chosen: NDArray[np.bool_] | Codes) -> Block:
        """Return some of the calls."""
        labels = {name: (texts, codes[chosen]) for name, (texts, codes) in self._labels.items()}
        return Block(
            self.kinds, self.codes[chosen], lambda name: self.column(name)[chosen], labels=labels
        )


class Blocks:
    """The calls that a question is about, to be gone through any number of times.

    Going through them raises `DamagedError` where the index is not what was written.

    Args:
        places: runs.
        shelves: returns the index of each.
        wanted: which calls; a text to search for is for `calls_of` only.
        labels: fields that are asked for beside those of `Kind`. The index has no column of
            them: with any, and where `wanted` names some, calls are read from their lines.
        label_bytes: how many bytes of lines may be read for that, from the first on; None for
            all there are.
        reach: returns what is told how much of a run was read.
    """

    def __init__(
        self,
        places: Iterable[Place],
        shelves: Shelves,
        wanted: CallFilter,
        *,
        labels: Iterable[str] = (),
        label_bytes: int | None = None,
        reach: Callable[[Place], Reach] = lambda _place: Reach(),
    ) -> None:
        self._places = list(places)
        self._shelves = shelves
        self._wanted = wanted
        self._labels = {*labels, *wanted.labels}.difference(Kind._fields)
        self._label_bytes = label_bytes
        self._reach = reach
        self._shelf: Shelf | None = None
        self._kept: list[Block] | None = None

    def discard(self) -> None:
        """Remove the index in use: it is damaged. Going through again then reads lines."""
        if self._shelf is not None:
            self._shelf.discard()

    def without_index(self) -> Blocks:
        """Return the same calls, read from their lines."""
        return Blocks(
            self._places, lambda _place: Shelf(None), self._wanted, labels=self._labels,
            label_bytes=self._label_bytes, reach=self._reach,
        )  # fmt: skip

    def __iter__(self) -> Iterator[Block]:
        if self._kept is not None:
            yield from self._kept
            return
        kept, count = [], 0
        for block in self._read_all():
            count += len(block.codes)
            if self._labels and count <= _KEPT_CALLS:
                kept.append(block)
            yield block
        if self._labels and count <= _KEPT_CALLS:
            self._kept = kept

    def _read_all(self) -> Iterator[Block]:
        left = self._label_bytes if self._labels else None
        for place in self._places:
            reach = self._reach(place)
            if left is not None:
                reach.allowed_bytes = left
            for block in self._of_run(place, reach):
                chosen = self._chosen(block)
                yield block if chosen is None or chosen.all() else block.of(chosen)
            left = None if left is None else left - reach.parsed_bytes

    def _of_run(self, place: Place, reach: Reach) -> Iterator[Block]:
        with ExitStack() as held:
            shelf = self._shelf = held.enter_context(self._shelves(place))
            for segment in run_segments(place.path, "llm"):
                start = 0
                for part in shelf.parts(segment.path):
                    outside = part.counts.rows == 0 or self._lies_outside(part)
                    if self._labels and not outside:
                        break
                    if not outside:
                        codes = part.packed(CODE).astype(np.intp)
                        yield Block(kinds_of(part), codes, part.packed, ends=part.ends)
                    start = part.end
                yield from self._read(segment, start, reach)

    def _lies_outside(self, part: Part) -> bool:
        """Return whether no call of a part can be in the asked range of time."""
        x0, x1 = self._wanted.x0, self._wanted.x1
        if x0 is None and x1 is None:
            return False
        low, high = part.ends("time_s")
        return (x0 is not None and high < x0) or (x1 is not None and low > x1)

    def _read(self, segment: Segment, start: int, reach: Reach) -> Iterator[Block]:
        """Yield the calls of a segment from byte `start` on, from its lines, as far as allowed."""
        until = reach.parse_until(segment.path, start)
        if until == start:
            return
        reading = Reading(segment.path, start=max(start, segment.body), until=until)
        gathered = GatheredCalls(self._labels)
        for _, lines in reading.blocks():
            gathered.add_lines(lines, Tally())
            if gathered.row_count >= _BLOCK_CALLS:
                yield _block(gathered)
                gathered = GatheredCalls(self._labels)
        reach.unread += reading.fault is not None
        if gathered.row_count:
            yield _block(gathered)

    def _chosen(self, block: Block) -> NDArray[np.bool_] | None:
        wanted = self._wanted
        if not wanted.labels and (wanted.success, wanted.x0, wanted.x1) == (None, None, None):
            return None
        chosen = np.ones(len(block.codes), dtype=bool)
        for name, told in wanted.labels.items():
            texts, codes = block.coded(name)
            chosen &= np.array([text == told for text in texts], dtype=bool)[codes]
        if wanted.success is not None:
            chosen &= (block.column("failed") == 0) == wanted.success
        if wanted.x0 is not None:
            chosen &= block.column("time_s") >= wanted.x0
        if wanted.x1 is not None:
            chosen &= block.column("time_s") <= wanted.x1
        return chosen


def _block(gathered: GatheredCalls) -> Block:
    labels = {name: _coded(texts) for name, texts in gathered.labels.items()}
    columns = gathered.columns()
    return Block(gathered.kinds, gathered.codes(), columns.__getitem__, labels=labels)


def _coded(texts: Sequence[str]) -> Coded:
    names = list(dict.fromkeys(texts))
    place = {name: number for number, name in enumerate(names)}
    return names, np.fromiter(map(place.__getitem__, texts), dtype=np.intp, count=len(texts))
