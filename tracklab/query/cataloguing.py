"""Bringing the catalog up to date: each run that has ended is opened once, and told by it then."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.index.catalog import CHAPTER_RUNS, read_chapters, write_chapters
from tracklab.query.addresses import Place
from tracklab.query.roll import catalog_place, identity_of, known_fields
from tracklab.query.runs import Dossier
from tracklab.storage.identity import this_process
from tracklab.storage.layout import find_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tracklab.index.catalog import Chapter, Identity

    Told = dict[str, tuple[Identity, dict[str, Any]]]

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

    Cost: a `stat` for each run that it tells already; some 0.3 ms for each other one.
    """
    projects: dict[str, dict[str, Path]] = {}
    for project, run_id, path in find_runs(root):
        projects.setdefault(project, {})[run_id] = path
    written = 0
    for project, paths in projects.items():
        written += _Project(project, paths, index, on_run, now_s()).update()
    return written


class _Project:
    """The catalog of one project."""

    def __init__(
        self,
        name: str,
        paths: dict[str, Path],
        index: Path,
        on_run: Callable[[], None],
        now_s: float,
    ) -> None:
        self._name = name
        self._paths = paths
        self._place = catalog_place(index, name)
        self._on_run = on_run
        self._now_s = now_s
        self._identities = _identities(next(iter(paths.values())).parent)

    def update(self) -> int:
        """Keep the chapters that hold, and write the rest anew."""
        chapters = read_chapters(self._place, ())
        kept = [chapter for chapter in chapters if self._holds(chapter)]
        known = {run_id for chapter in kept for run_id in chapter.run_ids}
        told = self._told(run_id for run_id in self._paths if run_id not in known)
        if told:
            # Short chapters become part of the new ones, so that they do not pile up.
            short = [chapter for chapter in kept if len(chapter.run_ids) < CHAPTER_RUNS // 2]
            told |= self._told(run_id for chapter in short for run_id in chapter.run_ids)
            kept = [chapter for chapter in kept if chapter not in short]
            write_chapters(self._place, told)
        for chapter in chapters:
            if chapter not in kept:
                with suppress(OSError):
                    chapter.path.unlink()
        return len(told)

    def _holds(self, chapter: Chapter) -> bool:
        return all(
            self._identities.get(run_id) == chapter.identity(row)
            for row, run_id in enumerate(chapter.run_ids)
        )

    def _told(self, run_ids: Iterable[str]) -> Told:
        """Return identity and fields of the runs that have ended."""
        found: Told = {}
        here = this_process()
        for run_id in run_ids:
            identity = self._identities.get(run_id)
            if identity is None or self._now_s * 1e9 - identity[2] < _SETTLED_NS:
                continue
            self._on_run()
            place = Place(self._name, run_id, self._paths[run_id])
            dossier = Dossier(place, now_s=self._now_s, here=here)
            if dossier.settled:
                found[run_id] = identity, known_fields(dossier)
        return found


def _identities(project_dir: Path) -> dict[str, Identity]:
    """Return the identity of every directory of a project. Cost: one scan and a `stat` each."""
    found = {}
    with suppress(OSError), os.scandir(project_dir) as entries:
        for entry in entries:
            identity = identity_of(entry)
            if identity is not None:
                found[entry.name] = identity
    return found
