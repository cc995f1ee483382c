"""What a reader may ask and what it gets: the one protocol that every engine answers.

Field names and units are those of the HTTP API, so that a route only passes results on:
`plain` turns any of them into what JSON can say. Times are RFC 3339 text; a chart's x on a
time axis is epoch seconds. A run is named by its *address*: `project/run_id`, or `run_id`
alone where that is unique. `coverage` (0 to 1) is the share of the asked range that was read.

A *rev* says how far the segments of a run had grown when it was taken. It is opaque text: equal
revs mean that nothing was written between, and a rev handed to `tail` continues there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "Checkpoint",
    "CheckpointPage",
    "CheckpointStats",
    "Compared",
    "Comparison",
    "ConsoleLine",
    "ConsolePage",
    "Engine",
    "Event",
    "EventPage",
    "FoundLine",
    "GroupReply",
    "GroupSeries",
    "Key",
    "KeyPage",
    "LlmBucket",
    "LlmCall",
    "LlmGroup",
    "LlmHeat",
    "LlmNumbers",
    "LlmPage",
    "LlmStats",
    "MediaItem",
    "MediaPage",
    "NonFinite",
    "Project",
    "RowPage",
    "RowStream",
    "Run",
    "RunDetail",
    "RunPage",
    "SearchPage",
    "Series",
    "SeriesReply",
    "StreamSize",
    "Tail",
    "TailLine",
]

#: The two streams of rows, as queries name them; `system` lies in `system_metrics` segments.
RowStream = Literal["history", "system"]


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
class Key:
    """One key: its dotted name, kind of value, number of values, last value, number of runs.

    `kind` is number, bool, string, list, object, or the `_type` of a media value (histogram,
    image-file, ...).
    """

    key: str
    kind: str
    count: int
    last: Any
    runs: int


@dataclass(frozen=True, slots=True)
class KeyPage:
    """All keys of the asked runs, sorted by name."""

    keys: list[Key]
    coverage: float = 1.0


@dataclass(frozen=True, slots=True)
class NonFinite:
    """One value that no line can draw: `value` is NaN, Infinity or -Infinity."""

    x: float
    value: str


@dataclass(frozen=True, slots=True)
class Series:
    """One key of one run, by increasing x.

    Exact: `x` and `last` hold every finite point. Otherwise each entry is one bucket of the
    power-of-two grid: `x` and `last` are its last point, `lo`, `hi`, `mean` and `cnt` its smallest
    and largest value, mean and number of points. `n` counts the finite points in range. `run` is
    the address the caller asked with; `attempt` the newest attempt of the run; `first` x of the
    first point in range, NaN without any.
    """

    run: str
    key: str
    attempt: int
    n: int
    exact: bool
    x: Floats
    last: Floats
    lo: Floats | None
    hi: Floats | None
    mean: Floats | None
    cnt: Floats | None
    rev: str
    nonfinite: list[NonFinite] = field(default_factory=list)
    first: float = math.nan


@dataclass(frozen=True, slots=True)
class SeriesReply:
    """The asked series, run by run and key by key; a key that a run lacks gives 0 points."""

    series: list[Series]
    coverage: float
    revs: dict[str, str]


@dataclass(frozen=True, slots=True)
class GroupSeries:
    """One key over the runs of a group, by bucket; see `Series` for buckets.

    `mean` is the mean over the runs of each one's mean, `stderr` its standard error (NaN where
    one run alone tells it), `n` the number of runs, `lo` and `hi` the smallest and largest value
    of any. `x` is the last point in the bucket. `group` is None for runs without a value.
    """

    group: str | None
    key: str
    runs: list[str]
    x: Floats
    mean: Floats
    stderr: Floats
    lo: Floats
    hi: Floats
    n: Floats


@dataclass(frozen=True, slots=True)
class GroupReply:
    """The asked groups, each with every asked key."""

    groups: list[GroupSeries]
    coverage: float
    revs: dict[str, str]


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows with dotted names; history rows are merged per step. `cursor` continues after them."""

    rows: list[dict[str, Any]]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `logger` is its kind, `writer` is None for the run's creator."""

    timestamp: str | None
    level: str
    logger: str
    message: str
    seq: int | None
    writer: str | None
    data: dict[str, Any]
    rank: int | None = None
    trace_id: str | None = None
    span_id: str | None = None


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One value that was logged as media.

    `type` is the record's `_type`, `record` what stands in the row: its files lie in the run under
    the paths it names. `vega_lite` is what to draw of a table, None without that; its data are
    called `table`.
    """

    key: str
    step: int
    timestamp: str | None
    type: str
    record: dict[str, Any]
    vega_lite: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class MediaPage:
    """One page of media; `total` counts all that match, before the cursor too."""

    media: list[MediaItem]
    total: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of events; `total` counts all that match."""

    events: list[Event]
    total: int
    cursor: str | None
    bad_lines: int


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """One line of captured console text and the byte it starts at; colour codes are kept."""

    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """Console lines from byte `offset` to `next_offset` of a file of `size` bytes."""

    lines: list[ConsoleLine]
    offset: int
    next_offset: int
    size: int


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One line that was searched for, at most 10,000 characters of it.

    `stream` is stdout, stderr, app, alerts or events; `offset` the byte it begins at, in the text
    of the console or in the writer's segment. Console text has no time, level or logger.
    """

    stream: str
    writer: str | None
    offset: int
    timestamp: str | None
    level: str | None
    logger: str | None
    text: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Lines as they stand in the files, writer by writer.

    A page ends when it is full or its time is up: `cursor` goes on, None at the end; `coverage`
    is the share of the bytes searched so far. `bad_lines` counts those of this page's part.
    """

    lines: list[FoundLine]
    cursor: str | None
    coverage: float
    bad_lines: int


@dataclass(frozen=True, slots=True)
class LlmCall:
    """One LLM call; times in seconds, None where the line does not say.

    `cost` is in US dollars, None where nobody knows it; `cost_basis` says who does: `given` (the
    line), `file` (the user's prices) or `genai-prices` (that package's table).
    """

    run: str
    timestamp: str | None
    model: str
    provider: str
    operation: str
    response_time: float | None
    ttft: float | None
    success: bool
    error_type: str | None
    error: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cost: float | None
    cost_basis: str | None
    seq: int | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LlmPage:
    """One page of calls; `total` counts all that match."""

    calls: list[LlmCall]
    total: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class LlmNumbers:
    """Numbers over a set of calls: seconds for percentiles, 0 to 1 for `error_rate`.

    Percentiles are None without a timed call; `tokens_per_second` is completion tokens over
    response time of the calls that tell both. `cost` is the sum in US dollars over the calls
    whose cost is known, None without one; `unpriced` counts the others that succeeded, and
    `cost_basis` names all that told one, with commas.
    """

    count: int
    errors: int
    error_rate: float
    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    ttft_p50: float | None
    ttft_p95: float | None
    ttft_p99: float | None
    prompt_tokens: int
    completion_tokens: int
    tokens_per_second: float | None
    cost: float | None
    cost_basis: str | None
    unpriced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmGroup(LlmNumbers):
    """The same numbers for the calls of one model, provider or operation."""

    group: str


@dataclass(frozen=True, slots=True)
class LlmBucket:
    """Calls that started in [t0, t1), epoch seconds; p50 and p95 in seconds or None."""

    t0: float
    t1: float
    count: int
    errors: int
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class LlmHeat:
    """Calls by time and latency.

    `t` holds the n+1 edges in epoch seconds and `latency` the m+1 log-spaced edges in seconds;
    `counts[i][j]` counts calls in time column i and latency row j.
    """

    t: list[float]
    latency: list[float]
    counts: list[list[int]]


@dataclass(frozen=True, slots=True)
class LlmStats:
    """Numbers over all matching calls, by group (most calls first), and over time.

    `cost_note` says what is wrong with the user's file of prices, if anything is.
    """

    total: LlmNumbers
    groups: list[LlmGroup]
    timeline: list[LlmBucket]
    heat: LlmHeat
    cost_note: str | None
    coverage: float = 1.0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint save, load or listing: seconds, `size` in bytes, MB = 1e6 bytes.

    `blocked` is how long training waited, `duration` how long until it was durable; `kept` is
    why it stays when others go, `removed_at` when it went.
    """

    run: str
    timestamp: str | None
    step: int | None
    operation: str
    duration: float | None
    blocked: float | None
    size: int | None
    mb_per_s: float | None
    success: bool
    path: str | None
    format: str | None
    error_type: str | None
    kept: str | None
    removed_at: str | None


@dataclass(frozen=True, slots=True)
class CheckpointStats:
    """Numbers over all checkpoints: seconds, bytes, GB = 1e9 bytes.

    `median_s` and `gb_per_s` are of saves that succeeded; `blocked_share` is the share of the
    runs' time in which training waited, 0 to 1 or None.
    """

    count: int
    saves: int
    failures: int
    median_s: float | None
    gb_per_s: float | None
    total_s: float
    blocked_s: float
    blocked_share: float | None
    bytes: int


@dataclass(frozen=True, slots=True)
class CheckpointAdvice:
    """How often to save, by Young and Daly: seconds of work between two saves.

    `overhead` is the share of time that saves and lost work add at that interval, and
    `current_overhead` at the median interval of now. Without failures `mtbf_s` is None, and so
    is what follows from it; `mtbf_basis` says where it comes from.
    """

    interval_s: float | None
    interval_steps: int | None
    overhead: float | None
    save_cost_s: float
    mtbf_s: float | None
    mtbf_basis: str
    current_interval_s: float | None
    current_overhead: float | None


@dataclass(frozen=True, slots=True)
class CheckpointPage:
    """Every checkpoint in time order, numbers over them, and advice where a save tells its cost."""

    checkpoints: list[Checkpoint]
    stats: CheckpointStats
    advice: CheckpointAdvice | None


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


@dataclass(frozen=True, slots=True)
class TailLine:
    """One new line: `record` is a flat row (history, system_metrics) or an event (as `Event`)."""

    stream: str
    writer: str | None
    record: dict[str, Any] | Event


@dataclass(frozen=True, slots=True)
class Tail:
    """Lines after a rev, in file order; `rev` continues after them.

    `more` says that a limit was reached and another call would find lines at once.
    """

    lines: list[TailLine]
    rev: str
    bad_lines: int
    more: bool


class Engine(Protocol):
    """Answers the named queries. Keeps no metric data between calls; safe to call from threads.

    Every method that takes an address raises `NotFoundError` when no run, or more than one,
    answers to it, and `QueryError` for an argument it cannot read (a filter, a cursor, a rev).
    Damaged lines, segments and documents never raise: they are counted or derived anew.
    """

    def projects(self) -> list[Project]:
        """Return every project, last active first."""

    def project(self, name: str) -> Project:
        """Return one project.

        Raises:
            NotFoundError: no run belongs to it.
        """

    def runs(
        self,
        *,
        project: str | None = None,
        status: Iterable[str] = (),
        f: str = "",
        sort: str = "-created_at",
        limit: int = 100,
        cursor: str | None = None,
        cols: Iterable[str] = (),
    ) -> RunPage:
        """Return one page of runs.

        Args:
            project: only this project and its subprojects.
            status: only these statuses; empty for all.
            f: filter text, see `tracklab.query.filter_syntax`.
            sort: a field of the filter language, with `-` in front for descending order; runs
                without the field come last either way.
            limit: runs per page, 1 or more.
            cursor: `cursor` of the page before.
            cols: fields wanted; without any `config` or `summary` field those two stay empty,
                and their documents unread. Empty: everything.
        """

    def run(self, address: str) -> RunDetail:
        """Return one run with its lines counted. Cost: reads all its lines; see `glance`."""

    def glance(self, address: str) -> Run:
        """Return one run as a listing shows it, quickly: what has ended is read from documents."""

    def keys(self, runs: Sequence[str], *, stream: RowStream = "history") -> KeyPage:
        """Return the keys that the runs logged, with dotted names, sorted. Cost: reads rows."""

    def series(  # noqa: PLR0913 - one argument for each parameter of the HTTP query
        self,
        runs: Sequence[str],
        keys: Sequence[str],
        *,
        stream: RowStream = "history",
        x: str | None = None,
        x0: float | None = None,
        x1: float | None = None,
        px: int = 1000,
        smooth: str | None = None,
        since: Mapping[str, str] | None = None,
    ) -> SeriesReply:
        """Return the asked keys of the asked runs as columns.

        Args:
            runs: addresses.
            keys: dotted names.
            stream: history (one point per step) or system (one per sample).
            x: step, time (epoch s), relative (s since the run started), or any key; by default
                step for history and time for system rows, which have no step.
            x0: smallest x to return, None for the first.
            x1: largest x to return, None for the last.
            px: columns on the screen; at most that many points or buckets come back.
            smooth: `ema:<weight 0..1>` (debiased), `gaussian:<sigma in points>` or
                `average:<window in points>`, applied to all points before the range is cut.
            since: rev per address: only points from lines written after it, always exact.
        """

    def series_means(  # noqa: PLR0913 - one argument for each parameter of the HTTP query
        self,
        runs: Sequence[str],
        keys: Sequence[str],
        *,
        by: str,
        stream: RowStream = "history",
        x: str | None = None,
        x0: float | None = None,
        x1: float | None = None,
        px: int = 1000,
        smooth: str | None = None,
    ) -> GroupReply:
        """Return the mean of the asked keys over the runs of each group.

        Args:
            runs: addresses.
            keys: dotted names.
            by: a field of the filter language whose value names the group: group, tag,
                config.lr, ...; empty for one group of all.
            stream: history or system.
            x: as in `series`.
            x0: first x.
            x1: last x.
            px: most buckets.
            smooth: as in `series`; it comes before buckets.
        """

    def rows(
        self,
        run: str,
        *,
        stream: RowStream = "history",
        keys: Sequence[str] = (),
        after: str | None = None,
        limit: int = 1000,
        order: Literal["asc", "desc"] = "asc",
    ) -> RowPage:
        """Return rows with dotted names, by step (history) or time (system).

        A row without the one it goes by is left out; on a time axis `series` still has it.

        Args:
            run: address.
            stream: which rows.
            keys: only these keys beside the `_` fields, and only rows that have one; empty: all.
            after: `cursor` of the page before.
            limit: rows per page.
            order: `desc` gives the newest first.
        """

    def sample(self, run: str) -> dict[str, Any]:
        """Return the newest row of the run's machine, with dotted names; empty without any."""

    def media(
        self,
        run: str,
        *,
        keys: Sequence[str] = (),
        types: Sequence[str] = (),
        after: str | None = None,
        limit: int = 100,
        order: Literal["asc", "desc"] = "asc",
    ) -> MediaPage:
        """Return what was logged as media, by step and key.

        A key that was logged twice at one step stands there twice, the later one behind.

        Args:
            run: address.
            keys: only these, by dotted names; empty: all.
            types: only these, as `_type` names them; empty: all.
            after: `cursor` of the page before.
            limit: values per page.
            order: `desc` gives the newest first.
        """

    def events(
        self,
        run: str,
        *,
        kind: str | None = None,
        level: str | None = None,
        search: str | None = None,
        after: str | None = None,
        limit: int = 1000,
        order: Literal["asc", "desc"] = "asc",
    ) -> EventPage:
        """Return events by time.

        Args:
            run: address.
            kind: comma-separated kinds (`checkpoint` or `tracklab.checkpoint`); `log` means
                every logger that is not TrackLab's own.
            level: this level or a graver one.
            search: text to find in message, logger or data, whatever its case.
            after: `cursor` of the page before.
            limit: events per page.
            order: `desc` gives the newest first.
        """

    def logs(
        self,
        run: str,
        *,
        stream: Literal["stdout", "stderr"] = "stdout",
        offset: int = 0,
        limit: int = 1000,
        tail: bool = False,
    ) -> ConsolePage:
        """Return captured console lines from byte `offset`, or with `tail` the last `limit`.

        A line holds what a terminal would show: text before the last carriage return is
        overwritten. The last line is returned even before its newline has been written;
        `next_offset` then still points to its start. At most 4 MiB are read.
        """

    def search(  # noqa: PLR0913 - one argument for each parameter of the HTTP query
        self,
        run: str,
        *,
        q: str = "",
        re: str = "",
        streams: Sequence[str] = (),
        level: str | None = None,
        x0: float | None = None,
        x1: float | None = None,
        after: str | None = None,
        limit: int = 100,
        order: Literal["asc", "desc"] = "asc",
    ) -> SearchPage:
        """Return lines of console text and events that hold a text or an expression.

        Args:
            run: address.
            q: text, in any case; with neither `q` nor `re` every line is found.
            re: a regular expression of RE2.
            streams: some of stdout, stderr, app (the user's own log), alerts and events (all
                others of ours); by default the first four, without console text where level or
                time is asked for, which it lacks.
            level: only events of this level or a graver one.
            x0: only events from this time on, epoch seconds.
            x1: only events up to this time, epoch seconds.
            after: `cursor` of the page before.
            limit: most lines.
            order: `desc` begins at the end.

        Cost: bounded, whatever the size of the run: some 2 s.
        """

    def llm_calls(  # noqa: PLR0913 - one argument for each parameter of the HTTP query
        self,
        *,
        run: str | None = None,
        project: str | None = None,
        model: str | None = None,
        success: bool | None = None,
        search: str | None = None,
        x0: float | None = None,
        x1: float | None = None,
        after: str | None = None,
        limit: int = 100,
        order: Literal["asc", "desc"] = "desc",
    ) -> LlmPage:
        """Return LLM calls by time, of a run, a project, or all; x0 and x1 in epoch seconds."""

    def llm_stats(
        self,
        *,
        run: str | None = None,
        project: str | None = None,
        group: Literal["model", "provider", "operation"] = "model",
        model: str | None = None,
        x0: float | None = None,
        x1: float | None = None,
    ) -> LlmStats:
        """Return exact counts and percentiles of LLM calls; x0 and x1 in epoch seconds."""

    def checkpoints(
        self, *, run: str | None = None, project: str | None = None, mtbf_s: float | None = None
    ) -> CheckpointPage:
        """Return checkpoint saves, loads and listings of a run, a project, or all, by time.

        Args:
            run: address.
            project: this project and its subprojects.
            mtbf_s: mean seconds between failures, for the advice; None for an estimate from
                the interrupted runs of the project.
        """

    def compare(self, runs: Sequence[str]) -> Comparison:
        """Return config and summary of the runs side by side, with dotted names, sorted."""

    def tail(
        self,
        run: str,
        *,
        rev: str | None = None,
        streams: Iterable[str] = ("history", "system_metrics", "events", "llm"),
        limit: int = 10_000,
    ) -> Tail:
        """Return the lines written after `rev` (None: from the beginning), at most `limit`.

        A line still being written is left for the next call. Start with `rev(run)` to get only
        what comes from now on.
        """

    def rev(self, run: str) -> str:
        """Return how far the run has grown, by `stat` alone: no line is read."""

    def revs(self, runs: Sequence[str]) -> dict[str, str]:
        """Return `rev` by address for several runs."""
