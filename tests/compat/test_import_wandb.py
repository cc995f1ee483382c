"""What wandb 0.31.0 logs offline is what an import makes of it."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import tracklab
from tracklab.cli.main import main
from tracklab.query.engines.local import LocalEngine

pytest.importorskip("wandb")

pytestmark = pytest.mark.compat

PROGRAM = """
import math, sys, time
import wandb

run = wandb.init(
    project="vision", id="real1", name="first", group="g", job_type="train", tags=["a", "b"],
    notes="why", config={"lr": 0.1, "opt": {"name": "adam", "betas": [0.9, 0.95]}},
    settings=wandb.Settings(x_stats_sampling_interval=0.1),
)
run.define_metric("val/*", step_metric="epoch", summary="max,min")
run.define_metric("loss", summary="min")
for step in range(500):
    run.log({"loss": 1 / (step + 1), "n": {"x": step, "y": {"z": "t"}}, "a.b": True})
run.log({"nan": math.nan, "inf": -math.inf, "big": 2**40, "none": None, "list": [1, [2]]})
run.log({"val/acc": 0.5, "epoch": 1}, step=1000)
run.log({"hist": wandb.Histogram([1.0, 2.0, 3.0])})
run.log({"table": wandb.Table(columns=["a"], data=[[1]])})
run.config.update({"late": 5})
run.summary["best"] = 7
run.alert("title", "text", level="WARN")
print("to stdout")
print("to stderr", file=sys.stderr)
open("kept.txt", "w").write("kept")
made = wandb.Artifact("numbers", "dataset", description="why", metadata={"rows": 1})
made.add_file("kept.txt")
made.add_reference("https://example.invalid/x", name="x", checksum=False)
run.log_artifact(made, aliases=["small"])
made = wandb.Artifact("numbers", "dataset")
made.add(wandb.Table(columns=["a"], data=[[2]]), "rows")
run.log_artifact(made)
run.log_model("kept.txt", name="net")
run.save("kept.txt")
run.tags += ("c",)
time.sleep(1)
run.finish(exit_code=3)
"""


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a program on wandb, and return its directory."""
    place = tmp_path_factory.mktemp("logged")
    wanted = {
        "WANDB_MODE": "offline", "WANDB_SILENT": "true", "PYTHONWARNINGS": "ignore",
        "WANDB_DATA_DIR": str(place / "data"),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=place, env={**os.environ, **wanted},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return place


@pytest.fixture(scope="module")
def root(logged: Path) -> Path:
    """Import it, and return the data directory."""
    root = logged / "runs"
    done = CliRunner().invoke(main, ["sync", str(logged), "--dir", str(root), "--json"])
    assert done.exit_code == 0, done.output
    (outcome,) = json.loads(done.stdout)
    assert (outcome["address"], outcome["lost"]) == ("vision/real1", [])
    return root


def test_rows_are_those_that_were_logged(root: Path) -> None:
    """Each with its step and values, nested ones under dotted names, NaN and infinities too."""
    rows = {row["_step"]: row for row in LocalEngine(root).rows("vision/real1", limit=10_000).rows}
    for step in range(500):
        values = {k: v for k, v in rows[step].items() if k[0] != "_"}
        assert values == {"loss": 1 / (step + 1), "n.x": step, "n.y.z": "t", "a.b": True}
    assert math.isnan(rows[500]["nan"])
    assert (rows[500]["inf"], rows[500]["big"], rows[500]["list"]) == (-math.inf, 2**40, [1, [2]])
    assert (rows[1000]["val/acc"], rows[1000]["epoch"]) == (0.5, 1)
    assert sum(rows[1000]["hist"]["values"]) == 3
    assert sorted(rows) == [*range(501), 1000, 1001]


def test_the_run_is_what_it_was(root: Path) -> None:
    """Names, configuration, summary, end, and the times of its rows."""
    engine = LocalEngine(root)
    run = engine.run("vision/real1").run
    assert (run.name, run.group, run.job_type, run.notes) == ("first", "g", "train", "why")
    assert (run.tags, run.status, run.exit_code) == (["a", "b", "c"], "failed", 3)
    opt = {"name": "adam", "betas": [0.9, 0.95]}
    assert run.config == {"lr": 0.1, "opt": opt, "late": 5}
    summary = run.summary
    assert (summary["loss.min"], summary["best"], summary["val/acc.max"]) == (1 / 500, 7, 0.5)
    times = [row["_timestamp"] for row in engine.rows("vision/real1", limit=10_000).rows]
    assert times == sorted(times)
    assert run.created_at is not None


def test_what_lies_beside_the_rows_is_there(root: Path) -> None:
    """Console text, saved files, the table's file, measurements of the machine."""
    run_dir = root / "vision/real1"
    assert (run_dir / "logs/stdout.log").read_text() == "to stdout\n"
    assert "to stderr" in (run_dir / "logs/stderr.log").read_text()
    assert (run_dir / "files/kept.txt").read_text() == "kept"
    (table,) = (run_dir / "media/table").iterdir()
    assert json.loads(table.read_bytes()) == {"columns": ["a"], "data": [[1]]}
    measured: dict[str, Any] = {}
    for row in LocalEngine(root).rows("vision/real1", stream="system").rows:
        measured.update(row)
    assert 0 < measured["memory_percent"] <= 100
    assert measured["process_rss_bytes"] > 1e6


def test_artifacts_are_versions_that_the_run_made(root: Path) -> None:
    """With wandb's digests, what was said of them, and their files."""
    run = tracklab.Api({"dir": root}).run("vision/real1")
    made = {one.name: one for one in run.logged_artifacts()}
    assert sorted(made) == ["net:v0", "numbers:v0", "numbers:v1", "run-real1-table:v0"]
    first, second = made["numbers:v0"], made["numbers:v1"]
    assert (first.description, first.metadata) == ("why", {"rows": 1})
    assert (first.aliases, second.aliases) == (["small"], ["latest"])
    assert first.get_entry("x").ref == "https://example.invalid/x"
    assert Path(first.get_entry("kept.txt").download(str(root / "one"))).read_text() == "kept"
    assert second.get("rows").data == [[2]]
    assert made["net:v0"].type == "model"
    assert CliRunner().invoke(main, ["fsck", "--dir", str(root)]).exit_code == 0


def test_the_same_again_adds_nothing_and_the_run_verifies(root: Path, logged: Path) -> None:
    """By the digest of all that the log says."""
    done = CliRunner().invoke(main, ["import", "wandb", str(logged), "--dir", str(root)])
    assert done.output.startswith("unchanged")
    assert CliRunner().invoke(main, ["verify", "vision/real1", "--dir", str(root)]).exit_code == 0


def test_a_log_of_a_killed_run_gives_what_it_holds(logged: Path, tmp_path: Path) -> None:
    """Cut at several places: each import succeeds, and rows only become more."""
    (log,) = logged.rglob("*.wandb")
    whole = log.read_bytes()
    counts = []
    for part in range(20, 101, 20):
        cut = tmp_path / f"{part}.wandb"
        cut.write_bytes(whole[: len(whole) * part // 100])
        done = CliRunner().invoke(
            main, ["import", "wandb", str(cut), "--dir", str(tmp_path / "runs"), "--json"]
        )
        counts.append(json.loads(done.stdout)[0]["rows"])
    assert counts == sorted(counts)
    assert counts[-1] == 503
