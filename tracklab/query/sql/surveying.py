"""What the rows of a run are like: which names they have, of what kind, and whether in order.

A run whose numbers stand in order comes as columns, from the index where there is one; every
other run comes row by row. The tables say the same of both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracklab.index.tables import tables
from tracklab.query.sql.stretches import axes_of, flat_rows, sizes_of, stretches
from tracklab.records.flat import OWN_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracklab.index.parts import KeyFacts, Part
    from tracklab.index.shelves import Shelf
    from tracklab.query.answers.series import RowStream
    from tracklab.query.sql.stretches import Sizes, Stretch
    from tracklab.storage.streams import Batch

__all__ = ["NUMERIC", "Known", "known_of"]

#: Types of values that a column of numbers holds.
NUMERIC: Final = frozenset({float, int, bool})
#: From here on two steps may be one number of a column.
_EXACT: Final = 1 << 53


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a run's rows.

    Attributes:
        sizes: how far they were looked at.
        keys: names of values.
        texts: names that have a value which is no number.
        in_order: whether each row stands behind those of earlier steps or times, so that numbers
            can come as columns, piece by piece.
        reached: the furthest step or time.
    """

    sizes: Sizes
    keys: frozenset[str]
    texts: frozenset[str]
    in_order: bool
    reached: float


def known_of(run_dir: Path, stream: RowStream, shelf: Shelf) -> Known:
    """Return what is known of a run's rows.

    Raises:
        DamagedError: the index is not what was written.

    Cost: parses what is not indexed.
    """
    sizes = sizes_of(run_dir, stream)
    survey = _Survey(by_step=stream == "history")
    for stretch in stretches(run_dir, stream, shelf, sizes):
        survey.add(stretch)
    keys, texts = frozenset(survey.keys), frozenset(survey.texts)
    return Known(sizes, keys, texts, survey.in_order, survey.reached)


class _Survey:
    """What is known of the rows so far."""

    def __init__(self, *, by_step: bool) -> None:
        self._by_step = by_step
        self.keys: set[str] = set()
        self.texts: set[str] = set()
        self.in_order = True
        self.reached = -math.inf

    def add(self, stretch: Stretch) -> None:
        """Look at the rows that follow."""
        if stretch.batch is not None:
            self._note(stretch.batch)
            steps = [step for step in stretch.batch.steps if step is None or step < stretch.limit]
            self._pass_all(steps if self._by_step else stretch.batch.times)
        elif stretch.part is not None and stretch.part.counts.rows:
            keys = stretch.part.keys()
            every = {key: facts for key in keys if (facts := stretch.part.facts(key))}
            self._note_indexed(stretch.part, every)
            if self._by_step:
                self._pass_steps(stretch.part, stretch.limit)
            else:
                self._pass_times(stretch.part, every)

    def _note(self, batch: Batch) -> None:
        for table in tables(flat_rows(batch)):
            for key, values in table.columns.items():
                kinds = set(map(type, values)) - {type(None)}
                if kinds and key not in OWN_FIELDS:
                    self.keys.add(key)
                    self.texts.update(() if kinds <= NUMERIC else (key,))

    def _note_indexed(self, part: Part, every: dict[str, KeyFacts]) -> None:
        for key, facts in every.items():
            if not facts.count:  # it only groups others
                continue
            self.keys.add(key)
            if facts.odd and key not in self.texts:
                others = int((~part.odd(key).numeric).sum())
                grouping = len(part.values(key)) - facts.count if others else 0
                self.texts.update((key,) if others > grouping else ())

    def _pass_all(self, places: Iterable[float | None]) -> None:
        known = [place for place in places if place is not None]
        self.in_order &= len(known) == len([*places]) and known == sorted(known)
        if known:
            self._pass(known[0], max(known), least=min(known))

    def _pass_steps(self, part: Part, limit: float) -> None:
        began, told = part.counts.began, part.counts.reached
        if began is None or told is None:
            self.in_order = False
            return
        reached = told + (told >> 52)  # as a number of a column it may have been rounded
        if not part.counts.rising or axes_of(part) is None:
            self.in_order = False
            self.reached = max(self.reached, min(reached, limit))
        elif began < limit:
            self._pass(began, min(reached, limit), least=began)

    def _pass_times(self, part: Part, every: dict[str, KeyFacts]) -> None:
        """A key that is a number in every row has the times of all rows."""
        for key, facts in every.items():
            if facts.count == part.counts.rows and not facts.odd and facts.rising["time"]:
                line = part.line(key, "time")
                self._pass(line.low, line.high, least=line.low)
                return
        self.in_order = False

    def _pass(self, first: float, last: float, *, least: float) -> None:
        inside = least > -_EXACT and last < _EXACT
        self.in_order &= first >= self.reached and inside
        self.reached = max(self.reached, last)
