"""`tracklab demo`: the whole product on real work, in one command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.options import data_dir

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command("demo")
@data_dir
@click.option("--once", is_flag=True, help="Do it all once, check it, print a table and end.")
@click.option("--port", type=click.IntRange(0, 65535), help="Of the UI. Default: 8000.")
def command(root: Path | None, port: int | None, *, once: bool) -> None:
    """Train small models, serve one, and watch it all in the UI."""
    from tracklab.demo import run_demo  # noqa: PLC0415 - numpy and a model
    from tracklab.settings import data_root  # noqa: PLC0415 - only here

    click.get_current_context().exit(run_demo(data_root(root), once=once, port=port))
