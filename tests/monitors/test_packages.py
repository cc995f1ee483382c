"""Installed packages, as pip itself lists them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tracklab.monitors.packages import conda_packages, installed_packages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.integration
def test_the_list_is_that_of_pip() -> None:
    """Name by name and version by version, whatever way each was installed."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "list", "--format=json"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("pip is not installed")
    expected = {normal(one["name"]) for one in json.loads(done.stdout)}
    found = [re.split(r"==| @ ", line.partition("# ")[2] or line)[0] for line in lines()]
    assert {normal(name) for name in found} == expected
    assert len(found) == len(expected)


def lines() -> list[str]:
    """Return what a fresh interpreter finds: this one has folders of tests on its path."""
    program = "from tracklab.monitors.packages import *; print(*installed_packages(), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return done.stdout.decode().splitlines()


def normal(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("origin", "line"),
    [
        (None, "My.Pkg==1.2"),
        (
            {"url": "https://me:secret@h/x", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "My.Pkg @ git+https://***@h/x@abc",
        ),
        ({"url": "file:///src/x", "dir_info": {"editable": True}}, "-e /src/x  # My.Pkg==1.2"),
        ({"url": "file:///src/x", "dir_info": {}}, "My.Pkg @ file:///src/x"),
        (
            {"url": "https://h/x.whl", "archive_info": {"hash": "sha256=ab"}},
            "My.Pkg @ https://h/x.whl#sha256=ab",
        ),
    ],
)
def test_a_package_is_named_with_where_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: object, line: str
) -> None:
    """As `pip freeze` writes it; a broken neighbour costs only itself."""
    place = tmp_path / "my_pkg-1.2.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: My.Pkg\nVersion: 1.2\n\nText\n")
    if origin:
        (place / "direct_url.json").write_text(json.dumps(origin))
    (tmp_path / "broken-1.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert installed_packages() == [line]


def test_conda_packages_are_those_of_its_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without conda there are none."""
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    assert conda_packages() == []
    (tmp_path / "conda-meta").mkdir()
    for name in ("zlib-1.3-h1_0.json", "ca-certificates-2026.1-0.json", "history"):
        (tmp_path / "conda-meta" / name).touch()
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path))
    assert conda_packages() == ["ca-certificates=2026.1=0", "zlib=1.3=h1_0"]
