"""`python -m tracklab.query.sql.worker`: answer one question, then end.

A line break on standard output says that it is ready, which is when the asker's clock begins to
run. The question comes as a JSON object on standard input, the answer follows on standard output.
Tables are filled first; then files, extensions and settings are put out of reach for good, and only
then the user's SQL is parsed into a plan and run. Memory is limited and so is time: what takes
too much ends this process and no other.
"""

from __future__ import annotations

import math
import os
import resource
import sys
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import duckdb
import orjson

from tracklab import clock
from tracklab.errors import NotFoundError, QueryError, TrackLabError
from tracklab.media.needs import needed
from tracklab.query.engines.local import LocalEngine
from tracklab.query.plain import plain
from tracklab.query.sql.statement import tables_of
from tracklab.query.sql.tables import Selection, fill

_FETCH: Final = 1_000
_BATCH_ROWS: Final = 100_000
#: What does not fit its memory the database keeps in files, as far as this.
_SPILL_MOST: Final = "16GB"
#: Beyond DuckDB's own limit: the interpreter, numpy, and the columns of one run.
_ROOM_BYTES: Final = 2 << 30
_TOO_LONG: Final = "This question took too long. Ask for fewer runs, or for less of them."
_FORMATS: Final = {
    "csv": "(FORMAT csv, HEADER)",
    "parquet": "(FORMAT parquet, COMPRESSION zstd)",
}


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the reply to one question.

    Raises:
        TrackLabError: it cannot be asked so.
        duckdb.Error: it is no SQL, or takes too much.
    """
    ends_s = clock.monotonic() + (asked.get("deadline_s") or math.inf)
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{asked['memory_mb']}MB", "threads": "2",
            "temp_directory": asked["spill"], "max_temp_directory_size": _SPILL_MOST,
        },
    )  # fmt: skip
    connection.execute("ATTACH ':memory:' AS tables (COMPRESS)")  # a third of the memory
    connection.execute("USE tables")
    engine = LocalEngine(Path(asked["root"]))
    sql = asked.get("sql", "")
    chosen = Selection(
        engine, runs=asked.get("runs", ()), project=asked.get("project"), f=asked.get("f", ""),
        sql=sql, memory_mb=asked["memory_mb"],
    )  # fmt: skip
    if "table" in asked:
        return _export(connection, chosen, asked)
    for table in sorted(tables_of(connection, sql)):
        fill(connection, table, chosen)
    _lock(connection)
    left_s = ends_s - clock.monotonic()
    if left_s <= 0:
        raise duckdb.InterruptException(_TOO_LONG)
    timer = threading.Timer(left_s, connection.interrupt)
    timer.daemon = True
    timer.start()
    result = connection.execute(_fetchable(connection, sql))
    names = [column[0] for column in result.description or ()]
    types = [str(column[1]) for column in result.description or ()]
    rows: list[Any] = []
    while len(rows) <= asked["limit"] and (some := result.fetchmany(_FETCH)):
        rows += some
    timer.cancel()
    return {
        "columns": [{"name": n, "type": t} for n, t in zip(names, types, strict=True)],
        "rows": [[_value(value) for value in row] for row in rows[: asked["limit"]]],
        "truncated": len(rows) > asked["limit"],
    }


def _export(
    connection: duckdb.DuckDBPyConnection, chosen: Selection, asked: dict[str, Any]
) -> dict[str, Any]:
    """Write a whole table into a file; no SQL of a user is part of this."""
    table, path = asked["table"], str(asked["path"]).replace("'", "''")
    fill(connection, table, chosen)
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)  # noqa: S608 - one of TABLES
    if asked["format"] == "arrow":
        _write_arrow(connection, table, asked["path"])
    else:
        connection.execute(f"COPY {table} TO '{path}' {_FORMATS[asked['format']]}")
    return {"rows": count}


def _write_arrow(connection: duckdb.DuckDBPyConnection, table: str, path: str) -> None:
    """Write a table as an Arrow file, the format that Feather's second version is too."""
    arrow = needed("pyarrow", by="An Arrow file", install="tracklab-local[export]")
    batches: Any = connection.execute(f"FROM {table}").to_arrow_reader(_BATCH_ROWS)
    part = Path(f"{path}.{os.getpid()}.part")  # whole or not at all, as DuckDB writes the others
    try:
        with part.open("xb") as place, arrow.ipc.new_file(place, batches.schema) as file:
            for batch in batches:  # not compressed, so that they can be mapped
                file.write_batch(batch)
        part.replace(path)
    except OSError as error:
        raise QueryError(f"Cannot write {path}: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)


def _fetchable(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Return the question with times that have a zone as texts: fetching such times needs pytz."""
    columns = connection.execute(f"DESCRIBE {sql}").fetchall()
    if not any("TIME ZONE" in kind for _, kind, *_ in columns):
        return sql
    inner = ", ".join(f"c{number}" for number in range(len(columns)))
    shown = ", ".join(
        f"CAST(c{number} AS VARCHAR) AS {_quoted(name)}"
        if "TIME ZONE" in kind
        else f"c{number} AS {_quoted(name)}"
        for number, (name, kind, *_) in enumerate(columns)
    )
    return f"SELECT {shown} FROM ({sql.rstrip().rstrip(';')}) AS answer({inner})"  # noqa: S608 - the user's own SQL, checked


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _lock(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    for setting in ("autoinstall_known_extensions", "autoload_known_extensions"):
        connection.execute(f"SET {setting} = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _value(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return plain(value) if not isinstance(value, int) or abs(value) < 1 << 63 else str(value)
    if isinstance(value, (list, tuple)):
        return [_value(inner) for inner in value]
    if isinstance(value, dict):
        return {str(key): _value(inner) for key, inner in value.items()}
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z" if value.tzinfo is None else value.isoformat()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def main() -> NoReturn:
    """Say that we are ready, read the question, write the answer, end."""
    sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()
    asked = orjson.loads(sys.stdin.buffer.read())
    limit = asked["memory_mb"] * (1 << 20) + _ROOM_BYTES
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        reply = answer(asked)
    except NotFoundError as error:
        reply = {"missing": str(error)}
    except TrackLabError as error:
        reply = {"error": str(error)}
    except (duckdb.OutOfMemoryException, MemoryError):
        reply = {"error": "This question needs more memory than it may have. Ask for fewer runs."}
    except duckdb.InterruptException:
        reply = {"error": _TOO_LONG}
    except duckdb.Error as error:
        reply = {"error": str(error).partition("\n")[0]}
    sys.stdout.buffer.write(orjson.dumps(reply))
    sys.stdout.buffer.flush()
    # At once: the threads of a database that still works would end the interpreter with a fault.
    os._exit(0)


if __name__ == "__main__":
    main()
