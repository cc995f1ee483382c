"""PyTorch: every save and load of a checkpoint file becomes an event of the current run.

    tracklab.autolog("torch")

Wrapped are `torch.save`, `torch.load`, `save`, `async_save` and `load` of
`torch.distributed.checkpoint`, and `save_file` and `load_file` of `safetensors.torch` where it is
installed. Calls that go to a stream or a buffer are left alone, and so is everything inside a
`tracklab.checkpoint` block, which measures it already.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tracklab.integrations.hooks import loaded, wrap
from tracklab.sdk import current
from tracklab.sdk.checkpoints import checkpoint, is_measured

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["install"]

#: Module, function, operation, and where its path is: position, then names.
_FUNCTIONS = (
    ("torch", "save", "save", (1, "f")),
    ("torch", "load", "load", (0, "f")),
    ("safetensors.torch", "save_file", "save", (1, "filename")),
    ("safetensors.torch", "load_file", "load", (0, "filename")),
    ("torch.distributed.checkpoint", "save", "save", (1, "checkpoint_id", "storage_writer")),
    ("torch.distributed.checkpoint", "async_save", "save", (1, "checkpoint_id", "storage_writer")),
    ("torch.distributed.checkpoint", "load", "load", (1, "checkpoint_id", "storage_reader")),
)


def install(name: str) -> Callable[[], None]:
    """Wrap the functions; return what takes the wrappers out again.

    Args:
        name: what the user asked for, for messages.

    Raises:
        MissingPackageError: torch is not installed.
    """
    wanted_by = f'autolog("{name}")'
    loaded("torch", package="'tracklab-local[torch]'", wanted_by=wanted_by)
    undoes = [
        wrap(
            loaded(module, package=module.split(".")[0], wanted_by=wanted_by),
            function,
            _maker(operation, place),
        )
        for module, function, operation, place in _FUNCTIONS
        if find_spec(module.split(".")[0])
    ]

    def undo() -> None:
        for one in undoes:
            one()

    return undo


def _maker(
    operation: str, place: tuple[int | str, ...]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            run, path = current.run(), _path(args, kwargs, place)
            if run is None or path is None or is_measured():
                return function(*args, **kwargs)
            with checkpoint(path, operation=operation, run=run) as measured:
                result = function(*args, **kwargs)
                durable = getattr(result, "upload_completion", result)  # with a stager of its own
                if callable(getattr(durable, "add_done_callback", None)):
                    measured.until(durable)
            return result

        return timed

    return make


def _path(
    args: tuple[Any, ...], kwargs: dict[str, Any], place: tuple[int | str, ...]
) -> str | os.PathLike[str] | None:
    """Return the path of a call, None for a stream, a buffer or a storage without one."""
    position, *names = place
    given = [args[position]] if isinstance(position, int) and len(args) > position else []
    for value in (*given, *(kwargs.get(str(name)) for name in names)):
        found = value if isinstance(value, str | os.PathLike) else getattr(value, "path", None)
        if isinstance(found, str | os.PathLike):
            return found
    return None
