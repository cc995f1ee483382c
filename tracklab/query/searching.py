"""Lines of a run that hold a text: console text and events, as much as a moment allows.

A search reads on for a second or two and then tells how far it has come; its cursor goes on from
there. So ten gigabytes take many short answers and little memory, and a reader sees the first
hits at once. Lines come as they stand in the files: stream by stream, writer by writer.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracklab import clock
from tracklab.errors import QueryError
from tracklab.query.answers.text import SearchPage
from tracklab.query.cursors import PAGE_BYTES, pack, unpack
from tracklab.query.judges import ConsoleJudge, EventJudge
from tracklab.query.patterns import pattern_of
from tracklab.records.decode import BadLine
from tracklab.storage.console import parts, places
from tracklab.storage.reading import Reading, line_start, segment_size
from tracklab.storage.streams import run_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tracklab.query.answers.text import FoundLine
    from tracklab.query.patterns import Pattern

__all__ = ["SEARCHED", "Search", "search_run"]

#: What can be searched: console text, the user's own log, alerts, all other events of ours.
SEARCHED: Final = ("stdout", "stderr", "app", "alerts", "events")
_CONSOLE: Final = ("stdout", "stderr")
#: Seconds after which an answer is given with what was found; one block more may be read.
_BUDGET_S: Final = 1.5
#: Bytes that are searched at once when going backward.
_RANGE_BYTES: Final = 4 << 20
#: Lines are looked at one by one where so few of them may hold a hit.
_PART_BYTES: Final = 1 << 12
_CURSOR: Final = (str, int)


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for.

    Attributes:
        q: text, in any case; empty for any line.
        re: a regular expression of RE2 instead.
        streams: some of `SEARCHED`; empty for those that tell what else is asked for.
        level: only events of this level or a graver one.
        x0: only events from this time on, epoch seconds.
        x1: only events up to this time, epoch seconds.
    """

    q: str = ""
    re: str = ""
    streams: Sequence[str] = ()
    level: str | None = None
    x0: float | None = None
    x1: float | None = None

    def asked(self) -> tuple[str, ...]:
        """Return the streams to search.

        Raises:
            QueryError: there is no such stream, or console text is asked for what it lacks.
        """
        unknown = set(self.streams) - set(SEARCHED)
        if unknown:
            raise QueryError(f"stream is some of {', '.join(SEARCHED)}; got {min(unknown)!r}.")
        timed = self.level is not None or self.x0 is not None or self.x1 is not None
        if timed and set(self.streams) & set(_CONSOLE):
            raise QueryError(
                "Console text has neither level nor time. Ask for the streams app and alerts "
                "with them, or for stdout and stderr without."
            )
        if self.streams:
            return tuple(name for name in SEARCHED if name in self.streams)
        return ("app", "alerts") if timed else ("stdout", "stderr", "app", "alerts")


def search_run(
    run_dir: Path,
    search: Search,
    *,
    after: str | None = None,
    limit: int = 100,
    descending: bool = False,
    budget_s: float = _BUDGET_S,
) -> SearchPage:
    """Return one page of lines that hold what is searched for; see `Engine.search`.

    Args:
        run_dir: the run's directory.
        search: what for.
        after: cursor of the page before.
        limit: most lines.
        descending: begin at the end.
        budget_s: seconds after which the page ends where it is.

    Raises:
        QueryError: it cannot be searched so.

    Cost: some 0.5 GB/s of console text; of events 0.3 GB/s where few lines hold the words that
    are needed, and 60 MB/s where every line must be parsed. Memory for the page, and for
    `_RANGE_BYTES`.
    """
    pattern = pattern_of(search.q, search.re)
    found = _sources(run_dir, search, pattern)
    page = _Pass(limit, clock.monotonic() + budget_s, descending=descending)
    sources = found[::-1] if descending else found
    behind, at = _behind(after, sources)
    for number, source in enumerate(sources[behind:], behind):
        where = page.through(source, at)
        if where is not None:
            done = sum(one.size for one in sources[:number])
            done += source.size - where if descending else where
            share = done / max(sum(one.size for one in sources), 1)
            return SearchPage(page.lines, pack((source.name, where)), share, page.bad_lines)
        at = None
    return SearchPage(page.lines, None, 1.0, page.bad_lines)


def _behind(after: str | None, sources: Sequence[_Source]) -> tuple[int, int | None]:
    """Return which source a cursor continues, and where in it; None for its beginning."""
    if after is None:
        return 0, None
    name, at = unpack(after, _CURSOR)
    for number, source in enumerate(sources):
        if source.name == name:
            return number, max(at, 0)
    raise QueryError("What this cursor continues is no longer there. Begin anew without it.")


@dataclass(frozen=True, slots=True)
class _Source:
    """A file to search: where it begins in what its offsets count, and how its lines are judged.

    `look` and `sift` say whether any of some lines may fit, at a glance and for a fifth of the cost
    of `judge`. `seekable` says that reading may begin anywhere at no cost.
    """

    name: str
    path: Path
    size: int
    look: Callable[[bytes], bool]
    judge: Callable[[int, bytes], FoundLine | BadLine | None]
    sift: Callable[[bytes], bool] = lambda _lines: True
    seekable: bool = True


class _Pass:
    """One page being filled, file by file."""

    def __init__(self, limit: int, ends_s: float, *, descending: bool) -> None:
        self._limit = limit
        self._room_bytes = PAGE_BYTES
        self._ends_s = ends_s
        self._descending = descending
        self.lines: list[FoundLine] = []
        self.bad_lines = 0

    def through(self, source: _Source, at: int | None) -> int | None:
        """Search a file from `at` on; return where to go on, None at its end."""
        if self._descending:
            return self._backward(source, source.size if at is None else at)
        return self._forward(source, at or 0)

    def _forward(self, source: _Source, start: int) -> int | None:
        reading = Reading(source.path, start=start, until=source.size)
        for offset, block in reading.blocks():
            for at, line in self._hits(source, offset, block):
                if self._is_full():
                    return at
                self._show(line)
            if clock.monotonic() > self._ends_s:
                return reading.end
        return None

    def _backward(self, source: _Source, end: int) -> int | None:
        while end > 0:
            least = end - _RANGE_BYTES if source.seekable else 0
            start = line_start(source.path, least) if least > 0 else 0
            for at, line in reversed(self._last_hits(source, start, end)):
                if self._is_full():
                    return end
                self._show(line)
                end = at
            end = start
            if end and clock.monotonic() > self._ends_s:
                return end
        return None

    def _last_hits(self, source: _Source, start: int, end: int) -> deque[tuple[int, FoundLine]]:
        """Return the last hits of a range: as many as there is room for, and one more."""
        hits: deque[tuple[int, FoundLine]] = deque(maxlen=self._limit - len(self.lines) + 1)
        size = 0
        for offset, block in Reading(source.path, start=start, until=end).blocks():
            for hit in self._hits(source, offset, block):
                size += len(hit[1].text)
                if len(hits) == hits.maxlen:
                    size -= len(hits[0][1].text)
                hits.append(hit)
                while len(hits) > 2 and size - _length(hits, 2) >= self._room_bytes:  # noqa: PLR2004
                    size -= len(hits.popleft()[1].text)
        return hits

    def _is_full(self) -> bool:
        return len(self.lines) == self._limit or self._room_bytes <= 0

    def _show(self, line: FoundLine) -> None:
        self.lines.append(line)
        self._room_bytes -= len(line.text)

    def _hits(self, source: _Source, offset: int, block: bytes) -> Iterator[tuple[int, FoundLine]]:
        for at, part in _looked(source, offset, block):
            if not source.sift(part):
                continue
            begins = at
            for line in part.split(b"\n"):
                if line and not line.isspace() and source.look(line):
                    judged = source.judge(begins, line)
                    if isinstance(judged, BadLine):
                        self.bad_lines += 1
                    elif judged is not None:
                        yield begins, judged
                begins += len(line) + 1


def _length(hits: deque[tuple[int, FoundLine]], count: int) -> int:
    """Return how long the texts of the first hits are."""
    return sum(len(hits[at][1].text) for at in range(count))


def _looked(source: _Source, offset: int, block: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the parts of a block in which a line may fit: halves of halves of it."""
    if not source.look(block):
        return
    half = block.find(b"\n", len(block) // 2) + 1
    if len(block) <= _PART_BYTES or half in {0, len(block)}:
        yield offset, block
        return
    yield from _looked(source, offset, block[:half])
    yield from _looked(source, offset + half, block[half:])


def _sources(run_dir: Path, search: Search, pattern: Pattern) -> list[_Source]:
    asked = search.asked()
    found = []
    printed = [stream for stream in _CONSOLE if stream in asked]
    directories = places(run_dir) if printed else {}
    for stream in printed:
        for rank, directory in directories.items():
            for part in parts(directory, stream):
                own = ConsoleJudge(stream, rank, part.start, pattern)
                name = str(part.path.relative_to(run_dir))
                found.append(_Source(name, part.path, part.size, own.look, own.judge))
    kinds = [name for name in asked if name not in _CONSOLE]
    for segment in run_segments(run_dir, "events") if kinds else ():
        size = segment.size
        try:
            size = segment_size(segment.path) if size is None else size
        except OSError:
            continue
        events = EventJudge(segment.writer, kinds, search, pattern)
        found.append(
            _Source(segment.path.name, segment.path, size, events.look, events.judge,
                    events.sift, seekable=segment.size is not None)
        )  # fmt: skip
    return found
