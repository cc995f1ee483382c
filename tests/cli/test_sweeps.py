"""`tracklab sweep` and `tracklab agent` as a user types them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from click.testing import CliRunner

from tests.full_disk import files_of_at_most
from tracklab.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

pytestmark = pytest.mark.functional

CONFIG = """
project: vision/deep
method: grid
metric: {name: loss}
program: train.py
parameters:
  x: {values: [0, 1]}
"""
TRAIN = """
import sys, tracklab
with tracklab.init(settings={"silent": True}, system_monitor=False) as run:
    assert sys.argv[1:] == [f"--x={run.config.x}"]
    run.log({"loss": 3 - run.config.x})
"""


def tracklab(root: Path, *arguments: str) -> Result:
    """Run a command in this process on a data directory."""
    return CliRunner().invoke(main, [arguments[0], "--dir", str(root), *arguments[1:]])


def test_a_sweep_from_its_file_to_its_best_run(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begun, run, listed and shown; what is printed first is what is typed next."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACKLAB_CONSOLE", "off")
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "sweep.yaml").write_text(CONFIG)
    begun = tracklab(root, "sweep", "sweep.yaml", "--name", "another")
    address = begun.stdout.split()[1]
    assert begun.stdout == f"sweep  {address}\nagent  tracklab agent {address}\n"
    assert tracklab(root, "agent", address).exit_code == 0
    (listed,) = orjson.loads(tracklab(root, "sweep", "--json").stdout)
    assert (listed["sweep"], listed["state"], listed["limit"]) == (address, "FINISHED", 2)
    shown = tracklab(root, "sweep", address).stdout
    assert f"{address}  grid  FINISHED, 2 of 2 trials" in shown
    assert '2 best   {"x":1}' in shown
    assert "another" in tracklab(root, "sweep").stdout
    assert address not in tracklab(root, "sweep", "--project", "other").stdout


def test_a_sweep_that_is_stopped_begins_no_trial(root: Path, tmp_path: Path) -> None:
    """Whoever starts an agent for it learns that none is left."""
    (tmp_path / "s.yaml").write_text(CONFIG)
    told = orjson.loads(tracklab(root, "sweep", str(tmp_path / "s.yaml"), "--json").stdout)
    assert tracklab(root, "sweep", told["sweep"], "--stop").exit_code == 0
    agent = tracklab(root, "agent", told["id"])
    assert (agent.exit_code, "is left" in agent.stderr) == (0, True)
    shown = orjson.loads(tracklab(root, "sweep", told["id"], "--json").stdout)
    assert (shown["state"], shown["trials"]) == ("FINISHED", [])


def test_a_sweep_that_cannot_be_stopped_says_why(root: Path, tmp_path: Path) -> None:
    """One sentence, and exit code 1; a file is no sweep, and neither is nothing."""
    (tmp_path / "s.yaml").write_text(CONFIG)
    told = orjson.loads(tracklab(root, "sweep", str(tmp_path / "s.yaml"), "--json").stdout)
    with files_of_at_most(0):
        full = tracklab(root, "sweep", "--stop", told["sweep"])
    assert (full.exit_code, full.stderr.count("\n")) == (1, 1)
    assert "tracklab sweep --stop cannot write the sweep's directory" in full.stderr
    for wrong in ([], [str(tmp_path / "s.yaml")], ["missing.yaml"]):
        refused = tracklab(root, "sweep", "--stop", *wrong)
        assert (refused.exit_code, "takes the sweep that is to stop" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sweep", "missing.yaml"), "no YAML mapping in this file"),
        (("sweep", "demo/none"), "There is no sweep 'demo/none'"),
        (("agent", "none"), "There is no sweep 'none'"),
    ],
)
def test_a_mistake_is_one_sentence(root: Path, arguments: tuple[str, ...], said: str) -> None:
    """And the exit code is 1."""
    done = tracklab(root, *arguments)
    assert (done.exit_code, said in done.stderr, "Traceback" in done.stderr) == (1, True, False)
