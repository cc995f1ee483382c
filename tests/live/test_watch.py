"""Changes below the watched directories are noticed, by the kernel or by looking."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from tests.crash.needs import WITHOUT_WATCHES, needs_namespaces
from tracklab.live.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOOKING = """
import asyncio, logging, sys
from pathlib import Path
from tracklab.live.watch import Watch

async def look():
    watched, hints = Watch(Path(sys.argv[1]), poll_s=0.01), 0
    watched.follow([Path(sys.argv[1])])
    async for _ in watched.changes():
        print(watched.polling)
        hints += 1
        if hints == 3:
            break

logging.basicConfig()
asyncio.run(asyncio.wait_for(look(), 30))
"""


def first_hint_after(watched: Watch, directories: list[Path], act: Callable[[], None]) -> set[Path]:
    """Watch `directories`, act, and return the directories of the first hint that follows."""

    async def scene() -> set[Path]:
        watched.follow(directories)
        async with aclosing(watched.changes()) as changes:
            assert await anext(changes) == set(directories)
            waiting = asyncio.ensure_future(anext(changes))
            await asyncio.sleep(0.1)
            act()
            return set(await asyncio.wait_for(waiting, 5))

    return asyncio.run(scene())


def test_a_written_line_is_a_hint_for_its_directory(root: Path) -> None:
    """Only the directory of the file is named."""
    run, other = root / "a", root / "b"
    run.mkdir()
    other.mkdir()
    (run / "history.jsonl").write_text("")

    def act() -> None:
        with open(run / "history.jsonl", "a") as file:
            file.write("{}\n")

    assert first_hint_after(Watch(root), [run, other], act) == {run}


def test_a_new_run_is_a_hint_for_its_project(root: Path) -> None:
    """A directory that appears is noticed by watching the one above."""
    assert first_hint_after(Watch(root), [root], (root / "new").mkdir) == {root}


@needs_namespaces
@pytest.mark.integration
def test_without_watches_directories_are_looked_at(root: Path) -> None:
    """Where the kernel has no more to give, all are hinted from time to time; that is said."""
    done = subprocess.run(
        [*WITHOUT_WATCHES, sys.executable, "-c", LOOKING, root],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["False", "True", "True"]
    assert "fs.inotify.max_user_watches" in done.stderr


@needs_namespaces
@pytest.mark.integration
def test_without_instances_directories_are_looked_at(root: Path) -> None:
    """The other limit of the kernel is met as the first one is."""
    command = [part.replace("watches", "instances") for part in WITHOUT_WATCHES]
    done = subprocess.run(
        [*command, sys.executable, "-c", LOOKING, root],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["False", "True", "True"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everywhere")
def test_a_directory_that_may_not_be_read_stops_no_other(root: Path) -> None:
    """The others are watched as ever."""
    closed, run = root / "closed", root / "run"
    closed.mkdir(mode=0)
    run.mkdir()
    assert first_hint_after(Watch(root), [closed, run], (run / "new").mkdir) == {run}
