"""Every run of a data directory, as far as a listing needs it: from the catalog, else by itself.

A run that the catalog knows, in a directory that has not changed since, is not opened to be
filtered and sorted; only those that are shown are. Every other run is a `Dossier`.
"""

from __future__ import annotations

import os
from array import array
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tracklab.index.catalog import UNKNOWN, read_chapters
from tracklab.query.addresses import Place
from tracklab.query.filters import FIELDS, taken
from tracklab.query.runs import Dossier
from tracklab.query.surveys import survey
from tracklab.storage.layout import scan_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from tracklab.index.catalog import Chapter, Identity
    from tracklab.query.answers.runs import Run
    from tracklab.storage.identity import Process

__all__ = ["Leaf", "Listed", "Roll", "believed", "catalog_place", "identity_of", "known_fields"]

# What a listing may ask of a run that has ended, beside config and summary.
_FIELDS = frozenset(FIELDS.values()) - {"stalled", "silent_s", "run"}
# What no chapter holds.
_OPENED = frozenset({"stalled", "silent_s", "run"})
_OF_IDENTITY = attrgetter("st_dev", "st_ino", "st_mtime_ns")


class Listed:
    """A run that has ended, as the catalog tells it."""

    __slots__ = ("_chapter", "_open", "_path", "_row", "project", "run_id")

    def __init__(  # noqa: PLR0917 - there are very many of these
        self,
        project: str,
        run_id: str,
        path: str,
        chapter: Chapter,
        row: int,
        open_: Callable[[Place], Dossier],
    ) -> None:
        self.project = project
        self.run_id = run_id
        self._path = path
        self._chapter = chapter
        self._row = row
        self._open = open_

    @property
    def address(self) -> str:
        """See `Dossier.address`."""
        return f"{self.project}/{self.run_id}"

    def _opened(self) -> Dossier:
        return self._open(Place(self.project, self.run_id, self._path))

    @property
    def status(self) -> str:
        """See `Dossier.status`."""
        return str(self.field("status"))

    @property
    def updated_at(self) -> str | None:
        """See `Dossier.updated_at`."""
        found: str | None = self.field("updated_at")
        return found

    def field(self, key: str) -> Any:
        """See `Dossier.field`."""
        if key == "run":
            return self.address
        if key in {"stalled", "silent_s"}:
            return self._opened().field(key)
        found = self._chapter.value(self._row, key)
        return self._opened().field(key) if found is UNKNOWN else found

    def run(self, *, config: bool = True, summary: bool = True) -> Run:
        """See `Dossier.run`."""
        return self._opened().run(config=config, summary=summary)


@dataclass(frozen=True, slots=True)
class Leaf:
    """Runs of one project that a chapter of the catalog tells.

    Attributes:
        project: their project.
        rows: their rows in the chapter.
    """

    project: str
    rows: Sequence[int]
    _directory: str
    _chapter: Chapter
    _open: Callable[[Place], Dossier]

    def column(self, key: str) -> Sequence[Any]:
        """Return the value of a key by row; see `Dossier.field`."""
        told = self._chapter.column(key)
        if key not in _OPENED and key not in self._chapter.partly_known:
            return told
        told = list(told)
        for row in self.rows:
            if key in _OPENED or told[row] is UNKNOWN:
                told[row] = self.listed(row).field(key)
        return told

    def values(self, key: str) -> list[Any]:
        """Return the value of each of the runs."""
        column = self.column(key)
        return [column[row] for row in self.rows]

    def address(self, row: int) -> str:
        """See `Dossier.address`."""
        return f"{self.project}/{self._chapter.run_ids[row]}"

    def listed(self, row: int) -> Listed:
        """Return one of the runs."""
        run_id = self._chapter.run_ids[row]
        path = f"{self._directory}/{run_id}"
        return Listed(self.project, run_id, path, self._chapter, row, self._open)


class Roll:
    """One look over the runs of a data directory.

    Args:
        root: the data directory.
        index: its index.
        keys: fields that will be asked of each run.
        now_s: epoch seconds.
        here: the process that asks.
        on_unindexed: is told of a run that an index would have made quicker to read.

    Attributes:
        unlisted: runs that have been opened because the catalog does not tell them.
    """

    def __init__(
        self,
        root: Path,
        index: Path,
        keys: Iterable[str],
        *,
        now_s: float,
        here: Process,
        on_unindexed: Callable[[Place], None] = lambda _place: None,
    ) -> None:
        self._root = root
        self._index = index
        self._keys = tuple(dict.fromkeys(keys))
        # Not a method: leaves that knew the roll would live until the next collection of garbage.
        self._open = partial(
            Dossier, now_s=now_s, here=here, index=index, on_unindexed=on_unindexed
        )
        self._leaves: list[Leaf] = []
        self.unlisted = 0

    def runs(self, project: str | None = None) -> Iterator[Dossier | Listed]:
        """Yield every run, or those of a project and its subprojects, in any order."""
        for one in self.looked(project):
            if isinstance(one, Leaf):
                yield from map(one.listed, one.rows)
            else:
                yield one

    def looked(self, project: str | None = None) -> Iterator[Dossier | Leaf]:
        """Yield the same runs, those that the catalog tells many at once.

        Cost: for a run that the catalog tells one `stat`; for another one a directory scan, and
        the reading of what is then asked of it.
        """
        for name, run_id, path, names in scan_runs(self._root, project=project, sift=self._sift):
            self.unlisted += 1
            yield self._open(Place(name, run_id, path), seen=survey(path, names))
        yield from self._leaves

    def _sift(self, parts: tuple[str, ...], path: str, names: list[str]) -> Iterable[str]:
        """Take out the directories that are as the catalog says."""
        project = "/".join(parts)
        chapters = read_chapters(catalog_place(self._index, project), self._keys)
        if not chapters:
            return names
        others = set(names)
        names.clear()  # each name is let go of as soon as its run is found
        self._leaves += [
            Leaf(project, rows, path, chapter, self._open)
            for chapter, rows in believed(chapters, path, others)
        ]
        return others


def believed(
    chapters: Sequence[Chapter], path: str, names: set[str]
) -> Iterator[tuple[Chapter, Sequence[int]]]:
    """Yield the chapters of a project, each with the rows of runs that are as it says.

    A run that several chapters tell, as a builder that was killed may leave it, counts once.

    Args:
        chapters: the newest last.
        path: the project's directory.
        names: what is in it; the runs that are believed are taken out.

    Cost: 2 us a run, nearly all of it one `stat`; of a chapter that holds they are compared all
    at once.
    """
    with suppress(OSError):  # the project is being moved away: nothing is believed
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for chapter in reversed(chapters):
                rows = _rows_believed(chapter, names, descriptor)
                names.difference_update(taken(chapter.run_ids, rows))
                yield chapter, rows
        finally:
            os.close(descriptor)


def _rows_believed(chapter: Chapter, names: set[str], descriptor: int) -> Sequence[int]:
    identities = chapter.identities
    if names.issuperset(chapter.run_ids):
        with suppress(OSError, OverflowError):  # one has vanished meanwhile, or is of before 1970
            look = partial(os.stat, dir_fd=descriptor, follow_symlinks=False)
            found = array("Q", chain.from_iterable(map(_OF_IDENTITY, map(look, chapter.run_ids))))
            starts = range(0, len(found), 3)
            if found == identities:
                return range(len(starts))
            return [at // 3 for at in starts if found[at : at + 3] == identities[at : at + 3]]
    return [
        row
        for row, run_id in enumerate(chapter.run_ids)
        if run_id in names
        and identity_of(run_id, dir_fd=descriptor) == tuple(identities[3 * row : 3 * row + 3])
    ]


def catalog_place(index: Path, project: str) -> Path:
    """Return where the chapters of a project lie."""
    return index / "catalog" / project


def identity_of(path: Path | str, *, dir_fd: int | None = None) -> Identity | None:
    """Return what changes when a run's directory does, None if it has vanished."""
    try:
        found = os.stat(path, dir_fd=dir_fd, follow_symlinks=False)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def known_fields(dossier: Dossier) -> dict[str, Any]:
    """Return every field that a listing may ask of a run that has ended.

    A name of the configuration that only groups others is a field too: asked for, it is an
    object.
    """
    run = dossier.run(config=False)
    fields = {name: getattr(run, name) for name in _FIELDS}
    config = dossier.config
    asked: dict[str, Any] = {key: one for key, one in config.items() if isinstance(one, dict)}
    for key, value in dossier.flat_config.items():
        asked[key] = config.get(key) if value is None else value
    fields |= {f"config.{key}": value for key, value in asked.items()}
    fields |= {f"summary.{key}": value for key, value in dossier.summary.items()}
    return fields
