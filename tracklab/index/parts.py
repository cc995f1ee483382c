"""One file of the index: the columns of some lines of one segment.

It stands beside the segment's other parts under a name that says which bytes it covers, is
written under another name first, and is never changed.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from tracklab.index.blocks import DamagedError, Stored, StoredColumn, store
from tracklab.index.gathering import Axes, Counts
from tracklab.index.packed import Packed, pack, unpack
from tracklab.index.sealed import checked, open_sealed, put, read_footer, seal

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from typing import BinaryIO

    from numpy.typing import NDArray
    from typing_extensions import Self

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

__all__ = [
    "AXES",
    "Entries",
    "KeyFacts",
    "Part",
    "Source",
    "StoredEntries",
    "StoredLine",
    "write_part",
]

#: The axes that every row has, in the order they are stored.
AXES: Final = ("group", "time", "relative")
_KIND: Final = "part 3"


@dataclass(frozen=True, slots=True)
class Entries:
    """All entries of one key in the order of their lines: numbers, and what is no number."""

    axes: Axes
    value: Floats
    numeric: Flags


@dataclass(frozen=True, slots=True)
class Source:
    """One key to be written.

    Attributes:
        rows: equal for keys whose entries stand in the same rows.
        entries: returns them.
        count: values that a listing of keys counts.
        last: the last of these, as JSON can say it.
    """

    rows: Hashable
    entries: Callable[[], Entries]
    count: int
    last: Any


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What a part tells of a key without reading its column.

    Attributes:
        count: values that a listing of keys counts.
        strict: whether every entry stands in a later group than the one before it.
        rising: by axis, whether x of the numbers is finite and never falls.
        first: group of the first entry, NaN if it has none.
        last: group of the last entry.
        odd: entries that are no finite number.
    """

    count: int
    strict: bool
    rising: dict[str, bool]
    first: float
    last: float
    odd: int


@dataclass(frozen=True, slots=True)
class StoredLine:
    """The finite numbers of a key over an axis, not yet read.

    `low` and `high` are the smallest and the largest x; NaN where one has none, or is infinite.
    """

    x: StoredColumn
    value: StoredColumn
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class StoredEntries:
    """Entries of a key, not yet read: columns of equal length.

    `axes` are those of `AXES`, and `numeric` is 0 where a value is no number; None where all of
    them are finite numbers.
    """

    axes: dict[str, StoredColumn]
    value: StoredColumn
    numeric: StoredColumn | None


class Part:
    """A part, open for reading.

    Args:
        path: its file.

    Raises:
        DamagedError: it is not what was written.
        OSError: it is not there, or cannot be read.

    Attributes:
        segment: facts of the segment it was made of; see `fingerprints`.
        start: first byte of the segment that it covers.
        end: just past the last byte.
        counts: what is in these bytes.
    """

    def __init__(self, path: str | Path) -> None:
        self._file = os.fspath(path)
        self._descriptor = open_sealed(path)
        try:
            footer = read_footer(self._descriptor, _KIND)
            self.segment: dict[str, Any] = footer["segment"]
            self.start: int = footer["start"]
            self.end: int = footer["end"]
            self.counts = Counts(**footer["counts"])
            self._axes: list[dict[str, Any]] = footer["axes"]
            self._keys: dict[str, dict[str, Any]] = footer["keys"]
            self._lasts: tuple[int, int, int] = footer["lasts"]
            self._packed: dict[str, dict[str, Any]] = footer["packed"]
            self._names: tuple[int, int, int] = footer["names"]
        except (KeyError, TypeError) as error:
            self.close()
            raise DamagedError("the footer lacks a field") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Its file."""
        return Path(self._file)

    def keys(self) -> list[str]:
        """Return the keys in it."""
        return list(self._keys)

    def holds(self, key: str) -> bool:
        """Return whether any row has a key."""
        return key in self._keys

    def facts(self, key: str) -> KeyFacts | None:
        """Return what is known of a key, None if no row has it."""
        told = self._keys.get(key)
        if told is None:
            return None
        return KeyFacts(
            count=told["count"],
            strict=told["strict"],
            rising=dict(zip(AXES, told["rising"], strict=True)),
            first=_number(told["first"]),
            last=_number(told["last"]),
            odd=told["odd"][1][1] if told["odd"] else 0,
        )

    def lasts(self) -> dict[str, Any]:
        """Return the last value of every key that has one."""
        lasts: dict[str, Any] = json.loads(checked(self._descriptor, self._lasts))
        return lasts

    def names(self) -> list[Any]:
        """Return what the codes of packed columns stand for."""
        names: list[Any] = orjson.loads(checked(self._descriptor, self._names))
        return names

    def packed(self, name: str) -> Floats:
        """Return a packed column; one that is missing raises `DamagedError`."""
        told = self._packed.get(name)
        if told is None:
            raise DamagedError("a column is missing")
        return unpack(self._descriptor, told, self.counts.rows)

    def ends(self, name: str) -> tuple[float, float]:
        """Return the smallest and the largest number of a packed column; NaN without one."""
        told = self._packed.get(name)
        return (np.nan, np.nan) if told is None else (_number(told["low"]), _number(told["high"]))

    def line(self, key: str, axis: str) -> StoredLine:
        """Return the finite numbers of a key that is there."""
        told = self._keys[key]
        axes, place = self._axes[told["axes"]], AXES.index(axis)
        low, high = map(_number, axes["ends"][place])
        return StoredLine(
            self._stored(axes["columns"][place]), self._stored(told["line"]), low, high
        )

    def stored(self, key: str) -> list[StoredEntries]:
        """Return the finite numbers of a key that is there, and its other entries, if any."""
        told = self._keys[key]
        found = [StoredEntries(self._columns(told["axes"]), self._stored(told["line"]), None)]
        if told["odd"] is not None:
            at, _, value, numeric = told["odd"]
            odd = StoredEntries(self._columns(at), self._stored(value), self._stored(numeric))
            found.append(odd)
        return found

    def odd(self, key: str) -> Entries:
        """Return the entries that are no finite number."""
        told = self._keys[key]["odd"]
        if told is None:
            nothing = np.empty(0)
            return Entries(Axes(nothing, nothing, nothing), nothing, nothing.astype(bool))
        at, _, value, numeric = told
        axes = self._axes_at(at)
        return Entries(axes, self._stored(value).whole(), self._stored(numeric).whole() != 0)

    def values(self, key: str) -> Floats:
        """Return the values of all entries of a key that is there; see `entries`."""
        told = self._keys[key]
        value = self._stored(told["line"]).whole()
        if told["odd"] is None:
            return value
        _, places, odd, _ = told["odd"]
        return _woven(self._finite(places, len(value)), value, self._stored(odd).whole())

    def _finite(self, places: list[int], count: int) -> Flags:
        """Return which entries are finite numbers."""
        odd = self._stored(places).whole().astype(np.intp)
        from_line = np.ones(count + len(odd), dtype=bool)
        from_line[odd] = False
        return from_line

    def entries(self, key: str) -> Entries:
        """Return all entries of a key that is there, in the order of their lines."""
        told = self._keys[key]
        axes = self._axes_at(told["axes"])
        value = self._stored(told["line"]).whole()
        if told["odd"] is None:
            return Entries(axes, value, np.ones(len(value), dtype=bool))
        odd = self.odd(key)
        from_line = self._finite(told["odd"][1], len(value))
        columns = [
            _woven(from_line, mine, other)
            for mine, other in (
                (axes.group, odd.axes.group),
                (axes.time, odd.axes.time),
                (axes.relative, odd.axes.relative),
                (value, odd.value),
                (np.ones(len(value)), odd.numeric.astype(np.float64)),
            )
        ]
        return Entries(Axes(*columns[:3]), columns[3], columns[4] != 0)

    def confirm(self) -> None:
        """Read all of it.

        Raises:
            DamagedError: it is not what was written.
            OSError: it cannot be read.
        """
        self.lasts()
        columns = [column for axes in self._axes for column in axes["columns"]]
        for told in self._keys.values():
            columns += [told["line"], *(told["odd"] or [])[1:]]
        for column in map(self._stored, columns):
            column.whole()
            column.extremes()
        self.names()
        for name in self._packed:
            self.packed(name)

    def rows_of(self, key: str) -> Hashable:
        """Return what is equal for keys of this part whose entries stand in the same rows."""
        told = self._keys[key]
        return told["axes"], None if told["odd"] is None else key

    def _axes_at(self, number: int) -> Axes:
        return Axes(*(column.whole() for column in self._columns(number).values()))

    def _columns(self, number: int) -> dict[str, StoredColumn]:
        columns = map(self._stored, self._axes[number]["columns"])
        return dict(zip(AXES, columns, strict=True))

    def _stored(self, told: list[int]) -> StoredColumn:
        return StoredColumn(self._descriptor, Stored(*told))


def write_part(
    file: BinaryIO,
    content: Iterable[tuple[str, Source]] | Packed,
    *,
    segment: dict[str, Any],
    start: int,
    end: int,
    counts: Counts,
) -> None:
    """Write a part to a file that is empty.

    Args:
        file: open for writing.
        content: every key, once; the entries of one are in memory at a time. Or columns.
        segment: facts of the segment.
        start: first byte it covers.
        end: just past the last byte.
        counts: what is in these bytes.
    """
    axes = _AxesWriter(file)
    packed = content if isinstance(content, Packed) else Packed({}, [])
    sources = () if isinstance(content, Packed) else content
    told_packed = {name: pack(file, column) for name, column in packed.columns.items()}
    names = put(file, orjson.dumps(packed.names))
    keys: dict[str, dict[str, Any]] = {}
    lasts: dict[str, Any] = {}
    for key, source in sources:
        keys[key] = _write_key(file, axes, source)
        if source.count:
            lasts[key] = source.last
    last_place = put(file, json.dumps(lasts).encode())
    seal(file, _KIND, {
        "segment": segment, "start": start, "end": end, "counts": asdict(counts),
        "axes": axes.stored, "keys": keys, "lasts": last_place,
        "packed": told_packed, "names": names,
    })  # fmt: skip


class _AxesWriter:
    """Writes axes once for all keys whose entries stand in the same rows."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._known: dict[Hashable, int] = {}
        self.stored: list[dict[str, Any]] = []

    def place(self, rows: Hashable, axes: Axes) -> int:
        """Return the number under which the axes are stored."""
        if rows not in self._known:
            self._known[rows] = len(self.stored)
            columns = (axes.group, axes.time, axes.relative)
            self.stored.append({
                "columns": [_told(store(self._file, column)) for column in columns],
                "ends": [_ends(column) for column in columns],
            })  # fmt: skip
        return self._known[rows]


def _write_key(file: BinaryIO, axes: _AxesWriter, source: Source) -> dict[str, Any]:
    entries = source.entries()
    finite = entries.numeric & np.isfinite(entries.value)
    all_finite = bool(finite.all())
    # Keys that lack numbers in the same rows still share their axes.
    mask = None if all_finite else blake2b(np.packbits(finite).tobytes(), digest_size=16).digest()
    line = entries.axes if all_finite else entries.axes.at(np.flatnonzero(finite))
    odd = None
    if not all_finite:
        places = np.flatnonzero(~finite)
        columns = (
            places.astype(np.float64),
            entries.value[places],
            entries.numeric[places].astype(np.float64),
        )
        at = axes.place((source.rows, mask, "odd"), entries.axes.at(places))
        odd = [at, *(_told(store(file, column)) for column in columns)]
    group = entries.axes.group
    return {
        "count": source.count,
        "axes": axes.place((source.rows, mask), line),
        "line": _told(store(file, entries.value if all_finite else entries.value[finite])),
        "odd": odd,
        "strict": bool(np.all(group[1:] > group[:-1])) and not bool(np.isnan(group[:1]).any()),
        "rising": [_rises(getattr(entries.axes, axis)[entries.numeric]) for axis in AXES],
        "first": float(group[0]) if len(group) else None,
        "last": float(group[-1]) if len(group) else None,
    }


def _rises(x: Floats) -> bool:
    return bool(np.isfinite(x).all()) and bool(np.all(x[1:] >= x[:-1]))


def _told(stored: Stored) -> list[int]:
    return [stored.at, stored.count, stored.edges_check, stored.extremes_check]


def _ends(column: Floats) -> list[float | None]:
    """Return the smallest and the largest number, None where there is none, or one is NaN."""
    if not len(column) or np.isnan(column).any():
        return [None, None]
    return [float(column.min()), float(column.max())]


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _woven(from_first: Flags, first: Floats, second: Floats) -> Floats:
    """Return both columns as one, taking from `first` where told."""
    both = np.empty(len(from_first))
    both[from_first], both[~from_first] = first, second
    return both
