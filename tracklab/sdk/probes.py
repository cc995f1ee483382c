"""Monitors beside the machine's own: other makers' accelerators, other packages' functions."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Final

from tracklab.monitors.makers import MAKERS
from tracklab.sdk.plugins import Plugin, plugins

__all__ = ["probes"]

_GROUP: Final = "tracklab.monitors"


def probes(*, accelerators: bool) -> list[Plugin]:
    """Return what is to be asked with each sample.

    Args:
        accelerators: whether to look for accelerators. A kind that this machine does not have
            now is not asked for again.
    """
    built_in = [Plugin(name, EntryPoint(name, at, _GROUP)) for name, at in MAKERS.items()]
    return [
        *(probe for probe in built_in if accelerators and probe.ask()),
        *plugins(_GROUP),
    ]
