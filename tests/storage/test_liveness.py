"""A run is called crashed only when that is proven, and a lock is the best proof."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tracklab.storage.identity import Process, this_process
from tracklab.storage.layout import lock_name
from tracklab.storage.liveness import STATUSES, Life, lock_held, run_status, writer_status

if TYPE_CHECKING:
    from pathlib import Path

HERE = Process(host="n1", pid=1, boot_id="boot-1", start_ticks=5)
LIFE = Life(None, host="n1", pid=os.getpid(), boot_id="boot-1", start_ticks=5)


@pytest.mark.parametrize("writer", [None, "n1-7-1"])
def test_a_held_lock_is_seen_and_let_alone(tmp_path: Path, writer: str | None) -> None:
    """Held, free, missing; asking does not take it."""
    assert lock_held(tmp_path, writer) is None
    with (tmp_path / lock_name(writer)).open("w") as file:
        assert lock_held(tmp_path, writer) is False
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert lock_held(tmp_path, writer) is True
        assert lock_held(tmp_path, writer) is True
    assert lock_held(tmp_path, writer) is False


def test_the_kernel_frees_the_lock_of_a_killed_process(tmp_path: Path) -> None:
    """However it dies."""
    path = tmp_path / "run.lock"
    hold = "import fcntl,sys;f=open(sys.argv[1],'w');fcntl.flock(f,2);print(1,flush=True);input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert lock_held(tmp_path, None) is True
        process.kill()
        process.wait()
    assert lock_held(tmp_path, None) is False


@pytest.mark.parametrize(
    ("life", "held", "age_s", "expected"),
    [
        (LIFE, True, 9999.0, "running"),
        (replace(LIFE, exit_code=0), True, 0.0, "running"),
        (replace(LIFE, exit_code=0), False, 0.0, "finished"),
        (replace(LIFE, exit_code=0), None, 0.0, "finished"),
        (replace(LIFE, exit_code=3), False, 0.0, "failed"),
        # The lock of a writer on this boot or this host is free: it is dead, however fresh.
        (LIFE, False, 0.0, "crashed"),
        (replace(LIFE, host="container"), False, 0.0, "crashed"),
        (replace(LIFE, boot_id=None), False, 0.0, "crashed"),
        # This machine was started again since.
        (replace(LIFE, boot_id="boot-0"), None, 0.0, "crashed"),
        # Without a lock file: the process is gone, or is another one of the same number.
        (replace(LIFE, pid=2**22 + 1), None, 0.0, "crashed"),
        (LIFE, None, 0.0, "crashed"),
        # Another host: nothing is proven, the age decides.
        (replace(LIFE, host="n2", boot_id="boot-9"), False, 59.0, "running"),
        (replace(LIFE, host="n2", boot_id="boot-9"), None, 61.0, "stale"),
        # Lines that tell nothing about their process.
        (Life(None), None, 59.0, "running"),
        (Life(None), False, 61.0, "stale"),
        # The process number of another container proves nothing.
        (replace(LIFE, host="container", pid=2**22 + 1), None, 0.0, "running"),
    ],
)
def test_status_follows_from_proof(
    life: Life,
    held: bool | None,  # noqa: FBT001 - a column of the table
    age_s: float,
    expected: str,
) -> None:
    """Every row of the table of states."""
    assert writer_status(life, held=held, age_s=age_s, here=HERE) == expected


def test_a_living_process_without_a_lock_is_not_called_crashed() -> None:
    """Its number, start time and boot are those of this very process."""
    here = this_process()
    life = Life(None, here.host, here.pid, here.boot_id, here.start_ticks)
    assert writer_status(life, held=None, age_s=1.0, here=here) == "running"
    assert writer_status(life, held=None, age_s=99.0, here=here) == "stale"


def test_a_run_is_running_if_one_writer_is() -> None:
    """And finished only if all are."""
    for pair in product(STATUSES, repeat=2):
        assert (run_status(pair) == "running") == ("running" in pair)
        assert (run_status(pair) == "finished") == (set(pair) == {"finished"})
    assert run_status([]) == "stale"
