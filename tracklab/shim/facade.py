"""The modules that `import wandb` and `import wandb.x.y` give: nothing but names, looked up late.

Each is a module of its own, so a program may put names into it, as tests that replace
`wandb.init` do, without changing tracklab.
"""

from __future__ import annotations

from importlib import import_module
from itertools import accumulate
from types import ModuleType
from typing import Any, Final

import tracklab
from tracklab.errors import UnsupportedError
from tracklab.shim.finder import is_installed
from tracklab.shim.names import NAMES, REFUSED, STARRED, VERSION

__all__ = ["Facade", "find", "is_module"]

_ROOT: Final = "wandb"
#: The names that change with every `init()` and `finish()`, so that no module keeps them.
_CURRENT: Final = frozenset({"run", "config", "summary"})
_MODULES: Final = frozenset(
    module
    for path in (*NAMES, *REFUSED)
    for module in accumulate(path.split(".")[:-1], lambda outer, name: f"{outer}.{name}")
)


class Facade(ModuleType):
    """`wandb` or a module below it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in {"__all__", "__version__"}:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = find(f"{self._start}{name}")
        if self._start or name not in _CURRENT:
            setattr(self, name, value)  # the same object ever after, and found at once
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        # The import of a submodule leaves it here; `wandb.plot.line` stays the function.
        if not (isinstance(value, Facade) and f"{self._start}{name}" in NAMES):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        start = self._start
        below = {path[len(start) :].partition(".")[0] for path in NAMES if path.startswith(start)}
        return sorted({*self.__dict__, *below, *([] if start else tracklab.__all__)})

    @property
    def _start(self) -> str:
        """What stands before a name in the table: nothing, or a path and a dot."""
        path = self.__name__[len(_ROOT) + 1 :]
        return f"{path}." if path else ""


def is_module(fullname: str) -> bool:
    """Return whether `fullname`, `wandb` or a path below it, is a module of ours."""
    return fullname == _ROOT or fullname[len(_ROOT) + 1 :] in _MODULES


def find(path: str, *, door: str = _ROOT) -> Any:
    """Return what `wandb.<path>` stands for.

    Args:
        path: a name, or several with dots between.
        door: the module that was asked, for the message.

    Raises:
        AttributeError: nothing.
    """
    if path in _META:
        return _META[path]
    if path in NAMES:
        module, _, name = NAMES[path].partition(":")
        return getattr(import_module(f"tracklab.{module}"), name)
    if path in tracklab.__all__:
        return getattr(tracklab, path)
    fullname = f"{_ROOT}.{path}"
    if door != _ROOT and path in {"errors", "sdk"}:  # rooms of tracklab's own
        return import_module(f"tracklab.{path}")
    if path in _MODULES:
        # Without the hook, for `import tracklab as wandb`, there is nothing to import it from.
        return import_module(fullname) if is_installed() else Facade(fullname)
    start, _, name = f"{door}.{path}".rpartition(".")
    instead = REFUSED.get(path) or REFUSED.get(f"{path.rpartition('.')[0]}.*")
    if instead and not name.startswith("_"):
        return _refusal(fullname, instead)
    raise AttributeError(f"module {start!r} has no attribute {name!r}")


_META: Final = {"__version__": VERSION, "__all__": list(STARRED)}


def _refusal(path: str, instead: str) -> Any:
    """Return a function that says what to use instead."""

    def refuse(*_: object, **__: object) -> Any:
        raise UnsupportedError(f"{path}() is not part of tracklab. {instead}")

    refuse.__name__ = refuse.__qualname__ = path.rpartition(".")[2]
    return refuse
