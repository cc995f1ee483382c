"""Shapes of replies and bodies that the engine does not already define.

They document the API: `/openapi.json`, and the UI's types generated from it, come from these
and from `tracklab.query.answers`. Replies are never validated against them at run time.
"""

# No postponed annotations: the framework reads them when the routes are made.
import dataclasses
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tracklab.live.cluster import Node
from tracklab.query.answers.runs import Project, Run, StreamSize
from tracklab.query.answers.series import NonFinite
from tracklab.query.artifacts import ArtifactName, ArtifactVersion
from tracklab.server.views import SavedView

__all__ = [
    "Accelerator",
    "AcceleratorPart",
    "AcceleratorProcess",
    "Accelerators",
    "ArtifactList",
    "ArtifactVersionList",
    "FileEntry",
    "FileList",
    "GroupColumns",
    "GroupTable",
    "IndexFacts",
    "LoginCode",
    "MachineFacts",
    "NodeHistory",
    "NodeList",
    "ProblemBody",
    "ProcessorRow",
    "ProjectList",
    "RunEdit",
    "RunReply",
    "SeriesColumns",
    "SeriesQuestion",
    "SeriesTable",
    "ServerConfig",
    "ServerFacts",
    "SettingFact",
    "SqlQuestion",
    "SystemRow",
    "ViewEdit",
    "ViewList",
    "YForm",
]


def _utf8(text: str) -> str:
    """Refuse half a surrogate pair, which JSON can spell and no reply could repeat."""
    text.encode()
    return text


Name = Annotated[str, AfterValidator(_utf8)]
Tag = Annotated[str, Field(min_length=1, max_length=64)]


YForm = Annotated[
    Literal["f64", "f32"],
    Field(description="f32: values of a binary frame in 32 bits, for slow links"),
]


class RunEdit(BaseModel):
    """What to change; a field that is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    notes: Annotated[str, Field(max_length=16_000)] | None = None
    tags: Annotated[list[Tag], Field(max_length=100)] | None = None


class ViewEdit(BaseModel):
    """A view to save, or what to change of one; a field that is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Name, Field(min_length=1, max_length=256)] | None = None
    project: Annotated[Name, Field(min_length=1, max_length=512)] | None = None
    data: dict[str, Any] | None = None


class SqlQuestion(BaseModel):
    """One SELECT, and the runs that its tables hold: these, those of a project, or all."""

    model_config = ConfigDict(extra="forbid")

    sql: Annotated[Name, Field(min_length=1, max_length=20_000)]
    runs: Annotated[list[Name], Field(max_length=1_000)] = []
    project: Name | None = None
    f: Annotated[Name, Field(max_length=4_096)] = ""
    limit: Annotated[int, Field(ge=1, le=100_000)] = 10_000


class SeriesQuestion(BaseModel):
    """The same question as the query string of `GET /api/series`, for long lists."""

    model_config = ConfigDict(extra="forbid")

    runs: Annotated[list[Name], Field(min_length=1, max_length=200)]
    keys: Annotated[list[Name], Field(min_length=1, max_length=200)]
    stream: Literal["history", "system"] = "history"
    x: Name | None = None
    x0: float | None = None
    x1: float | None = None
    px: Annotated[int, Field(ge=1, le=20_000)] = 1000
    smooth: Name | None = None
    since: dict[Name, Name] | None = None
    y: YForm = "f64"


@dataclasses.dataclass(frozen=True, slots=True)
class ProblemBody:
    """Every reply of 400 or more (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


@dataclasses.dataclass(frozen=True, slots=True)
class ProjectList:
    """Every project, last active first."""

    projects: list[Project]


@dataclasses.dataclass(frozen=True, slots=True)
class ArtifactList:
    """Artifacts by type and name."""

    artifacts: list[ArtifactName]


@dataclasses.dataclass(frozen=True, slots=True)
class ArtifactVersionList:
    """The versions of an artifact, the newest first."""

    versions: list[ArtifactVersion]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunReply(Run):
    """One run with its metadata, and the size of each stream by name."""

    metadata: dict[str, Any]
    streams: dict[str, StreamSize]


@dataclasses.dataclass(frozen=True, slots=True)
class SeriesColumns:
    """One key of one run: columns of equal length `n`; `lo`, `hi`, `mean`, `cnt` unless `exact`."""

    run: str
    key: str
    attempt: int
    n: int
    total: int
    exact: bool
    rev: str
    nonfinite: list[NonFinite]
    x: list[float]
    last: list[float]
    lo: list[float] | None = None
    hi: list[float] | None = None
    mean: list[float] | None = None
    cnt: list[float] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class SeriesTable:
    """The asked series, run by run and key by key."""

    series: list[SeriesColumns]
    coverage: float
    revs: dict[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class GroupColumns:
    """One key over the runs of a group: columns of equal length, see `GroupSeries`."""

    group: str | None
    key: str
    runs: list[str]
    x: list[float]
    mean: list[float]
    stderr: list[float | str]
    lo: list[float]
    hi: list[float]
    n: list[float]


@dataclasses.dataclass(frozen=True, slots=True)
class GroupTable:
    """The asked groups, each with every asked key."""

    groups: list[GroupColumns]
    coverage: float
    revs: dict[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a run: size in bytes, `modified` in epoch seconds."""

    path: str
    size: int
    modified: float


@dataclasses.dataclass(frozen=True, slots=True)
class FileList:
    """The files of a run by path; `truncated` says that there are more."""

    files: list[FileEntry]
    truncated: bool


_MORE = ConfigDict(extra="allow")


@dataclasses.dataclass(frozen=True, slots=True)
class SystemRow:
    """This machine now: the names and units of system rows, null for a missing sensor."""

    __pydantic_config__ = _MORE

    timestamp: str
    cpu_percent: float | None
    cpu_percent_per_core: list[float] | None
    memory_percent: float | None
    disk_usage: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class ProcessorRow:
    """The processor: what it is, and its part of the system row."""

    __pydantic_config__ = _MORE

    timestamp: str
    model: str | None
    count: int | None
    cpu_percent: float | None
    cpu_percent_per_core: list[float] | None


@dataclasses.dataclass(frozen=True, slots=True)
class MachineFacts:
    """What this machine is."""

    hostname: str
    platform: str
    cpu_model: str | None
    cpu_count: int | None
    memory_gb: float | None
    python_version: str
    boot_id: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class AcceleratorProcess:
    """A process on an accelerator, and the run it belongs to: null if none, or another's."""

    pid: int
    memory_used_bytes: int | None
    run: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class AcceleratorPart:
    """A part of a divided accelerator."""

    index: int
    uuid: str | None
    name: str | None
    memory_total_bytes: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Accelerator:
    """One accelerator: what it is, and its numbers under the names of a system row."""

    __pydantic_config__ = _MORE

    kind: str
    index: int
    uuid: str | None = None
    name: str | None = None
    driver: str | None = None
    bus_id: str | None = None
    memory_total_bytes: int | None = None
    mig: list[AcceleratorPart] | None = None
    processes: list[AcceleratorProcess] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Accelerators:
    """The accelerators of this machine, none without a driver."""

    accelerators: list[Accelerator]


@dataclasses.dataclass(frozen=True, slots=True)
class ServerFacts:
    """What this server is: memory in bytes, times in seconds or RFC 3339."""

    version: str
    pid: int
    rss_bytes: int
    started_at: str
    uptime_s: float
    root: str
    clients: int
    ui_built: bool


@dataclasses.dataclass(frozen=True, slots=True)
class SettingFact:
    """One setting as its environment variable is written, and what it is if nobody says."""

    name: str
    value: str
    default: str


@dataclasses.dataclass(frozen=True, slots=True)
class ServerConfig:
    """What the settings' file and the environment of the server say, here and now.

    `data_retention_days` is how long what may be removed is kept.
    """

    data_retention_days: float
    settings: list[SettingFact]


@dataclasses.dataclass(frozen=True, slots=True)
class IndexFacts:
    """Where the index lies, the run that is being indexed, bytes read of it, runs that wait."""

    place: str
    run: str | None
    read_bytes: int
    waiting: int


@dataclasses.dataclass(frozen=True, slots=True)
class NodeList:
    """The machines that take part, by name."""

    nodes: list[Node]


@dataclasses.dataclass(frozen=True, slots=True)
class NodeHistory:
    """The machines that take part, and by machine (`group`) and key what was asked of before.

    With a `coverage` below 1 the history does not rest on all runs that tell of these machines.
    """

    nodes: list[Node]
    history: list[GroupColumns]
    coverage: float


@dataclasses.dataclass(frozen=True, slots=True)
class ViewList:
    """Every saved view, by name."""

    views: list[SavedView]


@dataclasses.dataclass(frozen=True, slots=True)
class LoginCode:
    """A code that `/login?code=` takes once."""

    code: str
