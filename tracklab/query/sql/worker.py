"""`python -m tracklab.query.sql.worker`: answer one question, then end.

A line break on standard output says that it is ready, which is when the asker's clock begins to
run. The question comes as a JSON object on standard input; the answer goes into a file, and what
became of it follows on standard output. Tables are filled first; then files, extensions and
settings are put out of reach for good, and only then the user's SQL is parsed into a plan and run.
Memory is limited and so is time: what takes too much ends this process and no other.
"""

from __future__ import annotations

import math
import os
import resource
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn

import duckdb
import orjson

from tracklab import clock
from tracklab.errors import NotFoundError, StorageError, TrackLabError
from tracklab.query.engines.local import LocalEngine
from tracklab.query.sql.answering import shown_columns, write_answer
from tracklab.query.sql.outlets import TableOutlet, file_outlet
from tracklab.query.sql.statement import read_question
from tracklab.query.sql.tables import Selection, fill

#: What does not fit its memory the database keeps in files, as much as so many times the memory.
_SPILL_TIMES: Final = 16
#: Beyond the database's own limit: one block of rows, as the lines have them and as columns.
_ROOM_BYTES: Final = 144 << 20
#: The same for a file, which holds whole groups of rows of all columns there are.
_EXPORT_ROOM_BYTES: Final = 2 << 30
_TOO_LARGE: Final = (
    "This question needs more memory than it may have. Ask for fewer runs or columns, or give it "
    "more memory."
)


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the reply to one question.

    Raises:
        TrackLabError: it cannot be asked so.
        duckdb.Error: it is no SQL, or takes too much.
    """
    ends_s = clock.monotonic() + (asked.get("deadline_s") or math.inf)
    memory_mb = asked["memory_mb"]
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{memory_mb}MB", "threads": "2", "temp_directory": "spill",
            "max_temp_directory_size": f"{_SPILL_TIMES * memory_mb}MB",
            "secret_directory": "secrets", "extension_directory": "extensions",
        },
    )  # fmt: skip
    _limit_memory((memory_mb << 20) + (_EXPORT_ROOM_BYTES if "table" in asked else _ROOM_BYTES))
    connection.execute("ATTACH ':memory:' AS tables (COMPRESS)")  # a third of the memory
    connection.execute("USE tables")
    chosen = Selection(
        LocalEngine(Path(asked["root"])),
        runs=asked.get("runs", ()), project=asked.get("project"), f=asked.get("f", ""),
    )  # fmt: skip
    if "table" in asked:
        return _export(connection, chosen, asked)
    sql = asked["sql"]
    question = read_question(connection, sql)
    chosen = replace(chosen, columns=question.columns)
    for table in sorted(question.tables):
        into = TableOutlet(connection, table, memory_mb=memory_mb)
        fill(connection, table, chosen, into=into)
    _lock(connection)
    left_s = ends_s - clock.monotonic()
    if left_s <= 0:
        raise duckdb.InterruptException
    timer = threading.Timer(left_s, connection.interrupt)
    timer.daemon = True
    timer.start()
    result = connection.execute(shown_columns(connection, sql))
    truncated = write_answer(
        result, Path(asked["answer"]), form=asked["form"], limit=asked["limit"],
        most_bytes=asked["most_bytes"],
    )  # fmt: skip
    timer.cancel()
    return {"truncated": truncated}


def _export(
    connection: duckdb.DuckDBPyConnection, chosen: Selection, asked: dict[str, Any]
) -> dict[str, Any]:
    """Write a whole table into a file; no SQL of a user is part of this."""
    path = Path(asked["path"])
    with file_outlet(connection, path, asked["format"], memory_mb=asked["memory_mb"]) as file:
        fill(connection, asked["table"], chosen, into=file)
        file.end()
    return {"rows": file.rows}


def _limit_memory(beyond_bytes: int) -> None:
    """Let this process take so much more than it has now; what wants more gets an error.

    What counts is memory of its own that it may write to, so files that are mapped do not.
    """
    with suppress(ValueError, OSError):  # there is no such file but on Linux
        lines = Path("/proc/self/status").read_text().splitlines()
        (own_kb,) = [line.split()[1] for line in lines if line.startswith("VmData:")]
        limit = (int(own_kb) << 10) + beyond_bytes
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _lock(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    for setting in ("autoinstall_known_extensions", "autoload_known_extensions"):
        connection.execute(f"SET {setting} = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def main() -> NoReturn:
    """Say that we are ready, read the question, write the answer, end."""
    sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()
    asked = orjson.loads(sys.stdin.buffer.read())
    try:
        reply = answer(asked)
    except NotFoundError as error:
        reply = {"missing": str(error)}
    except (StorageError, duckdb.IOException):
        raise  # it is no fault of the question, and tells where things lie
    except TrackLabError as error:
        reply = {"error": str(error)}
    except (duckdb.OutOfMemoryException, MemoryError):
        reply = {"error": _TOO_LARGE}
    except duckdb.InterruptException:
        reply = {"late": True}
    except duckdb.Error as error:
        reply = {"error": str(error).partition("\n")[0]}
    sys.stdout.buffer.write(orjson.dumps(reply))
    sys.stdout.buffer.flush()
    # At once: the threads of a database that still works would end the interpreter with a fault.
    os._exit(0)


if __name__ == "__main__":
    main()
