"""Commands of wandb's that are not here: one line says what to use instead; the exit code is 2."""

from __future__ import annotations

from typing import Final

import click

__all__ = ["ABSENT", "command_for"]

_SWEEPS: Final = "Each agent chooses its next trial itself: `tracklab agent SWEEP`."
_JOBS: Final = (
    "It needs wandb's cloud. Start programs with your scheduler: `tracklab run train.py`."
)
_CONTAINERS: Final = "Start the container yourself, with the data directory mounted in it."

#: What is said of each.
ABSENT: Final = {
    "beta": "What wandb tries out has no counterpart here. See `tracklab --help`.",
    "controller": _SWEEPS,
    "docker": _CONTAINERS,
    "docker-run": _CONTAINERS,
    "job": _JOBS,
    "launch": _JOBS,
    "launch-agent": _JOBS,
    "launch-sweep": _JOBS,
    "leet": "Use `tracklab ls`, `tracklab show` and `tracklab tail` in a terminal.",
    "scheduler": _JOBS,
    "sweep-scheduler": _SWEEPS,
}


def command_for(name: str, instead: str) -> click.Command:
    """Return a command that takes anything, and says what to use instead."""

    def refuse(arguments: tuple[str, ...]) -> None:  # noqa: ARG001 - whatever they are
        click.echo(f"{name} is not here. {instead}", err=True)
        click.get_current_context().exit(2)

    settings = {"ignore_unknown_options": True, "help_option_names": list[str]()}
    taken = click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)
    return click.Command(name, settings, refuse, [taken], hidden=True, help=instead)
