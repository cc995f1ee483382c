"""Commit, branch and remote, as git itself would name them."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tracklab.monitors.git import find_repository

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "89abcdef0123456789abcdef0123456789abcdef"
NEEDS_GIT = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def write(path: Path, text: str) -> Path:
    """Write `text` to `path`, making its directories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def commit_of(directory: Path) -> str | None:
    """Return the commit of the repository around a directory."""
    found = find_repository(directory)
    return found and found.commit


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"HEAD": COMMIT}, COMMIT),
        ({"HEAD": "ref: refs/heads/main", "refs/heads/main": COMMIT}, COMMIT),
        (
            {
                "HEAD": "ref: refs/heads/main",
                "packed-refs": f"# pack-refs\n{OTHER} refs/tags/v1\n{COMMIT} refs/heads/main\n",
            },
            COMMIT,
        ),
        (
            {
                "HEAD": "ref: refs/heads/main",
                "refs/heads/main": COMMIT,
                "packed-refs": f"{OTHER} refs/heads/main\n",
            },
            COMMIT,
        ),
        ({"HEAD": "ref: refs/heads/a", "refs/heads/a": "ref: refs/heads/a"}, None),
        ({"HEAD": "ref: refs/heads/unborn"}, None),
        ({"HEAD": "ref: ../../secret"}, None),
        ({"HEAD": "no commit at all"}, None),
        ({"HEAD": ""}, None),
        ({}, None),
    ],
)
def test_the_commit_is_found_as_git_stores_it(
    tmp_path: Path, files: dict[str, str], expected: str | None
) -> None:
    """Detached, loose, packed, shadowed, circular, unborn, hostile and empty heads."""
    write(tmp_path / "secret", COMMIT)
    for name, text in files.items():
        write(tmp_path / "tree" / ".git" / name, text)
    (tmp_path / "tree" / "deep").mkdir(parents=True)

    assert commit_of(tmp_path / "tree" / "deep") == expected


def test_a_linked_work_tree_shares_the_refs_of_its_repository(tmp_path: Path) -> None:
    """`git worktree add` leaves a file that points to the real place."""
    write(tmp_path / "main" / ".git" / "refs" / "heads" / "side", COMMIT)
    linked = tmp_path / "main" / ".git" / "worktrees" / "side"
    write(linked / "HEAD", "ref: refs/heads/side\n")
    write(linked / "commondir", "../..\n")
    write(tmp_path / "side" / ".git", f"gitdir: {linked}\n")

    assert commit_of(tmp_path / "side") == COMMIT


@NEEDS_GIT
def test_the_commit_agrees_with_git(tmp_path: Path) -> None:
    """A repository made by git itself gives the commit that git names."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "first")

    assert commit_of(tmp_path) == git("rev-parse", "HEAD")


def test_a_directory_without_repository_has_no_commit(tmp_path: Path) -> None:
    """Outside a repository the answer is None."""
    assert commit_of(tmp_path) is None


@NEEDS_GIT
@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:secret@example.org/a/b.git", "https://***@example.org/a/b.git"),
        ("https://ghp_token@example.org/a.git", "https://***@example.org/a.git"),
        ("git@example.org:a/b.git", "git@example.org:a/b.git"),
        (None, None),
    ],
)
def test_branch_and_remote_agree_with_git(
    tmp_path: Path, url: str | None, shown: str | None
) -> None:
    """The remote is the branch's own; its user and password are hidden."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)

    git("init", "--quiet", "--initial-branch", "feature/x")
    if url:
        git("remote", "add", "origin", "https://example.org/other.git")
        git("remote", "add", "mine", url)
        git("config", "branch.feature/x.remote", "mine")
    found = find_repository(tmp_path)
    assert found
    assert (found.root, found.branch, found.remote) == (tmp_path, "feature/x", shown)
