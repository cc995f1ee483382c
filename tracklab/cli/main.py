"""The `tracklab` command. Its subcommands are loaded when they are called, so it starts quickly.

A mistake of the user prints one sentence and exits with 1 (2 where the command line itself is
wrong). A traceback is a bug of ours.
"""

from __future__ import annotations

from importlib import import_module

import click

from tracklab import __version__
from tracklab.cli.absent import ABSENT, command_for
from tracklab.errors import TrackLabError

__all__ = ["main"]

# Each command, the module it is in, and what `tracklab --help` says of it.
_COMMANDS = {
    "agent": "Run trials of a sweep.",
    "artifact": "List, copy and keep versions of files.",
    "clean": "Empty the trash, and remove contents that nothing has.",
    "checkpoints": "Show what checkpoints cost and how often to save.",
    "compress": "Compress closed segments.",
    "disabled": "Let runs of this directory write nothing.",
    "demo": "Train small models, serve one, and watch it all in the UI.",
    "doctor": "Check this machine, and say how to cure what is wrong.",
    "enabled": "Let runs of this directory write again.",
    "export": "Write rows, events, calls or runs into a file, or send them.",
    "fsck": "Check that artifacts hold what was logged.",
    "gc": "Remove what is old or too much, to the trash.",
    "import": "Bring runs of other tools, or archives, in here.",
    "init": "Write down project and data directory of this directory.",
    "index": "Make reading quicker: build, check or remove the index.",
    "llm": "Show what LLM calls took and cost.",
    "login": "Say that no login is needed.",
    "logs": "Search what a run printed and logged.",
    "ls": "List runs.",
    "offline": "Let runs of this directory write; online is the same.",
    "online": "Let runs of this directory write; offline is the same.",
    "pull": "Copy the files of a run into a directory.",
    "purge-cache": "Remove what readers can make again.",
    "query": "Ask runs with SQL.",
    "restore": "Bring a run back from the trash, or its source.",
    "run": "Run a program, and keep what it logs through wandb here.",
    "server": "Serve the API and the UI.",
    "show": "Show one run.",
    "status": "Show which runs are alive, and which stand still.",
    "sweep": "Begin a sweep over parameters, and show sweeps.",
    "sync": "Import wandb's logs, under the name wandb has for it.",
    "tail": "Print what a run writes, as it is written.",
    "ui": "Serve the UI and open it in a browser.",
    "verify": "Check that every line of a run is there, once.",
    "watch": "Tell of alerts, and of runs that end badly.",
}

# Where a command lies if not as `command` in the module of its name.
_PLACES = {
    "clean": "purge:clean",
    "disabled": "mode:disabled",
    "enabled": "mode:enabled",
    "import": "importing:command",
    "offline": "mode:offline",
    "online": "mode:online",
    "purge-cache": "purge:purge_cache",
}


class _Commands(click.Group):
    """Subcommands by name, each in a module of its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return command_for(cmd_name, ABSENT[cmd_name]) if cmd_name in ABSENT else None
        module, _, name = _PLACES.get(cmd_name, f"{cmd_name}:command").partition(":")
        command: click.Command = getattr(import_module(f"tracklab.cli.{module}"), name)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except TrackLabError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tracklab", message="%(prog)s %(version)s")
def main() -> None:
    """Experiments, logs and metrics in plain files.

    The data directory is --dir, else TRACKLAB_DATA_DIR, else that of ./tracklab.yaml, else
    ./tracklab_logs.
    """
