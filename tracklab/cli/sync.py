"""`tracklab sync`: what `wandb sync` is for, without a cloud: its logs become runs in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.importing import bring_all, files_from
from tracklab.cli.options import data_dir, json_flag

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command("sync")
@click.argument("paths", nargs=-1)
@data_dir
@click.option("--project", "-p", help="Project for all runs, instead of the log's.")
@click.option("--id", "run_id", help="Id of the run, where there is one only.")
@files_from
@click.option("--dry-run", is_flag=True, help="Read everything, write nothing.")
@click.option("--yes", is_flag=True, help="No effect: nothing is asked.")
@json_flag
def command(
    paths: tuple[str, ...],
    root: Path | None,
    *,
    project: str | None,
    run_id: str | None,
    files_from: Path | None,
    dry_run: bool,
    yes: bool,  # noqa: ARG001 - programs written for wandb give it
    as_json: bool,
) -> None:
    """Import wandb's logs from PATHS, or from ./wandb; the same as `tracklab import wandb`."""
    bring_all(
        "wandb", paths or ("wandb",), root, project=project, run_id=run_id, dry_run=dry_run,
        as_json=as_json, files_from=files_from,
    )  # fmt: skip
