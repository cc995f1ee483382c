"""What a reader may ask: the one protocol that every engine answers.

`tracklab.query.answers` has the shapes of what it gets.

A *rev* says how far the segments of a run had grown when it was taken. It is opaque text: equal
revs mean that nothing was written between, and a rev handed to `tail` continues there. One of a
run that has been made anew under its id raises `QueryError`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tracklab.query.answers.checkpoints import CheckpointPage
    from tracklab.query.answers.events import EventPage, Tail
    from tracklab.query.answers.llm import LlmPage, LlmStats
    from tracklab.query.answers.machines import Machine, MachineReply
    from tracklab.query.answers.media import MediaPage
    from tracklab.query.answers.runs import (
        Comparison,
        Project,
        Run,
        RunDetail,
        RunGroups,
        RunPage,
    )
    from tracklab.query.answers.series import GroupReply, KeyPage, RowPage, RowStream, SeriesReply
    from tracklab.query.answers.text import ConsolePage, SearchPage

__all__ = ["Engine"]


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
        most_bytes: float = math.inf,
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
            most_bytes: a page ends before `limit`, behind the run with which it comes to so many
                bytes of JSON.
        """

    def run_groups(
        self,
        by: Sequence[str],
        *,
        project: str | None = None,
        status: Iterable[str] = (),
        f: str = "",
        columns: Sequence[str] = (),
        sort: str = "-count",
        limit: int = 100,
    ) -> RunGroups:
        """Return the runs that match, put together by what they say.

        Args:
            by: 1 to 8 fields of the filter language; runs with the same values make a group. A
                run with a list, such as tags, is in the group of each entry; one without a value
                in that of None.
            project: only this project and its subprojects.
            status: only these statuses; empty for all.
            f: filter text, see `tracklab.query.filter_syntax`.
            columns: up to 50 fields, of whose finite numbers smallest, mean and largest are told.
            sort: `count`, a field of `by`, or a column with `.count`, `.min`, `.mean` or `.max`
                behind it; `-` in front for descending. Groups without it come last, and equal
                ones by their values.
            limit: most groups, 1 or more.
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
            since: rev per address: only points from lines written after it, exact up to 20,000.
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

    def machines(self, *, run: str | None = None, measured: bool = True) -> list[Machine]:
        """Return the machines on which runs are being written, by name.

        Args:
            run: only those on which this run is; None for all runs.
            measured: whether to read the newest sample of each.
        """

    def machine_means(
        self, keys: Sequence[str], *, x0: float, x1: float, px: int = 1000
    ) -> MachineReply:
        """Return what machines measured, each by all runs that were written there.

        Args:
            keys: dotted names of system rows, at least one.
            x0: first time in epoch seconds.
            x1: last time.
            px: most buckets.

        Raises:
            QueryError: that is too much even for one run of each living machine.
        """

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
        rank: int = 0,
        offset: int = 0,
        limit: int = 1000,
        tail: bool = False,
    ) -> ConsolePage:
        """Return captured console lines from byte `offset`, or with `tail` the last `limit`.

        `rank` is that of the process that printed them: 0 for the first, or the only one.
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
        provider: str | None = None,
        operation: str | None = None,
        labels: Mapping[str, str] | None = None,
        success: bool | None = None,
        search: str | None = None,
        x0: float | None = None,
        x1: float | None = None,
        after: str | None = None,
        limit: int = 100,
        order: Literal["asc", "desc"] = "desc",
    ) -> LlmPage:
        """Return LLM calls by time, of a run, a project, or all.

        Args:
            run: address.
            project: this project and its subprojects.
            model: only calls of this model.
            provider: only calls of this provider.
            operation: only calls of this operation.
            labels: only calls that have these texts in these fields, see `llm_stats`.
            success: only calls that succeeded, or failed.
            search: only calls of which the data hold this text, in any case.
            x0: only calls from this time on, epoch seconds.
            x1: only calls up to this time, epoch seconds.
            after: `cursor` of the page before.
            limit: calls per page.
            order: `desc` gives the newest first.
        """

    def llm_stats(  # noqa: PLR0913 - one argument for each parameter of the HTTP query
        self,
        *,
        run: str | None = None,
        project: str | None = None,
        group: str = "model",
        model: str | None = None,
        provider: str | None = None,
        operation: str | None = None,
        labels: Mapping[str, str] | None = None,
        x0: float | None = None,
        x1: float | None = None,
        width: float | None = None,
    ) -> LlmStats:
        """Return numbers over LLM calls: of all, by group, by time, and by time and latency.

        A field of a call is any that its line has in `data`; `metadata.user` is the field `user`
        of an object `metadata`. It is compared as text, what is no text as JSON has it, and is
        empty where a call does not have it.

        Args:
            run: address.
            project: this project and its subprojects.
            group: field to group by. Of more than 1,000 groups those with the most calls are told.
            model: only calls of this model.
            provider: only calls of this provider.
            operation: only calls of this operation.
            labels: only calls that have these texts in these fields.
            x0: only calls from this time on, epoch seconds.
            x1: only calls up to this time, epoch seconds.
            width: length of a bucket of time in seconds, 0.001 or more; at most 1,000 buckets.
                Without it up to 60, of a power of two.

        Cost: the index tells model, response_model, provider and operation; for any other field
        lines are read, 60 MB/s, twice.
        """

    def checkpoints(
        self,
        *,
        run: str | None = None,
        project: str | None = None,
        mtbf_s: float | None = None,
        limit: int = 1 << 40,
    ) -> CheckpointPage:
        """Return checkpoint saves, loads and listings of a run, a project, or all, by time.

        Args:
            run: address.
            project: this project and its subprojects.
            mtbf_s: mean seconds between failures, for the advice; None for an estimate from
                the interrupted runs of the project.
            limit: only the newest so many; the numbers are over all.
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
        """Return the lines after `rev` (None: from the beginning), at most `limit` or some 4 MiB.

        A line still being written is left for the next call. Start with `rev(run)` to get only
        what comes from now on.
        """

    def fields(self, runs: Sequence[str], names: Sequence[str]) -> dict[str, list[Any]]:
        """Return the values of fields of the filter language by address, quickly: see `glance`."""

    def version(self, run: str, *, console: bool = False) -> str:
        """Return what changes whenever a file of the run does, by `stat` alone.

        Args:
            run: address.
            console: whether its console text counts, too.
        """

    def calls_version(self, *, run: str | None = None, project: str | None = None) -> str:
        """Return what changes whenever LLM calls or their prices do, by `stat` alone."""

    def checkpoints_version(self, *, run: str | None = None, project: str | None = None) -> str:
        """Return what changes whenever the answer of `checkpoints` does, by `stat` and by locks.

        The advice rests on how other runs ended, so these count too. What changes by time alone
        may be 10 s behind.
        """

    def rev(self, run: str) -> str:
        """Return how far the run has grown; no line of it is read but the first."""

    def revs(self, runs: Sequence[str]) -> dict[str, str]:
        """Return `rev` by address for several runs."""
