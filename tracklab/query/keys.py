"""Which keys runs have logged: name, kind, how many values, and the last of them."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from tracklab.index.blocks import DamagedError
from tracklab.query.answers.series import Key, KeyPage
from tracklab.query.columns import STREAM_OF
from tracklab.query.cursors import PAGE_BYTES
from tracklab.query.reach import Reach, mean_coverage
from tracklab.records.flat import OWN_FIELDS, flatten
from tracklab.storage.standing import shown
from tracklab.storage.streams import Tally, first_hidden_steps, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tracklab.index.shelves import Shelf
    from tracklab.query.answers.series import RowStream
    from tracklab.storage.streams import Batch, Segment

__all__ = ["MOST_KEYS", "kind_of", "run_keys"]

#: Of more names than this the first are told.
MOST_KEYS: Final = 50_000
#: A last value that is longer as JSON is cut,
_LAST_BYTES: Final = 1_000
#: to the characters of a text, or to the values of an object that are no longer than this.
_TEXT_CHARS: Final = 250
_ENTRY_BYTES: Final = 100
_KIND_CHARS: Final = 100
_BATCH: Final = 100_000
#: Their last values are told as they are.
_NUMBERS: Final = (int, float)


def run_keys(
    run_dirs: Sequence[Path],
    stream: RowStream,
    *,
    shelves: Sequence[Shelf] = (),
    reaches: Sequence[Reach] = (),
) -> KeyPage:
    """Return the keys of several runs; see `Engine.keys`.

    Args:
        run_dirs: their directories.
        stream: which rows.
        shelves: the index of each run, or none at all.
        reaches: for each run how much may be read, and was; or none at all.

    Cost: reads of the stream of each run what is not indexed.
    """
    names = _Names()
    reaches = reaches or [Reach() for _ in run_dirs]
    for run_dir, shelf, reach in zip_longest(run_dirs, shelves, reaches):
        names.begin_run()
        tally = Tally()
        segments = run_segments(run_dir, STREAM_OF[stream])
        hidden = first_hidden_steps(segments) if stream == "history" else {}
        for segment in segments:
            end = hidden.get(segment.attempt, math.inf)
            start = _indexed(segment, shelf, names, end=end) if shelf else 0
            if not reach.may_parse(segment.path, start):
                continue
            for batch in row_batches(segment, tally, start=start):
                _count(shown(batch, end), names)
        reach.unread += tally.unread
    return KeyPage(names.keys(), names.total, mean_coverage(reaches))


def _indexed(segment: Segment, shelf: Shelf, names: _Names, *, end: float) -> int:
    """Count what the index tells of a segment, and return where it ends.

    It tells nothing from the first part on that holds rows of the step `end`, or later ones.
    """
    told = 0
    for part in shelf.parts(segment.path):
        reached = part.counts.reached
        if end < math.inf and (reached is None or reached >= end):
            break
        try:
            lasts = part.lasts()
        except (DamagedError, OSError):
            shelf.discard()
            break
        for key, last in lasts.items():
            facts = part.facts(key)
            names.add(key, facts.count if facts else 0, last)
        told = part.end
    return told


def kind_of(value: object) -> str:
    """Return the kind of a value: number, bool, string, list, object, or a medium's `_type`."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "list"
    told = value.get("_type") if isinstance(value, dict) else None
    return told if isinstance(told, str) and len(told) <= _KIND_CHARS else "object"


def _count(batch: Batch, names: _Names) -> None:
    rows = batch.rows
    if batch.nested:
        rows = [flatten(row) for row in rows]
    if batch.nulls:
        rows = [{key: value for key, value in row.items() if value is not None} for row in rows]
    # Most rows of a run have the same keys: counting these sets is much less work.
    counts: Counter[str] = Counter()
    for shape, count in Counter(map(tuple, rows)).items():
        for key in shape:
            counts[key] += count
    lasts: dict[str, Any] = {}
    for row in rows:
        lasts.update(row)
    for key, count in counts.items():
        names.add(key, count, lasts[key])


class _Name:
    """What is known of a name; `run` is the number of the last run that has it.

    `kind` is the kind of its last value before that was cut, empty for a number or bool.
    """

    __slots__ = ("count", "kind", "last", "run", "runs")

    def __init__(self) -> None:
        self.count = self.runs = self.run = 0
        self.kind = ""
        self.last: Any = None

    def add(self, count: int, last: Any, run: int) -> None:
        """Take some values into account, `last` the last of them."""
        self.count += count
        if run != self.run:
            self.runs += 1
            self.run = run
        if isinstance(last, _NUMBERS):
            self.kind, self.last = "", last
        else:
            self.kind, self.last = kind_of(last), _cut(last)


class _Names:
    """The names met so far: the first are known, others only counted.

    Cost: memory for `MOST_KEYS` names and a quarter, and some 24 bytes for each other.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Name] = {}
        self._last_known: str | None = None  # names behind it are not known
        self._others = _Distinct()
        self._run = 0

    def begin_run(self) -> None:
        """Take it that what comes now is of the next run."""
        self._run += 1

    def add(self, key: str, count: int, last: Any) -> None:
        """Take some values of a name into account, `last` the last of them."""
        known = self._known.get(key)
        if known is None:
            if key in OWN_FIELDS:
                return
            if self._last_known is not None and key > self._last_known:
                self._others.add(key)
                return
            known = self._known[key] = _Name()
        known.add(count, last, self._run)
        if len(self._known) > MOST_KEYS + MOST_KEYS // 4:
            self._forget()

    def _forget(self) -> None:
        """Keep the first names: those behind them are not told, whatever comes."""
        names = sorted(self._known)
        for key in names[MOST_KEYS:]:
            self._others.add(key)
            del self._known[key]
        self._last_known = names[MOST_KEYS - 1]

    @property
    def total(self) -> int:
        """How many names there are."""
        return len(self._known) + self._others.count()

    def keys(self) -> list[Key]:
        """Return the first names; the longer last values of so many as come to `PAGE_BYTES`."""
        found = []
        room = PAGE_BYTES
        for key in sorted(self._known)[:MOST_KEYS]:
            name = self._known[key]
            kind, last = name.kind or kind_of(name.last), name.last
            if not isinstance(last, _NUMBERS):
                room -= len(orjson.dumps(last))
                last = last if room > 0 else None
            found.append(Key(key, kind, name.count, last, name.runs))
        return found


class _Distinct:
    """How many different texts there were; of each 64 bits are kept, in which few are alike."""

    def __init__(self) -> None:
        self._known = np.empty(0, dtype=np.int64)
        self._new = array("q")

    def add(self, text: str) -> None:
        """Count a text, unless it was there before."""
        self._new.append(hash(text))
        if len(self._new) > _BATCH + len(self._known):
            self.count()

    def count(self) -> int:
        """Return how many there were."""
        if self._new:
            self._known = np.union1d(self._known, np.array(self._new, dtype=np.int64))
            self._new = array("q")
        return len(self._known)


def _cut(value: Any) -> Any:
    """Return a value as it is told: what a reader needs of one that is long.

    That is the beginning of a text; the first entry of each kind of a list, the short values of an
    object, None for others, and None for these where they still are too long.
    """
    if isinstance(value, _NUMBERS) or len(orjson.dumps(value)) <= _LAST_BYTES:
        return value
    if isinstance(value, str):
        return value[:_TEXT_CHARS] + "…"
    if isinstance(value, list):
        firsts: dict[str, Any] = {}
        for one in value:
            firsts.setdefault(kind_of(one), one)
        cut: Any = [_short_values(one) for one in firsts.values()]
    else:
        cut = _short_values(value)
    return cut if len(orjson.dumps(cut)) <= _LAST_BYTES else None


def _short_values(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short_values(one) for key, one in value.items() if _is_short(key)}
    return value if isinstance(value, _NUMBERS) or _is_short(value) else None


def _is_short(value: Any) -> bool:
    return len(orjson.dumps(value)) <= _ENTRY_BYTES
