"""Questions to runs of any kind, from a script or a notebook.

`Api` asks as programs for wandb do and gets runs, files and projects as objects;
`PerformanceMetricsAPI` asks for what checkpoints, LLM calls and timers told lately.

Nothing of it is loaded before it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracklab.api.client import Api
    from tracklab.api.performance import PerformanceMetricsAPI

__all__ = ["Api", "PerformanceMetricsAPI"]

_MODULES = {"Api": "client", "PerformanceMetricsAPI": "performance"}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"tracklab.api.{_MODULES[name]}"), name)
    if name.startswith("__"):
        raise AttributeError(f"module 'tracklab.api' has no attribute {name!r}")
    # Where a program says `import tracklab as wandb`, this is the `wandb.api` that has a key.
    return getattr(import_module("tracklab.sdk.formalities").api, name)
