"""What a run tells of itself in its events: names, configuration, beginnings and ends.

`metadata.json` and `config.yaml` say the same, only sooner read. One pass over the events gives
all of it back, in the order it was said.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tracklab.query.checkpoints import CHECKPOINT_EVENTS
from tracklab.records.decode import moment
from tracklab.records.fields import text, whole
from tracklab.records.names import STREAMS
from tracklab.storage.blobs import TOLD_MAX_BYTES, fetched, is_reference
from tracklab.storage.liveness import Life
from tracklab.storage.ordering import placed_events
from tracklab.storage.standing import NOTED, note_of
from tracklab.storage.streams import run_segments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tracklab.storage.ordering import Placed
    from tracklab.storage.standing import Note
    from tracklab.storage.streams import Segment, Tally

__all__ = ["Journal", "gap_ranges", "read_journal"]

_HOLDING = (b"tracklab.", b"checkpoint_")
_TOLD = frozenset(
    {
        "tracklab.lifecycle",
        "tracklab.config",
        "tracklab.run",
        "tracklab.environment",
        *NOTED,
    }
)


@dataclass(slots=True)
class Journal:
    """What the events of a run say.

    Attributes:
        facts: metadata, as told at starts and by later edits.
        began: timestamp of the first segment, None where no header tells.
        config: all values, newest last.
        notes: what changes the summary, by writer.
        lives: what is known of each writer, by name.
        started: when each writer that told its start did, in order; True for a resumed one.
        beside: which writers each one joined when it began.
        ended_at: timestamp of the last end line, None without one.
        attempts: newest attempt of each writer.
        gaps: gap events.
        lost: lines that gap events name.
        ranks: number of each writer's process in its job, where it is known.
        checkpoints: checkpoint saves and loads.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    began: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    notes: dict[str | None, list[Note]] = field(default_factory=dict)
    lives: dict[str | None, Life] = field(default_factory=dict)
    started: dict[str | None, bool] = field(default_factory=dict)
    beside: dict[str | None, frozenset[str | None]] = field(default_factory=dict)
    ended_at: str | None = None
    attempts: dict[str | None, int] = field(default_factory=dict)
    gaps: int = 0
    lost: int = 0
    ranks: dict[str | None, int] = field(default_factory=dict)
    checkpoints: int = 0

    @property
    def defines(self) -> bool:
        """Whether a definition says what the summary keeps of a key."""
        notes = (note for own in self.notes.values() for note in own)
        return any(note.definition is not None for note in notes)

    def responsible(self) -> list[str | None]:
        """Return the writers whose end is the end of the run.

        They told their start, in the newest attempt, and none took the run over after them: one
        that resumed it takes over from all before it, except from those that ran beside it, and
        beside these, such as the other ranks of its job. Where none told a start, all writers of
        the newest attempt are.
        """
        newest = max(self.attempts.values(), default=0)
        told = [writer for writer in self.started if self.attempts.get(writer, 0) == newest]
        resumed = [number for number, writer in enumerate(told) if self.started[writer]]
        if not told:
            return [writer for writer, attempt in self.attempts.items() if attempt == newest]
        if not resumed:
            return told
        together = self._together(told[resumed[-1]])
        return [w for n, w in enumerate(told) if n >= resumed[-1] or w in together]

    def _together(self, writer: str | None) -> set[str | None]:
        """Return the writers that ran beside `writer`, or beside one that did, and so on."""
        links: dict[str | None, set[str | None]] = {}
        for one, others in self.beside.items():
            for other in others:
                links.setdefault(one, set()).add(other)
                links.setdefault(other, set()).add(one)
        found, waiting = {writer}, [writer]
        while waiting:
            new = links.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return found


def read_journal(run_dir: Path, tally: Tally) -> Journal:
    """Return what the events of a run say. Cost: reads all events, parses TrackLab's own."""
    journal = Journal()
    for stream in STREAMS:
        for segment in run_segments(run_dir, stream):
            _meet(journal, segment)
    told = []
    for event in placed_events(run_dir, "events", tally, holding=_HOLDING):
        record = event.record
        if record["logger"] in _TOLD and record["message"] != "heartbeat":
            record = event.record
            record["data"] = fetched(run_dir, record["data"], most_bytes=TOLD_MAX_BYTES)
            told.append(event)
        if record["logger"] == "tracklab.gap":
            journal.gaps += 1
            journal.lost += sum(last - first + 1 for first, last in gap_ranges(record["data"]))
        journal.checkpoints += record["message"] in CHECKPOINT_EVENTS
    for event in sorted(told, key=lambda event: event.place):
        _LISTENERS[event.record["logger"]](journal, event)
    for notes in journal.notes.values():
        notes.sort(key=lambda note: note.seq)
    return journal


def gap_ranges(data: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return the ranges of numbers, both ends included, that the data of a gap event names."""
    ranges = data.get("ranges")
    return [
        (pair[0], pair[1])
        for pair in (ranges if isinstance(ranges, list) else ())
        if isinstance(pair, list) and [type(end) for end in pair] == [int, int]
    ]


def _meet(journal: Journal, segment: Segment) -> None:
    """Note the writer of a segment, as its header describes it."""
    writer = segment.writer
    journal.attempts[writer] = max(segment.attempt, journal.attempts.get(writer, 0))
    facts = segment.header.data if segment.header else {}
    rank = whole(facts.get("rank"))
    if rank is not None:
        journal.ranks[writer] = rank
    began = moment(facts.get("started"))
    journal.began = min(filter(None, (journal.began, began)), default=None)
    if writer not in journal.lives:
        journal.lives[writer] = Life(
            writer,
            host=text(facts.get("host")),
            pid=whole(facts.get("pid")),
            boot_id=text(facts.get("boot_id")),
            start_ticks=whole(facts.get("process_start")),
        )


def _joins(journal: Journal, writer: str | None) -> bool:
    """Return whether a writer leaves the run's facts to another one.

    The creator does not, nor rank 0 of a job where another rank came first; that rank does, also
    if it was alone on a machine of its own before copies were merged.
    """
    beside = journal.beside.get(writer, frozenset())
    rank = journal.ranks.get(writer)
    if writer is None or (rank == 0 and None not in beside):
        return False
    attempt = journal.attempts.get(writer)
    led = any(
        other == 0 and journal.attempts.get(name) == attempt
        for name, other in journal.ranks.items()
    )
    return bool(beside) or (bool(rank) and led)


def _on_lifecycle(journal: Journal, event: Placed) -> None:
    writer, data = event.segment.writer, event.record["data"]
    if event.record["message"] == "start":
        beside = data.pop("beside", None)
        if isinstance(beside, list):
            others = (name for name in beside if name is None or isinstance(name, str))
            journal.beside[writer] = frozenset(others)
        journal.started[writer] = data.get("resumed") is True
        # Whoever joins a run leaves its facts as they are, and a resumed run that was given no
        # name keeps the one it has.
        joins = _joins(journal, writer)
        told, known = (journal.facts, data) if joins else (data, journal.facts)
        journal.facts = {
            **told,
            **{key: value for key, value in known.items() if told.get(key) in _NOTHING},
        }
    elif event.record["message"] == "preempting":
        journal.lives[writer] = replace(journal.lives[writer], preempting=True)
    elif event.record["message"] == "finish":
        code = whole(data.get("exit_code"))
        if code is None:
            code = 0 if data.get("state") in {"finished", "completed"} else 1
        killed = data.get("state") == "killed"
        journal.lives[writer] = replace(journal.lives[writer], exit_code=code, killed=killed)
        journal.ended_at = event.record["timestamp"]


def _on_config(journal: Journal, event: Placed) -> None:
    data = event.record["data"]
    values = data.get("values")
    if not isinstance(values, dict) or is_reference(values):
        return
    if data.get("op") == "init" and _joins(journal, event.segment.writer):
        journal.config = {**values, **journal.config}
    else:
        journal.config.update(values)


def _on_run(journal: Journal, event: Placed) -> None:
    journal.facts.update(event.record["data"])


def _on_environment(journal: Journal, event: Placed) -> None:
    if not _joins(journal, event.segment.writer):  # as with a start: the creator's counts
        journal.facts.update(event.record["data"])


def _on_note(journal: Journal, event: Placed) -> None:
    note = note_of(event.record, event.segment)
    if note is not None:
        journal.notes.setdefault(event.segment.writer, []).append(note)


_LISTENERS = {
    "tracklab.lifecycle": _on_lifecycle,
    "tracklab.config": _on_config,
    "tracklab.run": _on_run,
    "tracklab.environment": _on_environment,
    **dict.fromkeys(NOTED, _on_note),
}
_NOTHING: tuple[Any, ...] = (None, "", [])
