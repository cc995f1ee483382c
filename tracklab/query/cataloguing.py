"""Bringing the catalog up to date: each run that has ended is opened once, and told by it then.

A chapter is written as soon as it is full: what was done survives a kill, and the memory that it
takes does not depend on the number of runs.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from tracklab import clock
from tracklab.index.catalog import CHAPTER_RUNS, read_chapters, remove_others, write_chapter
from tracklab.query.addresses import Place
from tracklab.query.filters import taken
from tracklab.query.roll import believed, catalog_place, identity_of, known_fields
from tracklab.query.runs import Dossier
from tracklab.storage.identity import this_process
from tracklab.storage.layout import scan_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tracklab.index.catalog import Told

__all__ = ["update_catalog"]

#: A directory that changed this lately may change again within the same tick of its clock.
_SETTLED_NS = 2_000_000_000


def update_catalog(
    root: Path,
    index: Path,
    *,
    on_run: Callable[[], None] = lambda: None,
    now_s: Callable[[], float] = clock.now,
) -> int:
    """Bring the catalog of a data directory up to date; only by `the_builder`.

    Args:
        root: the data directory.
        index: its index.
        on_run: called for each run that is opened.
        now_s: returns epoch seconds.

    Returns:
        how many runs were written.

    Raises:
        OSError: the catalog cannot be written.

    Cost: a `stat` for each run that it tells already; some 0.1 ms for each other one.
    """
    projects: dict[str, _Project] = {}

    def sift(parts: tuple[str, ...], path: str, names: list[str]) -> Iterable[str]:
        name = "/".join(parts)
        projects[name] = _Project(name, path, catalog_place(index, name))
        return projects[name].others(names)

    for project, run_id, *_ in scan_runs(root, sift=sift):
        projects[project].run_ids.append(run_id)
    return sum(one.update(on_run, now_s()) for one in projects.values())


class _Project:
    """The catalog of one project.

    Attributes:
        run_ids: of its runs that the catalog does not tell.
    """

    def __init__(self, name: str, path: str, place: Path) -> None:
        self._name = name
        self._path = path
        self._place = place
        self._kept: list[str] = []
        self._short: dict[str, list[str]] = {}
        self.run_ids: list[str] = []

    def others(self, names: list[str]) -> set[str]:
        """Return the names that no chapter tells of those that hold to the last run."""
        left = set(names)
        for chapter, rows in believed(read_chapters(self._place, ()), self._path, left):
            if len(rows) < len(chapter.run_ids):
                left.update(taken(chapter.run_ids, rows))
                continue
            self._kept.append(chapter.path.name)
            if len(rows) < CHAPTER_RUNS // 2:
                self._short[chapter.path.name] = chapter.run_ids
        return left

    def update(self, on_run: Callable[[], None], now_s: float) -> int:
        """Write what is new, keep the chapters that hold, remove the others; return how many."""
        written: list[str] = []
        count = 0
        told = self._told(self.run_ids, on_run, now_s)
        for first in told:
            # Short chapters become part of the new ones, so that they do not pile up.
            short = self._told(chain.from_iterable(self._short.values()), on_run, now_s)
            waiting = chain([first], told, short)
            while some := list(islice(waiting, CHAPTER_RUNS)):
                written.append(write_chapter(self._place, some))
                count += len(some)
        gone = self._short if written else ()
        remove_others(self._place, {*self._kept, *written}.difference(gone))
        return count

    def _told(
        self, run_ids: Iterable[str], on_run: Callable[[], None], now_s: float
    ) -> Iterator[Told]:
        """Yield the runs that have ended."""
        here = this_process()
        # A name that is no text stays out: one run must not keep the others from being told.
        for run_id in filter(str.isprintable, run_ids):
            place = Place(self._name, run_id, f"{self._path}/{run_id}")
            identity = identity_of(place.where)
            if identity is None or now_s * 1e9 - identity[2] < _SETTLED_NS:
                continue
            on_run()
            dossier = Dossier(place, now_s=now_s, here=here)
            if dossier.settled:
                yield run_id, identity, known_fields(dossier)
