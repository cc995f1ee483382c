"""Changes below the watched directories are noticed, by the kernel or by looking."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from tracklab.live.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


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


def test_without_watches_directories_are_looked_at(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """At the system's limit everything watched is hinted from time to time, and that is said."""

    def refuse(*_paths: Path, **_options: object) -> Any:
        raise OSError(28, "OS file watch limit reached")

    watched = Watch(root, poll_s=0.01, tell=refuse)
    assert first_hint_after(watched, [root], lambda: None) == {root}
    assert watched.polling
    assert "fs.inotify.max_user_watches" in caplog.text
