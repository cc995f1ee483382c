"""A program that has no descriptor left: what it calls for the first time still works."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

LEAKING = """
import logging, os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
import numpy, tracklab

run = tracklab.init(project="p", id="r", settings={"console": "off"}, system_monitor=False)
leaked = []
try:
    while True:
        leaked.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
run.log({"text": "x" * 100_000, "numbers": numpy.arange(500)})
run.log({"histogram": tracklab.Histogram([1, 2])})
run.log({"picture": tracklab.Image(numpy.zeros((3, 3, 3), dtype="uint8"))})
table = tracklab.Table(columns=["x", "y"], data=[[1, 2]])
run.log({"table": table, "line": tracklab.plot.line(table, "x", "y")})
with tracklab.llm_call(model="m", provider="p"):
    pass
with tracklab.checkpoint("x", step=1):
    pass
artifact = tracklab.Artifact("a", "data")
artifact.add_file(sys.argv[1])
run.log_artifact(artifact)
run.save(sys.argv[1])
run.log_code(os.path.dirname(sys.argv[1]))
run.alert("low on descriptors")
run.finish()
"""


def test_a_leak_of_descriptors_costs_no_record(tmp_path: Path) -> None:
    """Modules, pictures, tables, artifacts and files are loaded and kept; nothing is said."""
    given = tmp_path / "code" / "given.py"
    given.parent.mkdir()
    given.write_text("print(1)\n")
    done = subprocess.run(
        [sys.executable, "-c", LEAKING, given], env={"TRACKLAB_DATA_DIR": str(tmp_path / "runs")},
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "Too many open files" not in done.stderr
    engine = LocalEngine(tmp_path / "runs")
    found = engine.run("p/r")
    assert (found.run.status, found.run.gaps, found.run.llm_calls) == ("finished", 0, 1)
    assert {item.key for item in engine.media("p/r").media} >= {"picture", "table"}
    lost = engine.events("p/r", kind="tracklab.media_lost").events
    assert not lost
