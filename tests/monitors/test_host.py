"""Facts about host and source, read from files without starting anything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tracklab.monitors import host

if TYPE_CHECKING:
    import pytest


def write(path: Path, text: str) -> Path:
    """Write `text` to `path`, making its directories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_facts_say_where_a_run_ran() -> None:
    """Every fact is there, and the machine has memory and processors."""
    facts = host.facts()
    environment = facts["environment"]

    assert set(facts) - {"git"} == {"program", "python_version", "git_commit", "environment"}
    assert isinstance(environment, dict)
    assert set(environment) == {
        "platform", "cpu_model", "cpu_count", "memory_gb", "variables",
    }  # fmt: skip
    assert environment["cpu_count"] >= 1
    assert environment["memory_gb"] > 0.1


def test_only_listed_variables_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what looks like a secret in one of them is hidden."""
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc"
    told = {
        "CUDA_VISIBLE_DEVICES": "0,1",
        "SLURM_JOB_ID": "7",
        "HOME_SECRET": "x",
        "SLURM_JWT": jwt,
        "NCCL_HEADER": f"Bearer {jwt}",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    found = host.variables()
    assert {name: found.get(name) for name in told} == {
        "CUDA_VISIBLE_DEVICES": "0,1", "SLURM_JOB_ID": "7", "HOME_SECRET": None,
        "SLURM_JWT": "***", "NCCL_HEADER": "Bearer ***", "AWS_SECRET_ACCESS_KEY": None,
    }  # fmt: skip


def test_git_is_left_out_where_it_is_not_wanted() -> None:
    """No commit, no branch."""
    facts = host.facts(git=False)
    assert (facts["git_commit"], "git" in facts) == (None, False)


def test_the_list_of_variables_is_that_of_the_page() -> None:
    """Users are told all that is recorded."""
    page = Path(__file__).parents[2] / "docs/reference/environment.md"
    text = page.read_text().partition("## What a run records")[2].partition("\n## ")[0]
    assert tuple(re.findall(r"`([A-Z_]+\*?)`", text)) == host.VARIABLES
