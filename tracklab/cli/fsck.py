"""`tracklab fsck`: does every version of every artifact still hold what was logged?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, print_json, printable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command("fsck")
@data_dir
@click.option("--repair", "cure", is_flag=True, help="Cure what can be cured from what is there.")
@json_flag
def command(root: Path | None, *, cure: bool, as_json: bool) -> None:
    """Check the store of artifacts; exit with 1 if a version cannot be read as it was logged.

    Found are contents that have changed or are missing, contents of no version, what a killed
    program had begun to build, and lists that are out of date, each with its cure. Repairing
    deletes nothing: a damaged file is set aside under a name that ends in .damaged.
    """
    from tracklab import clock  # noqa: PLC0415 - `tracklab --help` needs none of these
    from tracklab.artifacts.upkeep import check, repair  # noqa: PLC0415 - as above

    place = engine_for(root).root
    faults = check(place, now_s=clock.now())
    cured = repair(place, faults) if cure else []
    if as_json:
        print_json({"faults": faults, "cured": cured})
    else:
        for fault in faults:
            word, colour = ("cured", "green") if fault in cured else ("FAULT", "red")
            if not fault.harmful and fault not in cured:
                word, colour = "note", "yellow"
            click.secho(printable(f"{word:<6} {fault.path} {fault.detail}"), fg=colour)
            if fault not in cured:
                click.echo(f"       {fault.cure}.")
        if not faults:
            click.secho("ok     every content is what was logged", fg="green")
    harmful = any(fault.harmful and fault not in cured for fault in faults)
    click.get_current_context().exit(1 if harmful else 0)
