"""Where the rows of a table go: into a table of a database, or into a file.

Rows come some at a time, each time as a SELECT with all columns of the table. A file is written
beside its place and put there when it is whole, so nothing ever needs all rows in memory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from tracklab.errors import QueryError
from tracklab.media.needs import needed
from tracklab.query.sql.naming import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection
    from typing_extensions import Self

__all__ = ["FileOutlet", "Outlet", "TableOutlet", "file_outlet"]

_BATCH_ROWS: Final = 100_000
#: Each thread holds rows of all columns; of more than so many columns one does.
_WIDE: Final = 400
#: A column of a table takes some 8 KB, however few rows there are, and 64 KB while rows are added.
_COLUMNS_PER_MB: Final = 12
#: The database makes files of rows in groups of so many at most, each in memory as a whole.
_GROUP_ROWS: Final = 122_880
_GROUP_STEP: Final = 2_048
_BYTES_PER_VALUE: Final = 8
#: Of the memory there is, for one group of rows; its making takes some times as much.
_GROUP_SHARE: Final = 8


class Outlet(Protocol):
    """Takes the rows of one table."""

    def begin(self, types: Mapping[str, str]) -> None:
        """Take note of the columns, and forget every row taken so far."""

    def add(self, select: str) -> None:
        """Take what a SELECT gives, which has all the columns, in their order."""


class TableOutlet:
    """Puts rows into a table of the database.

    Args:
        connection: to the database.
        table: its name.
        memory_mb: memory of the database.
    """

    def __init__(self, connection: DuckDBPyConnection, table: str, *, memory_mb: int) -> None:
        self._connection = connection
        self._table = table
        self._most = memory_mb * _COLUMNS_PER_MB

    def begin(self, types: Mapping[str, str]) -> None:
        """Make the table.

        Raises:
            QueryError: it would have too many columns.
        """
        if len(types) > self._most:
            raise QueryError(
                f"This question takes {len(types):,} columns of {self._table}; {self._most:,} "
                "have room in its memory. Name the columns that you want instead of taking all "
                "with *, ask about fewer runs, or give the question more memory."
            )
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in types.items())
        self._connection.execute(f"CREATE OR REPLACE TABLE {quoted(self._table)} ({columns})")

    def add(self, select: str) -> None:
        """See `Outlet.add`."""
        self._connection.execute(f"INSERT INTO {quoted(self._table)} {select}")


class FileOutlet(ABC):
    """Writes rows into a file; leaving the context without `end` leaves what was there.

    Args:
        connection: to a database that may write files.
        path: the file.

    Attributes:
        rows: how many it has taken.
    """

    def __init__(self, connection: DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._part = path.with_name(f"{path.name}.{os.getpid()}.part")
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._part.unlink(missing_ok=True)

    def begin(self, types: Mapping[str, str]) -> None:
        """See `Outlet.begin`.

        Raises:
            QueryError: there can be no such file.
        """
        self.rows = 0
        if len(types) > _WIDE:
            self._connection.execute("SET threads = 1")
        try:
            self._part.write_bytes(b"")
            self._open(_nothing(types))
        except OSError as error:
            raise self._refused(error) from error

    def add(self, select: str) -> None:
        """See `Outlet.add`."""
        try:
            self.rows += self._write(select)
        except OSError as error:
            raise self._refused(error) from error

    def end(self) -> None:
        """Put the file in its place.

        Raises:
            QueryError: there is a directory, or no room.
        """
        try:
            self._close()
            self._part.replace(self._path)
        except OSError as error:
            raise self._refused(error) from error

    @abstractmethod
    def _open(self, nothing: str) -> None:
        """Begin with a SELECT that has the columns and no row."""

    @abstractmethod
    def _write(self, select: str) -> int:
        """Write rows and return how many."""

    @abstractmethod
    def _close(self) -> None:
        """Write what is left."""

    def _copy(self, select: str, path: Path, options: str) -> int:
        copied = self._connection.execute(f"COPY ({select}) TO {literal(str(path))} ({options})")
        (count,) = copied.fetchone() or (0,)
        return int(count)

    def _refused(self, error: OSError) -> QueryError:
        return QueryError(f"Cannot write {self._path}: {error.strerror or error}.")


class _Csv(FileOutlet):
    """Comma-separated values: what comes is written beside, and put behind what there is."""

    def _open(self, nothing: str) -> None:
        self._append(nothing, "FORMAT csv, HEADER")

    def _write(self, select: str) -> int:
        return self._append(select, "FORMAT csv, HEADER false")

    def _close(self) -> None:
        """Nothing is left: each piece is behind the others already."""

    def _append(self, select: str, options: str) -> int:
        piece = Path(tempfile.gettempdir(), "piece.csv")
        count = self._copy(select, piece, options)
        with piece.open("rb") as source, self._part.open("ab") as place:
            shutil.copyfileobj(source, place, 1 << 20)
        piece.unlink()
        return count


class _Parquet(FileOutlet):
    """Parquet: pieces come into files of their own, of which one is made at the end."""

    def __init__(self, connection: DuckDBPyConnection, path: Path, *, memory_mb: int) -> None:
        super().__init__(connection, path)
        self._memory_mb = memory_mb
        self._pieces: list[Path] = []
        self._columns = 1

    def begin(self, types: Mapping[str, str]) -> None:
        """See `Outlet.begin`."""
        self._pieces.clear()
        self._columns = len(types)
        super().begin(types)

    def _open(self, nothing: str) -> None:
        self._write(nothing)  # a piece without rows: so there is always one

    def _write(self, select: str) -> int:
        self._pieces.append(Path(tempfile.gettempdir(), f"piece-{len(self._pieces)}.parquet"))
        return self._copy(select, self._pieces[-1], "FORMAT parquet, COMPRESSION lz4")

    def _close(self) -> None:
        room = (self._memory_mb << 20) // _GROUP_SHARE
        rows = room // (_BYTES_PER_VALUE * self._columns) // _GROUP_STEP * _GROUP_STEP
        rows = min(max(rows, _GROUP_STEP), _GROUP_ROWS)
        pieces = ", ".join(literal(str(piece)) for piece in self._pieces)
        self._copy(
            f"FROM read_parquet([{pieces}], hive_partitioning = false)",
            self._part,
            f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {rows}",
        )


class _Arrow(FileOutlet):
    """An Arrow file, the format that Feather's second version is too."""

    def __init__(self, connection: DuckDBPyConnection, path: Path) -> None:
        super().__init__(connection, path)
        self._arrow = needed("pyarrow", by="An Arrow file", install="tracklab-local[export]")
        self._file: Any = None

    def _open(self, nothing: str) -> None:
        self._file = self._arrow.ipc.new_file(str(self._part), self._batches(nothing).schema)

    def _write(self, select: str) -> int:
        count = 0
        # Not compressed, so that they can be mapped.
        for batch in self._batches(select):
            self._file.write_batch(batch)
            count += batch.num_rows
        return count

    def _close(self) -> None:
        self._file.close()

    def _batches(self, select: str) -> Any:
        return self._connection.sql(select).to_arrow_reader(_BATCH_ROWS)


def file_outlet(
    connection: DuckDBPyConnection, path: Path, form: str, *, memory_mb: int
) -> FileOutlet:
    """Return what writes `csv`, `parquet` or `arrow`.

    Raises:
        MissingExtraError: pyarrow is not installed, which `arrow` needs.
    """
    if form == "parquet":
        return _Parquet(connection, path, memory_mb=memory_mb)
    return _Csv(connection, path) if form == "csv" else _Arrow(connection, path)


def _nothing(types: Mapping[str, str]) -> str:
    columns = ", ".join(f"NULL::{kind} AS {quoted(name)}" for name, kind in types.items())
    return f"SELECT {columns} LIMIT 0"
