"""One run on its way in: counted and put into a digest, and offered to who writes it."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from tracklab.artifacts.names import RUN_TABLE
from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.records.encode import encode_object
from tracklab.transfer.things import Event, File, Lost, Made, Row, Text

if TYPE_CHECKING:
    from tracklab.artifacts.manifest import ArtifactManifest
    from tracklab.transfer.shelving import Shelf
    from tracklab.transfer.things import Thing

__all__ = ["Counting", "is_time"]

_COPY_BYTES: Final = 1 << 20
_PLACES: Final = ("artifacts", "files", "media")
_MOST_LOST: Final = 1_000
_INT64: Final = 1 << 63
_YEAR_1_S: Final = -62_135_596_800
_YEAR_5138_S: Final = 1e11


class Counting:
    """Takes everything that is said of a run, and keeps counts and a digest of it.

    Args:
        shelf: the versions that are there, and where new ones go.

    Attributes:
        counts: how many of what.
        lost: what could not be taken along, for people.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.counts: Counter[str] = Counter()
        self.lost: list[str] = []
        self._sum = hashlib.sha256()

    def digest(self) -> str:
        """Return the digest of all that was said so far."""
        return self._sum.hexdigest()

    def take(self, thing: Thing) -> None:
        """Take the next thing."""
        match thing:
            case Row():
                self._row(thing)
            case Text():
                self._sum.update(b"%b " % thing.stream.encode())
                self._sum.update(thing.content)
                self.counts["console_bytes"] += len(thing.content)
                self.text(thing)
            case File():
                self._file(thing)
            case Made():
                self._made(thing)
            case Lost():
                self.lose(thing.what)
            case _:
                self._sum.update(repr(thing).encode(errors="replace"))
                self.counts["events"] += isinstance(thing, Event)
                self.other(thing)

    def lose(self, what: str) -> None:
        """Remember what was lost; of a thousand things the first tell enough."""
        if len(self.lost) < _MOST_LOST:
            self.lost.append(what)

    def _row(self, row: Row) -> None:
        if not is_time(row.timestamp_s) or not -_INT64 <= (row.step or 0) < _INT64:
            self.lose(f"a row of the step {row.step} at {row.timestamp_s} s: there is no such one")
            return
        body = encode_object(row.values)
        place = (row.step, row.timestamp_s, row.runtime_s)
        self._sum.update(repr(place).encode() + body)
        self.counts["system_rows" if row.step is None else "rows"] += 1
        self.row(row, body)

    def _file(self, file: File) -> None:
        parts = PurePosixPath(file.target).parts
        if parts[:1] not in {(place,) for place in _PLACES} or ".." in parts or len(parts) == 1:
            self.lose(f"a file that would lie outside of the run: {file.target!r}")
            return
        self._sum.update(file.target.encode(errors="replace"))
        try:
            size = self._content(file, parts)
        except OSError as error:
            self.lose(f"a file that cannot be read ({error.strerror}): {file.content!s}")
        else:
            self.counts["files"] += 1
            self.counts["file_bytes"] += size

    def _content(self, file: File, parts: tuple[str, ...]) -> int:
        """Take a file's content into the digest, and where it goes; return its size."""
        if isinstance(file.content, bytes):
            self._sum.update(file.content)
            self.file(parts, [file.content])
            return len(file.content)
        size = 0
        with open(file.content, "rb") as source:

            def blocks() -> Any:
                nonlocal size
                while block := source.read(_COPY_BYTES):
                    self._sum.update(block)
                    size += len(block)
                    yield block

            self.file(parts, blocks())
        return size

    def _made(self, made: Made) -> None:
        self._sum.update(repr(made).encode(errors="replace"))
        try:
            manifest = self._shelf.manifest_of(made)
            self.version(made, manifest)
        except (OSError, ArgumentTypeError, UsageError) as error:
            if made.kind == RUN_TABLE:
                return  # its file is a file of the run, too
            self.lose(f"the artifact {made.name!r} of type {made.kind!r}: {error}")
            return
        self._sum.update(manifest.digest().encode())
        self.counts["artifacts"] += 1

    # --- what is written of it; here nothing

    def row(self, row: Row, body: bytes) -> None:
        """Take a row and its values as JSON."""

    def text(self, text: Text) -> None:
        """Take console text."""

    def file(self, _parts: tuple[str, ...], blocks: Any) -> None:
        """Take the blocks of a file for this place in the run."""
        for _ in blocks:
            pass

    def version(self, made: Made, manifest: ArtifactManifest) -> None:
        """Take a version of an artifact that can be had."""

    def other(self, thing: Thing) -> None:
        """Take anything else."""


def is_time(at_s: float) -> bool:
    """Return whether a time can be written: NaN and what a damaged source makes up cannot."""
    return _YEAR_1_S <= at_s < _YEAR_5138_S
