"""A writer's lines: numbered once, whole, never lost without a word."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import signal
import threading
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tracklab.records.encode import encode_object
from tracklab.storage.segments import Limits
from tracklab.storage.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path


def writer_in(path: Path, **limits: Any) -> Writer:
    """Return a writer of run `abc` in `path`."""
    path.mkdir(exist_ok=True)
    facts = {"project": "demo", "attempt": 0}
    return Writer(path, "abc", facts=facts, limits=Limits(**limits))


def log(writer: Writer, data: dict[str, Any], step: int = 0) -> None:
    """Write one row."""
    writer.row("history", encode_object(data), timestamp_s=1.5, runtime_s=0.5, step=step)


def lines(path: Path, pattern: str = "*.jsonl") -> list[dict[str, Any]]:
    """Return every line of every segment, headers left out; each one must parse."""
    found = []
    for segment in sorted(path.glob(pattern)):
        *whole, rest = segment.read_bytes().split(b"\n")
        assert rest == b"", segment
        found += [orjson.loads(line) for line in whole if line]
    return [line for line in found if line.get("logger") != "tracklab.segment"]


def test_a_row_has_our_fields_first(tmp_path: Path) -> None:
    """Field order is part of the format: people read these files."""
    log(writer_in(tmp_path), {"loss": 0.5}, step=7)
    row = lines(tmp_path)[0]
    assert list(row) == ["_timestamp", "_step", "_runtime", "_run_id", "_seq", "loss"]
    assert row["_step"] == 7


def test_an_event_has_its_fields_in_order(tmp_path: Path) -> None:
    """Context stands beside the data, data comes last."""
    writer = writer_in(tmp_path)
    writer.event("events", logger="app", message="hi", context={"rank": 1}, timestamp_s=0.0)
    event = lines(tmp_path)[0]
    assert list(event) == [
        "timestamp", "level", "logger", "message", "run_id", "seq", "rank", "data",
    ]  # fmt: skip
    assert event["timestamp"] == "1970-01-01T00:00:00.000000Z"


def test_numbers_run_over_all_streams(tmp_path: Path) -> None:
    """One counter per writer, headers included, without a gap."""
    writer = writer_in(tmp_path)
    log(writer, {"a": 1})
    writer.event("events", logger="app", message="hi")
    log(writer, {"a": 2})
    segments = tmp_path.glob("*.jsonl")
    whole = [orjson.loads(line) for path in segments for line in path.read_bytes().splitlines()]
    assert sorted(line.get("_seq", line.get("seq")) for line in whole) == [0, 1, 2, 3, 4]


def test_rotation_leaves_exactly_the_numbered_segments(tmp_path: Path) -> None:
    """A full segment is never touched again; the next takes the next number."""
    writer = writer_in(tmp_path, max_bytes=4096)
    for step in range(80):
        log(writer, {"loss": step}, step=step)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["history.000001.jsonl", "history.000002.jsonl", "history.jsonl", "run.lock"]
    assert sorted(row["loss"] for row in lines(tmp_path)) == list(range(80))


def test_an_old_segment_is_sealed_by_age(tmp_path: Path) -> None:
    """Age counts from the segment's creation, in the time of its lines."""
    writer = writer_in(tmp_path, max_age_s=10)
    for moment in (0.0, 9.0, 11.0):
        writer.row("history", b"{}", timestamp_s=moment, runtime_s=0, step=0)
    assert len(list(tmp_path.glob("history*.jsonl"))) == 2


def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    """0600 by default; a shipper's group only when asked for."""
    before = os.umask(0o077)
    try:
        log(writer_in(tmp_path / "private"), {"a": 1})
        log(writer_in(tmp_path / "shared", file_mode=0o640), {"a": 1})
    finally:
        os.umask(before)
    assert (tmp_path / "private/history.jsonl").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "shared/history.jsonl").stat().st_mode & 0o777 == 0o640


def test_a_second_writer_gets_segments_of_its_own(tmp_path: Path) -> None:
    """Two writers share a directory and nothing else."""
    first, second = writer_in(tmp_path), writer_in(tmp_path)
    log(first, {"a": 1})
    log(second, {"a": 2})
    assert first.writer is None
    assert (tmp_path / f"history.{second.writer}.000000.jsonl").exists()
    assert lines(tmp_path, f"history.{second.writer}*")[0]["_writer"] == second.writer


def test_a_forked_child_becomes_another_writer(tmp_path: Path) -> None:
    """The child's lines carry its own name and count; the parent's go on unharmed."""
    writer = writer_in(tmp_path)
    log(writer, {"who": "parent"})
    child = os.fork()
    if child == 0:
        log(writer, {"who": "child"})
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    log(writer, {"who": "parent"})
    by_writer = [(row.get("_writer"), row["who"], row["_seq"]) for row in lines(tmp_path)]
    assert [(who, seq) for name, who, seq in by_writer if name is None] == [
        ("parent", 1), ("parent", 2),
    ]  # fmt: skip
    assert [(who, seq) for name, who, seq in by_writer if name] == [("child", 1)]


def test_threads_lose_and_tear_nothing(tmp_path: Path) -> None:
    """8 threads with 500 rows each leave 4,000 whole rows with distinct numbers."""
    writer = writer_in(tmp_path, max_bytes=50_000)

    def work(thread: int) -> None:
        for n in range(500):
            log(writer, {"thread": thread, "n": n})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = lines(tmp_path)
    assert len({row["_seq"] for row in rows}) == 4_000
    assert {(row["thread"], row["n"]) for row in rows} == {
        (t, n) for t in range(8) for n in range(500)
    }


def test_a_line_logged_by_a_signal_handler_is_taken_along(tmp_path: Path) -> None:
    """A handler that interrupts a write in its own thread neither blocks nor tears it."""
    writer = writer_in(tmp_path)
    signal.signal(signal.SIGALRM, lambda *_: log(writer, {"from": "signal"}))
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        for _ in range(20_000):
            log(writer, {"from": "loop"})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    sources = [row["from"] for row in lines(tmp_path)]
    assert sources.count("loop") == 20_000
    assert sources.count("signal") > 0


def test_a_large_value_moves_to_a_file_and_is_named(tmp_path: Path) -> None:
    """The line stays short, the value whole."""
    log(writer_in(tmp_path), {"text": "x" * 1_000_000, "loss": 1})
    row = lines(tmp_path)[0]
    digest = row["text"]["$ref"].removeprefix("sha256:")
    stored = (tmp_path / "media/values" / digest).read_bytes()
    assert orjson.loads(stored) == "x" * 1_000_000
    assert row["text"]["bytes"] == len(stored)
    assert row["loss"] == 1


def test_a_row_of_too_many_keys_is_split(tmp_path: Path) -> None:
    """Its parts share step and time, say which part they are, and each fits."""
    log(writer_in(tmp_path), {f"key{n}": n + 0.5 for n in range(5_000)}, step=3)
    rows = lines(tmp_path)
    assert [row.pop("_part") for row in rows] == [[n, len(rows)] for n in range(len(rows))]
    assert {row["_step"] for row in rows} == {3}
    assert sum(key.startswith("key") for row in rows for key in row) == 5_000
    assert max(map(len, (tmp_path / "history.jsonl").read_bytes().split(b"\n"))) <= 32_000


def test_a_full_disk_is_survived_and_its_gap_named(tmp_path: Path) -> None:
    """Lines before and after stay readable; the missing ones are counted and named."""
    writer = writer_in(tmp_path)
    writer.event("events", logger="app", message="before")
    log(writer, {"n": 0})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    earlier = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = (tmp_path / "history.jsonl").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, hard))
    try:
        for n in (1, 2, 3):
            log(writer, {"n": n})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, earlier)
    log(writer, {"n": 4})
    content = (tmp_path / "history.jsonl").read_bytes().split(b"\n")
    whole = [orjson.loads(line)["n"] for line in content if line.endswith(b"}") and b'"n"' in line]
    gap = lines(tmp_path, "events*")[-1]
    assert whole == [0, 4]
    assert writer.lines_lost == 3
    assert gap["logger"] == "tracklab.gap"
    assert gap["data"] == {"stream": "history", "ranges": [[4, 6]], "reason": "EFBIG"}


def test_a_vanished_directory_never_raises(tmp_path: Path, capfd: Any) -> None:
    """The world's failure is told once and counted; the program goes on."""
    writer = writer_in(tmp_path / "run")
    for path in (tmp_path / "run").iterdir():
        path.unlink()
    (tmp_path / "run").rmdir()
    for n in range(3):
        log(writer, {"n": n})
    assert writer.lines_lost == 3
    said = capfd.readouterr().err
    assert said.count("tracklab:") == 1
    assert os.strerror(errno.ENOENT) in said


def test_the_lock_is_held_while_the_writer_lives(tmp_path: Path) -> None:
    """A reader that tries the lock sees a living writer; closing frees it."""
    import fcntl  # noqa: PLC0415 - beside its only use

    writer = writer_in(tmp_path)
    with open(tmp_path / "run.lock", "rb") as probe:
        with pytest.raises(BlockingIOError):
            fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
        writer.close()
        fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_a_probing_reader_does_not_keep_a_writer_from_its_lock(tmp_path: Path) -> None:
    """A reader that tries every new lock file at once only holds it for an instant."""
    import fcntl  # noqa: PLC0415 - as above

    done = threading.Event()

    def probe() -> None:
        while not done.is_set():
            for path in tmp_path.glob("*.lock"):
                with open(path, "rb") as file, contextlib.suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)

    prober = threading.Thread(target=probe)
    prober.start()
    writers = [writer_in(tmp_path) for _ in range(50)]
    done.set()
    prober.join()
    for path in tmp_path.glob("*.lock"):
        with open(path, "rb") as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    assert len({writer.name for writer in writers}) == 50


def test_a_line_after_close_is_late_but_not_lost(tmp_path: Path) -> None:
    """It goes to another writer's segment."""
    writer = writer_in(tmp_path)
    log(writer, {"n": 1})
    writer.close()
    log(writer, {"n": 2})
    assert sorted(row["n"] for row in lines(tmp_path)) == [1, 2]


def test_headers_are_long_and_differ_early(tmp_path: Path) -> None:
    """Log shippers tell files apart by their first 1,000 bytes and skip files below 1,024."""
    writer = writer_in(tmp_path, max_bytes=4096)
    for step in range(2_000):
        log(writer, {"loss": step}, step=step)
    heads = [path.read_bytes().split(b"\n")[0] + b"\n" for path in tmp_path.glob("*.jsonl")]
    assert len(heads) > 50
    assert min(map(len, heads)) >= 1_100
    assert len({head[:1_000] for head in heads}) == len(heads)
