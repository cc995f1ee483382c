"""What Runicorn and Trackio log is what an import makes of it."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tracklab.cli.main import main
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.compat

RUNICORN = """
import math, sys
import numpy as np
import runicorn

run = runicorn.init(path="demo/exp", storage=sys.argv[1])
for step in range(100):
    run.log({"loss": 1 / (step + 1)}, step=step, stage="train")
run.log({"nan": math.nan, "inf": math.inf}, step=100)
run.log_image("img", np.zeros((4, 5, 3), dtype=np.uint8), step=100)
run.log_text("hello")
run.log_config(args={"lr": 0.1})
run.summary({"best": 0.5})
run.finish()
"""

TRACKIO = """
import math, os, sys
os.environ["TRACKIO_DIR"] = sys.argv[1]
import numpy as np
import trackio

trackio.init(project="demo", name="first", config={"lr": 0.1}, group="g")
for step in range(100):
    trackio.log({"loss": 1 / (step + 1)})
trackio.log({"nan": math.nan, "inf": math.inf}, step=100)
trackio.log({"img": trackio.Image(np.zeros((4, 5, 3), dtype=np.uint8))}, step=100)
trackio.log({"table": trackio.Table(columns=["a"], data=[[1]])}, step=101)
trackio.finish()
"""


def imported(tool: str, program: str, place: Path) -> tuple[Path, str]:
    """Run a program, import what it logged twice, and return the data directory and the run."""
    pytest.importorskip(tool)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(place / "logged")],
        env=os.environ, cwd=place, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = []
    for _ in range(2):
        wanted = [str(place / "logged"), "--dir", str(place / "runs"), "--json"]
        got = CliRunner().invoke(main, ["import", tool, *wanted])
        assert got.exit_code == 0, got.output
        told += json.loads(got.stdout)
    first, second = told
    assert (first["result"], first["lost"], second["result"]) == ("new", [], "unchanged")
    address: str = first["address"]
    checked = CliRunner().invoke(main, ["verify", address, "--dir", str(place / "runs")])
    assert checked.exit_code == 0
    return place / "runs", address


def merged(root: Path, address: str) -> dict[int, dict[str, Any]]:
    """Return the rows of a run by their steps."""
    return {row["_step"]: row for row in LocalEngine(root).rows(address, limit=9_999).rows}


@pytest.mark.parametrize(("tool", "program"), [("runicorn", RUNICORN), ("trackio", TRACKIO)])
def test_a_run_comes_as_it_was_logged(tool: str, program: str, tmp_path: Path) -> None:
    """Rows, numbers that JSON does not know, images, configuration."""
    root, address = imported(tool, program, tmp_path)
    rows = merged(root, address)
    assert [rows[step]["loss"] for step in range(100)] == [1 / (n + 1) for n in range(100)]
    assert math.isnan(rows[100]["nan"])
    assert rows[100]["inf"] == math.inf
    image = rows[100]["img"]
    assert image["_type"] == "image-file"
    assert (root / address / image["path"]).read_bytes().startswith(b"\x89PNG")
    run = LocalEngine(root).run(address).run
    assert (run.config, run.status) == ({"lr": 0.1}, "finished")
    if tool == "trackio":
        assert (run.name, run.group, rows[101]["table"]["nrows"]) == ("first", "g", 1)
    else:
        assert run.summary["best"] == 0.5
        assert "hello" in (root / address / "logs/stdout.log").read_text()
