"""What MLflow logs is what an import makes of it, from files and from a database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import tracklab
from tracklab.cli.main import main
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("mlflow")
pytest.importorskip("sqlalchemy")

pytestmark = pytest.mark.compat

#: Logs, and then says what MLflow's own client finds.
PROGRAM = """
import json, math, os, sys
import mlflow

uri, place = sys.argv[1:]
mlflow.set_tracking_uri(uri)
if uri.startswith("sqlite"):
    mlflow.create_experiment("exp", artifact_location=place + "/art")
mlflow.set_experiment("exp")
os.makedirs(place, exist_ok=True)
open(place + "/x.txt", "w").write("kept")
with mlflow.start_run(run_name="parent", tags={"team": "red"}, description="why"):
    mlflow.pyfunc.log_model(name="net", python_model=lambda model_input: model_input,
                            pip_requirements=[])
    mlflow.log_params({"lr": 0.1, "opt": "adam", "n": 3, "on": True})
    for step in range(200):
        mlflow.log_metrics({"loss": 1 / (step + 1), "val/acc": step / 200}, step=step)
    mlflow.log_metric("nan", math.nan)
    mlflow.log_metric("inf", math.inf)
    mlflow.log_artifact(place + "/x.txt", "sub")
    with mlflow.start_run(nested=True, run_name="child"):
        mlflow.log_metric("c", 1)
    try:
        with mlflow.start_run(nested=True, run_name="bad"):
            raise ValueError
    except ValueError:
        pass
with mlflow.start_run(run_name="deleted") as gone:
    pass
mlflow.delete_run(gone.info.run_id)
client = mlflow.MlflowClient()
told = {}
for run in client.search_runs([client.get_experiment_by_name("exp").experiment_id]):
    told[run.info.run_name] = {
        "id": run.info.run_id, "status": run.info.status,
        "loss": [[m.step, m.timestamp, m.value]
                 for m in client.get_metric_history(run.info.run_id, "loss")],
    }
print(json.dumps(told))
"""


@pytest.fixture(scope="module", params=["files", "database"])
def logged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """Return where the runs are that were imported, and what MLflow says of them."""
    place: Path = tmp_path_factory.mktemp("logged")
    database = f"sqlite:///{place}/mlflow.db"
    uri = database if request.param == "database" else f"file://{place}/mlruns"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, uri, str(place / "kept")],
        env={**os.environ, "MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true"},
        cwd=place, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    source = database if request.param == "database" else str(place / "mlruns")
    for result in ("new", "unchanged"):
        got = CliRunner().invoke(main, ["import", "mlflow", source, "--dir", str(place / "runs")])
        assert got.exit_code == 0, got.output
        assert {line.split()[0] for line in got.output.splitlines()} == {result}
    return place / "runs", json.loads(done.stdout.splitlines()[-1])


def test_the_runs_are_those_that_mlflow_lists(logged: tuple[Path, dict[str, Any]]) -> None:
    """Deleted ones are not; nested ones are in the group of the run above them."""
    root, told = logged
    found = {run.name: run for run in LocalEngine(root).runs().runs}
    assert {name: run.run_id for name, run in found.items()} == {
        name: run["id"] for name, run in told.items()
    }
    states = {name: run.status.upper() for name, run in found.items()}
    assert states == {name: run["status"] for name, run in told.items()}
    assert found["child"].group == found["bad"].group == told["parent"]["id"]


def test_values_are_those_that_mlflow_reads(logged: tuple[Path, dict[str, Any]]) -> None:
    """Steps, values and times of a metric, parameters, tags, notes and artifacts."""
    root, told = logged
    engine = LocalEngine(root)
    address = f"exp/{told['parent']['id']}"
    rows = {row["_step"]: row for row in engine.rows(address, limit=9_999).rows}
    assert len(told["parent"]["loss"]) == 200
    for step, time_ms, value in told["parent"]["loss"]:
        assert rows[step]["loss"] == value
        assert step == 0 or rows[step]["_timestamp"] == time_ms / 1e3
    assert (str(rows[0]["nan"]), str(rows[0]["inf"])) == ("nan", "inf")
    run = engine.run(address).run
    assert run.config == {"lr": 0.1, "opt": "adam", "n": 3, "on": True}
    assert (run.tags, run.notes) == (["team=red"], "why")
    assert (root / address / "artifacts/sub/x.txt").read_text() == "kept"
    found = tracklab.Api({"dir": root}).run(address)
    assert found.file("artifacts/sub/x.txt").size == 4
    (model,) = found.logged_artifacts()
    assert (model.name, model.type) == ("net:v0", "model")
    assert "python_model.pkl" in model.manifest.entries
    assert CliRunner().invoke(main, ["verify", address, "--dir", str(root)]).exit_code == 0
