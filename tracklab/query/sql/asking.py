"""Asking SQL: a process is started for the question, and ended when it takes too long."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.errors import NotFoundError, QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["DEADLINE_S", "LONGEST_S", "Answer", "ask", "export"]

#: Seconds that a question may take unless it is told otherwise, from when its process is ready.
DEADLINE_S: Final = 10.0
#: Seconds in which the process must be ready; it takes 0.3 s where nothing else runs.
_START_S: Final = 60.0
_MEMORY_MB: Final = 192
_ROWS: Final = 10_000
_GRACE_S: Final = 3.0
#: Seconds after which a question with the usual deadline has certainly ended.
LONGEST_S: Final = _START_S + DEADLINE_S + _GRACE_S


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns (name and DuckDB's type) and rows; `truncated` says that there were more."""

    columns: list[dict[str, str]]
    rows: list[list[Any]]
    truncated: bool


def ask(
    root: Path,
    sql: str,
    *,
    runs: Sequence[str] = (),
    project: str | None = None,
    f: str = "",
    limit: int = _ROWS,
    memory_mb: int = _MEMORY_MB,
    deadline_s: float = DEADLINE_S,
) -> Answer:
    """Return what a SELECT over the tables of `statement.TABLES` gives.

    Args:
        root: the data directory.
        sql: one SELECT.
        runs: addresses of the runs that the tables hold; empty for all.
        project: only runs of this project and those below it.
        f: only runs that match this filter.
        limit: rows to return.
        memory_mb: memory of the database; the process has some 100 MB beside it.
        deadline_s: seconds until the question is given up; the start of its process is not
            part of them.

    Raises:
        QueryError: the SQL cannot be run, or took too much time or memory.
        NotFoundError: a run is not there.

    Cost: some 0.3 s for the process, and the reading of the runs' tables that the SQL names.
    """
    told = {"sql": sql, "runs": list(runs), "project": project, "f": f, "limit": limit}
    reply = _reply(root, {**told, "memory_mb": memory_mb, "deadline_s": deadline_s}, deadline_s)
    return Answer(reply["columns"], reply["rows"], reply["truncated"])


def export(
    root: Path,
    table: str,
    path: Path,
    *,
    form: str,
    runs: Sequence[str] = (),
    project: str | None = None,
    f: str = "",
    memory_mb: int = _MEMORY_MB,
) -> int:
    """Write a whole table into a file and return the number of its rows.

    Args:
        root: the data directory.
        table: one of `statement.TABLES`.
        path: the file; one that is there is replaced.
        form: `csv`, `parquet` or `arrow`.
        runs: addresses; empty for all.
        project: only runs of this project and those below it.
        f: only runs that match this filter.
        memory_mb: memory of the database.

    Raises:
        QueryError: it cannot be done, or pyarrow is not installed, which `arrow` needs.
    """
    told = {"table": table, "path": str(path.absolute()), "format": form}
    chosen = {"runs": list(runs), "project": project, "f": f, "memory_mb": memory_mb}
    return int(_reply(root, {**told, **chosen}, None)["rows"])


def _reply(root: Path, asked: dict[str, Any], deadline_s: float | None) -> dict[str, Any]:
    # Removed by us: a worker that is killed removes nothing.
    with tempfile.TemporaryDirectory(prefix="tracklab-sql-") as spill:
        told = orjson.dumps({**asked, "root": os.fspath(root.absolute()), "spill": spill})
        return _asked(told, spill, deadline_s)


def _asked(told: bytes, spill: str, deadline_s: float | None) -> dict[str, Any]:
    # From "/": Python looks for modules where it is started, which may be anybody's.
    with subprocess.Popen(
        [sys.executable, "-m", "tracklab.query.sql.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env={**os.environ, "TMPDIR": spill},
    ) as worker:
        try:
            _wait_until_ready(worker)
            timeout_s = None if deadline_s is None else deadline_s + _GRACE_S
            answer, errors = worker.communicate(told, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise QueryError(
                f"This question took longer than {deadline_s:g} s. Ask for fewer runs, or for "
                "less of them."
            ) from None
        finally:
            worker.kill()
    if worker.returncode < 0:
        raise QueryError(
            "The process that worked on this question has died, most likely of its memory. Ask "
            "for fewer runs, or for less of them."
        )
    if worker.returncode:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        raise QueryError(f"The process that worked on this question has failed: {last}")
    reply: dict[str, Any] = orjson.loads(answer)
    if "missing" in reply:
        raise NotFoundError(reply["missing"])
    if "error" in reply:
        raise QueryError(reply["error"])
    return reply


def _wait_until_ready(worker: subprocess.Popen[bytes]) -> None:
    """Wait for the worker's first byte, or its end: a busy machine takes seconds to start it."""
    assert worker.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(worker.stdout, selectors.EVENT_READ)
        started = bool(selector.select(_START_S))
    if not started:
        raise QueryError(
            f"The process for this question has not started within {_START_S:g} s: this machine "
            "is busy. Ask again later."
        )
    os.read(worker.stdout.fileno(), 1)
