"""Asking SQL: a process is started for the question, and ended when it takes too long."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

import orjson

from tracklab.errors import NotFoundError, QueryError, TrackLabError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DEADLINE_S",
    "LONGEST_S",
    "Answer",
    "TooLongError",
    "WorkerError",
    "answered",
    "ask",
    "export",
]

#: Seconds that a question may take unless it is told otherwise, from when its process is ready.
DEADLINE_S: Final = 10.0
#: Seconds in which the process must be ready; it takes 0.3 s where nothing else runs.
_START_S: Final = 60.0
_MEMORY_MB: Final = 192
_ROWS: Final = 10_000
#: In the directory of the process.
_ANSWER: Final = "answer"
#: The process says by itself that its time is over, unless it hangs.
_GRACE_S: Final = 1.0
#: Seconds after which a question with the usual deadline has certainly ended.
LONGEST_S: Final = _START_S + DEADLINE_S + _GRACE_S


class TooLongError(QueryError):
    """A question took longer than it may, or its process to start."""


class WorkerError(TrackLabError):
    """The process that worked on a question has failed; its last words may hold paths."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns (name and DuckDB's type) and rows; `truncated` says that there were more."""

    columns: list[dict[str, str]]
    rows: list[list[Any]]
    truncated: bool


def ask(root: Path, sql: str, **choice: Any) -> Answer:
    """Return what `answered` does, as objects: all of it in memory."""
    file, _ = answered(root, sql, **choice)
    with file:
        return Answer(**orjson.loads(file.read()))


def answered(  # noqa: PLR0913 - what a question has, and what its answer
    root: Path,
    sql: str,
    *,
    runs: Sequence[str] = (),
    project: str | None = None,
    f: str = "",
    limit: int | None = _ROWS,
    most_bytes: int | None = None,
    form: Literal["json", "csv"] = "json",
    memory_mb: int = _MEMORY_MB,
    deadline_s: float = DEADLINE_S,
) -> tuple[BinaryIO, bool]:
    """Return what a SELECT over the tables of `statement.TABLES` gives, and whether it was cut.

    Args:
        root: the data directory.
        sql: one SELECT.
        runs: addresses of the runs that the tables hold; empty for all.
        project: only runs of this project and those below it.
        f: only runs that match this filter.
        limit: rows to return; None for all.
        most_bytes: the answer is cut before the row with which it would be longer; None for all.
        form: `json` for an `Answer`, a row on each line; `csv`, in which a text without a
            character is `""`, NULL nothing, and lists and objects are JSON.
        memory_mb: memory of the database; the process has some 150 MB beside it.
        deadline_s: seconds until the question is given up; the start of its process is not
            part of them.

    Returns:
        a file without a name, open for reading, which the caller closes.

    Raises:
        QueryError: the SQL cannot be run, or took too much memory.
        TooLongError: it took too much time.
        NotFoundError: a run or the project is not there.
        WorkerError: its process cannot be started, or has a fault.

    Cost: some 0.3 s for the process, and the reading of the runs' tables that the SQL names.
    """
    chosen = {"runs": list(runs), "project": project, "f": f}
    told = {"sql": sql, **chosen, "memory_mb": memory_mb, "deadline_s": deadline_s}
    shape = {"limit": limit, "most_bytes": most_bytes, "form": form, "answer": _ANSWER}
    with _spill() as spill:
        reply = _asked(root, {**told, **shape}, spill, deadline_s)
        return Path(spill, _ANSWER).open("rb"), reply["truncated"]


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
        NotFoundError: a run or the project is not there.
        WorkerError: its process cannot be started, or has a fault.
    """
    told = {"table": table, "path": str(path.absolute()), "format": form}
    chosen = {"runs": list(runs), "project": project, "f": f, "memory_mb": memory_mb}
    with _spill() as spill:
        return int(_asked(root, {**told, **chosen}, spill, None)["rows"])


def _spill() -> tempfile.TemporaryDirectory[str]:
    # Removed by us: a worker that is killed removes nothing.
    return tempfile.TemporaryDirectory(prefix="tracklab-sql-")


def _asked(
    root: Path, asked: dict[str, Any], spill: str, deadline_s: float | None
) -> dict[str, Any]:
    question = orjson.dumps({**asked, "root": os.fspath(root.absolute())})
    # From a directory of our own: Python looks for modules where it is started. What the database
    # knows of places is relative to it, so no message tells where it is.
    with subprocess.Popen(
        [sys.executable, "-m", "tracklab.query.sql.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=spill,
        env={**os.environ, "TMPDIR": spill},
    ) as worker:
        try:
            _wait_until_ready(worker)
            timeout_s = None if deadline_s is None else deadline_s + _GRACE_S
            answer, errors = worker.communicate(question, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise _too_long(deadline_s) from None
        finally:
            worker.kill()
    if worker.returncode < 0:
        raise QueryError(
            "The process that worked on this question has died, most likely of its memory. Ask "
            "for fewer runs, or for less of them."
        )
    if worker.returncode:
        told = errors.decode(errors="replace").strip()
        last = told.rpartition("\n")[2]
        raise WorkerError(
            f"The process that worked on this question has failed: {last}"
        ) from RuntimeError(told)
    reply: dict[str, Any] = orjson.loads(answer)
    if reply.get("late"):
        raise _too_long(deadline_s)
    if "missing" in reply:
        raise NotFoundError(reply["missing"])
    if "error" in reply:
        raise QueryError(reply["error"])
    return reply


def _too_long(deadline_s: float | None) -> TooLongError:
    return TooLongError(
        f"This question took too long: more than {deadline_s:g} s. Ask for fewer runs, or for "
        "less of them."
    )


def _wait_until_ready(worker: subprocess.Popen[bytes]) -> None:
    """Wait for the worker's first byte, or its end: a busy machine takes seconds to start it."""
    assert worker.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(worker.stdout, selectors.EVENT_READ)
        started = bool(selector.select(_START_S))
    if not started:
        raise TooLongError(
            f"The process for this question has not started within {_START_S:g} s: this machine "
            "is busy. Ask again later."
        )
    os.read(worker.stdout.fileno(), 1)
