"""OpenAI: `autolog()` as programs for wandb call it; it is `tracklab.autolog("openai")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.integrations import autologging
from tracklab.sdk import current
from tracklab.sdk.starting import init

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.integrations.autologging import Autologging

__all__ = ["autolog"]


class _Autolog:
    """Makes a line of each request of the client, until `disable()`."""

    def __init__(self) -> None:
        self._handle: Autologging | None = None

    def __call__(self, init: Mapping[str, Any] | None = None) -> None:
        """Begin; without a current run, begin one with these arguments of `init()`."""
        self.enable(init)

    def enable(self, init_options: Mapping[str, Any] | None = None) -> None:
        """Begin, unless it is on; see `__call__`."""
        if current.run() is None:
            init(**(init_options or {}))
        if self._handle is None:
            self._handle = autologging.autolog("openai")

    def disable(self) -> None:
        """Stop it; the run goes on."""
        if self._handle is not None:
            self._handle.remove()
            self._handle = None


autolog = _Autolog()
