"""What an importer says of a run, one thing after the other, in the order it happened.

An importer knows one foreign format and nothing of ours; `landing` knows ours and no other. These
few shapes are all that passes between them, and none is kept, so memory does not grow with a run.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import UsageError
from tracklab.records.names import check_project, check_run_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = [
    "At",
    "Begin",
    "Config",
    "Content",
    "Definition",
    "End",
    "Event",
    "File",
    "Found",
    "Lost",
    "Made",
    "Renamed",
    "Row",
    "SummarySet",
    "Text",
    "Thing",
    "stable_id",
    "usable_id",
    "usable_project",
]

_NOT_IN_IDS: Final = re.compile(r"[^A-Za-z0-9._@+=-]+")
_NOT_IN_PROJECTS: Final = re.compile(r"[/\\#?%:\x00-\x1f\x7f]+")
_ID_CHARS: Final = 100
_MARK_CHARS: Final = 6


@dataclass(frozen=True, slots=True)
class Begin:
    """How a run began; the first thing that is said of it. `facts` go into its metadata."""

    started_s: float
    name: str
    tags: tuple[str, ...] = ()
    notes: str = ""
    group: str | None = None
    job_type: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """Values at a time; without a step they are the machine's.

    `runtime_s` None stands for the time since the run began.
    """

    values: dict[str, Any]
    timestamp_s: float
    step: int | None = None
    runtime_s: float | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Values of the configuration, at a time."""

    values: dict[str, Any]
    timestamp_s: float


@dataclass(frozen=True, slots=True)
class SummarySet:
    """What the summary says by the end; only what rows do not say already is written."""

    values: dict[str, Any]
    timestamp_s: float


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric's own x axis, and what the summary keeps of it, as `define_metric()` takes them."""

    name: str
    step_metric: str | None = None
    step_sync: bool | None = None
    hidden: bool | None = None
    summary: tuple[str, ...] = ()
    goal: str | None = None
    overwrite: bool = False
    timestamp_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Renamed:
    """Another `name`, other `notes` or `tags`, from a time on."""

    changes: dict[str, Any]
    timestamp_s: float


@dataclass(frozen=True, slots=True)
class Event:
    """Any other event."""

    logger: str
    message: str
    data: dict[str, Any]
    timestamp_s: float
    level: str = "INFO"


@dataclass(frozen=True, slots=True)
class Text:
    """Console text of `stdout` or `stderr`, as it was printed."""

    stream: str
    content: bytes
    timestamp_s: float = 0.0


@dataclass(frozen=True, slots=True)
class File:
    """A file for the run: `target` is its path there, `content` a file to copy or the bytes."""

    target: str
    content: Path | bytes


@dataclass(frozen=True, slots=True)
class Content:
    """One entry of an artifact: a file, or with `ref` the address of something elsewhere.

    Attributes:
        path: where it lies in the artifact.
        digest: MD5 of the file as base64, or what tells a reference's content; empty: not told.
        size_bytes: None if nobody says.
        ref: the address.
        extra: what else the keeper of a reference said.
        local: where the file lies now; None if it cannot be had.
        missing: why, for people.
    """

    path: str
    digest: str = ""
    size_bytes: int | None = None
    ref: str | None = None
    extra: tuple[tuple[str, Any], ...] = ()
    local: Path | None = field(default=None, repr=False)
    missing: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """A version of an artifact that the run logged; `used`: as something that it used."""

    kind: str
    name: str
    contents: tuple[Content, ...]
    timestamp_s: float
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    description: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    used: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """What could not be taken along, for people."""

    what: str


@dataclass(frozen=True, slots=True)
class At:
    """How far the reading is, in bytes of the source."""

    done_bytes: int


@dataclass(frozen=True, slots=True)
class End:
    """How the run ended; a run of which nobody says it has none."""

    ended_s: float
    exit_code: int = 0
    state: str | None = None


Thing = (
    Begin
    | Row
    | Config
    | SummarySet
    | Definition
    | Renamed
    | Event
    | Text
    | File
    | Made
    | Lost
    | At
    | End
)


@dataclass(frozen=True, slots=True)
class Found:
    """A run that lies in another tool's files.

    Attributes:
        tool: whose files they are.
        source: where they lie.
        project: what the tool calls the project, as a name we can use.
        run_id: the same for each import of the same run.
        size_bytes: how much there is to read, for a progress bar; 0 if that is not known.
        things: reads it, from the beginning at each call.
    """

    tool: str
    source: Path
    project: str
    run_id: str
    size_bytes: int
    things: Callable[[], Iterator[Thing]]


def usable_id(name: str) -> str:
    """Return `name` as a run id: itself if it may be one, else one that only this name gets."""
    try:
        return check_run_id(name)
    except UsageError:
        plain = _NOT_IN_IDS.sub("-", name).strip("-._@+=")[:_ID_CHARS]
        return f"{plain}-{_mark(name)}" if plain else f"run-{_mark(name)}"


def usable_project(name: str) -> str:
    """Return `name` as a project, in one level: slashes and what paths misread become dashes."""
    plain = _NOT_IN_PROJECTS.sub("-", name).strip(" .-")[:_ID_CHARS]
    try:
        return check_project(plain)
    except UsageError:
        return f"{plain}-{_mark(name)}" if plain else "uncategorized"


def stable_id(content: bytes) -> str:
    """Return an id for a run that has none of its own: 12 characters that `content` decides."""
    return hashlib.sha256(content).hexdigest()[:12]


def _mark(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:_MARK_CHARS]
