"""Many processes on one run: no line lost, none doubled, wherever they ran and however they began.

Proven twice: by the verification, and by counting lines without any code of ours.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tracklab import clock
from tracklab.query.addresses import Place
from tracklab.query.engines.local import LocalEngine
from tracklab.query.verification import verify
from tracklab.storage.identity import this_process

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

MANY = 32
ROWS = 40

# One program starts them all as forks, which costs a tenth of starting Python 32 times. Each
# joins the run by itself, from a process that has no run yet.
JOIN = """
import os, sys, tracklab
def work(number):
    run = tracklab.init(project="p", id="r", resume="allow", system_monitor=False,
                        settings={"console": "off", "segment_bytes": 8192})
    for row in range(ROWS):
        run.log({f"x{number}": row})
    run.finish()
children = []
for number in range(MANY):
    pid = os.fork()
    if pid == 0:
        try:
            work(number)
        except BaseException as error:
            print(error); os._exit(1)
        os._exit(0)
    children.append(pid)
sys.exit(sum(os.waitpid(pid, 0)[1] != 0 for pid in children))
""".replace("MANY", str(MANY)).replace("ROWS", str(ROWS))

# As a loader of batches does it: workers write to the run that their parent began.
LOADER = """
import multiprocessing, os, sys, tracklab
def work(number):
    if tracklab.run is None:
        tracklab.init(project="p", id="r", resume="must", system_monitor=False,
                      settings={"console": "off"})
    for row in range(ROWS):
        tracklab.log({f"w{number}": row})
if __name__ == "__main__":
    method = multiprocessing.get_context(sys.argv[1])
    run = tracklab.init(project="p", id="r", settings={"console": "off"})
    workers = [method.Process(target=work, args=(number,)) for number in range(3)]
    for worker in workers:
        worker.start()
    for row in range(ROWS):
        run.log({"main": row})
    for worker in workers:
        worker.join()
    sys.exit(sum(worker.exitcode != 0 for worker in workers))
""".replace("ROWS", str(ROWS))

SESSION = """
import sys, tracklab
run = tracklab.init(project="p", id="r", resume="allow", system_monitor=False,
                    settings={"console": "off"})
for _ in range(ROWS):
    run.log({"x": run.step})
""".replace("ROWS", str(ROWS))


def start(root: Path, program: Path | str, *arguments: str) -> None:
    """Run a program to its good end."""
    command = ["-c", program] if isinstance(program, str) else [str(program)]
    done = subprocess.run(
        [sys.executable, *command, *arguments],
        env={**os.environ, "TRACKLAB_DATA_DIR": str(root)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def assert_whole(run_dir: Path) -> int:
    """Check a run twice and return how many writers it has."""
    verdict = verify(Place("p", run_dir.name, run_dir), here=this_process(), now_s=clock.now())
    assert verdict.faults == []
    counted: Counter[tuple[str, int]] = Counter()
    for path in run_dir.glob("*.jsonl"):
        for line in path.read_text().splitlines():
            record = json.loads(line)
            writer = record.get("writer") or record.get("_writer") or ""
            if record.get("logger") == "tracklab.segment" and len(path.name.split(".")) < 4:
                writer = ""  # the creator tells its name in headers only
            counted[writer, record["seq"] if "seq" in record else record["_seq"]] += 1
    assert set(counted.values()) == {1}
    for name in {writer for writer, _ in counted}:
        seqs = sorted(seq for writer, seq in counted if writer == name)
        assert seqs == list(range(len(seqs)))
    return len(verdict.writers)


def values(root: Path, key: str) -> list[object]:
    """Return all values of a key by step, as the engine reads them."""
    rows = LocalEngine(root).rows("p/r", keys=[key]).rows
    return [row[key] for row in rows]


def test_many_processes_join_one_run_at_once(root: Path) -> None:
    """Thirty-two, each its own writer, with rotating segments."""
    start(root, JOIN)
    assert [path.name for path in (root / "p").iterdir()] == ["r"]
    assert assert_whole(root / "p" / "r") == MANY
    for number in range(MANY):
        assert values(root, f"x{number}") == list(range(ROWS))
    assert LocalEngine(root).glance("p/r").status == "finished"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_a_loader_write_to_their_parents_run(
    root: Path, tmp_path: Path, method: str
) -> None:
    """A forked one at once, a spawned one after joining; the run ends with its parent."""
    program = tmp_path / "loader.py"
    program.write_text(LOADER)
    start(root, program, method)
    assert assert_whole(root / "p" / "r") == 4
    for key in ("main", "w0", "w1", "w2"):
        assert sorted(map(int, map(str, values(root, key)))) == list(range(ROWS))
    assert LocalEngine(root).glance("p/r").status == "finished"


def test_resumed_sessions_go_on_counting(root: Path) -> None:
    """Three after each other: three writers, one line of steps."""
    for _ in range(3):
        start(root, SESSION)
    assert assert_whole(root / "p" / "r") == 3
    assert values(root, "x") == list(range(3 * ROWS))


def test_copies_from_two_hosts_merge_to_the_original(root: Path, tmp_path: Path) -> None:
    """Each host has the files of its own writers and a part of the other's; in any order."""
    start(root, JOIN.replace(f"range({MANY})", "range(6)"))
    original = root / "p" / "r"
    hosts = [tmp_path / "one" / "p" / "r", tmp_path / "two" / "p" / "r"]
    for number, path in enumerate(sorted(original.iterdir())):
        for host in hosts:
            host.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            shutil.copy2(path, hosts[number % 2])
    merged = tmp_path / "merged"
    for host in (*hosts, hosts[0]):
        copy(host.parents[1], merged)
    assert assert_whole(merged / "p" / "r") == 6
    whole, copied = (LocalEngine(place) for place in (root, merged))
    assert copied.rows("p/r").rows == whole.rows("p/r").rows
    assert copied.run("p/r").run.summary == whole.run("p/r").run.summary
    assert copied.events("p/r").total == whole.events("p/r").total


def copy(source: Path, target: Path) -> None:
    """Copy a tree into another as people do it."""
    if shutil.which("rsync"):
        subprocess.run(["rsync", "-a", f"{source}/", f"{target}/"], check=True)
    else:
        shutil.copytree(source, target, dirs_exist_ok=True)


def test_a_part_of_a_copy_is_missed(root: Path, tmp_path: Path) -> None:
    """So that the tests above can fail: a segment that was not copied shows as a gap."""
    start(root, SESSION)
    start(root, SESSION)
    merged = tmp_path / "merged"
    copy(root, merged)
    next((merged / "p" / "r").glob("history.*.jsonl")).unlink()
    place = Place("p", "r", merged / "p" / "r")
    kinds = {fault.kind for fault in verify(place, here=this_process(), now_s=clock.now()).faults}
    assert kinds == {"gap"}
