"""`tracklab export`: what runs hold, as a file for other programs or sent to a server."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
import orjson

from tracklab.cli.options import data_dir, engine_for, json_flag, printable
from tracklab.cli.sending import header_pairs, send_to_clickhouse, send_to_collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tracklab.query.engines.local import LocalEngine
    from tracklab.transfer.outgoing import Outgoing

__all__ = ["command"]

_TABLES = ("history", "system", "events", "llm", "checkpoints", "runs")
_FORMATS = ("arrow", "csv", "jsonl", "parquet")
#: Rows.
_TOLD_EVERY = 20_000


@click.command("export")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@data_dir
@click.option("--project", "-p", help="All runs of this project and those below it.")
@click.option("--filter", "-f", "f", default="", help="Only runs that match, as in the UI.")
@click.option(
    "--table", "-t", type=click.Choice(_TABLES),
    help="Default: history; for a server history, system, events and llm.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice((*_FORMATS, "tar")),
    help="Default: what the name of --output says, else jsonl.",
)  # fmt: skip
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False),
    help="The file; one that is there is replaced. Default: standard output, for jsonl.",
)  # fmt: skip
@click.option("--memory", "memory_mb", type=click.IntRange(min=64), default=1_024,
              show_default=True, help="Not for jsonl, tar and servers, in MB.")  # fmt: skip
@click.option("--otlp", metavar="URL", help="Send to an OpenTelemetry collector, over HTTP.")
@click.option(
    "--clickhouse", metavar="URL", help="Send to ClickHouse: http://HOST:8123/DATABASE/TABLE."
)
@click.option(
    "--header", "headers", metavar="NAME=VALUE", multiple=True, callback=header_pairs,
    help="Sent to the server with every request, such as Authorization; may be repeated.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print the table that --clickhouse would make.")
@json_flag
def command(  # noqa: PLR0913 - one argument for each option
    runs: tuple[str, ...],
    root: Path | None,
    *,
    project: str | None,
    f: str,
    table: str | None,
    form: str | None,
    output: Path | None,
    memory_mb: int,
    otlp: str | None,
    clickhouse: str | None,
    headers: dict[str, str],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write what RUN, a project or all runs hold, at full resolution.

    csv, parquet and arrow have a column for each name, jsonl an object for each row; arrow needs
    pip install 'tracklab-local[export]'. tar has the runs themselves, all their files, for
    `tracklab import archive`; a name that ends in .tar.gz or .tar.zst compresses it.

    A server gets the lines themselves, not what readers make of them. A collector gets rows as
    metrics, events and console text as logs, calls to language models as spans, and needs
    pip install 'tracklab-local[otlp]'. The exit status is 1 unless the server took everything.
    """
    _check_destination(
        [name for name, given in (("--otlp", otlp), ("--clickhouse", clickhouse)) if given],
        of_files=[name for name, given in (("--output", output), ("--format", form)) if given],
        of_servers=[name for name, given in (("--header", headers), ("--json", as_json)) if given],
        dry_run=dry_run,
    )
    engine = engine_for(root)
    if otlp or clickhouse:
        outgoing = _outgoing(engine, runs=runs, project=project, f=f, table=table)
        if otlp:
            send_to_collector(otlp, outgoing, headers=headers, as_json=as_json)
        elif clickhouse:
            send_to_clickhouse(
                clickhouse, outgoing, headers=headers, dry_run=dry_run, as_json=as_json
            )
        return
    form = form or _format_of(output)
    table = table or "history"
    if form == "tar":
        _write_archive(engine, output, runs=runs, project=project, f=f)
        return
    if form == "jsonl":
        count = _write_lines(engine, output, runs=runs, project=project, f=f, table=table)
    elif output is None:
        raise click.UsageError(f"The format {form} needs --output FILE.")
    else:
        from tracklab.query.sql.asking import export  # noqa: PLC0415 - `--help` needs none of it

        count = export(
            engine.root, table, output, form=form, runs=runs, project=project, f=f,
            memory_mb=memory_mb,
        )  # fmt: skip
    if output is not None:
        click.echo(f"{count:,} rows in {output}")


def _check_destination(
    servers: list[str], *, of_files: list[str], of_servers: list[str], dry_run: bool
) -> None:
    """Raise UsageError where options do not go together."""
    if len(servers) > 1 or (servers and of_files):
        raise click.UsageError(
            f"export goes to one place at a time; got {', '.join([*servers, *of_files])}."
        )
    if of_servers and not servers:
        raise click.UsageError(
            f"{of_servers[0]} is for a server: give --otlp URL or --clickhouse URL."
        )
    if dry_run and servers != ["--clickhouse"]:
        raise click.UsageError("--dry-run prints a table of ClickHouse: give --clickhouse URL.")


def _outgoing(
    engine: LocalEngine, *, runs: tuple[str, ...], project: str | None, f: str, table: str | None
) -> Outgoing:
    from tracklab.query.addresses import resolve  # noqa: PLC0415 - `--help` needs none of these
    from tracklab.query.sql.tables import Selection  # noqa: PLC0415 - as above
    from tracklab.transfer.outgoing import STREAMS, Outgoing  # noqa: PLC0415 - as above

    if table is not None and table not in STREAMS:
        raise click.UsageError(f"A server gets lines: {', '.join(STREAMS)}; got {table}.")
    chosen = Selection(engine, runs=runs, project=project, f=f).addresses()
    places = [resolve(engine.root, address) for address in chosen]
    return Outgoing(places, [table] if table else [*STREAMS])


def _write_archive(
    engine: LocalEngine, output: Path | None, *, runs: tuple[str, ...], project: str | None, f: str
) -> None:
    from tracklab.query.addresses import resolve  # noqa: PLC0415 - `--help` needs none of these
    from tracklab.query.sql.tables import Selection  # noqa: PLC0415 - as above
    from tracklab.transfer.packing import FORMS, pack  # noqa: PLC0415 - as above

    if output is None or not output.name.endswith(tuple(FORMS)):
        raise click.UsageError(f"An archive needs --output FILE that ends in {', '.join(FORMS)}.")
    chosen = Selection(engine, runs=runs, project=project, f=f).addresses()
    places = [resolve(engine.root, address) for address in chosen]
    packed = pack([(place.project, place.run_id, place.path) for place in places], output)
    click.echo(f"{packed.runs:,} runs, {packed.files:,} files in {output}")
    for what in packed.left_out:
        click.echo(f"left out: {printable(what)}", err=True)


def _format_of(output: Path | None) -> str:
    """Return the format that a file's name asks for; jsonl without an ending."""
    if output and ({".tar", ".tgz"} & {*output.suffixes[-2:]}):
        return "tar"
    ending = output.suffix.lstrip(".").lower() if output else ""
    if ending and ending not in _FORMATS:
        raise click.UsageError(
            f"export writes {', '.join(_FORMATS)} and tar; got the ending .{ending}: choose "
            "another name or give --format."
        )
    return ending or "jsonl"


def _write_lines(
    engine: LocalEngine,
    output: Path | None,
    *,
    runs: tuple[str, ...],
    project: str | None,
    f: str,
    table: str,
) -> int:
    from tracklab.query.plain import plain  # noqa: PLC0415 - needs numpy
    from tracklab.query.sql.tables import Selection  # noqa: PLC0415 - as above

    chosen = Selection(engine, runs=runs, project=project, f=f)
    count = 0
    with _output(output) as file:
        for record in _told(_records(chosen, table)):
            file.write(orjson.dumps(plain(record)) + b"\n")
            count += 1
    return count


@contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO]:
    """Yield what becomes the file when nothing has failed; standard output without one.

    Raises:
        QueryError: it cannot be written.
    """
    from tracklab.errors import QueryError, TrackLabError  # noqa: PLC0415 - as `--help` needs none

    if path is None:
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    # A pipe or a device is written to, not replaced.
    part = path if _is_special(path) else path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
        if part != path:
            part.replace(path)
    except TrackLabError:
        raise  # a run that cannot be read is an OSError too
    except OSError as error:
        raise QueryError(f"Cannot write {path}: {error.strerror or error}.") from error
    finally:
        if part != path:
            part.unlink(missing_ok=True)


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _told(records: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield records, and tell on a terminal how many there were by now."""
    if not sys.stderr.isatty():
        yield from records
        return
    for count, record in enumerate(records):
        if count % _TOLD_EVERY == 0:
            click.echo(f"\r{count:,} rows", nl=False, err=True)
        yield record
    click.echo("\r\033[K", nl=False, err=True)


def _records(chosen: Any, table: str) -> Iterator[dict[str, Any]]:
    from dataclasses import asdict  # noqa: PLC0415 - `tracklab --help` needs none of it

    if table == "runs":
        yield from chosen.table()
        return
    for address in chosen.addresses():
        for row in _rows_of(chosen.engine, address, table):
            yield {"run": address, **(row if isinstance(row, dict) else asdict(row))}


def _rows_of(engine: LocalEngine, address: str, table: str) -> Iterable[Any]:
    """Return the rows of a run. Cost: one pass over them, or two."""
    from tracklab.query.addresses import resolve  # noqa: PLC0415 - needs numpy
    from tracklab.query.scanning import scan_rows  # noqa: PLC0415 - as above

    if table == "checkpoints":
        return engine.checkpoints(run=address).checkpoints
    if table == "events":
        return engine.every_event(address)
    if table == "llm":
        return engine.every_call(address)
    return scan_rows(
        resolve(engine.root, address).path, "system" if table == "system" else "history"
    )
