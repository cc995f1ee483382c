"""`tracklab server`: the server without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracklab.cli.serving import serve_options

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command("server")
@serve_options
def command(root: Path | None, **choices: Any) -> None:
    """Serve the API and the UI until a signal comes."""
    from tracklab.server.run import serve  # noqa: PLC0415 - loads the web framework

    click.get_current_context().exit(serve(root, **choices))
