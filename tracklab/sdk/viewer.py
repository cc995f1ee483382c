"""Where can the user watch this run? At the server of its data directory, started if need be.

Only people at a terminal or in a notebook get a server unasked. A batch job, a worker of a job
and a test get none: it would outlive them, and nobody would look at it.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from tracklab.storage.beacons import Beacon, seen, take_turn
from tracklab.storage.layout import is_run_dir

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import Popen

__all__ = ["page_url", "run_url", "start_server"]

# What tells that nobody watches: batch systems, and services that check changes.
_NOBODY: Final = ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "CI", "KUBERNETES_SERVICE_HOST")
#: A server has found its port after some 0.6 s; people at a terminal wait that long once.
_WAIT_S: Final = 3.0
_LOOK_EVERY_S: Final = 0.02


def run_url(root: Path, project: str, run_id: str, *, auto: str, rank: int | None) -> str | None:
    """Return where the run is shown, None if no server shows it.

    Args:
        root: the data directory.
        project: of the run.
        run_id: of the run.
        auto: the setting `auto_ui`: `1` starts a server wherever this runs, `0` never does, and
            `auto` does for people.
        rank: of this process in its job; only the first has a server started.

    Cost: 50 us if there is a server or none is wanted; else the 0.6 s that one needs to start.
    """
    found = seen(root)
    if found is None and not rank and _is_wanted(auto):
        found = start_server(root)
    if found is None:
        return None
    return f"{found.url}p/{quote(project, safe='')}/r/{quote(run_id, safe='')}"


def page_url(root: Path, path: str) -> str | None:
    """Return where the run or project with this path in the data directory is shown, if it is."""
    found = seen(root)
    if found is None:
        return None
    project, _, run_id = path.rpartition("/")
    if project and is_run_dir(root / path):
        return f"{found.url}p/{quote(project, safe='')}/r/{quote(run_id, safe='')}"
    return f"{found.url}p/{quote(path, safe='')}"


def start_server(root: Path, *, wait_s: float = _WAIT_S) -> Beacon | None:
    """Start a server that lives on when this program has ended, and return where it is.

    Returns:
        None if it is not to be seen after `wait_s`, or another process is starting one.
    """
    turn = take_turn(root)
    if turn is None:
        return seen(root)
    try:
        found = seen(root)
        server = None if found else _started(root)
        due_s = time.monotonic() + wait_s
        while server and found is None and time.monotonic() < due_s and server.poll() is None:
            time.sleep(_LOOK_EVERY_S)
            found = seen(root)
    finally:
        os.close(turn)
    return found


def _is_wanted(auto: str) -> bool:
    if auto != "auto":
        return auto == "1"
    if any(os.environ.get(name) for name in _NOBODY):
        return False
    return "ipykernel" in sys.modules or (_is_terminal(sys.stdin) and _is_terminal(sys.stderr))


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError, OSError):  # replaced, closed or detached
        return False


def _started(root: Path) -> Popen[bytes] | None:
    import subprocess  # noqa: PLC0415 - few programs come here

    try:
        # From "/": Python looks for modules where it is started, which may be anybody's.
        return subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "tracklab.server", os.fspath(root)], cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError:
        return None  # the run goes on; `tracklab ui` will say what is wrong
