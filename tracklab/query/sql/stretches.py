"""The rows of a run as they lie there: parts of the index, and blocks of lines behind them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tracklab.index.gathering import Axes
from tracklab.query.columns import STREAM_OF
from tracklab.records.flat import flatten
from tracklab.storage.streams import Tally, first_hidden_steps, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tracklab.index.parts import Part
    from tracklab.index.shelves import Shelf
    from tracklab.query.answers.series import RowStream
    from tracklab.storage.streams import Batch, Segment

    #: Where each segment of a run ended, by writer and number; None for a compressed one.
    Sizes: TypeAlias = Mapping[tuple[str | None, int], int | None]

__all__ = ["ChangedError", "Stretch", "axes_of", "flat_rows", "sizes_of", "stretches"]


class ChangedError(Exception):
    """A run or its index is not any more what it was when the table was begun."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some rows of a segment, one after the other.

    Attributes:
        part: where they are indexed, else None.
        batch: where they are not, else None.
        limit: the step from which on a later attempt has replaced them.
    """

    part: Part | None
    batch: Batch | None
    limit: float


def sizes_of(run_dir: Path, stream: RowStream) -> Sizes:
    """Return where the segments of a run end now."""
    segments = run_segments(run_dir, STREAM_OF[stream])
    return {(segment.writer, segment.number): segment.size for segment in segments}


def stretches(run_dir: Path, stream: RowStream, shelf: Shelf, sizes: Sizes) -> Iterator[Stretch]:
    """Yield the rows of a run in reading order, no further than `sizes` says.

    Cost: parses what is not indexed.
    """
    segments = run_segments(run_dir, STREAM_OF[stream])
    hidden = first_hidden_steps(segments) if stream == "history" else {}
    for segment in segments:
        place = (segment.writer, segment.number)
        if place not in sizes:
            continue
        limit = hidden.get(segment.attempt, math.inf)
        size = None if segment.size is None else sizes[place]
        yield from _of_segment(replace(segment, size=size), limit, shelf)


def _of_segment(segment: Segment, limit: float, shelf: Shelf) -> Iterator[Stretch]:
    start = 0
    for part in shelf.parts(segment.path):
        if segment.size is not None and part.end > segment.size:
            break
        yield Stretch(part, None, limit)
        start = part.end
    for batch in row_batches(segment, Tally(), start=start):
        yield Stretch(None, batch, limit)


def flat_rows(batch: Batch) -> list[dict[str, Any]]:
    """Return the rows of a batch with dotted names."""
    return [flatten(row) for row in batch.rows] if batch.nested else batch.rows


def axes_of(part: Part) -> Axes | None:
    """Return the axes of all rows of a part, in their order; None where it does not tell them.

    The index has axes of the rows that hold a key. Those of a key that every row holds are all;
    else those of all keys together are, if they are as many as there are rows.
    """
    count = part.counts.rows
    keys = part.keys()
    for key in keys:
        facts = part.facts(key)
        if facts and facts.count == count:
            return part.entries(key).axes
    one_of_each = {part.rows_of(key): key for key in keys}.values()
    found = [part.entries(key).axes for key in one_of_each]
    if not found:
        return None
    every = np.array([
        np.concatenate([getattr(axes, name) for axes in found])
        for name in ("group", "time", "relative")
    ])  # fmt: skip
    every = every[:, np.lexsort(every[::-1])]
    differs = (every[:, 1:] != every[:, :-1]).any(axis=0)
    every = every[:, np.append(True, differs)]
    # Of lines of one step the clock that never goes back tells which came first.
    group, _, relative = np.diff(every)
    if every.shape[1] != count or np.isnan(every).any() or ((group == 0) & (relative < 0)).any():
        return None
    return Axes(*every)
