"""Every run of a data directory, as far as a listing needs it: from the catalog, else by itself.

A run that the catalog knows, in a directory that has not changed since, is not opened to be
filtered and sorted; only those that are shown are. Every other run is a `Dossier`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracklab.index.catalog import CHAPTER_RUNS, UNKNOWN, read_chapters
from tracklab.query.addresses import Place
from tracklab.query.filters import FIELDS
from tracklab.query.runs import Dossier
from tracklab.storage.layout import scan_runs

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tracklab.index.catalog import Chapter, Identity
    from tracklab.query.engine import Run
    from tracklab.storage.identity import Process

__all__ = ["Leaf", "Listed", "Roll", "catalog_place", "identity_of", "known_fields"]

# What a listing may ask of a run that has ended, beside config and summary.
_FIELDS = frozenset(FIELDS.values()) - {"stalled", "silent_s", "run"}
# What no chapter holds.
_OPENED = frozenset({"stalled", "silent_s", "run"})


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
        return self._open(Place(self.project, self.run_id, Path(self._path)))

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
    rows: list[int]
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
        self._on_unindexed = on_unindexed
        self._root = root
        self._index = index
        self._keys = tuple(dict.fromkeys(keys))
        self._now_s = now_s
        self._here = here
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
        for name, run_id, path in scan_runs(self._root, project=project, sift=self._sift):
            self.unlisted += 1
            yield self._open(Place(name, run_id, Path(path)))
        yield from self._leaves

    def _open(self, place: Place) -> Dossier:
        return Dossier(
            place, now_s=self._now_s, here=self._here, index=self._index,
            on_unindexed=self._on_unindexed,
        )  # fmt: skip

    def _sift(
        self, parts: tuple[str, ...], entries: list[os.DirEntry[str]]
    ) -> list[os.DirEntry[str]]:
        """Take out the directories that are as the catalog says."""
        project = "/".join(parts)
        chapters = read_chapters(catalog_place(self._index, project), self._keys)
        if not chapters:
            return entries
        known = {
            run_id: number * CHAPTER_RUNS + row
            for number, chapter in enumerate(chapters)
            for row, run_id in enumerate(chapter.run_ids)
        }
        rows: list[list[int]] = [[] for _ in chapters]
        others = []
        for entry in entries:
            number, row = divmod(known.get(entry.name, -1), CHAPTER_RUNS)
            if number >= 0 and identity_of(entry) == chapters[number].identity(row):
                rows[number].append(row)
            else:
                others.append(entry)
        directory = str(self._root.joinpath(*parts))
        self._leaves += [
            Leaf(project, own, directory, chapter, self._open)
            for own, chapter in zip(rows, chapters, strict=True)
            if own
        ]
        return others


def catalog_place(index: Path, project: str) -> Path:
    """Return where the chapters of a project lie."""
    return index / "catalog" / project


def identity_of(entry: os.DirEntry[str]) -> Identity | None:
    """Return what changes when a run's directory does, None if it has vanished."""
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    return [found.st_dev, found.st_ino, found.st_mtime_ns]


def known_fields(dossier: Dossier) -> dict[str, Any]:
    """Return every field that a listing may ask of a run that has ended.

    A name of the configuration that only groups others is a field too: asked for, it is an
    object.
    """
    fields = {name: dossier.field(name) for name in _FIELDS}
    tops = {key: value for key, value in dossier.config.items() if isinstance(value, dict)}
    flat = {key: dossier.field(f"config.{key}") for key in (*tops, *dossier.flat_config)}
    summary = {f"summary.{key}": value for key, value in dossier.summary.items()}
    return {**fields, **{f"config.{key}": value for key, value in flat.items()}, **summary}
