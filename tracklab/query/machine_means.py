"""What machines measured before: one line for each machine and key, over all runs written there.

Of many runs on one machine each tells of the same machine, so where there are too many, some are
left out: every machine with a living run keeps one, then each machine has its turn, the runs
written last first. The answer says what share it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracklab.clock import rfc3339
from tracklab.errors import QueryError
from tracklab.index.blocks import DamagedError
from tracklab.index.gathering import numbers
from tracklab.query.answers.machines import MachineReply
from tracklab.query.answers.series import GroupSeries
from tracklab.query.buckets import Buckets, bucket_width
from tracklab.query.columns import STREAM_OF, Column, Indexed, Pieces
from tracklab.query.group_means import united
from tracklab.query.machines import host_of
from tracklab.query.settling import settled
from tracklab.query.sketches import Sketch
from tracklab.query.zooming import can_number, line_of
from tracklab.records.fields import text
from tracklab.records.flat import OWN_FIELDS, lookup
from tracklab.storage.streams import Tally, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tracklab.index.shelves import Shelf
    from tracklab.query.reach import Reach
    from tracklab.query.runs import Dossier
    from tracklab.storage.streams import Batch, Segment

__all__ = ["MOST_RUNS", "Window", "machine_means"]

#: Runs looked into for one answer, beside the living ones: those that were written last.
MOST_RUNS = 1_000
#: Lines read for one answer, one for each run, machine and key, where living machines need fewer.
_MOST_LINES = 1_000
#: Points of one answer before lines of one machine are united: 50 MB.
_MOST_POINTS = 1_000_000
_NUMERIC = frozenset({float, int, bool})


@dataclass(frozen=True, slots=True)
class Window:
    """A range of time in epoch seconds, and the most buckets over it."""

    begin: float
    end: float
    px: int

    @property
    def filter(self) -> str:
        """What finds the runs that may have rows in it.

        Raises:
            QueryError: its ends are no times.
        """
        try:
            return f'created <= "{rfc3339(self.end)}" and updated >= "{rfc3339(self.begin)}"'
        except (OverflowError, ValueError):
            raise QueryError("x0 and x1 are epoch seconds, as in 1790000000.") from None

    @property
    def width(self) -> float:
        """The width of a bucket."""
        return bucket_width(self.end - self.begin, self.px)


@dataclass(frozen=True, slots=True)
class _Share:
    """What one run tells of one machine: `turn` is its number among the runs of the machine."""

    run: Dossier
    host: str
    segments: Sequence[Segment]
    living: bool
    turn: int


def machine_means(
    living: Sequence[Dossier],
    ended: Sequence[Dossier],
    keys: Sequence[str],
    window: Window,
    *,
    left_out: int,
    reach_of: Callable[[Dossier], Reach],
) -> MachineReply:
    """Return the mean of each key over the runs of each machine.

    Args:
        living: runs that may have rows in the window and are being written.
        ended: others, those written last first.
        keys: dotted names of system rows.
        window: the range.
        left_out: how many more runs there are.
        reach_of: returns what takes note of how much of a run is read, the same one each time.

    Returns:
        One line for each machine and key. The coverage is of runs; the reaches tell of bytes.

    Raises:
        QueryError: one line for each living machine and key would be too much.

    Cost: a scan and a small read for each system segment of the runs; from the index some
        milliseconds for each line, without it a pass over the rows of that machine.
    """
    shares = sorted(_shares(living, ended), key=lambda one: (one.turn, not one.living))
    least = len({share.host for share in shares if share.living})
    most = _MOST_POINTS // (len(keys) * window.px)
    if least > most:
        raise QueryError(
            f"{len(keys)} keys of {least} machines in {window.px} columns are more than one "
            "request may ask for. Ask for fewer keys, or fewer columns."
        )
    read = shares[: min(most, max(least, _MOST_LINES // len(keys)))]
    found = []
    for share in read:
        with share.run.shelf() as shelf:
            found += _lines(share, keys, window, shelf, reach_of(share.run))
    there_are = len(shares) + left_out
    groups = united(found, span=window.end - window.begin, px=window.px)
    return MachineReply(groups, len(read) / there_are if there_are else 1.0)


def _shares(living: Iterable[Dossier], ended: Iterable[Dossier]) -> Iterator[_Share]:
    turns: dict[str, int] = {}
    for is_living, runs in ((True, living), (False, ended)):
        for run in runs:
            for host, segments in _by_host(run).items():
                turns[host] = turns.get(host, -1) + 1
                yield _Share(run, host, segments, is_living, turns[host])


def _by_host(run: Dossier) -> dict[str, list[Segment]]:
    """Return the system segments of each machine; those of an unknown one are left out."""
    hosts: dict[str, list[Segment]] = {}
    for segment in run_segments(run.place.path, STREAM_OF["system"]):
        host = host_of(segment) or text(run.metadata.get("host"))
        if host:
            hosts.setdefault(host, []).append(segment)
    return hosts


def _lines(
    share: _Share, keys: Sequence[str], window: Window, shelf: Shelf | None, reach: Reach
) -> list[GroupSeries]:
    try:
        pieces = _pieces(share.segments, keys, shelf, reach)
        return [_line(share, key, _cut(pieces[key], window)) for key in keys]
    except (DamagedError, OSError):
        if shelf is None:
            raise
        shelf.discard()
        reach.start_over()
        return _lines(share, keys, window, None, reach)


def _pieces(
    segments: Sequence[Segment], keys: Sequence[str], shelf: Shelf | None, reach: Reach
) -> dict[str, Pieces]:
    """Return what each part of the index and each block of lines holds of the keys."""
    by_key = {key: Pieces() for key in keys}
    tally = Tally()
    row_count = 0
    for segment in segments:
        start = 0
        if shelf and not OWN_FIELDS.intersection(keys):
            for part in shelf.parts(segment.path):
                for key in filter(part.holds, keys):
                    indexed = Indexed(part, key, "time", "system", row_count, None)
                    by_key[key].found.append(indexed)
                start, row_count = part.end, row_count + part.counts.rows
        if reach.may_parse(segment.path, start):
            for batch in row_batches(segment, tally, keys=keys, start=start):
                for key in keys:
                    by_key[key].found.append(_column(batch, key, row_count))
                row_count += len(batch.rows)
    reach.unread += tally.unread
    return by_key


def _column(batch: Batch, key: str, row_count: int) -> Column:
    values = [lookup(row, key) for row in batch.rows]
    numeric = np.array([type(value) in _NUMERIC for value in values], dtype=bool)
    group = np.arange(row_count, row_count + len(values), dtype=np.float64)
    x = np.array(batch.times, dtype=np.float64)
    return Column(group, x, numbers(values), numeric).at(numeric)


def _cut(pieces: Pieces, window: Window) -> Buckets | None:
    """Return what lies in the window, in buckets; None if nothing does."""
    line = line_of(pieces, "time")
    if line is not None:
        cut = line.within(window.begin, window.end)
        if not cut.count:
            return None
        if can_number(cut.ends(), window.width):
            return cut.buckets(window.width)
    sketch = Sketch(window.px, 0, window.width)
    for (column,) in settled([pieces]):
        inside = (column.x >= window.begin) & (column.x <= window.end) & np.isfinite(column.value)
        sketch.add(column.x[inside], column.value[inside])
    return sketch.buckets(window.width) if sketch.count else None


def _line(share: _Share, key: str, found: Buckets | None) -> GroupSeries:
    runs = [share.run.place.address]
    if found is None:
        nothing = np.empty(0)
        return GroupSeries(share.host, key, runs, *[nothing] * 6)
    return GroupSeries(
        group=share.host,
        key=key,
        runs=runs,
        x=found.x,
        mean=found.mean,
        stderr=np.full(len(found.x), np.nan),
        lo=found.lo,
        hi=found.hi,
        n=np.ones(len(found.x)),
    )
