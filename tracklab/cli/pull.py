"""`tracklab pull`: the files of a run, copied into a directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tracklab.cli.options import data_dir, engine_for, printable

__all__ = ["command"]


@click.command("pull")
@click.argument("run")
@data_dir
@click.option("--project", "-p", help="Its project, where RUN is only an id.")
@click.option("--entity", "-e", help="No effect: whose a run is, is a label.")
@click.option(
    "--root", "target", type=click.Path(path_type=Path),
    help="The directory to copy into. Default: one named by the run's id.",
)  # fmt: skip
def command(
    run: str,
    root: Path | None,
    *,
    project: str | None,
    entity: str | None,  # noqa: ARG001 - programs written for wandb give it
    target: Path | None,
) -> None:
    """Copy the files of RUN: what it saved, its media, its console text and its documents.

    RUN is an id, project/run_id or entity/project/run_id. What is there with the same content is
    left alone; a file with another content is replaced.
    """
    import tracklab  # noqa: PLC0415 - `tracklab --help` needs none of these
    from tracklab.cli.tables import bytes_text  # noqa: PLC0415 - as above

    found = tracklab.Api({"dir": engine_for(root).root}).run(f"{project}/{run}" if project else run)
    into, files = target or Path(found.id), found.files()
    changed = [file for file in files if not _has(into, file)]
    for file in changed:
        file.download(str(into), replace=True).close()
    size = bytes_text(sum(file.size for file in changed))
    click.echo(f"{len(files)} files, {size} copied: {printable(str(into))}")


def _has(into: Path, file: Any) -> bool:
    """Return whether a file is there with the same content."""
    from tracklab.artifacts.copying import digests_of  # noqa: PLC0415 - as above

    there = into / file.name
    return bool(
        there.is_file() and there.stat().st_size == file.size and digests_of(there).md5 == file.md5
    )
