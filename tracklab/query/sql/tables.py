"""Tables of runs for SQL: filled from what answers everything else, so they say the same.

Every row that the lines have is a row here, whichever columns are asked for. A name that only
some runs have is NULL in the others.

Every reading ends where the segment ended when it began, and no table takes more than a few of
them: a writer that never pauses cannot keep us reading.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.errors import NotFoundError, QueryError
from tracklab.query.answers.runs import Run
from tracklab.query.plain import plain
from tracklab.query.sql.chunks import shown
from tracklab.query.sql.naming import Names, literal, quoted
from tracklab.query.sql.rows import fill_rows
from tracklab.query.sql.stretches import ChangedError
from tracklab.records.flat import flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from tracklab.query.engines.local import LocalEngine
    from tracklab.query.sql.outlets import Outlet

    Row = dict[str, Any]

__all__ = ["Selection", "fill"]

_PAGE: Final = 5_000
#: So often a table is begun anew because a run changed while it was read.
_TRIES: Final = 5
_RUN_FIELDS: Final = tuple(field.name for field in fields(Run))


@dataclass(frozen=True, slots=True)
class Selection:
    """What tables are made of.

    Attributes:
        engine: answers for the data directory.
        runs: addresses; empty for all runs of `project`.
        project: only this project and those below it; None for all.
        f: filter of runs, see `filter_syntax`.
        columns: names in lower case; of the columns that runs name, only these. None for all.
    """

    engine: LocalEngine
    runs: Sequence[str] = ()
    project: str | None = None
    f: str = ""
    columns: frozenset[str] | None = None

    def addresses(self) -> list[str]:
        """Return the runs meant.

        Raises:
            NotFoundError: a run, or the project, is not there.

        Cost: a listing.
        """
        if self.runs:
            return [self.engine.glance(address).run for address in self.runs]
        return [run.run for run in self._listed(cols=("name",))]

    def table(self) -> Iterator[Row]:
        """Yield the runs meant with everything a listing tells."""
        found = map(self.engine.glance, self.runs) if self.runs else self._listed()
        for run in found:
            yield {name: getattr(run, name) for name in _RUN_FIELDS}

    def wants(self, column: str) -> bool:
        """Return whether a column that runs name is to be there."""
        return self.columns is None or column.lower() in self.columns

    def _listed(self, cols: Sequence[str] = ()) -> Iterator[Run]:
        cursor = None
        while True:
            page = self.engine.runs(
                project=self.project, f=self.f, cols=cols, limit=_PAGE, cursor=cursor
            )
            if self.project and not page.runs:
                self._check_project(self.project)
            yield from page.runs
            cursor = page.cursor
            if cursor is None:
                return

    def _check_project(self, name: str) -> None:
        """Raise NotFoundError where there is no such project: without runs there is none."""
        if not self.engine.runs(project=name, cols=("name",), limit=1).runs:
            raise NotFoundError(
                f"There is no project {name!r}. `tracklab ls` lists the runs and their projects."
            )


def fill(connection: DuckDBPyConnection, table: str, chosen: Selection, *, into: Outlet) -> None:
    """Make a table and fill it.

    Args:
        connection: to a database in memory that may still read files.
        table: one of `TABLES`.
        chosen: of which runs.
        into: takes the rows.

    Raises:
        QueryError: it would have too many columns, or a run is not there.

    Cost: reads what the runs hold of it.
    """
    if table in _LOADERS:
        rows, types = _LOADERS[table]
        _load(into, rows(chosen), types, chosen)
        return
    runs = chosen.addresses()
    for tried in range(_TRIES):
        try:
            fill_rows(
                connection, into, "system" if table == "system" else "history",
                root=chosen.engine.root, runs=runs, wanted=chosen.wants, indexed=not tried,
            )  # fmt: skip
        except ChangedError:
            continue
        return
    raise QueryError(
        f"The runs changed {_TRIES} times while {table} was read: names that had only numbers got "
        "texts. Ask again later, or about other runs."
    )


def _runs(chosen: Selection) -> Iterator[Row]:
    for run in chosen.table():
        flat = {f"config.{key}": value for key, value in flatten(run["config"]).items()}
        told = {f"summary.{key}": value for key, value in run["summary"].items()}
        yield {**run, **flat, **told}


def _events(chosen: Selection) -> Iterator[Row]:
    for address in chosen.addresses():
        for event in chosen.engine.every_event(address):
            yield {"run": address, **plain(event)}


def _calls(chosen: Selection) -> Iterator[Row]:
    for address in chosen.addresses():
        yield from map(plain, chosen.engine.every_call(address))


def _checkpoints(chosen: Selection) -> Iterator[Row]:
    for address in chosen.addresses():
        yield from map(asdict, chosen.engine.checkpoints(run=address).checkpoints)


def _load(
    into: Outlet,
    rows: Iterable[Row],
    types: dict[str, str],
    chosen: Selection,
) -> None:
    """Load rows through a file of JSON lines, which DuckDB reads as fast as any."""
    kinds: dict[str, set[type]] = {}
    names = Names(types)
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        for row in rows:
            line = {}
            for field, value in row.items():
                key = field if field in types else names.of(field)
                if key not in types:
                    if not chosen.wants(key):
                        continue
                    if value is not None:
                        kinds.setdefault(key, set()).add(type(value))
                line[key] = shown(value) if isinstance(value, (dict, list)) else plain(value)
            file.write(orjson.dumps(line) + b"\n")
        file.flush()
        every = {**types, **{key: _type_of(kinds[key]) for key in sorted(kinds)}}
        into.begin(every)
        if Path(file.name).stat().st_size:
            columns = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in every.items())
            wanted = ", ".join(map(quoted, every))
            into.add(
                f"SELECT {wanted} FROM read_json({literal(file.name)}, "  # noqa: S608 - names are quoted
                f"format = 'newline_delimited', columns = {{{columns}}})"
            )


def _type_of(kinds: set[type]) -> str:
    if kinds <= {bool}:
        return "BOOLEAN"
    return "DOUBLE" if kinds <= {int, float} else "VARCHAR"


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
_LOADERS: Final[dict[str, tuple[Callable[[Selection], Iterator[Row]], dict[str, str]]]] = {
    "runs": (_runs, _RUN_TYPES),
    "events": (_events, _EVENT_TYPES),
    "llm": (_calls, _LLM_TYPES),
    "checkpoints": (_checkpoints, _CHECKPOINT_TYPES),
}
