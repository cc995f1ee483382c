"""The import hook: `wandb` and everything below it are found here, and nowhere else.

Loaded when the interpreter starts, by the line in `tracklab_as_wandb.pth`, so it imports next to
nothing: what a name stands for is looked up when a program first asks for it.
"""

from __future__ import annotations

import os
import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.metadata import Distribution
    from types import CodeType, ModuleType

__all__ = ["Finder", "install", "install_as_wandb", "is_installed"]

_SWITCH: Final = "TRACKLAB_AS_WANDB"
_ROOT: Final = "wandb"
_MAIN: Final = "wandb.__main__"
#: What `python -m wandb` runs.
_COMMAND: Final = "from tracklab.cli.main import main\nmain(prog_name='wandb')\n"


class Finder:
    """Finds `wandb`, its submodules and its metadata. One of it stands first on `sys.meta_path`."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the import system's signature
        target: ModuleType | None = None,  # noqa: ARG002 - as above
    ) -> ModuleSpec | None:
        """Return where a module of wandb's comes from; None for any other."""
        if fullname != _ROOT and not fullname.startswith(f"{_ROOT}."):
            return None
        from tracklab.shim import facade  # noqa: PLC0415 - only programs that import wandb

        if fullname == _MAIN:
            return ModuleSpec(fullname, _Loader(), origin=facade.__file__)
        if not facade.is_module(fullname):
            return None
        # All are packages, so that `import wandb.sdk.wandb_run` can go down through them.
        spec = ModuleSpec(fullname, _Loader(), origin=facade.__file__, is_package=True)
        spec.has_location = True
        return spec

    def find_distributions(self, context: Any = None) -> Iterable[Distribution]:
        """Return the distribution `wandb` where it, or every one, is asked for."""
        name = getattr(context, "name", None)
        if name is not None and name.lower() != _ROOT:
            return []
        from tracklab.shim.distribution import Wandb  # noqa: PLC0415 - few ask

        return [Wandb()]


class _Loader(Loader):
    """Makes the modules that `Finder` finds."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module, still without names."""
        from tracklab.shim import facade  # noqa: PLC0415 - as above

        return facade.Facade(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: a facade looks its names up when they are read."""

    def get_code(self, fullname: str) -> CodeType | None:
        """Return what `python -m wandb` runs: our command line."""
        return compile(_COMMAND, fullname, "exec") if fullname == _MAIN else None


def install() -> None:
    """Put the finder first, unless it is there: from now on `import wandb` finds us.

    Raises:
        UsageError: another wandb is imported already.
    """
    loaded = sys.modules.get(_ROOT)
    if loaded is not None and not isinstance(getattr(loaded, "__loader__", None), _Loader):
        raise UsageError(
            "install_as_wandb() came too late: another wandb is imported already. Call it before "
            f"the first `import wandb`, or start the program with `{_SWITCH}=1`. "
            f"{getattr(loaded, '__file__', '')}"
        )
    if not is_installed():
        sys.meta_path.insert(0, Finder())


def install_as_wandb() -> None:
    """Let `import wandb` find tracklab, in this process and in those it starts.

    Call it before anything imports wandb. It sets `TRACKLAB_AS_WANDB=1`, which child processes
    inherit. A wandb that is installed is hidden from this program and left as it is.

    Raises:
        UsageError: another wandb is imported already.
    """
    install()
    os.environ[_SWITCH] = "1"


def is_installed() -> bool:
    """Return whether `import wandb` finds us."""
    return any(isinstance(finder, Finder) for finder in sys.meta_path)
