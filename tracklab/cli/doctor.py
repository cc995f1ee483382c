"""`tracklab doctor`: what could keep TrackLab from working here, and the cure for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.options import data_dir, json_flag, print_json

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]

_MARKS = {"ok": ("ok   ", "green"), "note": ("note ", "yellow"), "fault": ("FAULT", "red")}


@click.command("doctor")
@data_dir
@click.option("--port", type=click.IntRange(0, 65535), help="The port that should be free.")
@json_flag
def command(root: Path | None, port: int | None, *, as_json: bool) -> None:
    """Check this machine; exit with 1 if there is a fault."""
    from tracklab.cli.checks import findings  # noqa: PLC0415 - `tracklab --help` needs none of it
    from tracklab.settings import data_root  # noqa: PLC0415 - as above

    found = list(findings(data_root(root), port=port))
    if as_json:
        print_json({"checks": found})
    for finding in () if as_json else found:
        mark, colour = _MARKS[finding.verdict]
        click.echo(f"{click.style(mark, fg=colour)}  {finding.check}: {finding.detail}")
        if finding.cure:
            click.echo(f"       {finding.cure}")
    faults = any(finding.verdict == "fault" for finding in found)
    click.get_current_context().exit(1 if faults else 0)
