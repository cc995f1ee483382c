"""What a run records of its surroundings: all that helps, and no secret."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tracklab.query.engines.local import LocalEngine
from tracklab.sdk.patches import MOST_PATCH_BYTES, working_changes

if TYPE_CHECKING:
    from pathlib import Path

NEEDS_GIT = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

PROGRAM = """
import os, sys, time, tracklab
config = {"lr": 1, "api_key": "planted-config", "db": "pg://u:planted-url@host/db"}
run = tracklab.init(project="p", id="r", config=config, settings={"monitor_interval": 0.1})
run.config.update({"nested": {"password": "planted-update"}})
due = time.monotonic() + 60
seen = run.run_dir / "events.jsonl"
while b"tracklab.environment" not in seen.read_bytes() and time.monotonic() < due:
    time.sleep(0.02)
time.sleep(float(os.environ.get("STAY_S", 0)))
assert run.config["api_key"] == "planted-config"
"""
PLUGINS = """
def facts(): return {"cluster": "north", "password": "planted-plugin"}
def broken(): raise RuntimeError("down")
def odd(): return 7
def sensor(): return {"room_celsius": 21.5, "cpu_percent": -1}
"""


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    """Return a repository with one commit."""
    place = tmp_path / "work"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch", "main")
    (place / "train.py").write_text("lr = 1\n")
    git(place, "add", ".")
    git(place, "commit", "--quiet", "--message", "first")
    return place


def git(place: Path, *arguments: str) -> str:
    """Run git there, as somebody."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    command = ["git", "-C", str(place), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def started(place: Path, root: Path, *arguments: str, **variables: str) -> str:
    """Run the program in a directory; return what it said."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=place, capture_output=True, text=True,
        env={**os.environ, "TRACKLAB_DATA_DIR": str(root), **variables}, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def metadata(root: Path) -> dict[str, Any]:
    """Return the run's metadata as its document has it, which must be as its lines say."""
    document: dict[str, Any] = json.loads((root / "p/r/metadata.json").read_text())
    (root / "p/r/metadata.json").unlink()
    told = LocalEngine(root).run("p/r").metadata
    assert {name: told[name] for name in ("environment", "git") if name in document} == {
        name: document[name] for name in ("environment", "git") if name in document
    }
    return document


@NEEDS_GIT
@pytest.mark.functional
def test_no_planted_secret_is_written_anywhere(work_tree: Path, root: Path) -> None:
    """Arguments, variables, the remote, the patch, the configuration: nothing of them."""
    git(work_tree, "remote", "add", "origin", "https://me:planted-remote@example.org/x.git")
    (work_tree / "train.py").write_text('lr = 2\npassword = "planted-patch"\n')
    said = started(
        work_tree, root, "--api-key=planted-argument", "--token", "planted-second", "--lr=3",
        MY_API_KEY="planted-variable", SLURM_JOB_ID="7", NCCL_TOKEN="planted-listed",  # noqa: S106 - planted
    )  # fmt: skip
    assert "planted" not in said
    files = [path for path in root.rglob("*") if path.is_file()]
    assert len(files) >= 7
    assert [path for path in files if b"planted" in path.read_bytes()] == []
    assert "--lr=3" in metadata(root)["argv"]


@NEEDS_GIT
@pytest.mark.functional
def test_packages_and_changes_are_recorded(work_tree: Path, root: Path) -> None:
    """With files for what is long, and the patch gives the changed tree again."""
    (work_tree / "train.py").write_text("lr = 2\n")
    (work_tree / "new.py").write_text("1\n")
    started(work_tree, root, OMP_NUM_THREADS="3")
    told = metadata(root)
    run_dir = root / "p/r"
    packages = told["environment"]["packages"]
    lines = (run_dir / packages["path"]).read_text().splitlines()
    assert len(lines) == packages["count"]
    assert any(line.startswith("orjson==") for line in lines)
    assert told["environment"]["variables"]["OMP_NUM_THREADS"] == "3"
    assert told["git"] == {
        "branch": "main", "remote": None, "dirty": True, "changed": 1, "untracked": ["new.py"],
        "untracked_count": 1, "patch": "files/environment/diff.patch", "patch_cut": False,
    }  # fmt: skip
    git(work_tree, "checkout", "--quiet", "train.py")
    git(work_tree, "apply", str(run_dir / told["git"]["patch"]))
    assert (work_tree / "train.py").read_text() == "lr = 2\n"


@pytest.mark.functional
def test_what_is_not_wanted_is_not_recorded(tmp_path: Path, root: Path) -> None:
    """No branch, no packages, no files."""
    program = (
        "import tracklab, time\n"
        "run = tracklab.init(project='p', id='r',"
        " settings={'save_git': False, 'save_environment': False})\ntime.sleep(0.6)\n"
    )
    command = [sys.executable, "-c", program]
    subprocess.run(
        command, env={**os.environ, "TRACKLAB_DATA_DIR": str(root)}, check=True,
        capture_output=True,
    )  # fmt: skip
    told = metadata(root)
    assert ("git" in told, "packages" in told["environment"]) == (False, False)
    assert not (root / "p/r/files").exists()


@pytest.mark.functional
def test_other_packages_add_facts_and_sensors(tmp_path: Path, root: Path) -> None:
    """A plug-in that fails costs itself, is told of once, and hides none of our values."""
    place = tmp_path / "site"
    (place / "extra-1.0.dist-info").mkdir(parents=True)
    (place / "extra.py").write_text(PLUGINS)
    (place / "extra-1.0.dist-info/METADATA").write_text("Name: extra\nVersion: 1.0\n")
    (place / "extra-1.0.dist-info/entry_points.txt").write_text(
        "[tracklab.capture]\nsite = extra:facts\nbroken = extra:broken\nodd = extra:odd\n"
        "missing = nowhere:x\n[tracklab.monitors]\nroom = extra:sensor\nbroken = extra:broken\n"
    )
    said = started(tmp_path, root, PYTHONPATH=str(place), STAY_S="0.6")
    environment = metadata(root)["environment"]
    assert environment["site"] == {"cluster": "north", "password": "***"}
    assert {"broken", "odd", "missing"} & set(environment) == set()
    assert said.count("extra:broken") == 2  # one for each group
    lines = (root / "p/r/system_metrics.jsonl").read_bytes().splitlines()
    rows = [orjson.loads(line) for line in lines]
    told = [row for row in rows if "room_celsius" in row]
    assert len(told) > 1
    assert all(row["room_celsius"] == 21.5 and row["cpu_percent"] >= 0 for row in told)


@NEEDS_GIT
@pytest.mark.integration
def test_no_configured_program_is_started(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No diff program, no text converter, no file watcher, no pager; and no lock is left."""
    ran = work_tree.parent / "ran"
    script = work_tree.parent / "spy"
    script.write_text(f'#!/bin/sh\ntouch {ran}\ncat "$1" 2>/dev/null\n')
    script.chmod(0o700)
    (work_tree / ".gitattributes").write_text("*.py diff=spy\n")
    for name in ("diff.external", "diff.spy.textconv", "diff.spy.command", "core.fsmonitor",
                 "core.pager"):  # fmt: skip
        git(work_tree, "config", name, str(script))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(script))
    (work_tree / "train.py").write_text("lr = 2\n")
    before = (work_tree / ".git/index").stat().st_mtime_ns
    found = working_changes(work_tree)
    assert found
    assert "+lr = 2" in found.patch
    assert not ran.exists()
    assert (work_tree / ".git/index").stat().st_mtime_ns == before


@NEEDS_GIT
@pytest.mark.integration
def test_a_long_patch_is_cut_and_says_so(work_tree: Path) -> None:
    """At a line's end."""
    (work_tree / "train.py").write_text("x = 1\n" * 500_000)
    found = working_changes(work_tree)
    assert found
    assert found.cut
    assert MOST_PATCH_BYTES - 100 < len(found.patch) <= MOST_PATCH_BYTES
    assert found.patch.endswith("x = 1\n")


@NEEDS_GIT
@pytest.mark.integration
def test_asking_git_ends_when_it_is_told_to(work_tree: Path) -> None:
    """A program that finishes does not wait for a large tree; outside one there is no answer."""
    assert working_changes(work_tree, stopped=lambda: True) is None
    assert working_changes(work_tree.parent) is None
    clean = working_changes(work_tree)
    assert clean
    assert (clean.dirty, clean.patch, clean.untracked) == (False, "", ())
