"""What a user's SQL may be: one SELECT over our tables.

DuckDB's own parser says what stands in it. Whatever else a statement could reach is out of reach
anyway by the time it runs (see `worker`); this is where the user is told so, and where it is
known which tables must be filled, and with which columns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

__all__ = ["TABLES", "Question", "read_question"]

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
#: How functions begin that tell where the database keeps what.
_ABOUT_ITSELF: Final = ("duckdb_", "current_setting", "which_secret")
#: What takes all columns without a name, or takes columns by their place or by what they share.
_NAMELESS: Final = frozenset({"STAR", "SHOW_REF", "PIVOT", "NATURAL", "POSITIONAL_REFERENCE"})


@dataclass(frozen=True, slots=True)
class Question:
    """What a statement reads.

    Attributes:
        tables: some of `TABLES`.
        columns: every name, in lower case, that may be a column's; None where it takes columns
            that it does not name.
    """

    tables: frozenset[str]
    columns: frozenset[str] | None


def read_question(connection: DuckDBPyConnection, sql: str) -> Question:
    """Return what a statement reads.

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
    nodes = list(_nodes(statements))
    named = {node["table_name"] for node in nodes if node.get("type") == "BASE_TABLE"}
    own = {name for node in nodes for name in _own_tables(node)}
    unknown = {name for name in named if name.lower() not in TABLES.keys() | own}
    if unknown:
        raise QueryError(f"There is no table {min(unknown)!r}. The tables are {', '.join(TABLES)}.")
    about = {node["function_name"] for node in nodes if "function_name" in node}
    about = {name for name in about if name.lower().startswith(_ABOUT_ITSELF)}
    if about:
        raise QueryError(f"{min(about)}() tells of the database, not of runs, and is not there.")
    tables = frozenset({name.lower() for name in named} & TABLES.keys())
    return Question(tables, _columns(nodes))


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a parsed statement."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, (dict, list)):
            yield from _nodes(inner)


def _own_tables(node: dict[str, Any]) -> Iterator[str]:
    """Yield the names that a WITH clause gives."""
    clause = node.get("cte_map")
    for entry in clause.get("map", []) if isinstance(clause, dict) else ():
        yield entry["key"].lower()
        yield entry["key"]


def _columns(nodes: list[dict[str, Any]]) -> frozenset[str] | None:
    """Return the names that may be those of columns: rather too many than too few."""
    found: set[str] = set()
    whole: set[str] = set()  # the name of a table stands for its whole row
    for node in nodes:
        if not _NAMELESS.isdisjoint((node.get("type"), node.get("ref_type"))):
            return None
        if node.get("column_name_alias"):  # columns are given other names, one after the other
            return None
        if node.get("type") == "BASE_TABLE":
            whole.add((node.get("alias") or node["table_name"]).lower())
        if node.get("type") == "COLUMN_REF":
            found.update(name.lower() for name in node["column_names"])
        found.update(name.lower() for name in node.get("using_columns") or ())
    return None if found & whole and _names_a_row(nodes, whole) else frozenset(found)


def _names_a_row(nodes: list[dict[str, Any]], whole: set[str]) -> bool:
    return any(
        len(node["column_names"]) == 1 and node["column_names"][0].lower() in whole
        for node in nodes
        if node.get("type") == "COLUMN_REF"
    )
