"""Versions change when answers do, and not before."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import pytest

from tracklab.query.versions import lives_version

if TYPE_CHECKING:
    from pathlib import Path

NOW_S = 1_790_000_000.0
DAY_S = 86_400.0


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return the directory of a run that ended a day ago."""
    path = tmp_path / "vision" / "demo"
    path.mkdir(parents=True)
    for name in ("events.jsonl", "run.lock"):
        (path / name).write_bytes(b"")
        _age(path / name, DAY_S)
    return path


def test_what_has_ended_is_as_it_was(tmp_path: Path, run: Path) -> None:
    """However much later, and read or not, until a file changes."""
    version = lives_version(tmp_path, now_s=NOW_S)
    assert lives_version(tmp_path, now_s=NOW_S + DAY_S) == version
    (run / "metadata.json").write_text("{}")
    _age(run / "metadata.json", DAY_S)
    assert lives_version(tmp_path, now_s=NOW_S) != version


def test_what_lives_is_told_anew_every_ten_seconds(tmp_path: Path, run: Path) -> None:
    """It lasts longer and longer; its death is told at once."""
    dead = lives_version(tmp_path, now_s=NOW_S)
    with (run / "run.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        version = lives_version(tmp_path, now_s=NOW_S)
        assert lives_version(tmp_path, now_s=NOW_S + 9) == version
        assert lives_version(tmp_path, now_s=NOW_S + 10) != version
    assert lives_version(tmp_path, now_s=NOW_S) == dead != version


@pytest.mark.parametrize("locks", [True, False])
def test_doubt_is_told_anew_until_it_is_none(tmp_path: Path, run: Path, *, locks: bool) -> None:
    """A writer that was heard a moment ago may live; one of which no lock tells may for ever."""
    if not locks:
        (run / "run.lock").unlink()
    _age(run / "events.jsonl", 55)
    assert _changes(tmp_path, NOW_S)
    assert _changes(tmp_path, NOW_S + 5)
    assert _changes(tmp_path, NOW_S + DAY_S) is not locks


def _age(path: Path, age_s: float) -> None:
    os.utime(path, (NOW_S - age_s, NOW_S - age_s))


def _changes(root: Path, now_s: float) -> bool:
    return lives_version(root, now_s=now_s) != lives_version(root, now_s=now_s + 10)
