"""Checkpoints: what is timed, what is weighed, and what is written when."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest

import tracklab
from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.query.engines.local import LocalEngine
from tracklab.sdk.weighing import format_on_disk, size_on_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.sdk.run import Run


@pytest.fixture
def run(root: Path) -> Iterator[Run]:
    """Return a current run without helpers."""
    with tracklab.init(
        dir=root, system_monitor=False, settings={"console": "off"}, reinit="finish_previous"
    ) as made:
        yield made


def written(run: Run) -> list[dict[str, Any]]:
    """Return message and data of the run's checkpoint events but the beginnings."""
    lines = map(orjson.loads, (run.run_dir / "events.jsonl").read_bytes().splitlines())
    return [
        {"message": line["message"], "level": line["level"], **line["data"]}
        for line in lines
        if line["logger"] == "tracklab.checkpoint" and line["message"] != "checkpoint_begin"
    ]


# --- saves that go on in the background


def test_a_background_save_is_told_when_it_is_durable(run: Run, tmp_path: Path) -> None:
    """Until then nothing is written; `blocked` ends with the block, `duration` with the save."""
    path, may_end = tmp_path / "model.pt", threading.Event()

    def save() -> None:
        may_end.wait(10)
        path.write_bytes(b"x" * 100)

    with ThreadPoolExecutor(1) as pool:
        with tracklab.checkpoint(path, step=7) as saved:
            future = saved.until(pool.submit(save))
        assert written(run) == []
        may_end.set()
    assert future.done()  # the pool has ended, and with it what its threads call back
    (event,) = written(run)
    assert (event["size"], event["step"], event["success"]) == (100, 7, True)
    assert event["blocked"] == saved.blocked
    assert event["duration"] == saved.duration > saved.blocked > 0


def test_a_background_save_fails_with_its_future(run: Run, tmp_path: Path) -> None:
    """Its exception is the error; a save already over inside the block is written once."""
    future: Future[None] = Future()
    future.set_exception(OSError("disk full"))
    with tracklab.checkpoint(tmp_path / "x") as saved:
        saved.until(future)
    (event,) = written(run)
    assert (event["level"], event["error_type"], event["error"]) == (
        "ERROR", "OSError", "disk full",
    )  # fmt: skip


def test_a_cancelled_save_failed(run: Run, tmp_path: Path) -> None:
    """It never became durable."""
    future: Future[None] = Future()
    with tracklab.checkpoint(tmp_path / "x") as saved:
        saved.until(future)
    future.cancel()
    assert [one["error_type"] for one in written(run)] == ["CancelledError"]


def test_a_save_without_a_future_is_ended_by_hand(run: Run, tmp_path: Path) -> None:
    """`background()` leaves it open, the first `done()` ends it."""
    (tmp_path / "x").touch()
    with tracklab.checkpoint(tmp_path / "x") as saved:
        saved.background()
    assert written(run) == []
    saved.done()
    saved.done(OSError("late"))
    assert [one["success"] for one in written(run)] == [True]


def test_a_save_that_outlives_its_run_was_not_durable(root: Path, tmp_path: Path) -> None:
    """The run says so before it ends, and what comes later is not written."""
    made = tracklab.init(dir=root, system_monitor=False, settings={"console": "off"})
    with tracklab.checkpoint(tmp_path / "a") as slow:
        slow.background()
    with tracklab.checkpoint(tmp_path / "b") as quick:
        quick.background()
    (tmp_path / "b").touch()
    quick.done()
    made.finish()
    slow.done()
    assert [(one["path"][-1], one.get("error_type")) for one in written(made)] == [
        ("b", None), ("a", "TimeoutError"),
    ]  # fmt: skip


def test_an_exception_in_the_block_ends_a_background_save(run: Run, tmp_path: Path) -> None:
    """What was begun in it is of no use then."""
    saved = tracklab.checkpoint(tmp_path / "a")
    saved.background()
    with pytest.raises(OSError, match="x"), saved:
        raise OSError("x")
    saved.done()
    assert [one["success"] for one in written(run)] == [False]


# --- saves that left nothing


def test_a_save_that_wrote_nothing_failed(run: Run, tmp_path: Path) -> None:
    """Training is not told by an exception, but no median or advice rests on it."""
    with tracklab.checkpoint(tmp_path / "no" / "model.pt", step=1):
        pass
    with tracklab.checkpoint(tmp_path / "late.pt") as late:
        late.background()
    late.done()
    first, second = written(run)
    assert (first["level"], first["success"], first["size"]) == ("ERROR", False, None)
    assert first["error_type"] == second["error_type"] == "NothingWritten"
    run.finish()
    page = LocalEngine(run.root).checkpoints(run=f"{run.project}/{run.id}", mtbf_s=3600)
    assert (page.stats.failures, page.stats.median_s, page.advice) == (2, None, None)


@pytest.mark.parametrize("operation", ["load", "list"])
def test_only_of_a_save_something_must_be_there(run: Run, tmp_path: Path, operation: str) -> None:
    """What was loaded may be gone, and a directory that is not there lists nothing."""
    with tracklab.checkpoint(tmp_path / "gone", operation=operation):
        pass
    assert [one["success"] for one in written(run)] == [True]


def test_a_save_elsewhere_is_not_judged(run: Run) -> None:
    """No file system here tells what an address holds."""
    with tracklab.checkpoint("s3://bucket/model.pt"):
        pass
    assert [one["success"] for one in written(run)] == [True]


def test_another_rank_may_leave_saving_to_the_first(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits or goes on, and the file need not be there, or never comes to its machine."""
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with (
        tracklab.init(
            dir=run.root.parent / "ranks",
            system_monitor=False,
            settings={"console": "off"},
            reinit="create_new",
        ) as second,
        tracklab.checkpoint(tmp_path / "a", run=second),
    ):
        pass
    assert [one["success"] for one in written(second)] == [True]


def test_a_step_may_be_of_numpy(run: Run, tmp_path: Path) -> None:
    """As for `log()`."""
    (tmp_path / "a").touch()
    with tracklab.checkpoint(tmp_path / "a", step=np.int64(7)):  # type: ignore[arg-type]
        pass
    assert [one["step"] for one in written(run)] == [7]


# --- the other forms


def test_checkpoints_are_timed_in_coroutines(run: Run, tmp_path: Path) -> None:
    """With `async with` and as a decorator, whose path may depend on the call."""

    @tracklab.checkpoint(lambda name: tmp_path / name, operation="load")
    async def load(name: str) -> bytes:
        await asyncio.sleep(0)
        return (tmp_path / name).read_bytes()

    async def both() -> bytes:
        async with tracklab.checkpoint(tmp_path / "a", step=1):
            (tmp_path / "a").write_bytes(b"xyz")
        return await load("a")

    assert asyncio.run(both()) == b"xyz"
    assert [(one["operation"], one["size"]) for one in written(run)] == [("save", 3), ("load", 3)]


def test_a_listing_counts(run: Run, tmp_path: Path) -> None:
    """And weighs nothing: it moves no bytes."""
    with tracklab.checkpoint(tmp_path, operation="list") as listed:
        listed.count = len(list(tmp_path.iterdir()))
    (event,) = written(run)
    assert (event["message"], event["count"], event["size"]) == ("checkpoint_list", 1, None)


def test_what_is_kept_and_removed_is_told(run: Run, tmp_path: Path) -> None:
    """As a field while the save is open, as an event of its own later."""
    old = tmp_path / "1.pt"
    with tracklab.checkpoint(tmp_path / "2.pt") as saved:
        saved.keep("best so far")
        saved.removed(old, reason="only the last is kept")
    saved.keep("published")
    removed, save, kept = written(run)
    assert (removed["message"], removed["path"]) == ("checkpoint_remove", str(old))
    assert (save["message"], save["kept"]) == ("checkpoint_save", "best so far")
    assert (kept["message"], kept["reason"]) == ("checkpoint_keep", "published")


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: tracklab.checkpoint(7), ArgumentTypeError, "takes a path"),  # type: ignore[arg-type]
        (lambda: tracklab.checkpoint("a\0"), UsageError, "zero byte"),
        (lambda: tracklab.checkpoint("x", step="y"), ArgumentTypeError, "integer step"),  # type: ignore[arg-type]
        (lambda: tracklab.checkpoint("x", step=1.5), ArgumentTypeError, "integer step"),  # type: ignore[arg-type]
        (lambda: tracklab.checkpoint("x", operation="copy"), UsageError, "save, load, list"),
        (lambda: tracklab.checkpoint("x").until(3), ArgumentTypeError, "takes a future"),  # type: ignore[type-var]
        (lambda: tracklab.checkpoint(str).__enter__(), UsageError, "decorated"),
    ],
)
def test_wrong_arguments_raise_at_the_call(call: Any, error: type[Exception], says: str) -> None:
    """With what is accepted."""
    with pytest.raises(error, match=says):
        call()


def test_without_a_run_it_is_still_timed(tmp_path: Path) -> None:
    """Nothing is written, and nothing fails."""
    (tmp_path / "a").write_bytes(b"xy")
    with tracklab.checkpoint(tmp_path / "a") as saved:
        saved.removed("b")
    assert (saved.size, saved.duration > 0) == (2, True)


# --- what lies on disk


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.safetensors", b"\x10\0\0\0\0\0\0\0{          }data", "safetensors"),
        ("a.pt", b"PK\x03\x04rest of a zip", "torch"),
        ("a.ckpt", b"\x80\x02legacy", "torch"),
        ("a.npz", b"PK\x03\x04rest of a zip", "file"),
        ("a.pt", b"", "file"),
    ],
)
def test_the_format_is_told_by_first_bytes(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    """Nothing is loaded for it."""
    (tmp_path / name).write_bytes(content)
    assert format_on_disk(tmp_path / name) == expected
    assert size_on_disk(tmp_path / name) == len(content)


def test_a_sharded_model_weighs_as_all_its_shards(tmp_path: Path) -> None:
    """Those that the index names beside itself, each once; no other place is looked at."""
    names = ["m-1.safetensors", "m-2.safetensors"]
    for name in names:
        (tmp_path / name).write_bytes(b"x" * 1000)
    index = tmp_path / "m.safetensors.index.json"
    outside = {"evil": "../outside", "gone": "m-3.safetensors"}
    index.write_text(
        json.dumps({"weight_map": {"a": names[0], "b": names[1], "c": names[1]} | outside})
    )
    (tmp_path.parent / "outside").write_bytes(b"x" * 5000)
    assert size_on_disk(index) == 2000 + index.stat().st_size
    assert format_on_disk(index) == "sharded"


@pytest.mark.parametrize(
    "text", ["not json", "[]", '{"weight_map": 3}', '{"weight_map": {"a": 1}}']
)
def test_any_other_index_weighs_as_a_file(tmp_path: Path, text: str) -> None:
    """It only has the name of one."""
    index = tmp_path / "x.index.json"
    index.write_text(text)
    assert (size_on_disk(index), format_on_disk(index)) == (len(text), "file")


def test_a_distributed_checkpoint_weighs_as_its_directory(tmp_path: Path) -> None:
    """Its metadata file tells it from any other directory."""
    (tmp_path / "__0_0.distcp").write_bytes(b"x" * 50)
    assert format_on_disk(tmp_path) == "directory"
    (tmp_path / ".metadata").write_bytes(b"x" * 7)
    assert (format_on_disk(tmp_path), size_on_disk(tmp_path)) == ("dcp", 57)
    assert format_on_disk(tmp_path / "nothing") is None
