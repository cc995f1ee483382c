"""What a user's SQL may be: one SELECT over our tables.

DuckDB's own parser says what stands in it. Whatever else a statement could reach is out of reach
anyway by the time it runs (see `worker`); this is where the user is told so, and where it is
known which tables must be filled.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

__all__ = ["TABLES", "tables_of"]

#: The tables there are, and what a row of each is.
TABLES: Final = {
    "runs": "a run: its fields, config.* and summary.*",
    "history": "a step of a run: run, _step, _timestamp, _runtime and what was logged",
    "system": "a sample of a machine: run, _timestamp, _runtime and what was measured",
    "events": "an event of a run",
    "llm": "an LLM call",
    "checkpoints": "a checkpoint that was saved or loaded",
}
_MAX_CHARS: Final = 20_000


def tables_of(connection: DuckDBPyConnection, sql: str) -> set[str]:
    """Return which of `TABLES` a statement reads.

    Raises:
        QueryError: it is no SQL, more than one statement, no SELECT, or reads something else.
    """
    if len(sql) > _MAX_CHARS:
        raise QueryError(f"A question has at most {_MAX_CHARS:,} characters; got {len(sql):,}.")
    (text,) = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone() or ("{}",)
    parsed = json.loads(text)
    if parsed.get("error"):
        raise QueryError(f"This is not one SELECT: {parsed.get('error_message', 'no SQL')}")
    statements = parsed.get("statements", [])
    if len(statements) != 1:
        raise QueryError(f"Ask one SELECT at a time; got {len(statements)}.")
    named = set(_of_type(statements, "BASE_TABLE", "table_name"))
    own = {name for entry in _maps(statements) for name in entry}
    known = {name.lower() for name in named} & TABLES.keys()
    unknown = {name for name in named if name.lower() not in TABLES.keys() | own}
    if unknown:
        raise QueryError(f"There is no table {min(unknown)!r}. The tables are {', '.join(TABLES)}.")
    return known


def _of_type(node: Any, kind: str, field: str) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == kind:
            yield node[field]
        for inner in node.values():
            yield from _of_type(inner, kind, field)
    elif isinstance(node, list):
        for inner in node:
            yield from _of_type(inner, kind, field)


def _maps(node: Any) -> Iterator[list[str]]:
    """Yield the names of each WITH clause."""
    if isinstance(node, dict):
        clause = node.get("cte_map")
        if isinstance(clause, dict):
            yield [entry["key"].lower() for entry in clause.get("map", [])]
            yield [entry["key"] for entry in clause.get("map", [])]
        for inner in node.values():
            yield from _maps(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _maps(inner)
