"""What every test may ask for, and what no test may inherit from the machine it runs on."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Settings of a developer's shell that would change what a test sees.
FOREIGN = ("TRACKLAB_", "WANDB_", "MONITOR_", "DATA_RETENTION")

#: Chosen by whoever starts the tests, and meant for them.
OURS = frozenset({"TRACKLAB_CHROMIUM"})


def pytest_configure() -> None:
    """Take Ctrl-C as usual: a job in the background ignores it, and so would all it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


LAYERS = frozenset({"unit", "integration", "functional", "system", "compat"})


#: Begun first, so that no core waits for them at the end.
LONG = ("tests/demo/", "tests/packaging/test_wheel.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count a test that names no layer as a unit test, so that only exceptions are marked."""
    for item in items:
        if not LAYERS & {mark.name for mark in item.iter_markers()}:
            item.add_marker(pytest.mark.unit)
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the settings of the developer's shell, for the test and the programs it starts."""
    for name in os.environ:
        if name.startswith(FOREIGN) and name not in OURS:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_run_left() -> Iterator[None]:
    """End a run that a test left current: the next test would log to it."""
    yield
    current = sys.modules.get("tracklab.sdk.current")
    run = current.run() if current else None
    if run is not None:
        run.finish()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return an empty data directory."""
    path = tmp_path / "runs"
    path.mkdir()
    return path
