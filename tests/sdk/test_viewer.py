"""Where a run is shown: one server for each data directory, and only for people unasked."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tracklab.storage.beacons import seen, take

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.functional

PROGRAM = """
import sys, tracklab
with tracklab.init(project="demo", dir=sys.argv[1], system_monitor=False) as run:
    run.log({"loss": 1.0})
"""
CLI = [sys.executable, "-c", "from tracklab.cli.main import main; main()", "server"]


@pytest.fixture
def stopped(root: Path) -> Iterator[Path]:
    """Return a root whose server, if one was started, is stopped afterwards."""
    yield root
    subprocess.run([*CLI, "--stop", "--dir", str(root)], check=True, capture_output=True)


def program(root: Path, **environment: str) -> subprocess.Popen[str]:
    """Start a program that logs one row."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(root)], stderr=subprocess.PIPE, text=True,
        stdin=subprocess.DEVNULL, env={**os.environ, "TRACKLAB_API_PORT": "18600", **environment},
    )  # fmt: skip


def test_programs_that_start_together_get_one_server(stopped: Path) -> None:
    """Six programs, ranks among them: one server, which shows the runs of all of them."""
    ranks = [{"RANK": str(rank)} if rank else {} for rank in range(4)]
    programs = [program(stopped, TRACKLAB_AUTO_UI="1", **rank) for rank in [*ranks, {}, {}]]
    texts = [one.communicate(timeout=60)[1] for one in programs]

    found = seen(stopped)

    assert found is not None
    assert any("watch run" in text and found.url in text for text in texts)
    assert not any(texts[1:4])
    with urllib.request.urlopen(f"{found.url}api/projects", timeout=10) as reply:  # noqa: S310 - http
        assert b'"runs":6' in reply.read()
    assert take(stopped) is None


def test_a_program_that_nobody_watches_starts_no_server(root: Path) -> None:
    """Without a terminal, and wherever it is switched off."""
    for environment in ({}, {"TRACKLAB_AUTO_UI": "0"}, {"TRACKLAB_AUTO_UI": "1", "RANK": "3"}):
        assert program(root, **environment).communicate(timeout=60)[1] == ""
    assert seen(root) is None
    assert not (root / ".tracklab").exists()


def test_the_command_starts_shows_and_stops_it(root: Path) -> None:
    """Started twice there is one; stopped twice there is none."""

    def run(order: str) -> tuple[int, str]:
        done = subprocess.run(
            [*CLI, order, "--dir", str(root)], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    assert run("--status") == (1, "No server is there.\n")
    first, second, status = run("--detach"), run("--detach"), run("--status")
    stopped, again = run("--stop"), run("--stop")

    assert first == second
    assert first[1].strip() in status[1]
    assert stopped == (0, f"Stopped the server at {first[1]}")
    assert again == (0, "No server is there.\n")


def test_a_server_that_nobody_uses_ends(root: Path) -> None:
    """After a second without a question, a page and a living run."""
    serve = "from tracklab.server.run import serve; import sys; from pathlib import Path;"
    call = "sys.exit(serve(Path(sys.argv[1]), port=0, only_one=True, idle_s=1.0))"
    done = subprocess.run(
        [sys.executable, "-c", serve + call, str(root)], timeout=60, check=False,
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0
