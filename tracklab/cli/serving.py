"""The options of every command that starts the server; they are the arguments of `serve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracklab.cli.options import data_dir

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["serve_options"]

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    data_dir,
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.option(
        "--port", type=click.IntRange(0, 65535), help="Default: TRACKLAB_API_PORT, else 8000."
    ),
    click.option("--uds", type=click.Path(path_type=Path), help="Listen on this socket file."),
    click.option("--token", is_flag=True, help="Other machines may come in with the token."),
    click.option("--insecure", is_flag=True, help="Everybody who reaches the port may come in."),
    click.option(
        "--allow-host", "allow_hosts", multiple=True, help="A further name of this server."
    ),
    click.option(
        "--also",
        multiple=True,
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="A further data directory, of which the cluster's machines are shown.",
    ),
    click.option("--log-level", help="Default: TRACKLAB_LOG_LEVEL, else warning."),
)


def serve_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of the server."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
