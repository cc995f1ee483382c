"""Answers about runs: projects, tables of runs, one run counted, runs side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "Compared",
    "Comparison",
    "Project",
    "Run",
    "RunDetail",
    "RunGroup",
    "RunGroups",
    "RunNumbers",
    "RunPage",
    "StreamSize",
]


@dataclass(frozen=True, slots=True)
class Project:
    """One project; `statuses` counts its runs by status, `last_activity` is None without runs."""

    project: str
    runs: int
    running: int
    last_activity: str | None
    statuses: dict[str, int]


@dataclass(frozen=True, slots=True)
class Run:
    """One run as a table shows it.

    `status` is one of running, finished, failed, killed, crashed, preempted, stale. Of a running
    run, `silent_s` is the seconds since its last row, and `stalled` whether that is more than its
    own rhythm explains. `config` stays nested, `summary` is flat. `bad_lines`, `gaps`,
    `checkpoints` and `llm_calls` are None where they were not counted: a listing reads no lines
    of a run that has ended.
    """

    run: str
    run_id: str
    project: str
    name: str
    status: str
    created_at: str | None
    updated_at: str | None
    ended_at: str | None
    duration_s: float | None
    tags: list[str]
    notes: str | None
    group: str | None
    job_type: str | None
    host: str | None
    pid: int | None
    program: str | None
    git_commit: str | None
    python_version: str | None
    exit_code: int | None
    step: int | None
    config: dict[str, Any]
    summary: dict[str, Any]
    writers: int
    bad_lines: int | None = None
    gaps: int | None = None
    checkpoints: int | None = None
    llm_calls: int | None = None
    stalled: bool = False
    silent_s: float | None = None


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of runs; `total` counts all that match, `cursor` is None on the last page."""

    runs: list[Run]
    total: int
    cursor: str | None
    coverage: float = 1.0


@dataclass(frozen=True, slots=True)
class RunNumbers:
    """What the runs of a group say of a field; `count` of them say a finite number."""

    count: int
    min: float | None
    mean: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class RunGroup:
    """Runs that have the same values in some fields, counted by status too.

    A value is a text, a number, a boolean, or None; an object is a text of JSON.
    """

    values: dict[str, Any]
    count: int
    statuses: dict[str, int]
    columns: dict[str, RunNumbers]


@dataclass(frozen=True, slots=True)
class RunGroups:
    """The first groups of runs; `total` counts all groups, and `runs` the runs in them."""

    groups: list[RunGroup]
    total: int
    runs: int


@dataclass(frozen=True, slots=True)
class StreamSize:
    """How much of one stream lies on disk; `lines` counts every line, headers and bad ones too."""

    bytes: int
    segments: int
    lines: int


@dataclass(frozen=True, slots=True)
class RunDetail:
    """One run with everything counted, its metadata, and the size of each stream by name."""

    run: Run
    metadata: dict[str, Any]
    streams: dict[str, StreamSize]


@dataclass(frozen=True, slots=True)
class Compared:
    """One dotted key over the compared runs; a run without it has None and `differs`."""

    key: str
    values: list[Any]
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs side by side; `values` follow the order of `runs`."""

    runs: list[Run]
    config: list[Compared]
    summary: list[Compared]
