"""`tracklab import`: runs that other tools logged, and archives of runs, as runs in here."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tracklab.cli.options import data_dir, json_flag, print_json, printable
from tracklab.errors import StorageError, TrackLabError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tracklab.transfer.landing import Outcome
    from tracklab.transfer.things import Found

__all__ = ["bring_all", "command", "files_from"]

_SHOWN_LOSSES: Final = 10


files_from = click.option(
    "--files-from", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR",
    help="Also take files from below DIR that the source only names, by a link or an address.",
)  # fmt: skip


@click.group("import")
def command() -> None:
    """Bring in runs that other tools logged, or archives of runs.

    They become ordinary runs with the times they had. Importing the same again adds nothing;
    where the source has grown, the run is written anew and the earlier one goes to the trash.
    """


def _options(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        json_flag,
        click.option("--dry-run", is_flag=True, help="Read everything, write nothing."),
        click.option("--id", "run_id", help="Id of the run, where there is one only."),
        click.option("--project", "-p", help="Project for all runs, instead of the tool's."),
        data_dir,
    ):
        function = option(function)
    return function


def _importer(name: str, summary: str, details: str, *options: Callable[[Any], Any]) -> None:
    """Add a command that imports what `tracklab.transfer.<name>` finds."""

    @click.argument("source")
    @_options
    def run(source: str, root: Path | None, **chosen: Any) -> None:
        bring_all(name, [source], root, **chosen)

    run.__doc__ = f"{summary}\n\n{details}"
    for option in options:
        option(run)
    command.command(name)(run)


_importer(
    "wandb",
    "Import wandb's logs: SOURCE is a .wandb file, a run's directory, or one above.",
    "History, summary, config, metric definitions, measurements of the machine, console text,\n"
    "files, media and artifacts come along, of these what wandb staged on this machine.",
    files_from,
)
_importer(
    "tensorboard",
    "Import TensorBoard's logs: SOURCE is a log directory, one above several, or a file of events.",
    "Each directory with files of events becomes a run. Scalars, texts, distributions, images,\n"
    "audio and hyperparameters come along. Graphs and the values of other plugins do not.",
)
_importer(
    "mlflow",
    "Import MLflow's runs: SOURCE is a directory mlruns, a database, or sqlite:///FILE.",
    "Parameters become the configuration; metrics, tags, notes, status, and the artifacts and\n"
    "models below the store come along. A nested run is in the group of the run above it.",
    files_from,
    click.option("--deleted", is_flag=True, help="Also runs that were deleted in MLflow."),
)
_importer(
    "runicorn",
    "Import Runicorn's runs: SOURCE is a run's directory, or any above several.",
    "Metrics, images, the configuration, the summary, the log and how the run ended come along.",
)
_importer(
    "trackio",
    "Import Trackio's runs: SOURCE is a project's .db file, or the directory of them.",
    "Metrics, configuration, alerts, measurements of the machine, media and tables come along.\n"
    "Traces and artifacts do not.",
)


@command.command("archive")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@data_dir
@click.option("--project", "-p", help="Project for all runs, instead of their own.")
@click.option("--dry-run", is_flag=True, help="Unpack and check beside the data, keep nothing.")
@json_flag
def archive(
    file: Path, root: Path | None, *, project: str | None, dry_run: bool, as_json: bool
) -> None:
    """Import FILE, an archive that `tracklab export --format tar` wrote.

    Each file is compared with the archive's manifest before any of it can be seen. A run that is
    there already is kept if it is the same, and an error if it is not.
    """
    from tracklab.settings import data_root  # noqa: PLC0415 - `--help` needs none of these
    from tracklab.transfer.archives import unpack  # noqa: PLC0415 - as above

    with _bar(file.stat().st_size, quiet=as_json) as counter:
        tell = counter(file.stat().st_size)
        outcomes = unpack(file, data_root(root), project=project, dry_run=dry_run, progress=tell)
    _say(outcomes, dry_run=dry_run, as_json=as_json)


def bring_all(
    tool: str,
    sources: Sequence[str],
    root: Path | None,
    *,
    project: str | None,
    run_id: str | None,
    dry_run: bool,
    as_json: bool,
    **finding: Any,
) -> None:
    """Import all runs that lie in `sources`, and say what came of each.

    Args:
        tool: whose files they are, the name of a module of `tracklab.transfer`.
        sources: where they lie.
        root: the data directory, None for the default one.
        project: for all of them, None for the tool's.
        run_id: for the only one, None for the tool's.
        dry_run: read everything, write nothing.
        as_json: say it for programs.
        finding: options of the tool's own.

    Raises:
        UsageError: there are no runs, or several for one id.
        StorageError: something cannot be read or written.
    """
    from tracklab.settings import data_root  # noqa: PLC0415 - `--help` needs none of these
    from tracklab.transfer.landing import bring  # noqa: PLC0415 - as above

    runs = [found for source in sources for found in _found(tool, source, **finding)]
    if run_id is not None and len(runs) > 1:
        raise UsageError(
            f"--id names one run, and {len(runs)} lie here. Name the files of one of them: "
            f"{' '.join(sources)}"
        )
    outcomes: list[Outcome] = []
    failed: list[str] = []
    with _bar(sum(run.size_bytes for run in runs), quiet=as_json) as advance:
        for found in runs:
            try:
                outcomes.append(
                    bring(
                        found, data_root(root), project=project, run_id=run_id, dry_run=dry_run,
                        progress=advance(found.size_bytes),
                    )
                )  # fmt: skip
            except TrackLabError as error:  # noqa: PERF203 - the other runs still come
                failed.append(str(error))
            except OSError as error:
                failed.append(
                    f"import {tool} cannot read a run ({error.strerror}). Check who may read its "
                    f"files: {error.filename or found.source}"
                )
    _say(outcomes, dry_run=dry_run, as_json=as_json)
    if failed:
        raise click.ClickException("\n".join(failed))


def _found(tool: str, source: str, **finding: Any) -> list[Found]:
    """Return the runs in a source: a path, or for some tools an address such as sqlite:///..."""
    find = import_module(f"tracklab.transfer.{tool}").find
    if "://" in source and tool != "mlflow":
        raise UsageError(
            f"import {tool} reads files on this machine, and this is an address. Name a path: "
            f"{source}"
        )
    try:
        found: list[Found] = find(source if "://" in source else Path(source).absolute(), **finding)
    except TrackLabError:  # some are an OSError, too
        raise
    except OSError as error:
        raise StorageError(
            f"import {tool} cannot read its source ({error.strerror}). Check the path: {source}"
        ) from None
    return found


@contextmanager
def _bar(total_bytes: int, *, quiet: bool) -> Iterator[Callable[[int], Callable[[int], None]]]:
    """Show a bar on a terminal; give what makes a counter for each run of some bytes."""
    shown = not quiet and sys.stderr.isatty() and total_bytes > 0
    with click.progressbar(
        length=total_bytes, label="importing", file=sys.stderr, hidden=not shown
    ) as bar:

        def counter(size_bytes: int) -> Callable[[int], None]:
            done = 0

            def tell(now_bytes: int) -> None:
                nonlocal done
                now_bytes = min(now_bytes, size_bytes)
                bar.update(now_bytes - done)
                done = now_bytes

            return tell

        yield counter


def _say(outcomes: list[Outcome], *, dry_run: bool, as_json: bool) -> None:
    from dataclasses import asdict  # noqa: PLC0415 - only once something was imported

    if as_json:
        print_json([{**asdict(one), "dry_run": dry_run} for one in outcomes])
        return
    for one in outcomes:
        click.echo(f"{one.result:<10}{printable(one.address)}  {_counted(one)}")
        for what in one.lost[:_SHOWN_LOSSES]:
            click.echo(f"{'':10}left out: {printable(what)}")
        if len(one.lost) > _SHOWN_LOSSES:
            click.echo(f"{'':10}and {len(one.lost) - _SHOWN_LOSSES:,} more")
    if dry_run:
        click.echo("Nothing was written: this was a dry run.")


def _counted(one: Outcome) -> str:
    """Return what came of a run, in numbers; few runs have artifacts."""
    told = {"rows": one.rows, "files": 0, **one.counts}
    if one.tool == "archive":
        del told["rows"]  # they are in files, not counted
    return ", ".join(
        f"{told[name]:,} {name}" for name in ("rows", "files", "artifacts") if name in told
    )
