"""The files of a sweep: claimed once, whole after a crash, and no run to the readers."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.full_disk import files_of_at_most
from tracklab.storage.layout import find_runs, is_run_dir
from tracklab.storage.lined import append
from tracklab.storage.sweeps import create, find_sweeps, trial_at

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.storage.sweeps import Sweep

CONFIG = {"method": "random", "parameters": {}}


@pytest.fixture
def sweep(root: Path) -> Sweep:
    """Return a sweep without trials."""
    return create(root, "a/b", "s1", {"config": CONFIG})


def test_a_trial_is_claimed_once(sweep: Sweep) -> None:
    """The second who tries gets nothing, and changes nothing."""
    first = sweep.claim(0, "r0", {"x": 1})
    assert sweep.claim(0, "other", {"x": 2}) is None
    assert sweep.trials == [first]
    assert first is not None
    assert (first.run_id, first.parameters, first.by["pid"]) == ("r0", {"x": 1}, os.getpid())


@pytest.mark.parametrize("room", [0, 40, 150, 260])
def test_a_claim_that_cannot_be_written_leaves_nothing(sweep: Sweep, room: int) -> None:
    """On a full disk; its number is claimed once there is room again."""
    with files_of_at_most(room), pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        sweep.claim(0, "r0", {"x": 1, "y": "y" * 200})
    assert os.listdir(sweep.path) == ["sweep.jsonl"]
    assert sweep.next_number == 0
    assert sweep.claim(0, "r0", {"x": 1})


def test_a_trial_is_claimed_where_files_have_one_name(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some shared folders know no links: once as well, and nothing is left of what did not fit."""

    def link(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)
    with files_of_at_most(150), pytest.raises(OSError, match="large"):
        sweep.claim(0, "r0", {"y": "y" * 200})
    assert sweep.claim(0, "r0", {"x": 1})
    assert sweep.claim(0, "r1", {"x": 2}) is None
    assert sorted(os.listdir(sweep.path)) == [
        "sweep.jsonl", "trial.000000.jsonl", "trial.000000.yaml",
    ]  # fmt: skip


def test_the_next_number_is_the_first_that_is_free(sweep: Sweep) -> None:
    """Also where a later one was claimed."""
    for number in (0, 2):
        sweep.claim(number, f"r{number}", {})
    assert sweep.next_number == 1


def test_a_line_that_does_not_fit_raises(sweep: Sweep) -> None:
    """And what is appended later stands on a line of its own."""
    trial = sweep.claim(0, "r0", {"x": 1})
    assert trial is not None
    with files_of_at_most(trial.path.stat().st_size + 50), pytest.raises(OSError, match="large"):
        append(trial.path, {"op": "result", "state": "failed", "exit_code": 1, "value": None})
    assert trial_at(trial.path).state is None
    append(trial.path, {"op": "result", "state": "finished", "exit_code": 0, "value": 2.0})
    assert trial_at(trial.path).value == 2.0


@pytest.mark.parametrize(
    "line",
    [
        {"op": "claim"},
        {"op": "claim", "run_id": 3, "parameters": [], "by": "me"},
        {"op": "claim", "run_id": "r", "parameters": {}, "by": {"pid": "x", "host": 1}},
        {"op": "band", "band": [], "value": {}},
        {"op": "result", "state": 5},
        {"op": ["claim"]},
    ],
)
def test_a_line_of_somebody_else_breaks_nothing(sweep: Sweep, line: dict[str, Any]) -> None:
    """What it says is passed over."""
    path = sweep.path / "trial.000000.jsonl"
    path.write_bytes(orjson.dumps(line) + b"\n")
    (trial,) = sweep.trials
    assert (trial.bands, trial.state, trial.told_state(sweep.project_dir)) == ({}, None, "running")


@pytest.mark.parametrize("config", ['"x"', "{}", '{"method": "grid"}', "[1]"])
def test_a_sweep_of_somebody_else_is_none(sweep: Sweep, root: Path, config: str) -> None:
    """Whatever lies in the folder, the others are listed."""
    for name, schema in (("theirs", "other/1"), ("broken", "tracklab.sweep/1")):
        (sweep.path.parent / name).mkdir()
        line = f'{{"op": "create", "schema": "{schema}", "config": {config}}}\n'
        (sweep.path.parent / name / "sweep.jsonl").write_text(line)
    (sweep.path.parent / "file").touch()
    assert find_sweeps(root) == [sweep]


def test_a_sweep_is_no_run(sweep: Sweep, root: Path) -> None:
    """Neither its directory nor the one that holds it."""
    sweep.claim(0, "r0", {})
    assert not list(find_runs(root))
    assert not any(is_run_dir(path) for path in (sweep.path, sweep.path.parent))


def test_sweeps_are_found_in_every_project(sweep: Sweep, root: Path) -> None:
    """The oldest first; one project's with those below it."""
    other = create(root, "c", "s2", {"config": CONFIG})
    assert find_sweeps(root) == [sweep, other]
    assert find_sweeps(root, project="a") == [sweep]
    assert find_sweeps(root, project="none") == []


@pytest.mark.parametrize("cut", range(0, 140, 7))
def test_a_trial_cut_anywhere_takes_its_result(sweep: Sweep, cut: int) -> None:
    """A line that was cut short is lost, and the next one is whole."""
    trial = sweep.claim(0, "r0", {"x": 1})
    assert trial is not None
    trial.path.write_bytes(trial.path.read_bytes()[:cut])
    append(trial.path, {"op": "band", "band": 3, "value": 0.5})
    append(trial.path, {"op": "result", "state": "finished", "exit_code": 0, "value": 2.0})
    found = trial_at(trial.path)
    assert (found.run_id, found.bands, found.state, found.value) == ("", {3: 0.5}, "finished", 2.0)


def test_a_sweep_that_was_cut_short_has_no_configuration(sweep: Sweep) -> None:
    """Its files still answer; it is not listed."""
    (sweep.path / "sweep.jsonl").write_bytes(b'{"op": "cre')
    assert (sweep.config, sweep.stopped, sweep.trials) == ({}, False, [])
    assert find_sweeps(sweep.root) == []


def test_a_claim_that_is_being_written_may_still_live(sweep: Sweep) -> None:
    """A file without a line is somebody's for a minute; then its process has died in between."""
    path = sweep.path / "trial.000000.jsonl"
    path.touch()
    assert [trial.told_state(sweep.project_dir) for trial in sweep.trials] == ["running"]
    os.utime(path, (0, 0))
    assert [trial.told_state(sweep.project_dir) for trial in sweep.trials] == ["failed"]
