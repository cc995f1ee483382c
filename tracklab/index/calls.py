"""LLM calls become columns: their numbers, and one code for all that many calls have in common."""

from __future__ import annotations

from array import array
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tracklab.index.gathering import Axes, Counts
from tracklab.index.parts import Entries, Source
from tracklab.records.calls import Call, Kind, call_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tracklab.index.parts import Part

    Floats = NDArray[np.float64]

__all__ = ["CODE", "GatheredCalls", "kinds_of", "merged_calls"]

#: The column of codes, which say what kind of call it is.
CODE: Final = "kind"
# The list that they point into.
_KINDS: Final = "kinds"
_COLUMNS: Final = (*Call._fields, CODE)


class GatheredCalls:
    """The calls added so far; group is their number, and relative the byte of their line."""

    def __init__(self) -> None:
        self._numbers = array("d")
        self._kinds: dict[Kind, int] = {}

    @property
    def row_count(self) -> int:
        """How many calls there are."""
        return len(self._numbers) // (len(_COLUMNS) + 1)

    def counts(self, *, lines: int, bad_lines: int) -> Counts:
        """Return what is in the lines of these calls; they have no steps."""
        return Counts(self.row_count, lines, bad_lines, None, None, rising=False)

    def add(self, offset: int, record: Mapping[str, Any]) -> None:
        """Add a call whose line starts at byte `offset`."""
        kind, call = call_of(record)
        self._numbers.extend((*call, self._kinds.setdefault(kind, len(self._kinds)), offset))

    def sources(self) -> Iterator[tuple[str, Source]]:
        """Yield every column."""
        table = np.frombuffer(self._numbers, dtype=np.float64).reshape(-1, len(_COLUMNS) + 1).T
        yield from _sources(table[:-1], table[-1], list(self._kinds))


def kinds_of(part: Part) -> list[Kind]:
    """Return what the codes of a part stand for."""
    return [Kind(*kind) for kind in part.lasts().get(_KINDS, [])]


def merged_calls(parts: Sequence[Part]) -> Iterator[tuple[str, Source]]:
    """Yield every column of several parts as one."""
    kinds: dict[Kind, int] = {}
    tables, offsets = [], []
    for part in parts:
        codes = [kinds.setdefault(kind, len(kinds)) for kind in kinds_of(part)]
        columns = {name: part.entries(name) for name in _COLUMNS}
        own = columns[CODE]
        renamed = np.array(codes, dtype=np.float64)[own.value.astype(np.intp)]
        tables.append(np.stack([*(columns[name].value for name in Call._fields), renamed]))
        offsets.append(own.axes.relative)
    yield from _sources(np.concatenate(tables, axis=1), np.concatenate(offsets), list(kinds))


def _sources(table: Floats, offsets: Floats, kinds: Sequence[Kind]) -> Iterator[tuple[str, Source]]:
    axes = Axes(np.arange(len(offsets), dtype=np.float64), np.ascontiguousarray(table[0]), offsets)
    numeric = np.ones(len(offsets), dtype=bool)
    for name, column in zip(_COLUMNS, table, strict=True):
        entries = Entries(axes, np.ascontiguousarray(column), numeric)
        yield name, Source("calls", partial(_same, entries), 0, None)
    nothing = Entries(axes.at(np.empty(0, dtype=np.intp)), np.empty(0), np.empty(0, dtype=bool))
    yield _KINDS, Source("none", partial(_same, nothing), 1, [list(kind) for kind in kinds])


def _same(entries: Entries) -> Entries:
    return entries
