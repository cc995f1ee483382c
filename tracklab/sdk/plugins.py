"""Functions that other packages add: facts of a run's environment, and values of system rows.

A package names them in its metadata, under `tracklab.capture` or `tracklab.monitors`. Each is
called without arguments and returns a dict. One that raises costs its own answer, and is told
of once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.storage.writer import say

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Plugin", "plugins"]


class Plugin:
    """One function of another package.

    Attributes:
        name: what its package calls it.
    """

    def __init__(self, name: str, entry: Any) -> None:
        self.name = name
        self._entry = entry
        self._function: Any = None
        self._told = False

    def ask(self) -> dict[str, Any]:
        """Return what the function returns; nothing where it fails."""
        try:
            if self._function is None:
                self._function = self._entry.load()
            told = self._function()
            if not isinstance(told, dict):
                raise TypeError(f"it takes a dict, and got a {type(told).__name__}")  # noqa: TRY301
        except Exception as error:  # noqa: BLE001 - somebody else's code: it costs only itself
            if not self._told:
                self._told = True
                say(f"the plug-in {self._entry.value} gives nothing ({_short(error)})")
            return {}
        return told


def plugins(group: str) -> Iterable[Plugin]:
    """Return the plug-ins of a group, by name. Cost: a look at each installed package."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - loads much, few need it

    found = {entry.name: entry for entry in entry_points(group=group)}
    return [Plugin(name, found[name]) for name in sorted(found)]


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
