"""Packages and notices that media values need now and then."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tracklab.errors import MissingPackageError
from tracklab.storage.descriptors import lent
from tracklab.storage.writer import say

__all__ = ["needed", "say_once"]

_told: set[str] = set()


def needed(module: str, *, by: str, install: str = "tracklab-local[media]") -> Any:
    """Return a module of a package that is not always installed.

    Args:
        module: its name.
        by: the call that needs it.
        install: what to install.

    Raises:
        MissingPackageError: it is not there.
    """
    try:
        with lent():
            return import_module(module)
    except ImportError as error:
        raise MissingPackageError(
            f"{by} needs the package {module.partition('.')[0]}, which cannot be imported "
            f'({error}). Install it: pip install "{install}".'
        ) from error


def say_once(text: str) -> None:
    """Print one line for the user, unless it was printed before."""
    if text not in _told:
        _told.add(text)
        say(text)
