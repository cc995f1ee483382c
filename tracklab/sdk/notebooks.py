"""The magic of notebooks: `%tracklab`, also called `%wandb`, shows a run above what a cell does.

Nothing here loads IPython: a program in which it is not loaded is no notebook.
"""

from __future__ import annotations

import html
import shlex
import sys
from typing import Any, Final

from tracklab.errors import UsageError
from tracklab.sdk import current
from tracklab.sdk.viewer import page_url
from tracklab.settings import data_root

__all__ = ["load_ipython_extension", "offer_magic", "shell", "show"]

_NAMES: Final = ("tracklab", "wandb")


def shell() -> Any | None:
    """Return the running shell of IPython; None outside of one."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def show(markup: str) -> bool:
    """Show HTML as an output of the cell; return whether this is a notebook."""
    if shell() is None:
        return False
    display = sys.modules["IPython"].display
    display.display(display.HTML(markup))
    return True


def offer_magic() -> None:
    """Give the shell, if this runs in one, the magic; a real wandb's stays what it is."""
    if (found := shell()) is not None:
        load_ipython_extension(found)


def load_ipython_extension(found: Any) -> None:
    """Give a shell the magic; IPython calls this for `%load_ext tracklab`."""
    known = found.magics_manager.magics["line"]
    for name in _NAMES:
        if name not in known:
            found.register_magic_function(_magic, "line_cell", name)


def _magic(line: str, cell: str | None = None) -> None:
    """Show the current run, or the run or project that the line names; then run the cell."""
    words = _words(line)
    run = current.run()
    if words:
        link = html.escape(words[0])
        page = page_url(run.root if run else data_root(), words[0])
        show(f'<a href="{html.escape(page)}" target="_blank">{link}</a>' if page else link)
    elif run is not None:
        run.display()
    elif cell is None:
        raise UsageError(
            "%wandb has no run to show. Call tracklab.init() first, or name one: "
            "%wandb project/run_id."
        )
    if cell is not None and (found := shell()) is not None:
        found.run_cell(cell)


def _words(line: str) -> list[str]:
    """Return the run or project that a line names, if any; a height is for frames of wandb's.

    Raises:
        UsageError: it names several, or its height is no number.
    """
    from argparse import ArgumentError, ArgumentParser  # noqa: PLC0415 - few notebooks use it

    parser = ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("path", nargs="*")
    parser.add_argument("-h", "--height", type=int)
    try:
        words: list[str] = parser.parse_known_args(shlex.split(line))[0].path
    except (ArgumentError, ValueError) as error:
        raise UsageError(f"%wandb got {line!r}: {error}. Write %wandb --height 420.") from None
    if len(words) > 1:
        raise UsageError(
            f"%wandb takes one run or project; got {line!r}. Write %wandb project/run_id, or "
            "%wandb alone for the current run."
        )
    return words
