"""SQLite databases of other tools, opened for reading only."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from tracklab.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["asked", "columns"]


def asked(path: Path, query: str, *values: Any, tool: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of an answer as they are needed.

    Raises:
        StorageError: this is no database, or not one of that tool.
    """
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            yield from connection.execute(query, values)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StorageError(
            f"import {tool} cannot read the database ({error}). Check that it is one of {tool}'s: "
            f"{path}"
        ) from None


def columns(path: Path, table: str, *, tool: str) -> set[str]:
    """Return the names of a table's columns; none if there is no such table."""
    rows = asked(path, "SELECT name FROM pragma_table_info(?)", table, tool=tool)
    return {str(name) for (name,) in rows}
