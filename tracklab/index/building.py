"""Building the index of a run: each line is read once, by one builder at a time.

A builder may be killed at any moment: what it had finished counts, what it was writing lies
under a name that no reader looks at, and the next builder removes it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tracklab import clock
from tracklab.index.blocks import DamagedError
from tracklab.index.calls import GatheredCalls, merged_calls
from tracklab.index.fingerprints import fingerprint, open_file
from tracklab.index.gathering import Axes, Counts, Gathered
from tracklab.index.parts import Entries, Source, write_part
from tracklab.index.sealed import new_file
from tracklab.index.shelves import Shelf, part_name
from tracklab.storage.locks import take_lock
from tracklab.storage.reading import Reading, segment_file, segment_size
from tracklab.storage.streams import Tally, run_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from pathlib import Path

    from tracklab.index.packed import Packed
    from tracklab.index.parts import Part
    from tracklab.storage.streams import Segment

__all__ = ["MIN_BYTES", "STREAMS", "BuilderBusyError", "Built", "build_run", "the_builder"]

#: Fewer new bytes are not worth a file: parsing them takes some 4 ms.
MIN_BYTES: Final = 256 << 10
#: JSON that is gathered in memory before it is written: some 20 MB of columns.
_CHUNK_BYTES: Final = 16 << 20
#: So many parts of one segment become one.
_MERGED_PARTS: Final = 8
#: The streams that are indexed.
STREAMS: Final = ("history", "system_metrics", "llm")
#: A segment that has not grown for so long is indexed to its last line.
_QUIET_S: Final = 60.0


class BuilderBusyError(Exception):
    """Another process is building this index: it will do what is to be done."""


@dataclass(slots=True)
class Built:
    """What a pass over a run did: bytes that were read, bad lines among them."""

    read_bytes: int = 0
    bad_lines: int = 0
    faults: list[OSError] = field(default_factory=list)


@contextmanager
def the_builder(index_root: Path) -> Iterator[None]:
    """Be the one builder of an index until the block ends.

    Raises:
        BuilderBusyError: another process is.
        OSError: the place cannot be written.
    """
    descriptor = take_lock(index_root / "builder.lock")
    if descriptor is None:
        raise BuilderBusyError(str(index_root))
    try:
        yield
    finally:
        os.close(descriptor)


def build_run(
    run_dir: Path,
    place: Path,
    *,
    on_read: Callable[[int], None] = lambda _count: None,
    min_bytes: int = MIN_BYTES,
    now_s: Callable[[], float] = clock.now,
) -> Built:
    """Bring the index of one run up to date; only by `the_builder`.

    Args:
        run_dir: the run.
        place: where its parts lie.
        on_read: is told how many more bytes have been read, every 16 MiB of JSON.
        min_bytes: fewer new bytes than this are left to be parsed by readers.
        now_s: returns epoch seconds.

    Returns:
        what was done; a segment that cannot be read, or a disk that is full, is among its
        `faults`, and does not keep the other segments from being indexed.

    Cost: reads the new bytes once, at 60 to 90 MB/s; memory of some 100 MB at most.
    """
    built = Built()
    segments = [part for stream in STREAMS for part in run_segments(run_dir, stream)]
    with Shelf(place) as shelf:
        kept: set[str] = set()
        for segment in segments:
            work = _Work(
                segment, place, shelf, built, min_bytes=min_bytes, now_s=now_s(), on_read=on_read
            )
            try:
                kept.update(work.finish(sealed=_is_sealed(segment, segments)))
            except OSError as error:
                built.faults.append(error)
                kept.update(part.path.name for part in work.parts)
    _remove_others(place, kept)
    return built


class _Work:
    """What is to be done for one segment."""

    def __init__(
        self,
        segment: Segment,
        place: Path,
        shelf: Shelf,
        built: Built,
        *,
        min_bytes: int,
        now_s: float,
        on_read: Callable[[int], None],
    ) -> None:
        self._segment = segment
        self._place = place
        self._built = built
        self._min_bytes = min_bytes
        self._now_s = now_s
        self._on_read = on_read
        self.parts = shelf.parts(segment.path)

    def finish(self, *, sealed: bool) -> list[str]:
        """Index what is new and return the names of the parts that cover the segment now."""
        names = [part.path.name for part in self.parts]
        end = self.parts[-1].end if self.parts else 0
        new_bytes = segment_size(self._segment.path) - end
        grown_s = segment_file(self._segment.path).lstat().st_mtime
        quiet = sealed or self._now_s - grown_s > _QUIET_S
        if new_bytes >= self._min_bytes or (self.parts and quiet and new_bytes > 0):
            names += self._add(end)
        if len(names) >= _MERGED_PARTS or (len(names) > 1 and quiet):
            try:
                names = [self._merge(names)]
            except DamagedError:
                names = self._anew(names)
        return names

    def _add(self, start: int) -> list[str]:
        names = []
        for chunk in _chunks(self._segment, start):
            names.append(
                self._write(
                    chunk.start, chunk.end, chunk.content(),
                    chunk.gathered.counts(
                        lines=chunk.tally.lines, bad_lines=chunk.tally.bad_lines
                    ),
                )
            )  # fmt: skip
            self._built.read_bytes += chunk.end - chunk.start
            self._built.bad_lines += chunk.tally.bad_lines
            self._on_read(chunk.end - chunk.start)
        return names

    def _anew(self, names: Sequence[str]) -> list[str]:
        """Index the segment from its lines; one of its parts was damaged."""
        for name in names:
            (self._place / name).unlink(missing_ok=True)
        return self._add(0)

    def _merge(self, names: Sequence[str]) -> str:
        with Shelf(self._place) as shelf:
            parts = shelf.parts(self._segment.path)
            if len(parts) != len(names):
                raise DamagedError("a part is gone")
            merged = self._write(
                parts[0].start, parts[-1].end, self._merged(parts),
                _sum([part.counts for part in parts]),
            )  # fmt: skip
        for name in names:
            (self._place / name).unlink(missing_ok=True)
        return merged

    def _merged(self, parts: Sequence[Part]) -> Iterable[tuple[str, Source]] | Packed:
        calls = _stream(self._segment.path) == "llm"
        return merged_calls(parts) if calls else _merged_sources(parts)

    def _write(
        self,
        start: int,
        end: int,
        content: Iterable[tuple[str, Source]] | Packed,
        counts: Counts,
    ) -> str:
        name = part_name(self._segment.path.name, start, end)
        descriptor, packed = open_file(self._segment.path)
        try:
            segment = fingerprint(descriptor, None if packed else end)
        finally:
            os.close(descriptor)
        with new_file(self._place / name) as file:
            write_part(file, content, segment=segment, start=start, end=end, counts=counts)
        return name


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The columns of some consecutive lines."""

    start: int
    end: int
    gathered: Gathered | GatheredCalls
    tally: Tally

    def content(self) -> Iterable[tuple[str, Source]] | Packed:
        """Return what a part holds of them."""
        if isinstance(self.gathered, GatheredCalls):
            return self.gathered.packed()
        return _sources(self.gathered)


def _sources(gathered: Gathered) -> Iterator[tuple[str, Source]]:
    axes = gathered.axes()
    for key, entries in gathered.keys().items():
        rows = entries.rows.tobytes() if len(entries.rows) < len(axes.group) else None
        own = axes if rows is None else axes.at(entries.rows)
        columns = Entries(own, entries.value, entries.numeric)
        yield key, Source(rows, partial(_same, columns), entries.count, entries.last)


def _gatherer(segment: Segment) -> Gathered | GatheredCalls:
    stream = _stream(segment.path)
    return GatheredCalls() if stream == "llm" else Gathered(by_step=stream == "history")


def _chunks(segment: Segment, start: int) -> Iterator[_Chunk]:
    reading = Reading(segment.path, start=max(start, segment.body))
    gathered, tally = _gatherer(segment), Tally()
    tally.lines += bool(segment.body and not start)
    at = start
    for _, block in reading.blocks():
        gathered.add_lines(block, tally)
        if reading.end - at >= _CHUNK_BYTES:
            yield _Chunk(at, reading.end, gathered, tally)
            at, gathered, tally = reading.end, _gatherer(segment), Tally()
    if reading.fault is not None:
        raise reading.fault
    tally.bad_lines += reading.skipped
    if reading.end > at:
        yield _Chunk(at, reading.end, gathered, tally)


def _sum(counts: Sequence[Counts]) -> Counts:
    return Counts(
        sum(one.rows for one in counts),
        sum(one.lines for one in counts),
        sum(one.bad_lines for one in counts),
        next((one.began for one in counts if one.began is not None), None),
        max((one.reached for one in counts if one.reached is not None), default=None),
        rising=_all_rise([one for one in counts if one.rows]),
    )


def _all_rise(counts: Sequence[Counts]) -> bool:
    """Return whether rows rise within each, and from one to the next."""
    turns = pairwise(counts)
    return all(one.rising for one in counts) and all(
        one.reached is not None and other.began is not None and one.reached <= other.began
        for one, other in turns
    )


def _stream(path: Path) -> str:
    return path.name.partition(".")[0]


def _same(columns: Entries) -> Entries:
    return columns


def _merged_sources(parts: Sequence[Part]) -> Iterator[tuple[str, Source]]:
    lasts: dict[str, Any] = {}
    counts: dict[str, int] = {}
    holders: dict[str, list[tuple[float, Part]]] = {}
    before = 0
    for part in parts:
        lasts.update(part.lasts())
        for key in part.keys():  # noqa: SIM118 - a part is no dict
            holders.setdefault(key, []).append((before, part))
            facts = part.facts(key)
            counts[key] = counts.get(key, 0) + (facts.count if facts else 0)
        before += part.counts.rows
    numbered = _stream(parts[0].path) != "history"
    for key, own in holders.items():
        rows: Hashable = tuple((id(part), part.rows_of(key)) for _, part in own)
        yield (
            key,
            Source(
                rows,
                partial(_joined, key, own, numbered=numbered),
                counts[key],
                lasts.get(key),
            ),
        )


def _joined(key: str, holders: Sequence[tuple[float, Part]], *, numbered: bool) -> Entries:
    """Return the entries of several parts; rows that are only numbered go on counting."""
    pieces = []
    for before, part in holders:
        entries = part.entries(key)
        axes = entries.axes
        if numbered:
            axes = Axes(axes.group + before, axes.time, axes.relative)
        pieces.append(Entries(axes, entries.value, entries.numeric))
    return Entries(
        Axes(
            np.concatenate([piece.axes.group for piece in pieces]),
            np.concatenate([piece.axes.time for piece in pieces]),
            np.concatenate([piece.axes.relative for piece in pieces]),
        ),
        np.concatenate([piece.value for piece in pieces]),
        np.concatenate([piece.numeric for piece in pieces]),
    )


def _is_sealed(segment: Segment, segments: Sequence[Segment]) -> bool:
    """Return whether its writer has gone on to a later segment."""
    stream = _stream(segment.path)
    return any(
        other.writer == segment.writer
        and other.number > segment.number
        and _stream(other.path) == stream
        for other in segments
    )


def _remove_others(place: Path, kept: set[str]) -> None:
    """Remove parts that nothing stands behind any more, and what a killed builder left."""
    with suppress(OSError):
        for name in os.listdir(place):
            if name not in kept:
                with suppress(OSError):
                    (place / name).unlink()
