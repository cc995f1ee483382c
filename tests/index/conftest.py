"""A run in a data directory, and an engine that finds its index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.query.files import START_S
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine


@pytest.fixture
def engine(root: Path) -> Engine:
    """Return an engine whose clock stands at one hour after the runs' start."""
    return LocalEngine(root, now=lambda: START_S + 3600)


@pytest.fixture
def run_dir(root: Path) -> Path:
    """Return the directory of run `demo/r`, not yet made."""
    return root / "demo" / "r"
