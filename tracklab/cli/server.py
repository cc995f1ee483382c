"""`tracklab server`: the server without a browser."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any, Final

import click

from tracklab.cli.serving import serve_options

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.storage.beacons import Beacon

__all__ = ["command"]

#: For a server on a machine that is very busy; one that cannot start ends sooner.
_WAIT_S: Final = 30.0
_STOP_S: Final = 10.0


@click.command("server")
@click.argument("verb", type=click.Choice(["start", "stop"]), required=False)
@serve_options
@click.option("--detach", "order", flag_value="detach", help="Start it in the background.")
@click.option("--stop", "order", flag_value="stop", help="Stop the one in the background.")
@click.option("--status", "order", flag_value="status", help="Say whether one is there; 1 if not.")
def command(
    root: Path | None, *, verb: str | None, order: str | None, **choices: Any
) -> None:  # fmt: skip
    """Serve the API and the UI until a signal comes.

    `server start` and `server stop` are short for --detach, with a look at the UI, and --stop.

    In the background there is one server for each data directory. It listens on this machine
    only, and ends by itself when nobody has used it for an hour and no run is alive.
    """
    order = {"start": "detach", "stop": "stop"}.get(verb or "", order)
    if order is None:
        from tracklab.server.run import serve  # noqa: PLC0415 - loads the web framework

        click.get_current_context().exit(serve(root, **choices))
    from tracklab.settings import data_root  # noqa: PLC0415 - `tracklab --help` needs none of it

    _ORDERS[order](data_root(root).absolute())
    if verb == "start":
        _open(data_root(root).absolute())


def _detach(root: Path) -> None:
    from tracklab.sdk.viewer import start_server  # noqa: PLC0415 - as above

    if not root.is_dir():
        raise click.ClickException(
            "The data directory does not exist. Create it, or name another with --dir or "
            f"TRACKLAB_DATA_DIR: {root}"
        )
    found = start_server(root, wait_s=_WAIT_S)
    if found is None:
        raise click.ClickException(
            f"The server could not be started. `tracklab server --dir {root}` says why."
        )
    click.echo(found.url)


def _open(root: Path) -> None:
    """Show the UI, if there is a terminal and a screen."""
    import webbrowser  # noqa: PLC0415 - as above

    from tracklab.server.run import has_screen  # noqa: PLC0415 - as above

    found = _seen(root)
    if found and has_screen():
        webbrowser.open(found.url)


def _stop(root: Path) -> None:
    found = _seen(root)
    if found is None:
        click.echo("No server is there.")
        return
    os.kill(found.pid, signal.SIGTERM)
    due_s = time.monotonic() + _STOP_S
    while _seen(root) == found:
        if time.monotonic() > due_s:
            raise click.ClickException(f"The server, process {found.pid}, has not ended.")
        time.sleep(0.05)
    click.echo(f"Stopped the server at {found.url}")


def _status(root: Path) -> None:
    found = _seen(root)
    click.echo(f"{found.url} (process {found.pid})" if found else "No server is there.")
    click.get_current_context().exit(0 if found else 1)


def _seen(root: Path) -> Beacon | None:
    from tracklab.storage.beacons import seen  # noqa: PLC0415 - `tracklab --help` needs none of it

    return seen(root)


_ORDERS = {"detach": _detach, "stop": _stop, "status": _status}
