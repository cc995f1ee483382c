"""`tracklab online`, `offline`, `enabled`, `disabled`: whether runs of this directory write."""

from __future__ import annotations

import os

import click

__all__ = ["disabled", "enabled", "offline", "online"]

_WRITES = "Runs write their files: nothing is sent anywhere, so online and offline are the same"
_MEANINGS = {
    "online": _WRITES,
    "offline": _WRITES,
    "disabled": "Runs write nothing, and every call is allowed; `tracklab enabled` undoes it",
}


@click.command("online")
def online() -> None:
    """Let runs of this directory write; the same as offline, since nothing is sent anywhere."""
    _set("online")


@click.command("offline")
def offline() -> None:
    """Let runs of this directory write; the same as online, since nothing is sent anywhere."""
    _set("offline")


@click.command("enabled")
@click.option("--service", is_flag=True, hidden=True)
def enabled(*, service: bool) -> None:  # noqa: ARG001 - programs written for wandb give it
    """Let runs of this directory write again, after `tracklab disabled`."""
    _set("online")


@click.command("disabled")
@click.option("--service", is_flag=True, hidden=True)
def disabled(*, service: bool) -> None:  # noqa: ARG001 - as above
    """Let runs of this directory write nothing; programs run as they are."""
    _set("disabled")


def _set(mode: str) -> None:
    """Write the mode into the settings' file, and say what that means."""
    from tracklab.cli.settings_file import change  # noqa: PLC0415 - `tracklab --help` needs none

    path = change({"mode": mode})
    click.echo(f"mode is {mode}, for programs started from here. {_MEANINGS[mode]}. {path}")
    for name in ("TRACKLAB_MODE", "WANDB_MODE"):
        if os.environ.get(name, mode) != mode:
            click.echo(f"{name}={os.environ[name]} in the environment wins over it.", err=True)
