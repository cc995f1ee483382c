"""Which machine, program and source this is: the facts a run writes down once.

Which process it is says `tracklab.storage.identity`. Promised to `init()`: no process is
started, nothing is imported that is not loaded anyway, and what cannot be found out is None.
On Linux all of it is read from a few small files.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

__all__ = ["cpu_model", "facts", "git_commit", "memory_gb", "program"]

_SMALL = 65_536  # bytes; a longer answer is not what we look for
_HEX = frozenset("0123456789abcdef")
_REF_DEPTH = 5  # git itself refuses deeper chains of symbolic refs


def facts() -> dict[str, object]:
    """Return what a run's metadata says about where it ran.

    Returns:
        `program`, `python_version`, `git_commit`, and `environment` with `platform`,
        `cpu_model`, `cpu_count` (logical) and `memory_gb`.

    Cost: about 0.3 ms.
    """
    return {
        "program": program(),
        "python_version": platform.python_version(),
        "git_commit": git_commit(),
        "environment": {
            "platform": _platform(),
            "cpu_model": cpu_model(),
            "cpu_count": os.cpu_count(),
            "memory_gb": memory_gb(),
        },
    }


def program() -> str | None:
    """Return the script that runs, or `-m` and the module; None in an interactive session."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None and spec.name:
        return f"-m {spec.name.removesuffix('.__main__')}"
    path = getattr(main, "__file__", None)
    return None if path is None else os.fspath(path)


def cpu_model() -> str | None:
    """Return the processor's name as the kernel gives it; None where it gives none (ARM)."""
    for line in (_text("/proc/cpuinfo") or "").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return None


def memory_gb() -> float | None:
    """Return the machine's memory in GB (10^9 bytes), to 0.1."""
    try:
        size_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    return round(size_bytes / 1e9, 1)


def git_commit(directory: str | Path = ".") -> str | None:
    """Return the commit that the work tree around `directory` is at, in hex.

    Reads git's files instead of starting git: a commit costs microseconds, works without git
    installed, and cannot run a hook or a configured program. Whether the tree is dirty needs
    the index compared with every file, so it is not told here.

    Returns:
        None outside a repository and before its first commit.
    """
    try:
        start = Path(directory).resolve()
    except OSError:  # the working directory may have been deleted under us
        return None
    for place in (start, *start.parents):
        dot_git = place / ".git"
        if dot_git.is_dir():
            return _resolve(dot_git, "HEAD")
        if dot_git.is_file():
            # A linked work tree or a submodule: the file names the real place.
            target = (_text(dot_git) or "").partition("gitdir:")[2].strip()
            return _resolve(place / target, "HEAD") if target else None
    return None


def _resolve(git_dir: Path, ref: str) -> str | None:
    """Follow `ref` to a commit, through loose refs, packed refs and a shared main directory."""
    shared = git_dir / (_first_line(git_dir / "commondir") or ".")
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


def _platform() -> str:
    """Return system, release and machine. `platform.platform()` would scan the interpreter."""
    return f"{platform.system()}-{platform.release()}-{platform.machine()}"


def _first_line(path: str | Path) -> str | None:
    lines = (_text(path) or "").splitlines()
    return lines[0].strip() if lines else None


def _text(path: str | Path) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_SMALL)
    except OSError:
        return None
