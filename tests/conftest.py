"""What every test may ask for, and what no test may inherit from the machine it runs on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

#: Settings of a developer's shell that would change what a test sees.
FOREIGN = ("TRACKLAB_", "WANDB_", "MONITOR_", "DATA_RETENTION")

#: Chosen by whoever starts the tests, and meant for them.
OURS = frozenset({"TRACKLAB_CHROMIUM"})


LAYERS = frozenset({"unit", "integration", "functional", "system", "compat"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count a test that names no layer as a unit test, so that only exceptions are marked."""
    for item in items:
        if not LAYERS & {mark.name for mark in item.iter_markers()}:
            item.add_marker(pytest.mark.unit)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the settings of the developer's shell, for the test and the programs it starts."""
    for name in os.environ:
        if name.startswith(FOREIGN) and name not in OURS:
            monkeypatch.delenv(name)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return an empty data directory."""
    path = tmp_path / "runs"
    path.mkdir()
    return path
