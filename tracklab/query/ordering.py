"""Runs in the order of one field, however many: whole columns are compared, few runs are placed.

Numbers stand before texts, runs without the field last, equal ones by address.
"""

from __future__ import annotations

import heapq
import math
import operator
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, compress, repeat
from typing import TYPE_CHECKING, Any

from tracklab.query.cursors import unpack
from tracklab.query.filters import canonical_key, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from tracklab.query.roll import Leaf, Listed
    from tracklab.query.runs import Dossier

    #: Whether a value is missing, and what it is.
    _Kind: TypeAlias = tuple[bool, int]
    #: Where a run stands: whether the value is missing, its kind, the value, the address.
    Position: TypeAlias = tuple[Any, ...]

__all__ = ["Order", "Table", "position_of"]

_NUMBER, _TEXT, _MISSING = (False, 0), (False, 1), (True, 0)
#: So many runs that had to be opened are kept as they are, some 3 KB each.
_KEPT_RUNS = 2_000
_CURSOR_SHAPE = (bool, int, (str, int, float), str)
_TYPES: dict[_Kind, Any] = {_NUMBER: (int, float), _TEXT: str, _MISSING: int}


def position_of(cursor: str) -> Position:
    """Return the position that a cursor says.

    Raises:
        QueryError: it is no cursor of a list of runs.
    """
    position = unpack(cursor, _CURSOR_SHAPE)
    return unpack(cursor, (bool, int, _TYPES.get(position[:2], ()), str))


class _Opened:
    """Runs that the catalog does not tell, as if they were rows of one chapter."""

    def __init__(self) -> None:
        self.runs: list[Dossier] = []

    def address(self, row: int) -> str:
        """See `Leaf.address`."""
        return self.runs[row].address

    def listed(self, row: int) -> Dossier:
        """See `Leaf.listed`."""
        return self.runs[row]


@dataclass(slots=True)
class _Block:
    """What some runs of one leaf are sorted by, values of one kind, and their rows there."""

    held: Leaf | _Opened
    values: list[Any] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def only(self, holds: Callable[[Any, Any], bool], limit: Any) -> _Block:
        """Return those whose value and `limit` hold together."""
        chosen = list(map(holds, self.values, repeat(limit)))
        return _Block(
            self.held, list(compress(self.values, chosen)), list(compress(self.rows, chosen))
        )


class Table:
    """The runs that were chosen, and what they are sorted by, each value under its kind."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._blocks: defaultdict[_Kind, list[_Block]] = defaultdict(list)
        self._opened = _Opened()
        self._own: dict[_Kind, _Block] = {}
        self.count = 0

    def add(self, run: Dossier) -> None:
        """Add a run."""
        self.count += 1
        kind, value = _sorted_by(run.field(self._order.key))
        if kind not in self._own:
            self._own[kind] = _Block(self._opened)
            self._blocks[kind].append(self._own[kind])
        self._own[kind].values.append(value)
        self._own[kind].rows.append(len(self._opened.runs))
        # What was read of very many runs would fill the memory; of a page it is read again.
        self._opened.runs.append(run if self.count <= _KEPT_RUNS else run.unread())

    def add_rows(self, leaf: Leaf, rows: Sequence[int]) -> None:
        """Add some runs of a leaf."""
        self.count += len(rows)
        values = taken(leaf.column(self._order.key), rows)
        kind = _kind_of_all(values)
        if kind is not None:
            self._blocks[kind].append(_Block(leaf, values, list(rows)))
            return
        blocks: defaultdict[_Kind, _Block] = defaultdict(partial(_Block, leaf))
        for row, found in zip(rows, values, strict=True):
            kind, value = _sorted_by(found)
            blocks[kind].values.append(value)
            blocks[kind].rows.append(row)
        for kind, block in blocks.items():
            self._blocks[kind].append(block)

    def first(self, count: int, behind: Position | None) -> list[tuple[Position, Dossier | Listed]]:
        """Return the first runs in order behind a position, each with its own."""
        shown: list[tuple[Position, Dossier | Listed]] = []
        for kind in self._order.kinds():
            left = count - len(shown)
            blocks = self._order.left(kind, self._blocks[kind], behind)
            if not left or not blocks:
                continue
            placed = [
                ((*kind, value, block.held.address(row)), block.held, row)
                for block in self._order.best(blocks, left, behind)
                for value, row in zip(block.values, block.rows, strict=True)
            ]
            if behind is not None:
                placed = [one for one in placed if self._order.follows(one[0], behind)]
            self._order.arrange(placed)
            shown += [(position, held.listed(row)) for position, held, row in placed[:left]]
        return shown


def _kind_of_all(values: list[Any]) -> _Kind | None:
    """Return the kind of values that compare as they are, None for any other ones."""
    types = set(map(type, values))
    if types == {str}:
        return _TEXT
    return _NUMBER if types <= {int, float} and all(map(math.isfinite, values)) else None


def _sorted_by(value: Any) -> tuple[_Kind, Any]:
    """Return whether a value is missing and its kind, and what is compared of it."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, (int, float)) and math.isfinite(value):
        return _NUMBER, value
    return (_TEXT, value) if isinstance(value, str) else (_MISSING, 0)


class Order:
    """The order of a table: by one field, runs without it last, equal ones by address."""

    def __init__(self, sort: str) -> None:
        self._descending = sort.startswith("-")
        self.key = canonical_key(sort.lstrip("+-"))

    def kinds(self) -> list[_Kind]:
        """Return the kinds of values in their order."""
        return [_TEXT, _NUMBER, _MISSING] if self._descending else [_NUMBER, _TEXT, _MISSING]

    def left(self, kind: _Kind, blocks: list[_Block], behind: Position | None) -> list[_Block]:
        """Return which runs of a kind may come after `behind`, their addresses aside."""
        if behind is None:
            return blocks
        if kind != behind[:2]:
            return blocks if self.follows((*kind, 0, ""), behind) else []
        holds = operator.le if self._descending else operator.ge
        return [block.only(holds, behind[2]) for block in blocks]

    def best(self, blocks: list[_Block], count: int, behind: Position | None) -> list[_Block]:
        """Return the runs of one kind among which the first `count` are, and those alike."""
        if behind is not None:
            # How many of those with just that value are behind it, only their addresses tell.
            count += sum(block.values.count(behind[2]) for block in blocks)
        if sum(len(block.values) for block in blocks) <= count:
            return blocks
        values = chain.from_iterable(block.values for block in blocks)
        if self._descending:
            least = heapq.nlargest(count, values)[-1]
            return [block.only(operator.ge, least) for block in blocks]
        most = heapq.nsmallest(count, values)[-1]
        return [block.only(operator.le, most) for block in blocks]

    def arrange(self, placed: list[tuple[Position, Any, int]]) -> None:
        """Put runs of one kind, each with its position, in order."""
        placed.sort(key=lambda one: one[0][3])
        placed.sort(key=lambda one: one[0][2], reverse=self._descending)

    def follows(self, position: Position, behind: Position) -> bool:
        """Return whether `position` comes after `behind`."""
        if position[0] != behind[0]:
            return bool(position[0])
        if position[1] != behind[1]:
            return (
                bool(position[1] < behind[1]) if self._descending else bool(position[1] > behind[1])
            )
        if position[2] == behind[2]:
            return bool(position[3] > behind[3])
        return bool(position[2] < behind[2]) if self._descending else bool(position[2] > behind[2])
