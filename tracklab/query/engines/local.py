"""The engine that reads the files of one data directory, anew for every question.

Nothing is kept between calls, so an answer is as fresh as the files, and any number of threads
may ask.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from tracklab import clock
from tracklab.errors import NotFoundError, QueryError
from tracklab.index.blocks import DamagedError
from tracklab.index.building import MIN_BYTES
from tracklab.index.places import index_root, run_place
from tracklab.index.shelves import Shelf
from tracklab.query.addresses import Place, places, resolve
from tracklab.query.answers.series import GroupReply, SeriesReply
from tracklab.query.call_blocks import Blocks
from tracklab.query.checkpoints import page_of, read_checkpoints
from tracklab.query.comparisons import compare
from tracklab.query.console import read_console
from tracklab.query.details import read_detail
from tracklab.query.economics import advise, checked_mtbf_s, interruptions_of, newest
from tracklab.query.events import as_event, read_events
from tracklab.query.filters import canonical_key
from tracklab.query.group_means import common_width, group_means, groups_of
from tracklab.query.keys import run_keys
from tracklab.query.listing import chosen_runs, list_projects, list_runs
from tracklab.query.llm import CallFilter, every_call, read_calls
from tracklab.query.llm_stats import read_stats
from tracklab.query.machine_means import MOST_RUNS, Window, machine_means
from tracklab.query.machines import LIVING, living_machines
from tracklab.query.media import read_media
from tracklab.query.prices import Prices
from tracklab.query.reach import Reach, mean_coverage
from tracklab.query.revs import run_rev
from tracklab.query.roll import Leaf, Roll
from tracklab.query.rows import read_rows
from tracklab.query.run_groups import Grouping, group_runs
from tracklab.query.runs import Dossier
from tracklab.query.searching import Search, search_run
from tracklab.query.series import View, run_series
from tracklab.query.tails import read_tail
from tracklab.query.versions import files_version, lives_version, stream_version
from tracklab.storage.console import places as console_places
from tracklab.storage.identity import this_process
from tracklab.storage.liveness import STATUSES
from tracklab.storage.ordering import placed_events
from tracklab.storage.streams import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from tracklab.query.answers.checkpoints import CheckpointPage, Interruptions
    from tracklab.query.answers.events import Event, EventPage, Tail
    from tracklab.query.answers.llm import LlmCall, LlmPage, LlmStats
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
    from tracklab.query.answers.series import KeyPage, RowPage, RowStream
    from tracklab.query.answers.text import ConsolePage, SearchPage
    from tracklab.query.listing import Look
    from tracklab.query.ordering import Table

__all__ = ["LocalEngine"]

#: More runs than there are.
_ALL = 1 << 40
#: What a question for labels of calls may read of their lines where an answer must come soon:
#: some seconds.
_LABEL_BYTES = 64 << 20


class LocalEngine:
    """Answers the queries of `Engine` from the files under `root`.

    Args:
        root: the data directory; it may be missing, and is then empty.
        now: returns epoch seconds.
        on_unindexed: is told of a run that an index would have made quicker to read.
        on_unlisted: is told how many runs a listing had to open.
        parsed_bytes: returns how much of each run that is not indexed a question may parse; the
            answer's coverage tells what it left out. None for all there is.
    """

    def __init__(
        self,
        root: Path,
        *,
        now: Callable[[], float] = clock.now,
        on_unindexed: Callable[[Place], None] = lambda _place: None,
        on_unlisted: Callable[[int], None] = lambda _count: None,
        parsed_bytes: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.root = root
        self._now = now
        self._on_unindexed = on_unindexed
        self._on_unlisted = on_unlisted
        self._parsed_bytes = parsed_bytes

    def projects(self) -> list[Project]:
        """See `Engine.projects`."""
        return list_projects(self._look())

    def project(self, name: str) -> Project:
        """See `Engine.project`."""
        for project in list_projects(self._look(name)):
            if project.project == name:
                return project
        raise NotFoundError(
            f"There is no project {name!r}. `tracklab ls` lists the runs and their projects."
        )

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
        """See `Engine.runs`."""
        return list_runs(
            self._look(project),
            status=status,
            f=f,
            sort=sort,
            limit=_checked_limit(limit),
            cursor=cursor,
            cols=cols,
            most_bytes=most_bytes,
            now_s=self._now(),
        )

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
        """See `Engine.run_groups`."""
        grouping = Grouping(by, columns, sort, _checked_limit(limit))
        return group_runs(self._look(project), grouping, status=status, f=f, now_s=self._now())

    def run(self, address: str) -> RunDetail:
        """See `Engine.run`."""
        return read_detail(self._dossier(address))

    def glance(self, address: str) -> Run:
        """See `Engine.glance`."""
        return self._dossier(address).run()

    def keys(self, runs: Sequence[str], *, stream: RowStream = "history") -> KeyPage:
        """See `Engine.keys`."""
        meant = [resolve(self.root, address) for address in runs]
        with ExitStack() as held:
            shelves = [held.enter_context(self._shelf(place)) for place in meant]
            reaches = [Reach(self._parsed_bytes()) for _ in meant]
            paths = [place.path for place in meant]
            page = run_keys(paths, stream, shelves=shelves, reaches=reaches)
        for place, reach in zip(meant, reaches, strict=True):
            self._tell(place, reach)
        return page

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
        """See `Engine.series`."""
        view = View(stream=stream, x=x, x0=x0, x1=x1, px=px, smooth=smooth)
        return self._drawn(runs, keys, view, since or {})

    def _drawn(
        self, runs: Sequence[str], keys: Sequence[str], view: View, since: Mapping[str, str]
    ) -> SeriesReply:
        found = []
        reaches = []
        revs = {}
        for address in runs:
            place = resolve(self.root, address)
            rev = run_rev(place.path)
            after = since.get(address)
            reach = Reach(self._parsed_bytes())
            with self._shelf(place) as shelf:
                found += run_series(
                    place.path, address, keys, view, rev=rev, shelf=shelf, since=after, reach=reach
                )
            revs[address] = rev
            reaches.append(reach)
            self._tell(place, reach)
        return SeriesReply(found, mean_coverage(reaches), revs)

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
        """See `Engine.series_means`."""
        told = self.fields(runs, [by] if by else [])
        values = {run: found[0] if found else None for run, found in told.items()}
        view = View(stream=stream, x=x, x0=x0, x1=x1, px=px, smooth=smooth)
        # All in the same buckets, so first their range; the index tells it quickly.
        width = common_width(self._drawn(runs, keys, view, {}).series, x0=x0, x1=x1, px=px)
        found = self._drawn(runs, keys, replace(view, width=width), {})
        means = group_means(found.series, groups_of(values), width=width)
        return GroupReply(means, found.coverage, found.revs)

    def every_event(self, run: str) -> Iterator[Event]:
        """Yield the events of a run, writer by writer: one pass, however many there are."""
        for event in placed_events(resolve(self.root, run).path, "events", Tally()):
            yield as_event(event.record, event.segment.writer)

    def every_call(self, run: str) -> Iterator[LlmCall]:
        """Yield the LLM calls of a run, writer by writer: one pass, however many there are."""
        return every_call(resolve(self.root, run), Prices(self.root))

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
        """See `Engine.rows`."""
        place = resolve(self.root, run)
        with self._shelf(place) as shelf:
            return read_rows(
                place.path,
                stream,
                keys=keys,
                after=after,
                limit=_checked_limit(limit),
                descending=order == "desc",
                shelf=shelf,
            )

    def machines(self, *, run: str | None = None, measured: bool = True) -> list[Machine]:
        """See `Engine.machines`."""
        found = self._look()(("status",)) if run is None else [self._dossier(run)]
        # What the catalog tells has ended.
        opened = (one for one in found if not isinstance(one, Leaf))
        return living_machines(opened, measured=measured)

    def machine_means(
        self, keys: Sequence[str], *, x0: float, x1: float, px: int = 1000
    ) -> MachineReply:
        """See `Engine.machine_means`."""
        window = Window(x0, x1, px)
        chosen = partial(
            chosen_runs, self._look(), f=window.filter, sort="-updated_at", now_s=self._now()
        )
        living = chosen(status=LIVING)
        ended = chosen(status={*STATUSES} - LIVING.keys())
        reaches: dict[Place, Reach] = {}
        reply = machine_means(
            list(self._opened(living, living.count)),
            list(self._opened(ended, MOST_RUNS)),
            keys,
            window,
            left_out=max(ended.count - MOST_RUNS, 0),
            reach_of=lambda run: reaches.setdefault(run.place, Reach(self._parsed_bytes())),
        )
        for place, reach in reaches.items():
            self._tell(place, reach)
        return replace(reply, coverage=reply.coverage * mean_coverage(list(reaches.values())))

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
        """See `Engine.media`."""
        return read_media(
            resolve(self.root, run).path, keys=keys, types=types, after=after,
            limit=_checked_limit(limit), descending=order == "desc",
        )  # fmt: skip

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
        """See `Engine.events`."""
        return read_events(
            resolve(self.root, run).path,
            kind=kind,
            level=level,
            search=search,
            after=after,
            limit=_checked_limit(limit),
            descending=order == "desc",
        )

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
        """See `Engine.logs`."""
        path = resolve(self.root, run).path
        limit = _checked_limit(limit)
        return read_console(path, stream, rank=rank, offset=offset, limit=limit, tail=tail)

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
        """See `Engine.search`."""
        return search_run(
            resolve(self.root, run).path,
            Search(q=q, re=re, streams=streams, level=level, x0=x0, x1=x1),
            after=after,
            limit=_checked_limit(limit),
            descending=order == "desc",
        )

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
        """See `Engine.llm_calls`."""
        return read_calls(
            self._meant(run, project),
            CallFilter(
                _labels(labels, model=model, provider=provider, operation=operation),
                success=success,
                search=search,
                x0=x0,
                x1=x1,
            ),
            prices=Prices(self.root),
            after=after,
            limit=_checked_limit(limit),
            descending=order == "desc",
        )

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
        """See `Engine.llm_stats`."""
        told = _labels(labels, model=model, provider=provider, operation=operation)
        reaches: dict[Place, Reach] = {}

        def reach(place: Place) -> Reach:
            reaches[place] = Reach(self._parsed_bytes())
            return reaches[place]

        blocks = Blocks(
            self._meant(run, project), self._shelf, CallFilter(told, x0=x0, x1=x1),
            labels=[group], label_bytes=self._parsed_bytes() and _LABEL_BYTES, reach=reach,
        )  # fmt: skip
        stats = self._summed(blocks, group, width)
        for place, one in reaches.items():
            self._tell(place, one)
        return replace(stats, coverage=mean_coverage(list(reaches.values())))

    def _summed(self, blocks: Blocks, group: str, width: float | None) -> LlmStats:
        try:
            return read_stats(blocks, group, Prices(self.root), width_s=width)
        except DamagedError:
            blocks.discard()
        return read_stats(blocks.without_index(), group, Prices(self.root), width_s=width)

    def checkpoints(
        self,
        *,
        run: str | None = None,
        project: str | None = None,
        mtbf_s: float | None = None,
        limit: int = _ALL,
    ) -> CheckpointPage:
        """See `Engine.checkpoints`."""
        meant = list(self._meant(run, project))
        found = read_checkpoints(meant)
        with_any = {one.run for one in found}
        own = self._dossiers(place for place in meant if place.address in with_any)
        lasted = [dossier.run(config=False, summary=False).duration_s for dossier in own]
        if mtbf_s is not None:
            advice = advise(found, checked_mtbf_s(mtbf_s))
        else:
            advice = advise(found, self._interruptions(meant, project)) if found else None
        return page_of(
            found, sum(filter(None, lasted)) or None, advice, limit=_checked_limit(limit)
        )

    def _interruptions(self, meant: Sequence[Place], project: str | None) -> Interruptions:
        """Return the interruptions of the project, or of the project of the one run."""
        if project is None and len(meant) == 1:
            project = meant[0].project
        return interruptions_of(self._dossiers(newest(places(self.root, project=project))))

    def compare(self, runs: Sequence[str]) -> Comparison:
        """See `Engine.compare`."""
        return compare(map(self.glance, runs))

    def tail(
        self,
        run: str,
        *,
        rev: str | None = None,
        streams: Iterable[str] = ("history", "system_metrics", "events", "llm"),
        limit: int = 10_000,
    ) -> Tail:
        """See `Engine.tail`."""
        return read_tail(resolve(self.root, run).path, rev, streams, _checked_limit(limit))

    def fields(self, runs: Sequence[str], names: Sequence[str]) -> dict[str, list[Any]]:
        """See `Engine.fields`."""
        keys = [canonical_key(name) for name in names]
        found = {run: self._dossier(run) for run in runs}
        return {run: [dossier.field(key) for key in keys] for run, dossier in found.items()}

    def version(self, run: str, *, console: bool = False) -> str:
        """See `Engine.version`."""
        path = resolve(self.root, run).path
        printed = console_places(path).values() if console else ()
        return "".join(map(files_version, [path, *printed]))

    def calls_version(self, *, run: str | None = None, project: str | None = None) -> str:
        """See `Engine.calls_version`."""
        prices = Prices(self.root).version
        if run is not None:
            return prices + self.version(run)
        return prices + stream_version(self.root, "llm", project=project)

    def checkpoints_version(self, *, run: str | None = None, project: str | None = None) -> str:
        """See `Engine.checkpoints_version`."""
        own = None if run is None else resolve(self.root, run).project
        scopes = sorted({own or project, project or own}, key=str)
        now_s = self._now()
        return "".join(lives_version(self.root, project=one, now_s=now_s) for one in scopes)

    def rev(self, run: str) -> str:
        """See `Engine.rev`."""
        return run_rev(resolve(self.root, run).path)

    def revs(self, runs: Sequence[str]) -> dict[str, str]:
        """See `Engine.revs`."""
        return {address: self.rev(address) for address in runs}

    def _meant(self, run: str | None, project: str | None) -> Iterable[Place]:
        if run is not None:
            return [resolve(self.root, run)]
        return places(self.root, project=project)

    def _tell(self, place: Place, reach: Reach) -> None:
        if reach.unindexed_bytes >= MIN_BYTES:
            self._on_unindexed(place)

    def _shelf(self, place: Place) -> Shelf:
        return Shelf(run_place(index_root(self.root), place.project, place.run_id))

    def _dossiers(self, found: Iterable[Place]) -> Iterator[Dossier]:
        now_s, here, index = self._now(), this_process(), index_root(self.root)
        return (
            Dossier(place, now_s=now_s, here=here, index=index, on_unindexed=self._on_unindexed)
            for place in found
        )

    def _opened(self, table: Table, count: int) -> Iterator[Dossier]:
        """Return the first runs of a table."""
        shown = (run for _, run in table.first(count, None))
        return self._dossiers(
            run.place
            if isinstance(run, Dossier)
            else Place(run.project, run.address.rpartition("/")[2], self.root / run.address)
            for run in shown
        )

    def _look(self, project: str | None = None) -> Look:
        """Return what lists runs, and tells how many the catalog could have saved."""

        def look(keys: Iterable[str]) -> Iterator[Dossier | Leaf]:
            index, now_s = index_root(self.root), self._now()
            roll = Roll(
                self.root, index, keys, now_s=now_s, here=this_process(),
                on_unindexed=self._on_unindexed,
            )  # fmt: skip
            yield from roll.looked(project)
            self._on_unlisted(roll.unlisted)

        return look

    def _dossier(self, address: str) -> Dossier:
        return next(self._dossiers([resolve(self.root, address)]))


def _checked_limit(limit: int) -> int:
    if limit < 1:
        raise QueryError(f"limit is a number of entries, 1 or more; got {limit}.")
    return limit


def _labels(labels: Mapping[str, str] | None, **fields: str | None) -> dict[str, str]:
    """Return the texts that fields of a call must have, without those that may have any."""
    told = {name: text for name, text in fields.items() if text is not None}
    return {**(labels or {}), **told}
