"""The engine that reads the files of one data directory, anew for every question.

Nothing is kept between calls, so an answer is as fresh as the files, and any number of threads
may ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tracklab import clock
from tracklab.errors import NotFoundError, QueryError
from tracklab.query.addresses import Place, places, resolve
from tracklab.query.checkpoints import read_checkpoints, stats_of
from tracklab.query.comparisons import compare
from tracklab.query.console import read_console
from tracklab.query.details import read_detail
from tracklab.query.engine import CheckpointPage, SeriesReply
from tracklab.query.events import read_events
from tracklab.query.keys import run_keys
from tracklab.query.listing import list_projects, list_runs
from tracklab.query.llm import CallFilter, calls_of, read_calls
from tracklab.query.llm_stats import read_stats
from tracklab.query.revs import run_rev
from tracklab.query.rows import read_rows
from tracklab.query.runs import Dossier
from tracklab.query.series import View, run_series
from tracklab.query.tails import read_tail
from tracklab.storage.identity import this_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tracklab.query.engine import (
        Comparison,
        ConsolePage,
        EventPage,
        KeyPage,
        LlmPage,
        LlmStats,
        Project,
        RowPage,
        RowStream,
        Run,
        RunDetail,
        RunPage,
        Tail,
    )

__all__ = ["LocalEngine"]


class LocalEngine:
    """Answers the queries of `Engine` from the files under `root`.

    Args:
        root: the data directory; it may be missing, and is then empty.
        now: returns epoch seconds.
    """

    def __init__(self, root: Path, *, now: Callable[[], float] = clock.now) -> None:
        self.root = root
        self._now = now

    def projects(self) -> list[Project]:
        """See `Engine.projects`."""
        return list_projects(self._dossiers(places(self.root)))

    def project(self, name: str) -> Project:
        """See `Engine.project`."""
        own = (place for place in places(self.root, project=name) if place.project == name)
        for project in list_projects(self._dossiers(own)):
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
    ) -> RunPage:
        """See `Engine.runs`."""
        return list_runs(
            self._dossiers(places(self.root, project=project)),
            status=status,
            f=f,
            sort=sort,
            limit=_checked_limit(limit),
            cursor=cursor,
            cols=cols,
            now_s=self._now(),
        )

    def run(self, address: str) -> RunDetail:
        """See `Engine.run`."""
        return read_detail(self._dossier(address))

    def glance(self, address: str) -> Run:
        """See `Engine.glance`."""
        return self._dossier(address).run()

    def keys(self, runs: Sequence[str], *, stream: RowStream = "history") -> KeyPage:
        """See `Engine.keys`."""
        return run_keys([resolve(self.root, address).path for address in runs], stream)

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
        found = []
        coverages = []
        revs = {}
        for address in runs:
            place = resolve(self.root, address)
            rev = run_rev(place.path)
            lines, coverage = run_series(
                place.path, address, keys, view, rev=rev, since=(since or {}).get(address)
            )
            found += lines
            coverages.append(coverage)
            revs[address] = rev
        return SeriesReply(found, sum(coverages) / max(len(coverages), 1), revs)

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
        return read_rows(
            resolve(self.root, run).path,
            stream,
            keys=keys,
            after=after,
            limit=_checked_limit(limit),
            descending=order == "desc",
        )

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
        offset: int = 0,
        limit: int = 1000,
        tail: bool = False,
    ) -> ConsolePage:
        """See `Engine.logs`."""
        path = resolve(self.root, run).path
        limit = _checked_limit(limit)
        return read_console(path, stream, offset=offset, limit=limit, tail=tail)

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
        """See `Engine.llm_calls`."""
        return read_calls(
            self._meant(run, project),
            CallFilter(model=model, success=success, search=search, x0=x0, x1=x1),
            after=after,
            limit=_checked_limit(limit),
            descending=order == "desc",
        )

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
        """See `Engine.llm_stats`."""
        wanted = CallFilter(model=model, x0=x0, x1=x1)
        return read_stats(calls_of(self._meant(run, project), wanted), group)

    def checkpoints(self, *, run: str | None = None, project: str | None = None) -> CheckpointPage:
        """See `Engine.checkpoints`."""
        meant = list(self._meant(run, project))
        found = read_checkpoints(meant)
        with_any = {one.run for one in found}
        own = self._dossiers(place for place in meant if place.address in with_any)
        lasted = [dossier.run(config=False, summary=False).duration_s for dossier in own]
        return CheckpointPage(found, stats_of(found, sum(filter(None, lasted)) or None))

    def compare(self, runs: Sequence[str]) -> Comparison:
        """See `Engine.compare`."""
        return compare([self.glance(address) for address in runs])

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

    def _dossiers(self, found: Iterable[Place]) -> Iterator[Dossier]:
        now_s, here = self._now(), this_process()
        return (Dossier(place, now_s=now_s, here=here) for place in found)

    def _dossier(self, address: str) -> Dossier:
        return next(self._dossiers([resolve(self.root, address)]))


def _checked_limit(limit: int) -> int:
    if limit < 1:
        raise QueryError(f"limit is a number of entries, 1 or more; got {limit}.")
    return limit
