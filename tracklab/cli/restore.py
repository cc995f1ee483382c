"""`tracklab restore RUN`: a run, or what was removed from it, comes back from the trash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.options import data_dir, engine_for, printable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command("restore")
@click.argument("run")
@data_dir
def command(run: str, root: Path | None) -> None:
    """Bring RUN, written as project/run_id, back from the trash.

    If the run itself is there, the files that were removed from it come back.
    """
    from tracklab.storage.trash import restore  # noqa: PLC0415 - `tracklab --help` needs none

    files = restore(engine_for(root).root, run)
    click.echo(f"{printable(run)} is back." if not files else f"{len(files)} files are back:")
    for file in files:
        click.echo(f"  {printable(file)}")
