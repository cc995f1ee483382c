"""`tracklab.autolog("torch", "openai")`: frameworks report by themselves until told otherwise."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["Autologging", "autolog"]

#: Each name, and the module whose `install(name)` sets its hooks.
_NAMES = {
    "anthropic": "clients",
    "openai": "clients",
    "opentelemetry": "clients",
    "torch": "torch",
}


class Autologging:
    """What `autolog()` switched on; `remove()` switches it off again.

    As a context manager it is removed when the block is left.
    """

    def __init__(self, undoes: list[Callable[[], None]]) -> None:
        self._undoes = undoes

    def remove(self) -> None:
        """Take the hooks out again, the last one first. Calling it twice does nothing."""
        while self._undoes:
            self._undoes.pop()()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()


def autolog(*names: str) -> Autologging:
    """Let frameworks report to the current run by themselves.

    While no run is current, they do nothing more than before.

    Args:
        names: `torch` times what torch, its distributed checkpoints and safetensors save and
            load; `openai` and `anthropic` make an LLM call of each request of those clients;
            `opentelemetry` makes one of each span of an LLM call in your own tracer provider.

    Returns:
        A handle whose `remove()` switches it off again; also a context manager.

    Raises:
        UsageError: there is no such name, or none was given.
        MissingPackageError: what it needs is not installed.
    """
    unknown = [name for name in names if name not in _NAMES]
    if unknown or not names:
        raise UsageError(
            f"autolog() got {', '.join(map(repr, unknown)) or 'no name'}. It takes "
            f"{', '.join(_NAMES)}. Write tracklab.autolog('torch')."
        )
    undoes: list[Callable[[], None]] = []
    try:
        for name in names:
            module = import_module(f"tracklab.integrations.{_NAMES[name]}")
            undoes.append(module.install(name))
    except UsageError:
        Autologging(undoes).remove()
        raise
    return Autologging(undoes)
