"""The command line's reference, made from its own help texts.

python -m tests.docs.cli_help > docs/reference/cli.md
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tracklab.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH = 90
_HEAD = """\
# Command line

`tracklab` prints tables and texts for people, and JSON for programs where a command has `--json`.
Exit status 0 is success, 1 a fault (one sentence on stderr says which), 2 a wrong command line or \
a server that could not start.

This page is made from the help texts.
"""


def cli_page() -> str:
    """Return the page: the help of `tracklab`, then that of each command."""
    return _HEAD + "".join(_sections())


def commands() -> list[str]:
    """Return the names of all commands."""
    return main.list_commands(click.Context(main))


def _sections() -> Iterator[str]:
    top = _context(main, "tracklab")
    yield _section("tracklab", main.get_help(top))
    yield from _below(main, top, "tracklab")


def _below(group: click.Group, context: click.Context, path: str) -> Iterator[str]:
    """Yield a section for each command of a group, and for each of those below it."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = _context(command, name, parent=context)
        yield _section(f"{path} {name}", command.get_help(inner))
        if isinstance(command, click.Group):
            yield from _below(command, inner, f"{path} {name}")


def _context(
    command: click.Command, name: str, *, parent: click.Context | None = None
) -> click.Context:
    return command.make_context(name, [], parent, resilient_parsing=True, terminal_width=_WIDTH)


def _section(title: str, text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return f"\n## {title}\n\n```text\n{lines}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(cli_page())
