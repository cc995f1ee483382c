"""What torch and tensorboardX write for TensorBoard is what an import makes of it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tracklab.cli.main import main
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("tensorboard")
pytest.importorskip("tensorboardX")
pytest.importorskip("torch")

pytestmark = pytest.mark.compat

#: Run apart: these libraries warn as they please.
PROGRAM = """
import sys
import numpy as np

if sys.argv[1] == "torch":
    from torch.utils.tensorboard import SummaryWriter
else:
    from tensorboardX import SummaryWriter

writer = SummaryWriter(sys.argv[2])
for step in range(1000):
    writer.add_scalar("loss", 1 / (step + 1), step)
    writer.add_scalar("val/acc", step / 1000, step)
writer.add_scalar("nan", float("nan"), 3)
writer.add_histogram("weights", np.arange(100.0), 5)
writer.add_text("note", "hello *world*", 7)
writer.add_image("image", np.zeros((3, 8, 6), dtype=np.uint8), 9)
writer.add_scalars("split", {"a": 1.0, "b": 2.0}, 1)
if sys.argv[1] == "torch":
    writer.add_scalar("tensor", 0.25, 4, new_style=True)
writer.close()
writer = SummaryWriter(sys.argv[2] + "-hp")
writer.add_hparams({"lr": 0.1, "opt": "adam"}, {"acc": 0.5})
writer.close()
"""

#: TensorBoard's own reader says what is in a directory.
JUDGE = """
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

found = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "tensors": 0})
found.Reload()
told = {tag: [(e.step, e.wall_time, e.value) for e in found.Scalars(tag)]
        for tag in found.Tags()["scalars"]}
print(json.dumps(told))
"""


def run_apart(program: str, *arguments: str) -> str:
    """Run a program in a process of its own, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module", params=["torch", "tensorboardX"])
def logged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the logs of a program and what was imported of them."""
    place: Path = tmp_path_factory.mktemp("logged")
    run_apart(PROGRAM, request.param, str(place / "logs/train"))
    runs = ["--dir", str(place / "runs")]
    done = CliRunner().invoke(main, ["import", "tensorboard", str(place / "logs"), *runs])
    assert done.exit_code == 0, done.output
    assert "left out" not in done.output
    again = CliRunner().invoke(main, ["import", "tensorboard", str(place / "logs"), *runs])
    assert {line.split()[0] for line in again.output.splitlines()} == {"unchanged"}
    return place


def run_named(place: Path, name: str) -> str:
    """Return the address of the run of this name."""
    engine = LocalEngine(place / "runs")
    (found,) = [run.run for run in engine.runs().runs if run.name == name]
    return found


def test_scalars_are_what_tensorboard_reads(logged: Path) -> None:
    """Each step and value of each tag, with a time at most a second before its own."""
    judged = json.loads(run_apart(JUDGE, str(logged / "logs/train")))
    rows: dict[int, dict[str, Any]] = {
        row["_step"]: row
        for row in LocalEngine(logged / "runs").rows(run_named(logged, "train"), limit=9999).rows
        if row["_step"] is not None
    }
    assert {"loss", "val/acc"} <= judged.keys()
    for tag, values in judged.items():
        for step, _, value in values:
            assert str(rows[step][tag]) == str(value)  # NaN too
    for step, time_s, _ in judged["val/acc"]:
        if step > 10:  # steps of which more was logged later have a later time
            assert time_s - 1 <= rows[step]["_timestamp"] <= time_s


def test_what_is_no_scalar_comes_too(logged: Path) -> None:
    """Distributions, texts, images."""
    engine = LocalEngine(logged / "runs")
    run = run_named(logged, "train")
    rows = {row["_step"]: row for row in engine.rows(run, limit=9999).rows}
    assert sum(rows[5]["weights"]["values"]) == 100
    assert (rows[5]["weights"]["bins"][0], rows[5]["weights"]["bins"][-1]) == (0, 99)
    (text,) = [value for key, value in rows[7].items() if key.startswith("note")]
    assert text == "hello *world*"
    image = rows[9]["image"]
    assert (image["_type"], image["width"], image["height"]) == ("image-file", 6, 8)
    assert (logged / "runs" / run / image["path"]).read_bytes().startswith(b"\x89PNG")


def test_hyperparameters_are_a_run_with_a_configuration(logged: Path) -> None:
    """In a directory of its own, as TensorBoard wants it."""
    root = logged / "runs"
    runs = LocalEngine(root).runs().runs
    assert {"lr": 0.1, "opt": "adam"} in [run.config for run in runs]
    addresses = [run.run for run in runs]
    assert CliRunner().invoke(main, ["verify", *addresses, "--dir", str(root)]).exit_code == 0
