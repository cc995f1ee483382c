"""Which names runs, projects and streams may have: one grammar for writing and for reading.

A name becomes part of a path, a URL and a log pipeline's label, so what is refused here can
never reach any of them.
"""

from __future__ import annotations

import os
import re

from tracklab.errors import UsageError

__all__ = ["RESERVED", "STREAMS", "check_project", "check_run_id", "new_run_id"]

#: Streams of lines in a run directory: two of rows, two of events.
STREAMS = ("history", "system_metrics", "events", "llm")

#: Names beside the projects that no project may take.
RESERVED = frozenset({"artifacts", ".tracklab"})

_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+=-]{0,127}")
_PROJECT_PART = re.compile(r"[^/\\#?%:\x00-\x1f\x7f]{1,128}")


def new_run_id(length: int = 8) -> str:
    """Return a fresh run id: characters of `a-z0-9`, from the system's random source."""
    number = int.from_bytes(os.urandom(length + 8), "big")  # so long that no character is favoured
    return "".join(_ID_ALPHABET[number // 36**place % 36] for place in range(length))


def check_run_id(run_id: str) -> str:
    """Return `run_id` if it may name a run directory.

    Raises:
        UsageError: it is empty, too long, or holds a character that a path or URL would
            misread.
    """
    if isinstance(run_id, str) and _RUN_ID.fullmatch(run_id):
        return run_id
    raise UsageError(
        f"init() cannot use the run id {run_id!r}. A run id has 1 to 128 letters, digits or "
        "any of . _ @ + = - and starts with a letter or digit. Choose another id, or leave "
        "it out for an automatic one."
    )


def check_project(project: str) -> str:
    r"""Return `project` if it may name a project; slashes make a tree of projects.

    Raises:
        UsageError: a part is empty, `.` or `..`, longer than 128 characters, holds one of
            `\ # ? % :` or a control character, or the first part is a reserved name.
    """
    parts = project.split("/") if isinstance(project, str) else [""]
    sound = all(_PROJECT_PART.fullmatch(part) and not part.startswith(".") for part in parts)
    if sound and parts[0] not in RESERVED and all(part == part.strip() for part in parts):
        return project
    raise UsageError(
        f"init() cannot use the project name {project!r}. Each part between slashes has 1 to "
        r"128 characters, none of \ # ? % : and no leading dot; 'artifacts' is reserved. "
        "Choose another project name."
    )
