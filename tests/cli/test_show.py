"""`tracklab show` tells what was recorded of source and machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tests.query.files import events, segment
from tracklab.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


def shown(root: Path, told: dict[str, Any]) -> str:
    """Return what is shown of a run with these surroundings."""
    parts = [("tracklab.lifecycle", "start", {"name": "x"}),
             ("tracklab.environment", "environment", told)]  # fmt: skip
    segment(root / "demo" / "r", events(*parts), stream="events")
    answer = CliRunner().invoke(main, ["show", "demo/r", "--dir", str(root)])
    assert answer.exit_code == 0
    return answer.output


def test_git_and_packages_are_told(root: Path) -> None:
    """In a line each."""
    git = {"branch": "main", "remote": "https://host/x", "dirty": True, "changed": 2,
           "untracked_count": 1, "patch": "files/environment/diff.patch"}  # fmt: skip
    packages = {"count": 7, "path": "files/environment/requirements.txt"}
    cards = [{"name": "H100"}, {"name": "H200"}]
    told = shown(root, {"git": git, "environment": {"packages": packages, "accelerators": cards}})
    lines = [line.split(None, 1) for line in told.partition("surroundings\n")[2].splitlines()]
    assert [line for line in lines if line][:6] == [
        ["branch", "main"],
        ["remote", "https://host/x"],
        ["git_dirty", "yes: 2 files changed, 1 not tracked"],
        ["git_patch", "files/environment/diff.patch"],
        ["packages", "7: files/environment/requirements.txt"],
        ["accelerators", "H100, H200"],
    ]


@pytest.mark.parametrize("told", [{}, {"git": 7, "environment": [1]}, {"git": {"branch": None}}])
def test_what_is_not_there_is_not_shown(root: Path, told: dict[str, Any]) -> None:
    """Nor what is of another shape than ours."""
    assert "surroundings" not in shown(root, told)
