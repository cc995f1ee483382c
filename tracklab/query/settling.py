"""Columns of one run, settled a range of groups at a time: in memory is only what is compared.

Entries of one group may stand anywhere: a step that was logged twice, several writers, attempts
that went back. All of them lie in the same range, so each range is settled for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tracklab.index.blocks import BLOCK
from tracklab.query.columns import Column, Pieces, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from tracklab.query.columns import Indexed

    Floats = NDArray[np.float64]

__all__ = ["settled"]

#: Entries that are compared at a time: some 20 MB.
_AT_ONCE = 1 << 17


@dataclass(frozen=True, slots=True)
class _Source:
    """Entries of one key that lie together.

    Attributes:
        count: how many.
        samples: the group of about every 256th, so that ranges of equal counts can be told.
        between: returns those with first <= group < end, and with `first` NaN those without one.
    """

    count: int
    samples: Floats
    between: Callable[[float, float], Column]


def settled(keys: Sequence[Pieces], *, most: int = _AT_ONCE) -> Iterator[list[Column]]:
    """Yield the settled columns of some keys by increasing group, see `columns.settle`.

    Args:
        keys: of one run; those of one range come together.
        most: so many entries are read at a time; more only if they are of the same groups.

    Cost: reads each entry once, but for those of parts whose groups fall.
    """
    sources = [[_source(one) for one in pieces.found] for pieces in keys]
    if sum(source.count for own in sources for source in own) <= most:
        yield [settle(pieces.whole()) for pieces in keys]
        return
    samples = np.sort(np.concatenate([source.samples for own in sources for source in own]))
    edges = np.unique(samples[max(most // BLOCK, 1) :: max(most // BLOCK, 1)]).tolist()
    for first, end in [*pairwise([-np.inf, *edges, np.inf]), (np.nan, np.nan)]:
        yield [settle(_between(own, first, end)) for own in sources]


def _between(sources: Sequence[_Source], first: float, end: float) -> Column:
    return Pieces([source.between(first, end) for source in sources]).whole()


def _source(one: Column | Indexed) -> _Source:
    if isinstance(one, Column):
        column = _risen(one)
        return _Source(len(column.group), _samples(column), partial(_cut, column))
    facts = one.part.facts(one.key)
    if facts is not None and facts.strict:
        return _stored(one)
    column = _risen(one.column())
    # Read again for each range: all that is held would stay in memory.
    return _Source(
        len(column.group),
        _samples(column),
        lambda first, end: _cut(_risen(one.column()), first, end),
    )


def _risen(column: Column) -> Column:
    """Return a column by its groups, entries without one last."""
    if bool(np.all(column.group[1:] >= column.group[:-1])):
        return column
    return column.at(np.argsort(column.group, kind="stable"))


def _samples(risen: Column) -> Floats:
    samples: Floats = risen.group[::BLOCK]
    return samples[~np.isnan(samples)]


def _cut(risen: Column, first: float, end: float) -> Column:
    """Return the entries with first <= group < end, of NaN those without one."""
    if np.isnan(first):
        return risen.at(np.isnan(risen.group))
    return risen.at(np.arange(*np.searchsorted(risen.group, [first, end])))


def _stored(one: Indexed) -> _Source:
    """Return a source whose entries are found by search: groups rise."""
    found = one.entries()

    def between(first: float, end: float) -> Column:
        return Pieces([each.between(first, end) for each in found if first < end]).whole()

    samples = np.concatenate([*(each.samples() for each in found), np.empty(0)])
    return _Source(sum(each.count for each in found), samples, between)
