"""`wandb.sdk.lib.ipython`: whether a program runs in a notebook, and in which kind."""

from __future__ import annotations

import sys

from tracklab.sdk.notebooks import shell

__all__ = ["in_ipython", "in_jupyter", "in_notebook", "in_vscode_notebook"]


def in_jupyter() -> bool:
    """Return whether this is a notebook of Jupyter or one like it."""
    return hasattr(shell(), "kernel") and "spyder" not in sys.modules


def in_ipython() -> bool:
    """Return whether this is IPython in a terminal."""
    return in_notebook() and not in_jupyter()


def in_notebook() -> bool:
    """Return whether this is Jupyter or IPython."""
    return shell() is not None


def in_vscode_notebook() -> bool:
    """Return whether this is a notebook of Visual Studio Code."""
    return in_jupyter() and "__vsc_ipynb_file__" in getattr(shell(), "user_ns", {})
