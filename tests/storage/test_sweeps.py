"""The files of a sweep: claimed once, whole after a crash, and no run to the readers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tracklab.storage.layout import find_runs, is_run_dir
from tracklab.storage.sweeps import append, create, find_sweeps, trial_at

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.storage.sweeps import Sweep


@pytest.fixture
def sweep(root: Path) -> Sweep:
    """Return a sweep without trials."""
    return create(root, "a/b", "s1", {"config": {"method": "random"}})


def test_a_trial_is_claimed_once(sweep: Sweep) -> None:
    """The second who tries gets nothing, and changes nothing."""
    first = sweep.claim(0, "r0", {"x": 1})
    assert sweep.claim(0, "other", {"x": 2}) is None
    assert sweep.trials == [first]
    assert first is not None
    assert (first.run_id, first.parameters, first.by["pid"]) == ("r0", {"x": 1}, os.getpid())


def test_a_sweep_is_no_run(sweep: Sweep, root: Path) -> None:
    """Neither its directory nor the one that holds it."""
    sweep.claim(0, "r0", {})
    assert not list(find_runs(root))
    assert not any(is_run_dir(path) for path in (sweep.path, sweep.path.parent))


def test_sweeps_are_found_in_every_project(sweep: Sweep, root: Path) -> None:
    """The oldest first; one project's with those below it."""
    other = create(root, "c", "s2", {"config": {"method": "grid"}})
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
