"""`tracklab login`: for scripts that call it. There is nothing to log in to."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command("login", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[KEY] [OPTIONS OF WANDB]")
def command(arguments: tuple[str, ...]) -> None:  # noqa: ARG001 - a key is neither used nor kept
    """Do nothing: runs are files on this machine. A key that is given is not kept."""
    click.echo("No login is needed: runs are files on this machine, and nothing is sent anywhere.")
