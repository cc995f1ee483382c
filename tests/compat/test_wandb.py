"""The same small programs on wandb 0.31.0 and on tracklab see the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.compat.wandb_scripts import SCRIPTS

pytest.importorskip("wandb")

pytestmark = pytest.mark.compat

PROGRAM = Path(__file__).with_name("wandb_scripts.py")


def seen(place: Path, **environment: str) -> dict[str, Any]:
    """Return what the programs see."""
    done = subprocess.run(
        [sys.executable, str(PROGRAM)], cwd=place, capture_output=True, text=True, timeout=300,
        env={**os.environ, "WANDB_SILENT": "true", "PYTHONWARNINGS": "ignore", **environment},
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def on_wandb(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what they see on wandb, which sends nothing."""
    return seen(tmp_path_factory.mktemp("wandb"), WANDB_MODE="offline")


@pytest.fixture(scope="module")
def on_tracklab(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what they see on tracklab, found as wandb."""
    return seen(tmp_path_factory.mktemp("tracklab"), TRACKLAB_AS_WANDB="1", WANDB_CONSOLE="off")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_program_sees_the_same(
    name: str, on_wandb: dict[str, Any], on_tracklab: dict[str, Any]
) -> None:
    """Steps, values, summaries, configurations, errors, names."""
    assert agreed(on_tracklab[name], on_wandb[name]) == on_wandb[name]


def agreed(ours: Any, theirs: Any) -> Any:
    """Return what we saw, an error as theirs where whoever catches theirs catches ours."""
    if isinstance(theirs, dict) and "raises" in theirs and isinstance(ours, dict):
        caught = set(theirs["raises"]) <= set(ours.get("raises", ()))
        return theirs if caught else ours
    if isinstance(theirs, list) and isinstance(ours, list) and len(ours) == len(theirs):
        return [agreed(one, other) for one, other in zip(ours, theirs, strict=True)]
    return ours
