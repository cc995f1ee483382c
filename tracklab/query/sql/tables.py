"""Tables of runs for SQL: filled by the engine that answers everything else, so they say the same.

Numbers of history and system rows come as columns, from the index where there is one; what is
no number comes row by row. A name that only some runs have is NULL in the others.

Every reading ends where the segment ended when it began, and no table takes more than four of
them: a writer that never pauses cannot keep us reading.
"""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from tracklab.errors import QueryError
from tracklab.index.blocks import DamagedError
from tracklab.query.columns import Pieces
from tracklab.query.plain import plain
from tracklab.records.flat import flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    from tracklab.query.answers.series import Key, RowStream
    from tracklab.query.columns import Column
    from tracklab.query.engines.local import LocalEngine

    Floats = NDArray[np.float64]
    Row = dict[str, Any]

__all__ = ["Selection", "fill"]

_PAGE: Final = 5_000
#: Rows that are given to the database at once, at least.
_PIECE_ROWS: Final = 50_000
#: Numbers that are held at once of a run that cannot come piece by piece, with what is made of
#: them; for each axis.
_NUMBERS_PER_MB: Final = 16_000
#: Of more names than this a table holds only those that stand in the question.
_MOST_NAMES: Final = 400
_NUMBERS: Final = frozenset({"number", "bool"})
_OWN: Final = {"_timestamp": "time", "_runtime": "relative"}
_EVERY: Final = re.compile(r"(?:select|,|\.)\s*\*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Selection:
    """What tables are made of.

    Attributes:
        engine: answers for the data directory.
        runs: addresses; empty for all runs of `project`.
        project: only this project and those below it; None for all.
        f: filter of runs, see `filter_syntax`.
        sql: the question, which may name columns.
        memory_mb: for what cannot be read piece by piece.
    """

    engine: LocalEngine
    runs: Sequence[str] = ()
    project: str | None = None
    f: str = ""
    sql: str = ""
    memory_mb: int = 256

    def addresses(self) -> list[str]:
        """Return the runs meant. Cost: a listing."""
        if self.runs:
            return [self.engine.glance(address).run for address in self.runs]
        return [run["run"] for run in self._listed(cols=("name",))]

    def table(self) -> Iterator[Row]:
        """Yield the runs meant with everything a listing tells."""
        if self.runs:
            yield from (plain(self.engine.glance(address)) for address in self.runs)
        else:
            yield from self._listed()

    def _listed(self, cols: Sequence[str] = ()) -> Iterator[Row]:
        cursor = None
        while True:
            page = self.engine.runs(
                project=self.project, f=self.f, cols=cols, limit=_PAGE, cursor=cursor
            )
            yield from (plain(run) for run in page.runs)
            cursor = page.cursor
            if cursor is None:
                return


def fill(connection: DuckDBPyConnection, table: str, chosen: Selection) -> None:
    """Make a table and fill it.

    Args:
        connection: to a database in memory that may still read files.
        table: one of `TABLES`.
        chosen: of which runs.

    Raises:
        QueryError: it would have too many columns, or a run is not there.

    Cost: reads what the runs hold of it.
    """
    _FILLERS[table](connection, chosen)


def _fill_runs(connection: DuckDBPyConnection, chosen: Selection) -> None:
    def rows() -> Iterator[Row]:
        for run in chosen.table():
            config, summary = run["config"], run["summary"]
            flat = {f"config.{key}": value for key, value in flatten(config).items()}
            told = {f"summary.{key}": value for key, value in summary.items()}
            yield {**run, **_named(flat, chosen), **_named(told, chosen)}

    _load(connection, "runs", rows(), _RUN_TYPES)


def _named(values: Row, chosen: Selection) -> Row:
    if len(values) <= _MOST_NAMES:
        return values
    return {key: value for key, value in values.items() if key in chosen.sql}


def _fill_events(connection: DuckDBPyConnection, chosen: Selection) -> None:
    def rows() -> Iterator[Row]:
        for address in chosen.addresses():
            for event in chosen.engine.every_event(address):
                yield {"run": address, **plain(event)}

    _load(connection, "events", rows(), _EVENT_TYPES)


def _fill_llm(connection: DuckDBPyConnection, chosen: Selection) -> None:
    def rows() -> Iterator[Row]:
        for address in chosen.addresses():
            yield from map(plain, chosen.engine.every_call(address))

    _load(connection, "llm", rows(), _LLM_TYPES)


def _fill_checkpoints(connection: DuckDBPyConnection, chosen: Selection) -> None:
    def rows() -> Iterator[Row]:
        for address in chosen.addresses():
            yield from map(asdict, chosen.engine.checkpoints(run=address).checkpoints)

    _load(connection, "checkpoints", rows(), _CHECKPOINT_TYPES)


def _fill_rows(stream: RowStream) -> Callable[[DuckDBPyConnection, Selection], None]:
    def filler(connection: DuckDBPyConnection, chosen: Selection) -> None:
        table = stream if stream == "system" else "history"
        addresses = chosen.addresses()
        keys = _keys(chosen, addresses, stream)
        types = {"run": "VARCHAR", "project": "VARCHAR", "run_id": "VARCHAR"}
        types |= {"_step": "BIGINT"} if stream == "history" else {}
        types |= dict.fromkeys(_OWN, "DOUBLE")
        names = _Names(types)
        types |= {
            names.of(key.key): "DOUBLE" if key.kind in _NUMBERS else "VARCHAR" for key in keys
        }
        _create(connection, table, types)
        # Read only if asked for: it is a second look at every column.
        timed = not chosen.sql or "_runtime" in chosen.sql or bool(_EVERY.search(chosen.sql))
        stream_keys = _Keys(stream, keys, names, timed=timed)
        for address in addresses:
            _insert_run(connection, table, chosen, address, stream_keys)

    return filler


def _keys(chosen: Selection, addresses: Sequence[str], stream: RowStream) -> list[Key]:
    keys = chosen.engine.keys(addresses, stream=stream).keys
    if len(keys) > _MOST_NAMES:
        keys = [key for key in keys if key.key in chosen.sql]
    if len(keys) > _MOST_NAMES:
        raise QueryError(
            f"These runs have {len(keys):,} metrics that the question names. Ask for at most "
            f"{_MOST_NAMES} at once."
        )
    return keys


class _Keys:
    """What a table of rows holds of each run."""

    def __init__(
        self, stream: RowStream, keys: Sequence[Key], names: _Names, *, timed: bool
    ) -> None:
        self.stream = stream
        self.numeric = [key.key for key in keys if key.kind in _NUMBERS]
        self.texts = [key.key for key in keys if key.kind not in _NUMBERS]
        self.names = names
        self.axes = ("time", "relative") if timed else ("time",)


class _OutOfOrderError(Exception):
    """A later piece of a run has a step that is not beyond those of the pieces before it."""


def _insert_run(
    connection: DuckDBPyConnection, table: str, chosen: Selection, address: str, keys: _Keys
) -> None:
    """Add a run: piece by piece where its steps rise, which is nearly always, else all at once."""
    told: dict[int, Row] = {}
    if keys.texts and keys.stream == "history":
        # Of several lines of a step each may tell one text: such a run comes all at once.
        told = _texts(chosen.engine, address, keys.texts, keys.stream)
    if not told and _inserted_in_order(connection, table, chosen, address, keys):
        return
    _check_room(chosen, address, keys)
    whole = chosen.engine.columns(address, keys.numeric, stream=keys.stream, axes=keys.axes)
    _insert(connection, table, address, keys, whole, told)


def _inserted_in_order(
    connection: DuckDBPyConnection, table: str, chosen: Selection, address: str, keys: _Keys
) -> bool:
    try:
        for piece in _in_order(chosen.engine, address, keys):
            _insert(connection, table, address, keys, piece, {})
    except (_OutOfOrderError, DamagedError):
        connection.execute(f"DELETE FROM {_name(table)} WHERE run = ?", [address])  # noqa: S608 - the name is quoted
        return False
    return True


def _in_order(engine: LocalEngine, address: str, keys: _Keys) -> Iterator[list[dict[str, Column]]]:
    """Yield pieces of a run of some thousand rows at least, later steps later.

    Raises:
        _OutOfOrderError: steps do not rise from piece to piece.
        DamagedError: the index was not what was written.
    """
    waiting: list[list[dict[str, Column]]] = []
    count, last = 0, -np.inf
    for piece in engine.column_pieces(address, keys.numeric, stream=keys.stream, axes=keys.axes):
        groups = [column.group for column in piece[0].values() if len(column.group)]
        # Entries without a step stand at the end, and are no part of a history.
        known = [group[~np.isnan(group)] for group in groups]
        known = [group for group in known if len(group)]
        if not known:
            continue
        if min(group[0] for group in known) <= last:
            raise _OutOfOrderError
        last = max(group[-1] for group in known)
        count += max(map(len, known))
        waiting.append(piece)
        if count >= _PIECE_ROWS:
            yield _united(waiting)
            waiting, count = [], 0
    if waiting:
        yield _united(waiting)


def _united(pieces: Sequence[list[dict[str, Column]]]) -> list[dict[str, Column]]:
    """Return consecutive pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    found = []
    for sets in zip(*pieces, strict=True):
        keys = dict.fromkeys(key for columns in sets for key in columns)
        found.append({
            key: Pieces([columns[key] for columns in sets if key in columns]).whole()
            for key in keys
        })  # fmt: skip
    return found


def _check_room(chosen: Selection, address: str, keys: _Keys) -> None:
    """Refuse a run whose columns, all in memory at once, would take more than there may be.

    Raises:
        QueryError: it would.
    """
    page = chosen.engine.keys([address], stream=keys.stream)
    numbers = sum(key.count for key in page.keys if key.key in set(keys.numeric))
    most = chosen.memory_mb * _NUMBERS_PER_MB // len(keys.axes)
    if numbers > most:
        raise QueryError(
            f"{address} has {numbers:,} numbers, with steps that go back from line to line, or "
            f"with texts beside them: of such a run {most:,} fit into {chosen.memory_mb} MB. Ask "
            "about other runs, or give the question more memory."
        )


def _insert(  # noqa: PLR0917 - a piece of a table
    connection: DuckDBPyConnection,
    table: str,
    address: str,
    keys: _Keys,
    piece: list[dict[str, Column]],
    told: dict[int, Row],
) -> None:
    columns, *others = [{key: _placed(column) for key, column in found.items()} for found in piece]
    times = others[0] if others else {}
    groups = [column.group for column in columns.values()]
    where = np.unique(np.concatenate([*groups, np.array(sorted(told), dtype=np.float64)]))
    if not len(where):
        return
    project, _, run_id = address.rpartition("/")
    table_of_numbers: dict[str, Any] = {"where_": where}
    parts = [_text(address), _text(project), _text(run_id)]
    names = ["run", "project", "run_id"]
    if keys.stream == "history":
        names.append("_step")
        parts.append("TRY_CAST(where_ AS BIGINT)")  # NULL where it is beyond one
    for own, source in (("_timestamp", columns), ("_runtime", times)):
        names.append(own)
        parts.append(f"CASE WHEN NOT isnan({own}) THEN {own} END")
        table_of_numbers[own] = _latest(where, source.values())
    for number, (key, column) in enumerate(columns.items()):
        value, known = _spread(where, column)
        table_of_numbers[f"v{number}"], table_of_numbers[f"k{number}"] = value, known
        names.append(keys.names.of(key))
        # DuckDB takes a NaN in an array for NULL: one that was logged is put back.
        parts.append(f"CASE WHEN k{number} THEN coalesce(v{number}, 'nan'::DOUBLE) END")
    for number, key in enumerate(keys.texts if told else ()):
        values = [told.get(int(step), {}).get(key) for step in where.tolist()]
        table_of_numbers[f"t{number}"] = np.array(values, dtype=object)
        names.append(keys.names.of(key))
        parts.append(f"t{number}")
    connection.register("numbers_of_a_run", table_of_numbers)
    wanted = ", ".join(map(_name, names))
    connection.execute(
        f"INSERT INTO {_name(table)} ({wanted}) SELECT {', '.join(parts)} FROM numbers_of_a_run"  # noqa: S608 - names are quoted
    )
    connection.unregister("numbers_of_a_run")


def _texts(
    engine: LocalEngine, address: str, keys: Sequence[str], stream: RowStream
) -> dict[int, Row]:
    # All at once: a page at a time would read a run that is being written for ever.
    page = engine.rows(address, stream=stream, keys=keys, limit=sys.maxsize - 1)
    return {
        row["_step"]: {key: _shown(row[key]) for key in keys if key in row} for row in page.rows
    }


def _latest(where: Floats, columns: Iterable[Column]) -> Floats:
    """Return for each place the largest x that any column has there; NaN for none."""
    latest = np.full(len(where), np.nan)
    for column in columns:
        if len(column.group) == len(where) and np.array_equal(column.group, where):
            latest = np.fmax(latest, column.x)
            continue
        at = np.minimum(np.searchsorted(where, column.group), len(where) - 1)
        # A run that is being written may have grown between two looks at it.
        known = where[at] == column.group
        latest[at[known]] = np.fmax(latest[at[known]], column.x[known])
    return latest


def _placed(column: Column) -> Column:
    """Return the entries that have a step; a row without one is no part of a history."""
    known = ~np.isnan(column.group)
    return column if known.all() else column.at(known)


def _spread(where: Floats, column: Column) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a column's value at each place, and whether it has one."""
    if len(column.group) == len(where):  # each of its places is one of these
        return column.value, np.ones(len(where), dtype=bool)
    value, known = np.zeros(len(where)), np.zeros(len(where), dtype=bool)
    at = np.searchsorted(where, column.group)
    value[at], known[at] = column.value, True
    return value, known


def _load(
    connection: DuckDBPyConnection, table: str, rows: Iterable[Row], types: dict[str, str]
) -> None:
    """Load rows through a file of JSON lines, which DuckDB reads as fast as any."""
    kinds: dict[str, set[type]] = {}
    names = _Names(types)
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        for row in rows:
            line = {}
            for field, value in row.items():
                key = field if field in types else names.of(field)
                if key not in types and value is not None:
                    kinds.setdefault(key, set()).add(type(value))
                line[key] = _shown(value) if isinstance(value, (dict, list)) else value
            file.write(orjson.dumps(line) + b"\n")
        file.flush()
        every = {**types, **{key: _type_of(kinds[key]) for key in sorted(kinds)}}
        _create(connection, table, every)
        if Path(file.name).stat().st_size:
            columns = ", ".join(f"{_text(name)}: {_text(kind)}" for name, kind in every.items())
            connection.execute(
                f"INSERT INTO {_name(table)} BY NAME SELECT * FROM read_json({_text(file.name)}, "  # noqa: S608 - names are quoted
                f"format = 'newline_delimited', columns = {{{columns}}})"
            )


class _Names:
    """Names of columns: DuckDB takes two that differ in case for one, and none for a mistake.

    A name that is taken gets a number behind it.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.lower() for name in taken}
        self._known: dict[str, str] = {}

    def of(self, key: str) -> str:
        """Return the column of a key, the same each time."""
        if key not in self._known:
            name, count = key or "_", 1
            while name.lower() in self._taken:
                count += 1
                name = f"{key}_{count}"
            self._taken.add(name.lower())
            self._known[key] = name
        return self._known[key]


def _type_of(kinds: set[type]) -> str:
    if kinds <= {bool}:
        return "BOOLEAN"
    return "DOUBLE" if kinds <= {int, float} else "VARCHAR"


def _create(connection: DuckDBPyConnection, table: str, types: dict[str, str]) -> None:
    columns = ", ".join(f"{_name(name)} {kind}" for name, kind in types.items())
    connection.execute(f"CREATE TABLE {_name(table)} ({columns})")


def _shown(value: Any) -> Any:
    """Return what a text column holds of a value: objects and lists as JSON."""
    return value if isinstance(value, str) else orjson.dumps(plain(value)).decode()


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_TIME: Final = "TIMESTAMP"  # of UTC; with a zone it could only be fetched with another package
_RUN_TYPES: Final = {
    "run": "VARCHAR", "run_id": "VARCHAR", "project": "VARCHAR", "name": "VARCHAR",
    "status": "VARCHAR", "created_at": _TIME, "updated_at": _TIME, "ended_at": _TIME,
    "duration_s": "DOUBLE", "tags": "VARCHAR", "notes": "VARCHAR", "group": "VARCHAR",
    "job_type": "VARCHAR", "host": "VARCHAR", "pid": "BIGINT", "program": "VARCHAR",
    "git_commit": "VARCHAR", "python_version": "VARCHAR", "exit_code": "BIGINT",
    "step": "BIGINT", "config": "VARCHAR", "summary": "VARCHAR", "writers": "BIGINT",
    "bad_lines": "BIGINT", "gaps": "BIGINT", "checkpoints": "BIGINT", "llm_calls": "BIGINT",
    "stalled": "BOOLEAN", "silent_s": "DOUBLE",
}  # fmt: skip
_EVENT_TYPES: Final = {
    "run": "VARCHAR", "timestamp": _TIME, "level": "VARCHAR", "logger": "VARCHAR",
    "message": "VARCHAR", "seq": "BIGINT", "writer": "VARCHAR", "data": "VARCHAR",
    "rank": "BIGINT", "trace_id": "VARCHAR", "span_id": "VARCHAR",
}  # fmt: skip
_LLM_TYPES: Final = {
    "run": "VARCHAR", "timestamp": _TIME, "model": "VARCHAR", "provider": "VARCHAR",
    "operation": "VARCHAR", "response_time": "DOUBLE", "ttft": "DOUBLE", "success": "BOOLEAN",
    "error_type": "VARCHAR", "error": "VARCHAR", "prompt_tokens": "BIGINT",
    "completion_tokens": "BIGINT", "cost": "DOUBLE", "cost_basis": "VARCHAR", "seq": "BIGINT",
    "data": "VARCHAR",
}  # fmt: skip
_CHECKPOINT_TYPES: Final = {
    "run": "VARCHAR", "timestamp": _TIME, "step": "BIGINT", "operation": "VARCHAR",
    "duration": "DOUBLE", "size": "BIGINT", "mb_per_s": "DOUBLE", "success": "BOOLEAN",
    "path": "VARCHAR", "error_type": "VARCHAR",
}  # fmt: skip
_FILLERS: Final[dict[str, Callable[[DuckDBPyConnection, Selection], None]]] = {
    "runs": _fill_runs,
    "history": _fill_rows("history"),
    "system": _fill_rows("system"),
    "events": _fill_events,
    "llm": _fill_llm,
    "checkpoints": _fill_checkpoints,
}
