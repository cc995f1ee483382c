"""A process with its children: sums that psutil confirms, and a bound on what looking costs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from tracklab.monitors import system
from tracklab.monitors.family import MOST_PROCESSES, family

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(family(os.getpid()) is None, reason="/proc tells no children here"),
]

#: Starts children that each start one more and hold memory, and waits for a line.
PARENT = """
import os, signal, sys
started, (told, tell) = [], os.pipe()
for _ in range(int(sys.argv[1])):
    pid = os.fork()
    if pid == 0:
        os.write(tell, b"x")
        signal.pause()
    started.append(pid)
for _ in started:
    os.read(told, 1)
print("ready", flush=True)
sys.stdin.readline()
for pid in started:
    os.kill(pid, 9)
for pid in started:
    os.waitpid(pid, 0)
"""


@contextmanager
def parent(children: int) -> Iterator[subprocess.Popen[str]]:
    """Yield a process with so many children; both are gone afterwards."""
    command = [sys.executable, "-c", PARENT, str(children)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
        assert process.stdin
        process.stdin.close()


def test_a_family_is_what_psutil_finds_by_searching_all_processes() -> None:
    """Pids, memory, threads and descriptors of a child's children are those of the twin."""
    with parent(5) as process:
        found = family(process.pid)
        members = [one := psutil.Process(process.pid), *one.children(recursive=True)]

        assert found is not None
        assert found.pids == {member.pid for member in members}
        assert len(found.pids) == 6
        assert found.rss_bytes == pytest.approx(
            sum(member.memory_info().rss for member in members), rel=0.1
        )
        assert found.threads == sum(member.num_threads() for member in members)
        assert found.open_fds == sum(member.num_fds() for member in members)
        assert found.skipped == 0


def test_hundreds_of_children_are_counted_but_not_looked_into() -> None:
    """The sums are of the first ones, and the row says how many are missing."""
    with parent(400) as process:
        began_s = time.process_time()
        found = family(process.pid)
        took_s = time.process_time() - began_s

    assert found is not None
    assert len(found.pids) == 401
    assert found.skipped == 401 - MOST_PROCESSES
    assert found.threads == MOST_PROCESSES
    assert took_s < 0.05


def test_what_ended_children_used_stays_counted() -> None:
    """Otherwise a data loader that is replaced would turn the counters back."""
    command = [sys.executable, "-c", "sum(i * i for i in range(3_000_000))"]
    before = family(os.getpid())
    subprocess.run(command, check=True)
    after = family(os.getpid())

    assert before is not None
    assert after is not None
    assert after.cpu_s - before.cpu_s > 0.05
    assert after.pids == before.pids


def test_the_row_says_what_the_tree_uses() -> None:
    """This process and the children that live now, under names of their own."""
    alone = system.sample()
    with parent(3):
        row = system.sample()

    counts = [int(str(one["process_tree_count"])) for one in (alone, row)]
    assert counts[1] - counts[0] == 4
    assert int(str(row["process_tree_rss_bytes"])) > int(str(row["process_rss_bytes"]))
    assert row["process_tree_skipped"] == 0


def test_a_process_that_is_gone_has_no_family() -> None:
    """None, as for whatever cannot be read."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        assert family(process.pid) is None
