"""The fields of runs that have ended, column by column: for listing many runs without opening them.

A project has its own files, chapters of up to 1,024 runs. A column is read only if a question
asks for it, and only what its checksum confirms counts. A run is believed as long as its
directory is the same and has not been changed since: whatever touches a run that has ended (an
edit, another writer, a removal) changes its directory.
"""

from __future__ import annotations

import json
import os
from array import array
from contextlib import suppress
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab import clock
from tracklab.index.blocks import DamagedError
from tracklab.index.sealed import checked, new_file, open_sealed, put, read_footer, seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "CHAPTER_RUNS",
    "UNKNOWN",
    "Chapter",
    "Identity",
    "Told",
    "read_chapters",
    "remove_others",
    "write_chapter",
]

#: Device, inode and time of the last change of a run's directory.
Identity = tuple[int, int, int]
#: A run: its id, identity and fields.
Told = tuple[str, Identity, "Mapping[str, Any]"]
#: Stands for a value that is too long to be kept here.
UNKNOWN: Final = object()
#: Most runs in one chapter.
CHAPTER_RUNS: Final = 1_024

_KIND: Final = "runs 2"
_LONG_BYTES: Final = 256
_SHORT: Final = frozenset({bool, float, int, type(None)})
_FLAT: Final = _SHORT | {str}
_SUFFIX: Final = ".tlc"


class Chapter:
    """Up to 1,024 runs of one project.

    Args:
        path: its file.
        keys: fields to read; others stay unread.

    Raises:
        DamagedError: it is not what was written.
        OSError: it cannot be read.

    Attributes:
        run_ids: of each run.
        identities: of each run's directory, three numbers each, one after the other.
    """

    def __init__(self, path: Path, keys: Iterable[str]) -> None:
        self.path = path
        descriptor = open_sealed(path)
        try:
            footer = read_footer(descriptor, _KIND)
            self.run_ids: list[str] = orjson.loads(checked(descriptor, footer["run_ids"]))
            # One long row: it compares in no time, and takes a fifth of the room of its numbers.
            self.identities = array("Q", orjson.loads(checked(descriptor, footer["identities"])))
            places = footer["fields"]
            told = {key: _column(descriptor, places[key]) for key in keys if key in places}
        finally:
            os.close(descriptor)
        self._fields = {key: values for key, (values, _) in told.items()}
        #: Keys of which some value is `UNKNOWN`.
        self.partly_known = frozenset(key for key, (_, unknown) in told.items() if unknown)

    def value(self, row: int, key: str) -> Any:
        """Return a run's value of a key that was read, None if it has none, or `UNKNOWN`."""
        column = self._fields.get(key)
        return None if column is None else column[row]

    def column(self, key: str) -> list[Any]:
        """Return the values of all runs."""
        column = self._fields.get(key)
        return [None] * len(self.run_ids) if column is None else column


def read_chapters(place: Path, keys: Iterable[str]) -> list[Chapter]:
    """Return the chapters of a project that are sound, the newest last."""
    chapters = []
    wanted = tuple(keys)
    for name in _names(place):
        with suppress(DamagedError, OSError, ValueError, KeyError, TypeError, OverflowError):
            chapters.append(Chapter(place / name, wanted))
    return chapters


def write_chapter(place: Path, runs: Sequence[Told]) -> str:
    """Add a chapter to a project and return its name.

    Args:
        place: the directory of the project's chapters.
        runs: up to `CHAPTER_RUNS`.

    Raises:
        OSError: it cannot be written.
    """
    name = f"{int(clock.now() * 1e6):020d}{_SUFFIX}"
    run_ids, identities, told = zip(*runs, strict=True)
    with new_file(place / name) as file:
        fields = {
            key: put(file, _told([one.get(key) for one in told]))
            for key in sorted(set().union(*told))
        }
        seal(file, _KIND, {
            "run_ids": put(file, orjson.dumps(run_ids)),
            "identities": put(file, orjson.dumps(list(chain.from_iterable(identities)))),
            "fields": fields,
        })  # fmt: skip
    return name


def remove_others(place: Path, kept: Iterable[str]) -> None:
    """Remove all files of a project's catalog but those of these names."""
    with suppress(OSError):
        for name in set(os.listdir(place)).difference(kept):
            with suppress(OSError):  # a directory is another project's
                (place / name).unlink()


def _told(values: list[Any]) -> bytes:
    """Return a column as JSON: values, and the rows of those that are too long for it."""
    kinds = set(map(type, values))
    unknown = [] if kinds <= _SHORT else [row for row, one in enumerate(values) if _is_long(one)]
    for row in unknown:
        values[row] = None
    # The quicker encoder would write what is not finite as null.
    if kinds <= _FLAT and all(isfinite(value) for value in values if type(value) is float):
        with suppress(TypeError):  # a number of more than 64 bits
            return orjson.dumps([values, unknown])
    return json.dumps([values, unknown]).encode()


def _is_long(value: Any) -> bool:
    if isinstance(value, (list, dict)):
        return len(json.dumps(value)) > _LONG_BYTES
    return isinstance(value, str) and len(value) > _LONG_BYTES


def _column(descriptor: int, place: tuple[int, int, int]) -> tuple[list[Any], list[int]]:
    """Return values, `UNKNOWN` among them, and the rows of these."""
    text = checked(descriptor, place)
    try:
        values, unknown = orjson.loads(text)
    except orjson.JSONDecodeError:  # a summary may hold NaN, which only the slower one reads
        values, unknown = json.loads(text)
    for row in unknown:
        values[row] = UNKNOWN
    return values, unknown


def _names(place: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(place) if name.endswith(_SUFFIX))
    except OSError:
        return []
