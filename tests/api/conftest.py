"""Runs written by the SDK, and an Api that looks where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tracklab.api.client import Api
from tracklab.sdk.starting import open_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.sdk.run import Run


@pytest.fixture
def begun(root: Path) -> Callable[..., Run]:
    """Return what begins a run, `demo/<id>`, without a helper beside it."""

    def begin(run_id: str, *, project: str = "demo", **options: Any) -> Run:
        return open_run(project, run_id=run_id, root=root, **options)

    return begin


@pytest.fixture
def api(root: Path) -> Api:
    """Return an Api on the test's data directory."""
    return Api({"dir": root})
