"""`tracklab purge-cache` and `clean`: room, without touching a run or a version."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from tracklab.cli.options import data_dir, engine_for

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["clean", "purge_cache"]

_HOUR_S = 3_600.0
_WEEK_H = 7 * 24


@click.command("purge-cache")
@data_dir
@click.option("--age", help="No effect: the index is one thing, of one age.")
@click.option("--force", is_flag=True, help="No effect: nothing is asked.")
@click.pass_context
def purge_cache(
    context: click.Context,
    root: Path | None,
    *,
    age: str | None,  # noqa: ARG001 - programs written for wandb give it
    force: bool,  # noqa: ARG001 - as above
) -> None:
    """Remove what readers can make again: the index, and the cache directory.

    Runs and artifacts stay: they are no copies.
    """
    from tracklab.cli.index import drop_all  # noqa: PLC0415 - `tracklab --help` needs none

    context.invoke(drop_all, root=root)
    cache = engine_for(root).root / ".tracklab" / "cache"
    if cache.is_dir():
        shutil.rmtree(cache, ignore_errors=True)
        click.echo(f"Removed {cache}")


@click.command("clean")
@data_dir
@click.option(
    "--min-hours", type=click.FloatRange(min=0), default=_WEEK_H, show_default=True,
    help="Let alone what lies there for less long.",
)  # fmt: skip
@click.option("--include-unsynced", is_flag=True, help="No effect: no run is removed.")
@click.option("--force", is_flag=True, help="No effect: nothing is asked.")
def clean(
    root: Path | None,
    *,
    min_hours: float,
    include_unsynced: bool,  # noqa: ARG001 - programs written for wandb give it
    force: bool,  # noqa: ARG001 - as above
) -> None:
    """Empty the trash, and remove contents that no artifact has.

    wandb removes runs that its server has as well. Here the files are the only copy, so no run
    goes: `tracklab gc` moves old ones to the trash.
    """
    from tracklab import clock  # noqa: PLC0415 - `tracklab --help` needs none
    from tracklab.artifacts.upkeep import collect, plan  # noqa: PLC0415 - as above
    from tracklab.cli.gc import emptied  # noqa: PLC0415 - as above

    place, age_s = engine_for(root).root, min_hours * _HOUR_S
    purged = emptied(place, age_s)
    gone = collect(place, plan(place, now_s=clock.now(), grace_s=age_s), now_s=clock.now())
    click.echo(f"{len(purged)} from the trash, {len(gone)} of artifacts. No run was touched.")
