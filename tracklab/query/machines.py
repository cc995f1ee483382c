"""Machines on which runs are written, known by the headers of the files alone.

A run may be written on several machines: each segment is of the machine that its header names,
and each machine is told by its own writers, whoever began the run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from tracklab.clock import rfc3339
from tracklab.query.answers.machines import Machine
from tracklab.query.columns import STREAM_OF
from tracklab.query.samples import newest_row
from tracklab.records.fields import text
from tracklab.records.names import STREAMS
from tracklab.storage.streams import run_segments

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from tracklab.query.runs import Dossier
    from tracklab.storage.streams import Segment

__all__ = ["LIVING", "host_of", "living_machines"]

#: Statuses of what is being written, and what they say of a machine.
LIVING = {"running": "up", "stale": "silent"}
_OTHERS = tuple(stream for stream in STREAMS if stream != STREAM_OF["system"])


@dataclass(slots=True)
class _Seen:
    """What the living writers of one machine show."""

    statuses: set[str] = field(default_factory=set)
    runs: int = 0
    grown_ns: int = 0
    segments: list[Segment] = field(default_factory=list)


def living_machines(dossiers: Iterable[Dossier], *, measured: bool) -> list[Machine]:
    """Return the machines of the living writers of some runs, by name.

    Args:
        dossiers: any runs; those that have ended are passed over.
        measured: whether to read the newest sample of each.

    Cost: for each living run a scan and a small read for each segment; its events too, if one of
        its writers holds no lock. With `measured` the last 64 KiB of a segment of each machine.
    """
    found: dict[str, _Seen] = {}
    for dossier in dossiers:
        if dossier.status in LIVING:
            _add(found, dossier, measured=measured)
    return [_machine(host, found[host]) for host in sorted(found)]


def host_of(segment: Segment) -> str | None:
    """Return the machine that wrote a segment; None where another program wrote no header."""
    return text(segment.header.data.get("host")) if segment.header else None


def _add(found: dict[str, _Seen], dossier: Dossier, *, measured: bool) -> None:
    samples = run_segments(dossier.place.path, STREAM_OF["system"])
    # Whoever samples a machine is there, even if it is another program and told no start.
    fates = dossier.fates({segment.writer for segment in samples})
    living = {writer: LIVING[status] for writer, status in fates.items() if status in LIVING}
    hosts = _hosts(dossier, living, samples)
    for host in set(hosts.values()):
        found.setdefault(host, _Seen()).runs += 1
    for writer, status in living.items():
        seen = found[hosts[writer]]
        seen.statuses.add(status)
        seen.grown_ns = max(seen.grown_ns, dossier.survey.grown_ns.get(writer, 0))
    if measured:
        for segment in samples:
            if segment.writer in living:
                found[hosts[segment.writer]].segments.append(segment)


def _hosts(
    dossier: Dossier, writers: Collection[str | None], samples: Sequence[Segment]
) -> dict[str | None, str]:
    """Return the machine of each writer: as one of its headers says, else the run's."""
    hosts: dict[str | None, str] = {}
    segments = chain(
        samples, chain.from_iterable(run_segments(dossier.place.path, one) for one in _OTHERS)
    )
    while len(hosts) < len(writers) and (segment := next(segments, None)):
        host = host_of(segment)
        if host and segment.writer in writers:
            hosts[segment.writer] = host
    own = text(dossier.metadata.get("host")) if len(hosts) < len(writers) else None
    return {writer: hosts.get(writer) or own or "" for writer in writers}


def _machine(host: str, seen: _Seen) -> Machine:
    return Machine(
        host=host,
        status="up" if "up" in seen.statuses else "silent",
        runs=seen.runs,
        last_seen=rfc3339(seen.grown_ns / 1e9) if seen.grown_ns else None,
        sample=_newest(seen.segments),
    )


def _newest(segments: Iterable[Segment]) -> dict[str, Any]:
    """Return the newest row: the last of the segment that grew last, if it has any."""
    for segment in sorted(segments, key=lambda one: _grown_ns(one.path), reverse=True):
        row = newest_row([segment])
        if row:
            return row
    return {}


def _grown_ns(path: Path) -> int:
    try:
        return os.lstat(path).st_mtime_ns
    except OSError:
        return 0
