"""`tracklab status`: which runs are alive, how fast, and which stand still."""

from __future__ import annotations

import time
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engines.local import LocalEngine
    from tracklab.query.pulse import Pulse

__all__ = ["command"]

_COLUMNS = (
    "run", "name", "status", ">last line", ">rows/s", ">step", ">writers", "ranks", ">lost",
)  # fmt: skip
_LIVING = ("running", "stale")
_WATCH_S = 2.0
_MOST_RUNS = 10_000


@click.command("status")
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@data_dir
@click.option("--project", "-p", help="Only this project and those below it.")
@click.option("--watch", "-w", is_flag=True, help="Show it again every 2 s until Ctrl-C.")
@json_flag
@click.option("--settings", "only_settings", is_flag=True, help="Show what runs here begin with.")
def command(
    runs: tuple[str, ...],
    root: Path | None,
    *,
    project: str | None,
    watch: bool,
    as_json: bool,
    only_settings: bool,
) -> None:
    """Show which runs are alive: those named, else all that are running or silent.

    A running run is stalled when it is silent for longer than its own rhythm explains.

    --settings prints, as JSON, project, data directory and settings of runs that begin here.
    """
    if only_settings:
        print_json(_chosen(root))
        return
    engine = engine_for(root)
    try:
        while True:
            pulses = _pulses(engine, runs, project)
            if watch and not as_json:
                click.clear()
            _show(pulses, as_json=as_json)
            if not watch:
                return
            time.sleep(_WATCH_S)
    except KeyboardInterrupt:
        return


def _pulses(engine: LocalEngine, runs: tuple[str, ...], project: str | None) -> list[Pulse]:
    from tracklab import clock  # noqa: PLC0415 - `tracklab --help` needs none of these
    from tracklab.query.addresses import resolve  # noqa: PLC0415 - as above
    from tracklab.query.pulse import feel  # noqa: PLC0415 - as above
    from tracklab.query.runs import Dossier  # noqa: PLC0415 - as above
    from tracklab.storage.identity import this_process  # noqa: PLC0415 - as above

    if not runs:
        page = engine.runs(project=project, status=_LIVING, limit=_MOST_RUNS, cols=("status",))
        runs = tuple(run.run for run in page.runs)
    here, now_s = this_process(), clock.now()
    places = (resolve(engine.root, run) for run in runs)
    return [
        feel(Dossier(place, now_s=now_s, here=here), here=here, now_s=now_s) for place in places
    ]


def _chosen(root: Path | None) -> dict[str, Any]:
    """Return what `init()` would begin with, without arguments."""
    from tracklab.sdk import current  # noqa: PLC0415 - `tracklab --help` needs none of these
    from tracklab.sdk.arguments import default_project  # noqa: PLC0415 - as above
    from tracklab.sdk.options import Settings  # noqa: PLC0415 - as above
    from tracklab.settings import Settings as Ours  # noqa: PLC0415 - as above
    from tracklab.settings import data_root, of_directory, settings_file  # noqa: PLC0415 - as above

    found = Settings.load()
    file = settings_file().absolute()
    return {
        "project": default_project(),
        "entity": current.of_environment("ENTITY") or of_directory("entity")
        or current.default_entity(),
        "dir": str(data_root(root)),
        "settings_file": str(file) if file.is_file() else None,
        **{field.name: getattr(found, field.name) for field in fields(Ours)},
    }  # fmt: skip


def _show(pulses: list[Pulse], *, as_json: bool) -> None:
    if as_json:
        print_json({"runs": pulses})
    elif pulses:
        from tracklab.cli.tables import print_table  # noqa: PLC0415 - only for people

        print_table(_COLUMNS, map(_cells, pulses))
    else:
        click.echo("No run is alive.")


def _cells(pulse: Pulse) -> list[str]:
    from tracklab.cli.tables import seconds_text  # noqa: PLC0415 - only for people

    rate = pulse.rows_per_s
    return [
        pulse.run,
        pulse.name,
        f"{pulse.status}, stalled" if pulse.stalled else pulse.status,
        seconds_text(pulse.last_line_s),
        "-" if rate is None else f"{rate:.3g}",
        "-" if pulse.step is None else str(pulse.step),
        f"{pulse.living} of {pulse.writers}",
        _numbers(pulse.ranks),
        str(pulse.lines_lost),
    ]


def _numbers(ranks: list[int]) -> str:
    """Return ranks for people: `0-7`, `0, 2, 3`."""
    if len(ranks) > 1 and ranks == list(range(ranks[0], ranks[-1] + 1)):
        return f"{ranks[0]}-{ranks[-1]}"
    return ", ".join(map(str, ranks))
