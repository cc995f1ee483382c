"""Monitors of other packages: found where they are installed, and trusted with nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import orjson
import pytest

from tracklab.sdk.probes import probes

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = """
asked = 0

def fpga():
    global asked
    asked += 1
    return {"fpga.0.utilization_percent": 12, "fpga.0.power_watts": 31.5, "cpu_percent": -1}

def loose():
    raise OSError("cable")
"""
PROGRAM = """
import sys, time, tracklab
with tracklab.init(project="p", id="r", dir=sys.argv[1], settings={
        "console": "off", "monitor_interval": 0.1, "save_environment": False}) as run:
    due = time.monotonic() + 20
    while time.monotonic() < due and sum(
            path.read_text().count("fpga.0.power_watts")
            for path in run.run_dir.glob("system_metrics.*.jsonl")) < 3:
        time.sleep(0.02)
"""


def test_what_this_machine_lacks_is_not_asked_for_again() -> None:
    """No accelerator of another maker is left over on a machine that has none."""
    found = {probe.name for probe in probes(accelerators=True)}

    assert found & {"apple", "ascend", "tpu"} == set()
    assert {probe.name for probe in probes(accelerators=False)} <= found


@pytest.mark.integration
def test_another_package_adds_its_accelerator(root: Path, tmp_path: Path) -> None:
    """In every row, also of a rank; a broken one is told of once, and ours are not replaced."""
    info = tmp_path / "fpga-1.0.dist-info"
    info.mkdir()
    (tmp_path / "fpga_probe.py").write_text(PACKAGE)
    (info / "METADATA").write_text("Name: fpga\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[tracklab.monitors]\nfpga = fpga_probe:fpga\nloose = fpga_probe:loose\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(root)],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "RANK": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (path,) = (root / "p/r").glob("system_metrics.*.jsonl")
    lines = path.read_bytes().splitlines()[1:]
    rows = [row for row in map(orjson.loads, lines) if "fpga.0.power_watts" in row]

    assert len(rows) >= 3
    assert {(row["fpga.0.utilization_percent"], row["_rank"]) for row in rows} == {(12, 1)}
    assert all(row["cpu_percent"] is None or row["cpu_percent"] >= 0 for row in rows)
    assert told.stderr.count("OSError: cable") == 1
