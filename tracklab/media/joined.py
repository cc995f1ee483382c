"""Tables made of tables: two joined by a column, or one in parts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracklab.errors import UsageError
from tracklab.media.table import Table
from tracklab.media.value import WBValue
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from tracklab.media.value import Place

__all__ = ["JoinedTable", "PartitionedTable", "joined_document"]


class JoinedTable(WBValue):
    """Two tables whose rows belong together where a column has the same value.

    Args:
        table1: a table.
        table2: another.
        join_key: the column's name, or a list with its name in each of them.

    Raises:
        UsageError: one is no table, or has no such column.
    """

    _type = "joined-table"

    def __init__(self, table1: Table, table2: Table, join_key: str | list[str]) -> None:
        keys = join_key if isinstance(join_key, list) else [join_key, join_key]
        for table, key in zip((table1, table2), keys, strict=False):
            if not isinstance(table, Table):
                raise UsageError(
                    f"JoinedTable() takes two tables; got a {type(table).__name__}. Write "
                    'JoinedTable(questions, answers, "id").'
                )
            if key not in table.columns:
                raise UsageError(
                    f"JoinedTable() got the column {key!r}; a table has {table.columns}."
                )
        self._table1, self._table2, self._join_key = table1, table2, join_key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JoinedTable) and self._parts() == other._parts()

    __hash__ = None  # type: ignore[assignment] # as of all media

    def _parts(self) -> tuple[Any, ...]:
        return self._join_key, self._table1, self._table2

    def whole(self) -> JoinedTable:
        """Return one of the same tables that has been logged nowhere."""
        return JoinedTable(self._table1.whole(), self._table2.whole(), self._join_key)

    def to_record(self, place: Place | None = None) -> dict[str, Any]:
        """Return the record that stands for it in a row; both files are written by then."""
        inside = None if place is None else replace(place, versioned=None)
        parts = [table.to_record(inside) for table in (self._table1, self._table2)]
        record = {
            "_type": self._type, "table1": parts[0], "table2": parts[1], "join_key": self._join_key,
        }  # fmt: skip
        return {**record, **_version(place, joined_document(record), parts)}


class PartitionedTable(WBValue):
    """A table in parts: a directory with a file `*.table.json` for each.

    Args:
        parts_path: the directory.
    """

    _type = "partitioned-table"

    def __init__(self, parts_path: str | PathLike[str]) -> None:
        self.parts_path = str(parts_path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PartitionedTable) and self.parts_path == other.parts_path

    __hash__ = None  # type: ignore[assignment] # as of all media

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield the number and the values of each row, part by part in the order of their names.

        Raises:
            UsageError: parts have different columns.
        """
        columns, number = None, 0
        for path in sorted(Path(self.parts_path).glob("*.table.json")):
            part = json.loads(path.read_bytes())
            columns = columns or part["columns"]
            if part["columns"] != columns:
                raise UsageError(
                    f"Table parts have non-matching columns: {columns} and {part['columns']}. "
                    f"Write all parts with the same. {path}"
                )
            for row in part["data"]:
                yield number, row
                number += 1

    def to_record(self, place: Place | None = None) -> dict[str, Any]:
        """Return the record that stands for it in a row: where its parts lie."""
        record = {"_type": self._type, "parts_path": self.parts_path}
        return {**record, **_version(place, record, [])}


def joined_document(record: dict[str, Any]) -> dict[str, Any]:
    """Return what an artifact says of two joined tables: where in it they lie."""
    paths = {name: record[name].get("path") for name in ("table1", "table2")}
    return {"_type": record["_type"], "join_key": record["join_key"], **paths}


def _version(
    place: Place | None, document: dict[str, Any], parts: list[dict[str, Any]]
) -> dict[str, str]:
    """Return what a record says of the artifact that the document is in, with its parts."""
    if place is None or place.versioned is None or any("path" not in part for part in parts):
        return {}
    kept = place.keep("table", encode_object(document), ending=f".{document['_type']}.json")
    return place.versioned(place.key, kept, parts) if "path" in kept else {}
