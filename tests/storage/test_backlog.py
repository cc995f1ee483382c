"""Lines that wait for a thread: in order, bounded, counted, and written before the end."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tracklab.storage.backlog import Backlog, BacklogLimits, WaitingLine
from tracklab.storage.segments import Limits
from tracklab.storage.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path


class Disk:
    """Takes lines, in batches, once it is open."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.batches: list[list[int]] = []

    def write(self, lines: list[WaitingLine]) -> None:
        """Wait until the disk is open, and keep the numbers of the lines."""
        self.open.wait()
        self.batches.append([line.seq for line in lines])


def line(seq: int, size: int = 10) -> WaitingLine:
    """Return a line of so many bytes."""
    return WaitingLine("history", seq, 0.0, b"x" * size)


def put(backlog: Backlog, waiting: WaitingLine) -> bool:
    """Let a line wait, as a writer does: once there is room, or no hope for any."""
    backlog.wait_for_room()
    return backlog.put(waiting)


def test_lines_are_written_in_order_and_in_batches() -> None:
    """All of 1,000 lines, no batch longer than allowed, most of them full."""
    disk = Disk()
    backlog = Backlog(disk.write, BacklogLimits(batch_lines=7))
    assert all(put(backlog, line(n)) for n in range(1_000))
    disk.open.set()
    backlog.close()
    assert [seq for batch in disk.batches for seq in batch] == list(range(1_000))
    assert max(map(len, disk.batches)) == 7
    assert backlog.lines == 0


@pytest.mark.parametrize(
    ("limits", "fits"),
    [(BacklogLimits(max_lines=20, patience_s=0.05), 20),
     (BacklogLimits(max_bytes=100, patience_s=0.05), 10)],
)  # fmt: skip
def test_what_does_not_fit_is_dropped_once_patience_has_run_out(
    limits: BacklogLimits, fits: int
) -> None:
    """The first line without room waits, the next do not: the disk has shown no progress."""
    disk = Disk()
    backlog = Backlog(disk.write, limits)
    began_s = time.monotonic()
    taken = [put(backlog, line(n)) for n in range(fits + 1_000)]
    took_s = time.monotonic() - began_s
    disk.open.set()
    backlog.close()
    assert taken == [True] * fits + [False] * 1_000
    assert 0.05 <= took_s < 1
    assert [seq for batch in disk.batches for seq in batch] == list(range(fits))


def test_a_line_waits_for_room_while_the_disk_is_slow_but_moving() -> None:
    """Nothing is dropped as long as lines are written now and then."""
    written: list[int] = []

    def slow(lines: list[WaitingLine]) -> None:
        time.sleep(0.01)
        written.extend(each.seq for each in lines)

    backlog = Backlog(slow, BacklogLimits(batch_lines=5, max_lines=5, patience_s=5))
    assert all(put(backlog, line(n)) for n in range(100))
    backlog.close()
    assert written == list(range(100))


def test_a_line_longer_than_all_room_is_taken_when_nothing_waits() -> None:
    """Or it could never be written."""
    disk = Disk()
    disk.open.set()
    backlog = Backlog(disk.write, BacklogLimits(max_bytes=100, patience_s=0.05))
    assert put(backlog, line(0, size=1_000))
    backlog.close()
    assert disk.batches == [[0]]


def test_a_full_backlog_is_emptied_although_segments_begin(tmp_path: Path) -> None:
    """The thread numbers their headers itself: whoever waits for room keeps no lock from it."""
    writer = Writer(
        tmp_path, "r", facts={}, limits=Limits(max_bytes=4_000),
        backlog=BacklogLimits(max_lines=20, patience_s=2),
    )  # fmt: skip
    for step in range(1_000):
        writer.row("history", b'{"a":1}', timestamp_s=step, runtime_s=0, step=step)
    writer.close()
    assert writer.lines_lost == 0
    assert len(list(tmp_path.glob("history*"))) > 10


def test_a_job_is_done_after_what_waits() -> None:
    """And a stalled disk does not keep the caller longer than it says."""
    disk, seen = Disk(), []
    backlog = Backlog(disk.write)
    backlog.put(line(0))
    assert not backlog.call(lambda: seen.append(len(disk.batches)), 0.01)
    disk.open.set()
    assert backlog.call(lambda: None, 5)
    assert seen == [1]
    backlog.close()


def test_no_line_waits_for_a_thread_that_is_about_to_end() -> None:
    """What comes between the last word and the end is written by its caller."""
    disk = Disk()
    disk.open.set()
    backlog = Backlog(disk.write)
    backlog.put(line(0))
    backlog.refuse()
    backlog.put(line(1))
    assert [1] in disk.batches
    backlog.close()
    assert sorted(disk.batches) == [[0], [1]]


def test_after_its_end_lines_are_written_at_once() -> None:
    """A late line needs no thread."""
    disk = Disk()
    disk.open.set()
    backlog = Backlog(disk.write)
    backlog.refuse()
    backlog.close()
    threads = threading.active_count()
    backlog.put(line(1))
    assert disk.batches == [[1]]
    assert threading.active_count() == threads


def test_no_thread_is_started_when_the_interpreter_ends() -> None:
    """Its first line comes from `atexit`: some versions of Python would raise."""
    program = (
        "import atexit, threading\n"
        "from tracklab.storage.backlog import Backlog, WaitingLine\n"
        "backlog = Backlog(lambda lines: print(len(lines), threading.active_count()))\n"
        "atexit.register(lambda: backlog.put(WaitingLine('history', 0, 0.0, b'x')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("1 1\n", "")
