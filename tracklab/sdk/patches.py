"""What the work tree has that its commit has not: a patch, and names of files that are not tracked.

This asks git, so it is done beside the program and never in its way. No hook, no pager, no diff
program and no file watcher of the user's configuration is started, nothing is asked, no lock is
taken and nothing is written into the repository.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracklab.records.secrets import masked_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["MOST_PATCH_BYTES", "Changes", "working_changes"]

MOST_PATCH_BYTES: Final = 1 << 20
_MOST_UNTRACKED: Final = 1000
_TIMEOUT_S: Final = 10.0
_LOOK_EVERY_S: Final = 0.05
_CHUNK: Final = 1 << 16
_GIT: Final = (
    "git", "--no-optional-locks", "--no-pager", "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false",
)  # fmt: skip
_ENVIRONMENT: Final = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_ASKPASS": "true", "LC_ALL": "C",
}  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """How a work tree differs from its commit.

    Attributes:
        patch: from the commit to the files, secrets hidden; at most 1 MiB.
        cut: whether the patch was longer; then it ends with a whole line.
        changed: names of tracked files that differ.
        untracked: names of files that git neither tracks nor ignores, at most 1,000; a directory
            that holds nothing else counts as one, with a slash at its end.
    """

    patch: str
    cut: bool
    changed: tuple[str, ...]
    untracked: tuple[str, ...]

    @property
    def dirty(self) -> bool:
        """Whether a tracked file differs, as `git describe --dirty` means it."""
        return bool(self.changed)


def working_changes(root: Path, *, stopped: Callable[[], bool] = lambda: False) -> Changes | None:
    """Return how the work tree at `root` differs from its commit.

    Args:
        root: its top.
        stopped: asked now and then; once it says yes, git is ended.

    Returns:
        None where git is missing, refuses, needs more than 10 s, or was ended.

    Cost: two processes, one after the other, each some 10 ms.
    """
    status = _answer(root, "status", "--porcelain", "-z", "--no-renames", stopped=stopped)
    if status is None:
        return None
    entries = [entry for entry in status[0].split("\0") if entry]
    untracked = [entry[3:] for entry in entries if entry[:2] == "??"]
    changed = [entry[3:] for entry in entries if entry[:2] != "??"]
    patch, cut = "", False
    if changed:
        told = _answer(
            root, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD", stopped=stopped
        )
        patch, cut = told or ("", False)
    masked = masked_text(patch, assigned=True)
    return Changes(masked, cut, tuple(changed), tuple(untracked[:_MOST_UNTRACKED]))


def _answer(root: Path, *what: str, stopped: Callable[[], bool]) -> tuple[str, bool] | None:
    """Return what git says, and whether that is cut off; None if it did not answer."""
    try:
        process = subprocess.Popen(  # noqa: S603 - git as the user's path has it, no shell
            [*_GIT, "-C", os.fspath(root), *what], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **_ENVIRONMENT},
        )  # fmt: skip
    except OSError:  # not installed
        return None
    with process:
        assert process.stdout
        said = _read(process.stdout.fileno(), stopped)
        if said is None or len(said) > MOST_PATCH_BYTES:
            process.kill()
    if said is None:
        return None
    if len(said) > MOST_PATCH_BYTES:
        end = said.rfind(b"\n", 0, MOST_PATCH_BYTES) + 1 or MOST_PATCH_BYTES
        return said[:end].decode("utf-8", "replace"), True
    return None if process.returncode else (said.decode("utf-8", "replace"), False)


def _read(descriptor: int, stopped: Callable[[], bool]) -> bytes | None:
    """Return what can be read, a little more than is wanted at most; None if it took too long."""
    said = b""
    due_s = time.monotonic() + _TIMEOUT_S
    while len(said) <= MOST_PATCH_BYTES:
        if stopped() or time.monotonic() > due_s:
            return None
        if select.select([descriptor], [], [], _LOOK_EVERY_S)[0]:
            data = os.read(descriptor, _CHUNK)
            if not data:
                break
            said += data
    return said
