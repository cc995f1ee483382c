"""The tables of rows, history and system: of runs in order by column, of all others row by row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tracklab.index.blocks import DamagedError
from tracklab.index.places import index_root, run_place
from tracklab.index.shelves import Shelf
from tracklab.query.addresses import resolve
from tracklab.query.sql.chunks import chunks_by_column, chunks_by_row
from tracklab.query.sql.naming import Names, literal, quoted
from tracklab.query.sql.stretches import ChangedError
from tracklab.query.sql.surveying import known_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from tracklab.query.addresses import Place
    from tracklab.query.answers.series import RowStream
    from tracklab.query.sql.chunks import Chunk
    from tracklab.query.sql.outlets import Outlet
    from tracklab.query.sql.surveying import Known

__all__ = ["fill_rows"]

_IDENTITY: Final = ("run", "project", "run_id")
_TIMES: Final = ("_timestamp", "_runtime")
_RELATION: Final = "rows_of_a_run"


def fill_rows(
    connection: DuckDBPyConnection,
    outlet: Outlet,
    stream: RowStream,
    *,
    root: Path,
    runs: Sequence[str],
    wanted: Callable[[str], bool],
    indexed: bool,
) -> None:
    """Make a table of rows.

    Args:
        connection: to a database in memory.
        outlet: takes the rows.
        stream: which.
        root: the data directory.
        runs: addresses.
        wanted: tells of a column's name whether it is to be there.
        indexed: whether to read the index.

    Raises:
        ChangedError: a run has changed in a way that the table cannot take, or its index was
            damaged: begin anew.
    """
    found = [(resolve(root, address), address) for address in runs]
    known = _Knowing(root, stream, indexed=indexed)
    every = [(place, address, known.of(place)) for place, address in found]
    table = _RowTable(connection, outlet, stream, [one for *_, one in every], wanted)
    for place, address, one in every:
        for chunk in known.chunks(place, one, table):
            table.add(address, chunk)
            del chunk  # or it would be in memory beside the next one


class _Knowing:
    """Reads runs, from their index where that is allowed."""

    def __init__(self, root: Path, stream: RowStream, *, indexed: bool) -> None:
        self._index = index_root(root) if indexed else None
        self._stream = stream
        self._names: dict[frozenset[str], frozenset[str]] = {}

    def of(self, place: Place) -> Known:
        """Return what is known of a run; names that many runs have are kept once."""
        with self._shelf(place) as shelf:
            try:
                known = known_of(place.path, self._stream, shelf)
            except (DamagedError, OSError) as error:
                shelf.discard()
                raise ChangedError from error
        return replace(known, keys=self._names.setdefault(known.keys, known.keys))

    def chunks(self, place: Place, known: Known, table: _RowTable) -> Iterator[Chunk]:
        """Yield the rows of a run."""
        if not known.in_order or not known.keys.isdisjoint(table.texts):
            yield from chunks_by_row(
                place.path, self._stream, known, numeric=table.numeric, texts=table.texts
            )
            return
        with self._shelf(place) as shelf:
            try:
                yield from chunks_by_column(
                    place.path, self._stream, known, table.numeric, shelf=shelf
                )
            except (DamagedError, OSError) as error:
                shelf.discard()
                raise ChangedError from error

    def _shelf(self, place: Place) -> Shelf:
        index = self._index
        return Shelf(index and run_place(index, place.project, place.run_id))


class _RowTable:
    """The columns of a table of rows, and how rows get into it."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        outlet: Outlet,
        stream: RowStream,
        known: Sequence[Known],
        wanted: Callable[[str], bool],
    ) -> None:
        self._connection = connection
        self._outlet = outlet
        named = (name for name in _IDENTITY if name == "run" or wanted(name))
        self._types = dict.fromkeys(named, "VARCHAR")
        if stream == "history":
            far = max((one.reached for one in known), default=0) >= 1 << 63
            self._types["_step"] = "UBIGINT" if far else "BIGINT"
        names = Names([*_IDENTITY, "_step", *_TIMES])
        self._types |= {name: "DOUBLE" for name in _TIMES if wanted(name)}
        keys = frozenset().union(*(one.keys for one in known))
        texts = frozenset().union(*(one.texts for one in known))
        self._columns = {key: name for key in sorted(keys) if wanted(name := names.of(key))}
        self.texts = texts.intersection(self._columns)
        self.numeric = frozenset(self._columns) - texts
        self._types |= {
            name: "VARCHAR" if key in texts else "DOUBLE" for key, name in self._columns.items()
        }
        outlet.begin(self._types)

    def add(self, address: str, chunk: Chunk) -> None:
        """Add rows of a run."""
        if not len(chunk.times):
            return
        project, _, run_id = address.rpartition("/")
        told = {"run": literal(address), "project": literal(project), "run_id": literal(run_id)}
        arrays: dict[str, Any] = {"s": chunk.steps} if len(chunk.steps) else {"s": chunk.times}
        told["_step"] = "s"
        for place, (name, times) in enumerate(
            zip(_TIMES, (chunk.times, chunk.relatives), strict=True)
        ):
            arrays[f"x{place}"], told[name] = times, f"x{place}"
        for place, (key, name) in enumerate(self._columns.items()):
            if key in chunk.texts:
                arrays[f"c{place}"], told[name] = chunk.texts[key], f"c{place}"
            elif key in chunk.numbers:
                value, logged = chunk.numbers[key]
                arrays[f"c{place}"], told[name] = value, f"c{place}"
                # The database takes a NaN in an array for NULL: one that was logged is put back.
                if np.isnan(value[logged]).any():
                    arrays[f"l{place}"] = logged
                    told[name] = f"CASE WHEN l{place} THEN coalesce(c{place}, 'nan'::DOUBLE) END"
        columns = ", ".join(
            f"({told.get(name, 'NULL')})::{kind} AS {quoted(name)}"
            for name, kind in self._types.items()
        )
        self._connection.register(_RELATION, arrays)
        self._outlet.add(f"SELECT {columns} FROM {_RELATION}")  # noqa: S608 - names are quoted
        self._connection.unregister(_RELATION)
