"""`tracklab ui`: the server, and a browser that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracklab.cli.serving import serve_options

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command("ui")
@serve_options
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def command(root: Path | None, *, no_browser: bool, **choices: Any) -> None:
    """Serve the UI and open it in a browser."""
    from tracklab.server import pages  # noqa: PLC0415 - loads the web framework
    from tracklab.server.run import serve  # noqa: PLC0415 - as above

    if not pages.built():
        raise click.ClickException(
            "The web UI is not built. Run `make frontend` in a source checkout, or install "
            "TrackLab from a wheel. `tracklab server` serves the API without it."
        )
    click.get_current_context().exit(serve(root, open_browser=not no_browser, **choices))
