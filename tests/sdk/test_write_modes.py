"""`sync`, `thread` and `auto`: the same lines, written by whom the user chose."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import tracklab

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


def begun(root: Path, **settings: Any) -> tracklab.Run:
    """Return a run without a sampler, so that a thread is the backlog's."""
    return tracklab.init(
        project="p", id="r", dir=root, reinit="create_new", system_monitor=False,
        settings={"console": "off", **settings},
    )  # fmt: skip


def lines(root: Path, stream: str) -> list[dict[str, Any]]:
    """Return the lines of a stream without headers and what differs between two runs."""
    found = [
        orjson.loads(line)
        for path in sorted((root / "p/r").glob(f"{stream}*.jsonl"))
        # Another row may be on its way to the disk while we look.
        for line in path.read_bytes().rpartition(b"\n")[0].splitlines()[1:]
    ]
    changing = {"_timestamp", "_runtime", "_seq", "seq", "timestamp"}
    return [{k: v for k, v in line.items() if k not in changing} for line in found]


def logged(run: tracklab.Run) -> None:
    """Log rows by each way, a row that is split, and an alert."""
    for n in range(50):
        run.log({"n": n, "loss": n / 7})
    run.log({"text": "careful", "nan": float("nan")})
    run.log({f"key{n}": n + 0.5 for n in range(3_000)})
    run.alert("half way")
    run.finish()


def test_each_mode_writes_the_same_lines(tmp_path: Path) -> None:
    """Rows are equal to the byte but for time and number; so is what the run says of its end."""
    for mode in ("sync", "thread"):
        logged(begun(tmp_path / mode, write_mode=mode))
    assert lines(tmp_path / "sync", "history") == lines(tmp_path / "thread", "history")
    ends = [lines(tmp_path / mode, "events")[-1]["data"] for mode in ("sync", "thread")]
    assert [(end["state"], end["lines_lost"]) for end in ends] == [("finished", 0)] * 2


def test_only_thread_mode_starts_a_thread(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And ends it; `auto` does not on a local disk."""
    before = threading.active_count()
    run = begun(root, write_mode="auto")
    assert threading.active_count() == before
    run.finish()
    monkeypatch.setenv("TRACKLAB_WRITE_MODE", "thread")
    run = begun(root)
    assert run.settings.write_mode == "thread"
    assert "tracklab-writer" in {thread.name for thread in threading.enumerate()}
    run.finish()
    assert run.backlog == 0
    for thread in threading.enumerate():
        if thread.name == "tracklab-writer":
            thread.join(5)
    assert threading.active_count() == before


def test_the_mode_is_in_the_metadata(root: Path) -> None:
    """Whoever looks for rows that a kill has cost finds out why."""
    begun(root, write_mode="thread").finish()
    assert lines(root, "events")[0]["data"]["write_mode"] == "thread"


@pytest.mark.parametrize("mode", ["sync", "thread"])
def test_an_awaited_row_is_written(root: Path, mode: str) -> None:
    """While other tasks go on; each row of four tasks is there when it was awaited."""

    async def task(name: int) -> None:
        for n in range(20):
            await tracklab.alog({"task": name, "n": n})
            assert {"task": name, "n": n} in [
                {k: row[k] for k in ("task", "n")} for row in lines(root, "history")
            ]

    async def scene() -> None:
        await asyncio.gather(*(task(name) for name in range(4)))

    run = tracklab.init(
        project="p", id="r", dir=root, reinit="finish_previous", system_monitor=False,
        settings={"console": "off", "write_mode": mode},
    )  # fmt: skip
    asyncio.run(scene())
    assert len(lines(root, "history")) == 80
    run.finish()


def test_a_cancelled_task_leaves_its_row(root: Path) -> None:
    """The row was on its way to the disk."""
    run = begun(root)

    async def scene() -> None:
        task = asyncio.create_task(run.alog({"n": 1}))
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    run.finish()
    assert [row["n"] for row in lines(root, "history")] == [1]


def test_wrong_use_raises_where_it_is_awaited(root: Path) -> None:
    """As with `log()`."""
    run = begun(root)
    with pytest.raises(TypeError, match="takes a dict"):
        asyncio.run(run.alog([1]))  # type: ignore[arg-type] # the mistake
    run.finish()
