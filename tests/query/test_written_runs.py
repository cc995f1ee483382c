"""What the SDK writes, the engine reads: the two sides meet in files only."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tracklab.query.engines.local import LocalEngine
from tracklab.sdk.starting import open_run

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine

DOCUMENTS = ("metadata.json", "summary.json", "config.yaml")
# The document says when it was written; lines say when the last row was.
WHEN = frozenset({"_runtime", "_timestamp"})


@pytest.fixture
def reader(root: Path) -> Engine:
    """Return an engine with the machine's clock."""
    return LocalEngine(root)


def told(engine: Engine, run: str) -> dict[str, Any]:
    """Return what a listing says of a run."""
    found = engine.glance(run)
    summary = {key: value for key, value in found.summary.items() if key not in WHEN}
    names = ("name", "status", "tags", "notes", "config", "exit_code", "created_at", "step")
    return {**{name: getattr(found, name) for name in names}, "summary": summary}


@pytest.mark.integration
def test_documents_can_be_derived_from_lines(root: Path, reader: Engine) -> None:
    """Delete them, and the run says the same."""
    run = open_run("demo", root=root, config={"lr": 0.1, "m": {"d": (1, 2)}}, tags=("x",))
    run.define_metric("val*", summary="min,mean")
    for step in range(30):
        run.log({"loss": 1 / (step + 1), "val": step % 7, "n": {"x": step}})
    run.summary["best"] = 3
    run.config.update({"lr": 0.2}, allow_val_change=True)
    run.name = "renamed"
    run.log({"loss": 9.5, "note": "last"}, step=7, commit=True)
    run.finish()
    before = told(reader, run.id)
    for name in DOCUMENTS:
        (run.run_dir / name).unlink()
    after = told(reader, run.id)
    assert after == before
    assert (after["summary"]["val.min"], after["step"]) == (0, 29)


@pytest.mark.integration
def test_a_run_is_running_until_it_is_finished(root: Path, reader: Engine) -> None:
    """And failed when it ends with an exit code."""
    run = open_run("demo", root=root)
    run.log({"loss": 1.0})
    assert reader.glance(run.id).status == "running"
    run.finish(exit_code=3)
    found = reader.glance(run.id)
    assert (found.status, found.exit_code) == ("failed", 3)


@pytest.mark.integration
def test_any_value_comes_back(root: Path, reader: Engine) -> None:
    """Numbers JSON cannot say, nested ones, texts too long for a line."""
    values = {"nan": math.nan, "n": {"inf": -math.inf}, "xs": [1.0, math.inf], "long": "x" * 50_000}
    run = open_run("demo", root=root)
    run.log(values)
    run.finish()
    (row,) = reader.rows(run.id).rows
    assert math.isnan(row["nan"])
    assert (row["n.inf"], row["xs"], row["long"]) == (-math.inf, [1.0, math.inf], "x" * 50_000)


@pytest.mark.integration
def test_a_row_of_very_many_keys_is_one_row(root: Path, reader: Engine) -> None:
    """It takes several lines."""
    values = {f"key/{number}": float(number) for number in range(5_000)}
    run = open_run("demo", root=root)
    run.log(values)
    run.finish()
    (row,) = reader.rows(run.id).rows
    assert {key: row[key] for key in values} == values
    assert len(reader.keys([run.id]).keys) == 5_000
    detail = reader.run(run.id)
    assert detail.streams["history"].lines > 2
    assert json.loads((run.run_dir / "summary.json").read_text())["key/7"] == 7.0


@pytest.mark.integration
def test_a_resumed_run_goes_on(root: Path, reader: Engine) -> None:
    """One run of two writers: its steps follow on each other, its name stays."""
    first = open_run("demo", root=root, run_id="again", config={"lr": 1})
    for step in range(3):
        first.log({"loss": float(step)})
    first.finish(exit_code=1)
    second = open_run("demo", root=root, run_id="again", resume="must")
    assert reader.glance("again").status == "running"
    second.log({"loss": 9.0})
    second.finish()
    one = reader.series(["again"], ["loss"]).series[0]
    found = reader.run("again").run
    assert one.last.tolist() == [0.0, 1.0, 2.0, 9.0]
    assert (found.status, found.name, found.config) == ("finished", first.name, {"lr": 1})


@pytest.mark.integration
def test_a_forked_childs_rows_are_part_of_the_summary(root: Path) -> None:
    """The parent's summary.json cannot know them; the lines do."""
    program = (
        "import os, tracklab\n"
        "run = tracklab.init(project='p', id='r', system_monitor=False)\n"
        "run.log({'parent': 1})\n"
        "pid = os.fork()\n"
        "if pid == 0:\n    run.log({'child': 2}); os._exit(0)\n"
        "os.waitpid(pid, 0)\nrun.finish()\n"
    )
    environment = {**os.environ, "TRACKLAB_DATA_DIR": str(root)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    summary = LocalEngine(root).glance("p/r").summary
    assert (summary["parent"], summary["child"]) == (1, 2)
