"""Parts of a segment in which steps are known to rise: a page of rows reads only its own lines.

The index tells of each of its parts whether every row has a step and none a smaller one than the
row before it. In such a stretch a step is found by halving, and whatever a page shows stands
together. All other lines are read from the beginning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from tracklab.query.cursors import PAGE_BYTES, size_of
from tracklab.records.decode import decode_row
from tracklab.storage.reading import Reading, line_start
from tracklab.storage.streams import Tally, row_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tracklab.index.shelves import Shelf
    from tracklab.storage.streams import Segment

    Step = tuple[int, dict[str, Any]]

__all__ = ["Merged", "Stretch", "rows_down", "rows_of", "rows_up", "stretches"]

#: So close to a step the halving ends: what is left is read.
_NEAR_BYTES: Final = 64 << 10
#: A page is looked for in the last so many bytes, then in four times as many.
_WINDOW_BYTES: Final = 256 << 10


class Merged:
    """The lines of a step as one row: a later value of a key replaces an earlier one.

    A row of more than `PAGE_BYTES` takes no more lines, and says so with `_part`. That is looked
    at when the lines come to twice as much: they may tell the same keys again and again.

    Attributes:
        row: what they come to.
        size: no less than its bytes.
    """

    __slots__ = ("row", "size")

    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row
        self.size = size_of(row)

    def add(self, row: dict[str, Any]) -> int:
        """Take a line into account, and return how much larger the size is."""
        if "_part" in self.row:
            return 0
        before = self.size
        self.row.update((key, value) for key, value in row.items() if value is not None)
        self.size += size_of(row)
        if self.size >= 2 * PAGE_BYTES:
            self.size = size_of(self.row)
            if self.size >= PAGE_BYTES:
                self.row["_part"] = True
        return self.size - before


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some lines of a segment, which ends with them; `start` is the byte where they begin."""

    segment: Segment
    start: int
    end: int
    rising: bool


def stretches(segment: Segment, shelf: Shelf) -> list[Stretch]:
    """Return the lines of a segment as stretches, in their order.

    Only of a file that can be read from any byte: a compressed one is a stretch of unknown order.
    """
    if segment.size is None:
        return [Stretch(segment, 0, 0, rising=False)]
    found, at = [], 0
    for part in shelf.parts(segment.path):
        if part.counts.rising and part.end <= segment.size:
            if part.start > at:
                found.append(_stretch(segment, at, part.start, rising=False))
            found.append(_stretch(segment, part.start, part.end, rising=True))
            at = part.end
    if at < segment.size:
        found.append(_stretch(segment, at, segment.size, rising=False))
    return found


def _stretch(segment: Segment, start: int, end: int, *, rising: bool) -> Stretch:
    return Stretch(replace(segment, size=end), start, end, rising)


def rows_of(stretch: Stretch, keys: Sequence[str], start: int | None = None) -> Iterator[Step]:
    """Yield the rows of a stretch that have a step, from byte `start` on."""
    start = stretch.start if start is None else start
    for batch in row_batches(stretch.segment, Tally(), keys=keys, start=start):
        for step, row in zip(batch.steps, batch.rows, strict=True):
            if step is not None:
                yield step, row


def rows_up(
    stretch: Stretch, keys: Sequence[str], *, behind: int | None, ends: Callable[[int], bool]
) -> Iterator[Step]:
    """Yield rows of a rising stretch until `ends` says of a step that it is too far.

    Args:
        stretch: where steps rise.
        keys: rows without any of them may be left out.
        behind: only steps beyond this one are wanted.
        ends: returns whether a step, and so each that follows, is not wanted any more.
    """
    start = stretch.start if behind is None else _around(stretch, behind + 1)[0]
    for step, row in rows_of(stretch, keys, start):
        if ends(step):
            return
        yield step, row


def rows_down(
    stretch: Stretch,
    keys: Sequence[str],
    *,
    below: float,
    count: int,
    asked: Callable[[dict[str, Any]], dict[str, Any]],
) -> Iterator[Step]:
    """Yield what is asked of the last steps of a rising stretch below a step, in rising order.

    Args:
        stretch: where steps rise.
        keys: rows without any of them may be left out.
        below: only smaller steps are wanted.
        count: at least so many steps, if there are so many, and if they are no more than a page
            can hold: else as many as that, and one.
        asked: returns what is wanted of a row; nothing, if the row does not count.
    """
    end = stretch.end if below == float("inf") else _around(stretch, below)[1]
    until = replace(stretch, segment=replace(stretch.segment, size=end))
    window = _WINDOW_BYTES
    while True:
        start = max(end - window, stretch.start)
        start = line_start(stretch.segment.path, start) if start > stretch.start else start
        last = _Last()
        for step, row in rows_of(until, keys, start):
            wanted = asked(row) if step < below else {}
            if wanted:
                last.add(step, wanted)
        # Lines of the first step may stand before the window.
        first = last.first if start > stretch.start and not last.cut else None
        if start <= stretch.start or last.cut or len(last.rows) - (first is not None) >= count:
            yield from ((step, one.row) for step, one in last.rows.items() if step != first)
            return
        window *= 4


class _Last:
    """The rows of the last steps, one step more than what a page can hold in bytes.

    Attributes:
        rows: by rising step.
        cut: whether there were more.
    """

    def __init__(self) -> None:
        self.rows: dict[int, Merged] = {}
        self.cut = False
        self._size = 0

    @property
    def first(self) -> int | None:
        """The first step that is kept."""
        return next(iter(self.rows), None)

    def add(self, step: int, row: dict[str, Any]) -> None:
        """Take a row whose step is no smaller than that of the one before."""
        merged = self.rows.get(step)
        if merged is None:
            merged = self.rows[step] = Merged(row)
            self._size += merged.size
        else:
            self._size += merged.add(row)
        while len(self.rows) > 2 and self._size - self._of_two() >= PAGE_BYTES:  # noqa: PLR2004
            self._size -= self.rows.pop(next(iter(self.rows))).size
            self.cut = True

    def _of_two(self) -> int:
        return sum(one.size for one in islice(self.rows.values(), 2))


def _around(stretch: Stretch, step: float) -> tuple[int, int]:
    """Return two bytes: rows before the first have smaller steps, and none from the second on."""
    low, high = stretch.start, stretch.end
    while high - low > _NEAR_BYTES:
        at = line_start(stretch.segment.path, (low + high) // 2)
        if at <= low:
            break
        found = _step_at(stretch, at, high)
        if found is not None and found < step:
            low = at
        else:
            high = at
    return low, high


def _step_at(stretch: Stretch, start: int, end: int) -> int | None:
    """Return the step of the first row that begins between two bytes, None without a row."""
    for _, line in Reading(stretch.segment.path, start=start, until=end).lines():
        row = decode_row(line)
        if isinstance(row, dict) and isinstance(row.get("_step"), int):
            step: int = row["_step"]
            return step
    return None
