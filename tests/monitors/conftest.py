"""The driver library, built once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.monitors.driver import Driver, built

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the library."""
    return built(tmp_path_factory.mktemp("driver"))


@pytest.fixture
def driver(library: Path, tmp_path: Path) -> Driver:
    """Return a machine with three cards that work."""
    events = tmp_path / "events"
    events.mkdir()
    return Driver(library, events)
