"""Every run of a data directory, as far as a listing needs it: from the catalog, else by itself.

A run that the catalog knows, in a directory that has not changed since, is not opened to be
filtered and sorted; only those that are shown are. Every other run is a `Dossier`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracklab.index.catalog import UNKNOWN, read_chapters
from tracklab.query.addresses import Place
from tracklab.query.filters import FIELDS
from tracklab.query.runs import Dossier
from tracklab.storage.layout import is_run_dir, scan_runs

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator

    from tracklab.index.catalog import Chapter, Identity
    from tracklab.query.engine import Run
    from tracklab.storage.identity import Process

__all__ = ["Listed", "Roll", "catalog_place", "identity_of", "known_fields"]

# What a listing may ask of a run that has ended, beside config and summary.
_FIELDS = frozenset(FIELDS.values()) - {"stalled", "silent_s", "run"}


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
        self._chapters: dict[tuple[str, ...], dict[str, tuple[Chapter, int]]] = {}
        self._found: tuple[Chapter, int] | None = None
        self.unlisted = 0

    def runs(self, project: str | None = None) -> Iterator[Dossier | Listed]:
        """Yield every run, or those of a project and its subprojects, by path.

        Cost: for a run that the catalog tells one `stat`; for another one a directory scan, and
        the reading of what is then asked of it.
        """
        for name, run_id, path in scan_runs(self._root, project=project, is_run=self._is_run):
            if self._found is not None:
                yield Listed(name, run_id, path, *self._found, self._open)
            else:
                self.unlisted += 1
                yield self._open(Place(name, run_id, Path(path)))

    def _open(self, place: Place) -> Dossier:
        return Dossier(
            place, now_s=self._now_s, here=self._here, index=self._index,
            on_unindexed=self._on_unindexed,
        )  # fmt: skip

    def _is_run(self, parts: tuple[str, ...], entry: os.DirEntry[str]) -> bool:
        """Return whether a directory is a run, and remember what the catalog tells of it."""
        known = self._chapters.get(parts)
        if known is None:
            known = self._chapters[parts] = self._read(parts)
        self._found = known.get(entry.name)
        if self._found is not None:
            chapter, row = self._found
            if identity_of(entry) == chapter.identities[row]:
                return True
            self._found = None
        return is_run_dir(entry.path)

    def _read(self, parts: tuple[str, ...]) -> dict[str, tuple[Chapter, int]]:
        chapters = read_chapters(catalog_place(self._index, "/".join(parts)), self._keys)
        return {
            run_id: (chapter, row) for chapter in chapters for run_id, row in chapter.rows.items()
        }


def catalog_place(index: Path, project: str) -> Path:
    """Return where the chapters of a project lie."""
    return index / "catalog" / project


def identity_of(entry: os.DirEntry[str]) -> Identity | None:
    """Return what changes when a run's directory does, None if it has vanished."""
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


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
