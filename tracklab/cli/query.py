"""`tracklab query SQL`: ask runs with SQL."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click
import orjson

from tracklab.cli.options import data_dir, engine_for, json_flag, print_json, short

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.sql.asking import Answer

__all__ = ["command"]

_ROWS = 1_000


@click.command("query")
@click.argument("sql")
@data_dir
@click.option("--run", "-r", "runs", multiple=True, help="Only this run; may be repeated.")
@click.option("--project", "-p", help="Only runs of this project and those below it.")
@click.option("--filter", "-f", "f", default="", help="Only runs that match, as in the UI.")
@click.option(
    "--limit", "-n", type=click.IntRange(min=1), help="Rows. Default: 1,000; all with --csv."
)
@click.option("--timeout", type=click.FloatRange(min=0.1), default=60.0, show_default=True)
@click.option(
    "--memory", "memory_mb", type=click.IntRange(min=64), default=1_024, show_default=True,
    help="Of the database, in MB.",
)  # fmt: skip
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@json_flag
def command(  # noqa: PLR0913 - one argument for each option
    sql: str,
    root: Path | None,
    *,
    runs: tuple[str, ...],
    project: str | None,
    f: str,
    limit: int | None,
    timeout: float,
    memory_mb: int,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Ask one SELECT over the tables runs, history, system, events, llm and checkpoints.

    The SQL is DuckDB's. It reads these tables and nothing else:

    tracklab query "SELECT run, min(loss) FROM history GROUP BY run"
    """
    from tracklab.query.sql.asking import Answer, answered  # noqa: PLC0415 - as in `tracklab --help`

    file, truncated = answered(
        engine_for(root).root, sql, runs=runs, project=project, f=f,
        limit=limit or (None if as_csv else _ROWS), form="csv" if as_csv else "json",
        memory_mb=memory_mb, deadline_s=timeout,
    )  # fmt: skip
    with file:
        if as_csv:
            shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.flush()
        else:
            answer = Answer(**orjson.loads(file.read()))
            print_json(answer) if as_json else _print_table(answer)
    if truncated and not as_json:
        click.echo(f"The first {limit or _ROWS:,} rows; more with --limit.", err=as_csv)


def _print_table(answer: Answer) -> None:
    from tracklab.cli.tables import print_table  # noqa: PLC0415 - programs need no table

    numeric = ("INT", "DOUBLE", "FLOAT", "DECIMAL")
    heads = [
        f">{column['name']}" if any(kind in column["type"] for kind in numeric) else column["name"]
        for column in answer.columns
    ]
    rows = [["" if value is None else short(value) for value in row] for row in answer.rows]
    print_table(heads, rows)
