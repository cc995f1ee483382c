"""The budgets, with room for a busy machine: what passes here may still miss its budget."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

REPOSITORY = Path(__file__).parents[2]
ROOM = 3.0  # a shared machine with two cores wavers this much
# Rows of doubles with all 17 digits are longer than the budget's rows; docs say so.
STATED_AS_MISSED = "of all 17 digits"


def test_no_budget_is_missed_by_more_than_the_machine_wavers() -> None:
    """In a process of its own: a test runner listens to loggers, and listening costs."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--json"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    missed = [f for f in figures if f["used"] > ROOM and STATED_AS_MISSED not in f["name"]]
    assert len(figures) > 10
    assert missed == []
