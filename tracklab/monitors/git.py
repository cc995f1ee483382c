"""Which source is this: commit, branch and remote, read from git's own files.

Promised: no process is started, so no hook, no configured program and no question can come of it,
and it works without git installed. Whether the tree differs from its commit needs every file
compared, so it is not told here; see `tracklab.sdk.patches`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tracklab.records.secrets import masked_text

__all__ = ["Repository", "find_repository"]

_SMALL = 65_536  # bytes; a longer answer is not what we look for
_HEX = frozenset("0123456789abcdef")
_REF_DEPTH = 5  # git itself refuses deeper chains of symbolic refs
_SECTION = re.compile(r'\[\s*(\w+)(?:\s+"(.*)")?\s*\]')


class Repository(NamedTuple):
    """A work tree and what it is at; None where that is not told.

    Attributes:
        root: the top of the work tree.
        commit: in hex; None before the first one.
        branch: None where HEAD is detached.
        remote: the address of the branch's remote, else of `origin`, without user and password.
    """

    root: Path
    commit: str | None
    branch: str | None
    remote: str | None


def find_repository(directory: str | Path = ".") -> Repository | None:
    """Return the repository whose work tree holds `directory`, None if there is none.

    Cost: a few small files, 0.1 ms.
    """
    try:
        start = Path(directory).resolve()
    except OSError:  # the working directory may have been deleted under us
        return None
    for place in (start, *start.parents):
        git_dir = _git_dir(place)
        if git_dir is not None:
            shared = git_dir / (_first_line(git_dir / "commondir") or ".")
            branch = _branch(git_dir)
            commit = _resolve(git_dir, shared, "HEAD")
            return Repository(place, commit, branch, _remote(shared, branch))
    return None


def _git_dir(place: Path) -> Path | None:
    dot_git = place / ".git"
    if dot_git.is_dir():
        return dot_git
    if not dot_git.is_file():
        return None
    # A linked work tree or a submodule: the file names the real place.
    target = (_text(dot_git) or "").partition("gitdir:")[2].strip()
    return place / target if target else None


def _branch(git_dir: Path) -> str | None:
    head = _first_line(git_dir / "HEAD") or ""
    ref = head.removeprefix("ref:").strip()
    return ref.removeprefix("refs/heads/") if head.startswith("ref:") else None


def _resolve(git_dir: Path, shared: Path, ref: str) -> str | None:
    """Follow `ref` to a commit, through loose refs, packed refs and a shared main directory."""
    for _ in range(_REF_DEPTH):
        value = _first_line(git_dir / ref) or _first_line(shared / ref) or _packed(shared, ref)
        if value is None or not value.startswith("ref:"):
            return value if value and set(value) <= _HEX else None
        ref = value.removeprefix("ref:").strip()
        if ".." in ref.split("/"):
            return None
    return None


def _packed(git_dir: Path, ref: str) -> str | None:
    try:
        with open(git_dir / "packed-refs", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                commit, _, name = line.strip().partition(" ")
                if name == ref:
                    return commit
    except OSError:
        return None
    return None


def _remote(shared: Path, branch: str | None) -> str | None:
    """Return the address of a remote; what other files of configuration say is not looked at."""
    values: dict[tuple[str, str, str], str] = {}
    section = ("", "")
    for line in (_text(shared / "config") or "").splitlines():
        head = _SECTION.match(line.strip())
        if head:
            section = (head[1].lower(), head[2] or "")
            continue
        name, equals, value = line.partition("=")
        if equals:
            values[(*section, name.strip().lower())] = value.strip()
    upstream = values.get(("branch", branch or "", "remote"), "origin")
    url = values.get(("remote", upstream, "url")) or values.get(("remote", "origin", "url"))
    return masked_text(url) if url else None


def _first_line(path: Path) -> str | None:
    lines = (_text(path) or "").splitlines()
    return lines[0].strip() if lines else None


def _text(path: Path) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_SMALL)
    except OSError:
        return None
