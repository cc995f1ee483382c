"""One run as tables and pages show it, read no further than what is asked of it.

A run that has ended is told by its documents. One that lives, or whose documents are missing,
damaged or older than its lines, is told by its lines.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tracklab.clock import rfc3339
from tracklab.index.blocks import DamagedError
from tracklab.index.building import MIN_BYTES
from tracklab.index.places import run_place
from tracklab.index.shelves import Shelf
from tracklab.query.answers.runs import Run
from tracklab.query.documents import read_config, read_metadata, read_summary
from tracklab.query.journal import read_journal
from tracklab.query.rhythm import Rhythm, read_rhythm
from tracklab.query.surveys import survey
from tracklab.records.decode import moment
from tracklab.records.fields import epoch_s, text, texts, whole
from tracklab.records.flat import flatten, is_open
from tracklab.records.summing import merge
from tracklab.storage.liveness import lock_held, run_status, writer_status
from tracklab.storage.reading import line_start, segment_size
from tracklab.storage.streams import Tally, first_hidden_steps, run_segments
from tracklab.storage.summaries import Known, derive

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from tracklab.query.addresses import Place
    from tracklab.query.journal import Journal
    from tracklab.query.surveys import Survey
    from tracklab.storage.identity import Process
    from tracklab.storage.liveness import Life
    from tracklab.storage.streams import Segment

__all__ = ["Dossier"]

_Value = TypeVar("_Value")

#: Bytes of history per writer that a listing reads of a run without a trusted summary.
RECENT_BYTES = 4 << 20
#: Longer than the longest line.
_AGAIN_BYTES = 64 << 10
#: How a listing of keys says the numbers that JSON has no word for.
_NONFINITE = frozenset({"NaN", "Infinity", "-Infinity"})
_ENDED = {
    "finished": "finished",
    "completed": "finished",
    "failed": "failed",
    "killed": "killed",
    "preempted": "preempted",
}


class _read_once(Generic[_Value]):  # noqa: N801 - stands where `property` would
    """An attribute that is read when it is first asked for, and kept.

    `cached_property` takes a lock each time before Python 3.12: a tenth of listing a run.
    """

    def __init__(self, read: Callable[[Any], _Value]) -> None:
        self._read = read

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> _Value:
        value = instance.__dict__[self._name] = self._read(instance)
        return value


class Dossier:
    """All that is known of one run; each part is read when it is first asked for.

    Args:
        place: where the run lies.
        now_s: epoch seconds.
        here: the process that asks.
        index: where the index lies; None does without.
        seen: what its directory shows, if somebody has just looked into it.
        on_unindexed: is told of a run that an index would have made quicker to read.
    """

    def __init__(
        self,
        place: Place,
        *,
        now_s: float,
        here: Process,
        seen: Survey | None = None,
        index: Path | None = None,
        on_unindexed: Callable[[Place], None] = lambda _place: None,
    ) -> None:
        self.place = place
        self._index = index
        self._on_unindexed = on_unindexed
        self._now_s = now_s
        self._here = here
        if seen is not None:
            self.__dict__["survey"] = seen

    def unread(self) -> Dossier:
        """Return the same run with nothing read yet: small enough to keep very many of them."""
        return Dossier(
            self.place, now_s=self._now_s, here=self._here, index=self._index,
            on_unindexed=self._on_unindexed,
        )  # fmt: skip

    @property
    def project(self) -> str:
        """The project it belongs to."""
        return self.place.project

    @property
    def address(self) -> str:
        """The full address, unique under the root."""
        return self.place.address

    @_read_once
    def survey(self) -> Survey:
        """What lies in the directory."""
        return survey(self.place.where)

    @_read_once
    def document(self) -> dict[str, Any]:
        """`metadata.json`, empty if it cannot be read."""
        return read_metadata(self.place.where) or {}

    @_read_once
    def held(self) -> dict[str | None, bool | None]:
        """Which writers' locks are held."""
        return {writer: lock_held(self.place.where, writer) for writer in self.survey.locks}

    @_read_once
    def settled(self) -> bool:
        """Whether the documents are the last word: of an ended run, newer than all its lines.

        Of several processes that tell their ends one wrote the document, and it knew only its
        own. An edit from outside tells none, and has no lock; one that came while the run lived
        is not in the document that the run wrote at its end.
        """
        seen = self.survey
        edits = seen.tellers.difference(seen.locks)
        return (
            self.document.get("status") in _ENDED
            and len(seen.tellers) - len(edits) <= 1
            and not any(self.held.values())
            and (not edits or min(map(seen.grown_ns.__getitem__, edits)) >= self._told_end_ns())
            and seen.metadata_ns >= max(seen.grown_ns.values(), default=0)
        )

    def _told_end_ns(self) -> int:
        ended = moment(self.document.get("end_time"))
        return int(epoch_s(ended) * 1e9) if ended else 0

    @_read_once
    def journal(self) -> Journal:
        """What the run's events say."""
        return read_journal(self.place.path, Tally())

    @_read_once
    def metadata(self) -> dict[str, Any]:
        """The run's metadata: the document, brought up to date from lines where need be."""
        return self.document if self.settled else {**self.document, **self.journal.facts}

    @_read_once
    def status(self) -> str:
        """One of `liveness.STATUSES`."""
        if any(self.held.values()):
            return "running"
        told = self.document.get("status")
        if self.settled:
            return _ENDED[self.document["status"]]
        journal = self.journal
        if told in _ENDED and not journal.started and journal.ended_at is None:
            return _ENDED[str(told)]
        return run_status(map(self._fate, journal.responsible()))

    def fates(self, also: Collection[str | None] = ()) -> dict[str | None, str]:
        """Return the status of each writer that holds its lock or has its say in the run's end.

        Args:
            also: writers to judge too, unless they told a start.

        Cost: a probe of each lock; reads the events if a writer holds none.
        """
        writers = {writer for writer, is_held in self.held.items() if is_held}
        if not writers.issuperset(self.survey.grown_ns):
            told = self.journal
            untold = told.lives.keys() - told.started.keys()
            writers |= {*told.responsible(), *untold.intersection(also)}
        return {writer: self._fate(writer) for writer in writers}

    def _fate(self, writer: str | None) -> str:
        if self.held.get(writer):
            return "running"
        return writer_status(
            self._life(writer),
            held=self.held.get(writer),
            age_s=self._now_s - self.survey.grown_ns.get(writer, 0) / 1e9,
            here=self._here,
        )

    def _life(self, writer: str | None) -> Life:
        life = self.journal.lives[writer]
        return replace(life, killed=True) if writer in self.survey.terminated else life

    @_read_once
    def rhythm(self) -> Rhythm:
        """How the rows of a running run come; nothing of any other."""
        if self.status != "running":
            return Rhythm()
        return read_rhythm(self.place.path, now_s=self._now_s)

    @_read_once
    def created_at(self) -> str | None:
        """When the run began."""
        told = moment(self.metadata.get("start_time"))
        return told if told or self.settled else self.journal.began

    @_read_once
    def updated_at(self) -> str | None:
        """When one of its segments last grew; None without segments."""
        grown = self.survey.grown_ns.values()
        return rfc3339(max(grown) / 1e9) if grown else None

    @_read_once
    def config(self) -> dict[str, Any]:
        """The configuration, nested."""
        if self.settled:
            config = read_config(self.place.where)
            return self.journal.config if config is None else config
        return self.journal.config or read_config(self.place.where) or {}

    @_read_once
    def summary(self) -> dict[str, Any]:
        """The summary with dotted names.

        Of a living run whose history is longer than what a listing reads, and not indexed, keys
        that were not logged lately, and aggregates, are as its last `summary.json` has them.
        """
        return self._summary_and_whole[0]

    @property
    def knows_whole_summary(self) -> bool:
        """Whether every line of the run has its say in the summary."""
        return self._summary_and_whole[1]

    @_read_once
    def _summary_and_whole(self) -> tuple[dict[str, Any], bool]:
        document = read_summary(self.place.where)
        # A document says what its own process logged; a forked child's rows are only in lines.
        if self.settled and document is not None and len(self.survey.grown_ns) == 1:
            return flatten(document), True
        segments = run_segments(self.place.path, "history")
        notes = self.journal.notes
        with self.shelf() as shelf:
            known = {} if any(notes.values()) else known_beginnings(segments, shelf)
        self.tell_unindexed(
            sum(one.size - known[one.path].end if one.path in known else one.size
                for one in segments if one.size is not None)
        )  # fmt: skip
        starts = _recent_starts(segments, known)
        recent = derive(segments, notes, Tally(), starts=starts, known=known)
        whole_run = all(
            start <= (known[path].end if path in known else 0) for path, start in starts.items()
        )
        if not whole_run and document is not None:
            told = document if self.journal.defines else {}
            kept = {key: value for key, value in told.items() if is_open(value)}
            older: dict[str, Any] = {}
            merge(older, document)
            merge(older, recent)
            recent = {**older, **kept}
        return flatten(recent), whole_run

    def tell_unindexed(self, count: int) -> None:
        """Say that so many bytes of rows had to be read because no index tells of them."""
        if count >= MIN_BYTES:
            self._on_unindexed(self.place)

    def shelf(self) -> Shelf:
        """Return what is indexed of the run; a context manager."""
        index = self._index
        return Shelf(index and run_place(index, self.place.project, self.place.run_id))

    def field(self, key: str) -> Any:
        """Return the value that a filter or a sort means by `key`, None if there is none."""
        kind, dot, name = key.partition(".")
        if kind == "config" and dot:
            found = self.flat_config.get(name)
            return self.config.get(name) if found is None else found
        if kind == "summary" and dot:
            return self.summary.get(name)
        if key in {"status", "created_at", "updated_at"}:
            return getattr(self, key)
        if key in {"stalled", "silent_s"}:
            return getattr(self.rhythm, key)
        if key == "step":
            return whole(self.summary.get("_step"))
        return getattr(self._bare, key)

    @_read_once
    def flat_config(self) -> dict[str, Any]:
        """The configuration with dotted names."""
        return flatten(self.config)

    @_read_once
    def _bare(self) -> Run:
        return self.run(config=False, summary=False)

    def run(self, *, config: bool = True, summary: bool = True) -> Run:
        """Return the run.

        Without its config or summary these are empty, and are not read; nor is the step, which
        the summary tells.
        """
        facts = self.metadata
        ended = self._ended_at()
        values = self.summary if summary else {}
        told = None if self.settled else self.journal
        return Run(
            run=self.place.address,
            run_id=self.place.run_id,
            project=self.place.project,
            name=text(facts.get("name")) or self.place.run_id,
            status=self.status,
            created_at=self.created_at,
            updated_at=self.updated_at,
            ended_at=ended,
            duration_s=self._duration_s(ended or self.updated_at),
            tags=texts(facts.get("tags")),
            notes=text(facts.get("notes")),
            group=text(facts.get("group")),
            job_type=text(facts.get("job_type")),
            host=text(facts.get("host")),
            pid=whole(facts.get("pid")),
            program=text(facts.get("program")),
            git_commit=text(facts.get("git_commit")),
            python_version=text(facts.get("python_version")),
            exit_code=self._exit_code(),
            step=whole(values.get("_step")),
            config=self.config if config else {},
            summary=values,
            writers=len(self.survey.grown_ns),
            gaps=told.gaps if told else None,
            checkpoints=told.checkpoints if told else None,
            stalled=self.rhythm.stalled,
            silent_s=self.rhythm.silent_s,
        )

    def _ended_at(self) -> str | None:
        if self.status not in _ENDED:
            return None
        if self.settled or self.journal.ended_at is None:
            return moment(self.document.get("end_time"))
        return self.journal.ended_at

    def _exit_code(self) -> int | None:
        if self.status not in _ENDED:
            return None
        if self.settled or self.journal.ended_at is None:
            return whole(self.document.get("exit_code"))
        lives = [self.journal.lives[writer] for writer in self.journal.responsible()]
        code = max((life.exit_code for life in lives if life.exit_code is not None), default=None)
        # That other ranks ended well says nothing of the one that was killed.
        return code if code or self.status == "finished" else None

    def _duration_s(self, ended: str | None) -> float | None:
        if self.created_at is None or ended is None:
            return None
        end_s = self._now_s if self.status == "running" else epoch_s(ended)
        return max(end_s - epoch_s(self.created_at), 0.0)


def _recent_starts(segments: Sequence[Segment], known: Mapping[Path, Known]) -> dict[Path, int]:
    """Return where to start in each segment to read the last `RECENT_BYTES` of each writer.

    Of a known beginning the last lines are read again: they tell when they were written.
    """
    left: dict[str | None, int] = {}
    starts = {}
    for segment in reversed(segments):
        try:
            size = segment_size(segment.path)
        except OSError:
            continue
        room = left.get(segment.writer, RECENT_BYTES)
        left[segment.writer] = max(room - size, 0)
        start = max(size - room, 0)
        if segment.path in known:
            start = max(start, known[segment.path].end - _AGAIN_BYTES)
        starts[segment.path] = line_start(segment.path, start) if start > 0 else 0
    return starts


def known_beginnings(segments: Sequence[Segment], shelf: Shelf) -> dict[Path, Known]:
    """Return what the index tells of the beginnings of segments.

    Only if it tells all that a summary needs: whether a dotted key is a nested value, and numbers
    that are not finite, must be read from their lines. Of a segment in which a later attempt hides
    rows it tells nothing.

    Cost: some small reads for each part.
    """
    known = {}
    hidden = first_hidden_steps(segments)
    for segment in segments:
        parts = shelf.parts(segment.path)
        values: dict[str, Any] = {}
        try:
            for part in parts:
                values.update(part.lasts())
        except (DamagedError, OSError):
            shelf.discard()
            return {}
        if not all(map(_is_plain, values.items())):
            return {}
        if parts:
            steps = [part.counts.reached for part in parts if part.counts.reached is not None]
            reached = max(steps, default=None)
            if reached is None or reached < hidden.get(segment.attempt, math.inf):
                known[segment.path] = Known(values, reached, parts[-1].end)
    return known


def _is_plain(entry: tuple[str, Any]) -> bool:
    key, value = entry
    return "." not in key and isinstance(value, (bool, int, float, str)) and value not in _NONFINITE
