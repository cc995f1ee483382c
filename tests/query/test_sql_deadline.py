"""The deadline of a question is for the question, not for a busy machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tracklab.query.sql.asking import ask

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system


def test_a_machine_that_starts_processes_slowly_costs_the_question_no_time(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts from when the process is ready, however long that takes."""
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "sitecustomize.py").write_text("import time\ntime.sleep(5)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "slow"))
    assert ask(root, "SELECT 1", deadline_s=1.0).rows == [[1]]
