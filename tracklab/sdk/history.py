"""What an earlier process left in a run: where a resumed one goes on.

Reads only as much as that needs: the documents, the headers, and the last block of each segment;
the events where a document is missing. `sdk.replaying` reads the rest.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.clock import now, parse_time
from tracklab.records.decode import moment, restore
from tracklab.storage.blobs import TOLD_MAX_BYTES, fetched, is_reference
from tracklab.storage.documents import read_json, read_yaml
from tracklab.storage.identity import this_process
from tracklab.storage.layout import writers_with_locks
from tracklab.storage.liveness import lock_held
from tracklab.storage.ordering import placed_events
from tracklab.storage.reading import open_segment
from tracklab.storage.streams import Tally, run_segments
from tracklab.storage.succession import TOLD_BY, succession

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

__all__ = ["LastState", "last_state", "unfinished_run"]

_TAIL_BYTES: Final = 256 * 1024


@dataclass(frozen=True)
class LastState:
    """Where a run stands.

    Attributes:
        next_step: one after the last step of any row.
        joined_step: likewise, of rows of the attempt that living writers are in.
        attempt: number of the newest attempt, from 0.
        joined_attempt: number of the attempt that the living writers are in or about to begin.
        succession: what the header of the next writer says; see `storage.succession`.
        goes_on: whether a writer that lives no more wrote to it.
        started_s: when the run began, epoch seconds.
        beside: the writers that live.
        name: its name, if known.
        config: its configuration, secrets masked.
        metadata: what else is told of it: tags, notes, group.
    """

    next_step: int
    joined_step: int
    attempt: int
    joined_attempt: int
    succession: dict[str, int]
    goes_on: bool
    started_s: float
    beside: tuple[str | None, ...] = ()
    name: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    def joined(self) -> LastState:
        """Return what counts for one that joins the living writers and does not resume."""
        state = replace(self, next_step=self.joined_step)
        return replace(state, config={}) if self.joined_attempt else state


def last_state(run_dir: Path, *, living: Callable[[], Collection[str | None]] = tuple) -> LastState:
    """Return where the run in `run_dir` stands; a damaged run gives what is left of it.

    Args:
        run_dir: the run's directory.
        living: returns the writers that write beside the one that asks: their steps are their
            own. It is asked when the headers have been read, so that none who wrote one of them
            and lives is taken for an earlier one.
    """
    metadata, config = _documents(run_dir)
    steps: dict[int, int] = {}
    attempts: dict[bool, list[int]] = {True: [], False: []}
    starts: list[str] = []
    seen = [segment for stream in TOLD_BY for segment in run_segments(run_dir, stream)]
    beside = living()
    for segment in seen:
        attempt, lives = segment.attempt, segment.writer in beside
        if segment.header:
            attempts[lives].append(attempt)
            starts += filter(None, [moment(segment.header.data.get("started"))])
        if segment.path.name.startswith("history") and not lives:
            steps[attempt] = max(steps.get(attempt, -1), _last_step(segment.path))
    if "start_time" in metadata:
        starts.append(metadata["start_time"])
    joined = max(attempts[True], default=max(attempts[False], default=-1) + 1)
    return LastState(
        next_step=max(steps.values(), default=-1) + 1,
        joined_step=steps.get(joined, -1) + 1,
        attempt=max(attempts[True] + attempts[False], default=0),
        joined_attempt=joined,
        succession=succession(seen, living=beside),
        goes_on=bool(attempts[False]) or not beside,
        beside=tuple(beside),
        started_s=min(map(parse_time, starts), default=now()),
        name=metadata.get("name"),
        config=config,
        metadata=metadata,
    )


def _documents(run_dir: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return metadata and configuration; what no document tells is told by the events.

    Cost: two small files; where one is missing or damaged, the events as well.
    """
    metadata = read_json(run_dir / "metadata.json")
    config = read_yaml(run_dir / "config.yaml")
    if metadata is None or config is None:
        told = _told(run_dir)
        metadata, config = metadata or told[0], told[1] if config is None else config
    restore(config)
    config.pop("_lossy", None)  # about the writing of a value, and none itself
    return metadata, config


def _told(run_dir: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return metadata and configuration as the events tell them, the newest last."""
    kinds = {"tracklab.lifecycle", "tracklab.run", "tracklab.config"}
    found = [
        event
        for event in placed_events(
            run_dir, "events", Tally(), holding=[kind.encode() for kind in kinds]
        )
        if event.record["logger"] in kinds
    ]
    metadata: dict[str, Any] = {}
    config: dict[str, Any] = {}
    for event in (placed.record for placed in sorted(found, key=attrgetter("place"))):
        data = fetched(run_dir, event["data"], most_bytes=TOLD_MAX_BYTES)
        if event["logger"] == "tracklab.config":
            values = data.get("values")
            config |= values if isinstance(values, dict) and not is_reference(values) else {}
        elif event["logger"] == "tracklab.run" or (
            event["message"] == "start" and "beside" not in data  # who joins says nothing of it
        ):
            metadata |= data
    return metadata, config


def unfinished_run(project_dir: Path) -> str | None:
    """Return the id of this program's newest run in a project, if it did not end well.

    A run that lives, or that another program or machine wrote, is passed over.
    """
    from tracklab.monitors import host  # noqa: PLC0415 - few programs ask

    here = this_process()
    newest: tuple[float, str, Any] | None = None
    for path in project_dir.glob("*/metadata.json"):
        metadata = read_json(path) or {}
        ours = (metadata.get("host"), metadata.get("program")) == (here.host, host.program())
        if not ours or any(lock_held(path.parent, w) for w in writers_with_locks(path.parent)):
            continue
        with suppress(OSError):
            at_s = path.stat().st_mtime
            newest = max(newest or (0.0, "", None), (at_s, path.parent.name, metadata["status"]))
    return newest[1] if newest and newest[2] != "finished" else None


def _last_step(path: Path) -> int:
    try:
        with open_segment(path) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read(_TAIL_BYTES).split(b"\n")
    except OSError:
        return -1
    steps = (_parsed(line).get("_step", -1) for line in lines)
    return max((step for step in steps if isinstance(step, int)), default=-1)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(line)
    except ValueError:  # the torn end of a killed writer, or the cut start of the block
        return {}
    return data if isinstance(data, dict) else {}
