"""A data directory that agents of this process find, and sweeps in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tracklab.sweeps.beginning import begin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.storage.sweeps import Sweep

LR = {"lr": {"values": [1, 2, 3]}}


@pytest.fixture
def here(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the data directory, made the one of this process and of those that it starts."""
    monkeypatch.setenv("TRACKLAB_DATA_DIR", str(root))
    monkeypatch.setenv("TRACKLAB_CONSOLE", "off")
    return root


@pytest.fixture
def begun(here: Path) -> Callable[..., Sweep]:
    """Return what begins a sweep in the project `demo`: a grid of three, unless told otherwise."""

    def make(**config: Any) -> Sweep:
        return begin({"method": "grid", "parameters": LR, **config}, project="demo", root=here)

    return make
