"""A run to log to, and files to log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import tracklab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.sdk.run import Run


@pytest.fixture
def run(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Return a run of project `p` in a working directory of its own, without helpers."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with begin(root, "first") as made:
        yield made


def begin(root: Path, run_id: str, project: str = "p") -> Run:
    """Return a run beside others."""
    return tracklab.init(
        project=project, id=run_id, dir=root, reinit="create_new", system_monitor=False,
        settings={"console": "off"},
    )  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a directory with three files."""
    top = tmp_path / "tree"
    (top / "sub").mkdir(parents=True)
    (top / "a.txt").write_text("hello")
    (top / "b.bin").write_bytes(b"\0" * 1000)
    (top / "sub/c.txt").write_text("deep")
    return top


def artifact(name: str, **files: str) -> tracklab.Artifact:
    """Return a draft with files of these texts."""
    made = tracklab.Artifact(name, "dataset")
    for path, text in files.items():
        with made.new_file(path) as file:
            file.write(text)
    return made
