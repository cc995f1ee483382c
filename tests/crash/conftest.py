"""Programs that die at a given system call make only their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", autouse=True)
def _without_coverage() -> Iterator[None]:
    """Keep coverage out of the programs: it makes calls of its own, and slows each line down."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("COVERAGE_PROCESS"):
                patch.delenv(name)
        yield
