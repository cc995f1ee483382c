"""Whichever system call is the last, and whichever one fails: nothing acknowledged is lost.

One program begins a run, logs ten rows over two segments, an alert, and ends. strace first lists
its system calls; then the program is started again for each of them and dies there, or the call
fails.
"""

from __future__ import annotations

import random
import re
import shutil
from typing import TYPE_CHECKING

import pytest

import tracklab
from tests.crash.evidence import evidence
from tests.crash.needs import THOROUGH, needs_strace
from tests.crash.stage import ROWS
from tests.crash.traced import Call, Outcome, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.system, needs_strace]

#: Calls by which a program changes a disk or learns about it.
FAILING = frozenset({
    "chmod", "close", "fchmod", "fcntl", "fdatasync", "flock", "fsync", "getdents64", "lseek",
    "mkdir", "newfstatat", "openat", "read", "rename", "unlink", "write",
})  # fmt: skip


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return the stage that the whole module plays on."""
    with Stage(tmp_path_factory.mktemp("stage")) as made:
        yield made


def test_a_crash_at_any_call_loses_no_acknowledged_row(stage: Stage) -> None:
    """Killed on the way into each of its calls; what was acknowledged is there, all parses."""
    calls = stage.run().calls()
    escaped = 0
    for call in calls:
        crashed = stage.run("-e", f"inject={call.name}:signal=SIGKILL:when={call.number}")
        found = crashed.evidence
        # A name is drawn by chance, so a last few calls of some kinds do not come every time.
        escaped += crashed.exit_code == 0
        assert crashed.exit_code in {-9, 0}, call
        assert {row["n"] for row in found.rows} >= crashed.acknowledged, call
        assert (found.bad, found.torn, found.unaccounted()) == ([], [], set()), call
        assert_goes_on(crashed.root, call)
    assert escaped < len(calls) / 20


def test_a_failing_call_changes_neither_output_nor_exit_code(stage: Stage) -> None:
    """Each call that touches the run fails once; a row that is missing is named by a gap."""
    for call in touching(stage.run()):
        failed = stage.run("-e", f"inject={call.name}:error=EIO:when={call.number}")
        missing = set(range(ROWS)) - {row["n"] for row in failed.evidence.rows}
        assert len(missing) <= len(failed.evidence.named_as_lost()), call
        assert_survived(failed, call)


def test_a_failing_call_does_not_stop_a_run_from_going_on(stage: Stage, tmp_path: Path) -> None:
    """As above, for a program that goes on with a run; a quarter of the calls unless thorough."""
    earlier = stage.run()
    calls = touching(stage.run(root=copied(earlier.root, tmp_path / "reference")))
    stride = 1 if THOROUGH else 4
    for call in calls[random.randrange(stride) :: stride]:  # noqa: S311 - not a secret
        root = copied(earlier.root, tmp_path / f"{call.name}-{call.number}")
        failed = stage.run("-e", f"inject={call.name}:error=EIO:when={call.number}", root=root)
        assert_survived(failed, call)


@pytest.mark.parametrize("reason", ["EDQUOT", "EIO", "ENOSPC", "EROFS"])
def test_rows_that_fail_for_a_while_are_named_exactly(stage: Stage, reason: str) -> None:
    """Three writes of the history fail: one warning, one gap with their numbers, one sum."""
    root = stage.next_root()
    failed = stage.run(
        "-P", f"{root}/p/r/history.jsonl", "-e", f"inject=write:error={reason}:when=4..6"
    )
    rows = {row["n"]: row["_seq"] for row in failed.evidence.rows}
    assert set(range(ROWS)) - set(rows) == {2, 3, 4}
    lost = [rows[1] + 1, rows[1] + 3]
    assert failed.evidence.gaps() == [{"stream": "history", "ranges": [lost], "reason": reason}]
    warning, total = failed.err.splitlines()
    assert "1 line is missing so far" in warning
    assert "could not be written: 3." in total
    assert_survived(failed, Call("write", 4, ""))


def touching(outcome: Outcome) -> list[Call]:
    """Return the calls that may fail and name a path of the run or of the data directory."""
    path = re.escape(str(outcome.root))
    return [
        call
        for call in outcome.calls()
        if call.name in FAILING and re.search(rf"{path}[/\">]", call.arguments)
    ]


def copied(root: Path, to: Path) -> Path:
    """Return a copy of a data directory, which the stage may use as one of its own."""
    shutil.copytree(root, to)
    return to


def assert_survived(outcome: Outcome, call: Call) -> None:
    """Output and exit code are the script's; each missing number is named; a next run works."""
    assert (outcome.exit_code, outcome.out) == (0, "trained\n"), (call, outcome.err)
    assert all(line.startswith("tracklab: ") for line in outcome.err.splitlines()), outcome.err
    found = outcome.evidence
    assert found.bad == [], call
    assert {name: found.unaccounted(name) for name in found.numbers} == {
        name: set() for name in found.numbers
    }, call
    assert_goes_on(outcome.root, call)


def assert_goes_on(root: Path, call: Call) -> None:
    """A later program that goes on with what is left finds it, and its row is there."""
    before = len(evidence(root / "p/r").rows)
    run = tracklab.init(
        project="p", id="r", dir=root, resume="allow", reinit="create_new", system_monitor=False,
        settings={"console": "off"},
    )  # fmt: skip
    run.log({"n": "resumed"})
    run.finish()
    found = evidence(root / "p/r")
    assert (len(found.rows), found.bad) == (before + 1, []), call
