"""MLflow's stores become runs; the tests write both kinds themselves."""

from __future__ import annotations

import math
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.transfer.encoding import START_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from tracklab.query.engines.local import LocalEngine

    Rows = Callable[..., list[dict[str, Any]]]

pytestmark = pytest.mark.integration

START_MS = START_S * 1000
#: Key, value, time and step of each metric.
METRICS = [
    *(("loss", 1 / 2**n, START_MS + 60_000 * n, n) for n in range(3)),
    *(("val/acc", n / 4, START_MS + 60_000 * n + 500, n) for n in range(3)),
    ("bad", math.nan, START_MS, 0), ("up", math.inf, START_MS, 0), ("late", 1.0, START_MS, -3),
]  # fmt: skip
PARAMS = {"lr": "0.1", "n": "3", "on": "True", "path": "007", "none": "None"}
TAGS = {"mlflow.note.content": "why", "mlflow.parentRunId": "above", "team": "red", "done": ""}


def file_store(directory: Path, run_id: str = "r1", **run: Any) -> Path:
    """Write a store of files with one run more, and return it."""
    store = directory / "mlruns"
    place = store / "1" / run_id
    artifacts = place / "artifacts"
    (artifacts / "sub").mkdir(parents=True)
    (artifacts / "sub/x.txt").write_text("kept")
    (store / "1/meta.yaml").write_text(yaml.dump({"name": "exp one", "experiment_id": "1"}))
    told = {
        "run_id": run_id, "run_name": "first", "status": 3, "start_time": START_MS,
        "end_time": START_MS + 120_500, "artifact_uri": artifacts.as_uri(), "user_id": "ada",
        "lifecycle_stage": "active", **run,
    }  # fmt: skip
    (place / "meta.yaml").write_text(yaml.dump(told))
    lines: dict[str, list[str]] = {}
    for key, value, time_ms, step in METRICS:
        lines.setdefault(f"metrics/{key}", []).append(f"{time_ms} {value} {step}\n")
    texts = {**{f"params/{k}": [v] for k, v in PARAMS.items()},
             **{f"tags/{k}": [v] for k, v in TAGS.items()}}  # fmt: skip
    for name, parts in {**lines, **texts}.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("".join(parts))
    return store


def database(directory: Path) -> Path:
    """Write a database with the same run."""
    artifacts = directory / "art"
    (artifacts / "sub").mkdir(parents=True)
    (artifacts / "sub/x.txt").write_text("kept")
    path = directory / "mlflow.db"
    with sqlite3.connect(path) as tables:
        tables.executescript(
            "CREATE TABLE experiments (experiment_id, name, lifecycle_stage);"
            "CREATE TABLE runs (run_uuid, name, status, start_time, end_time, artifact_uri,"
            " lifecycle_stage, user_id, source_name, experiment_id);"
            "CREATE TABLE metrics (key, value, timestamp, run_uuid, step, is_nan);"
            "CREATE TABLE params (key, value, run_uuid); CREATE TABLE tags (key, value, run_uuid);"
        )
        tables.execute("INSERT INTO experiments VALUES (1, 'exp one', 'active')")
        run = ("r1", "first", "FINISHED", START_MS, START_MS + 120_500, str(artifacts), "active",
               "ada", "", 1)  # fmt: skip
        tables.execute(f"INSERT INTO runs VALUES ({','.join('?' * 10)})", run)  # noqa: S608 - ours
        for key, value, time_ms, step in METRICS:
            number = 0.0 if math.isnan(value) else min(value, 1.7976931348623157e308)
            row = (key, number, time_ms, "r1", step, math.isnan(value))
            tables.execute("INSERT INTO metrics VALUES (?,?,?,?,?,?)", row)
        for table, values in (("params", PARAMS), ("tags", TAGS)):
            for key, text in values.items():
                tables.execute(f"INSERT INTO {table} VALUES (?,?,'r1')", (key, text))  # noqa: S608 - ours
    tables.close()
    return path


@pytest.mark.parametrize("kind", ["files", "database"])
def test_a_run_comes_as_it_was_logged(  # noqa: PLR0917 - fixtures
    kind: str, tmp_path: Path, told: Callable[..., Any], rows: Rows, engine: LocalEngine,
    root: Path,
) -> None:  # fmt: skip
    """From either store: parameters, metrics with steps and times, tags, notes, artifacts."""
    source = file_store(tmp_path) if kind == "files" else f"sqlite:///{database(tmp_path)}"
    (outcome,) = told("import", "mlflow", source)
    assert (outcome["address"], outcome["lost"]) == ("exp one/r1", [])
    run = engine.run("exp one/r1").run
    assert (run.name, run.status, run.notes, run.group) == ("first", "finished", "why", "above")
    assert (run.tags, run.duration_s) == (["done", "team=red"], 120.5)
    assert run.config == {"lr": 0.1, "n": 3, "on": True, "path": "007", "none": None}
    found = {row.pop("_step"): row for row in rows("exp one/r1", "_timestamp")}
    assert math.isnan(found[0].pop("bad"))
    assert found == {
        -3: {"late": 1.0, "_timestamp": START_S},
        0: {"loss": 1.0, "val/acc": 0.0, "up": math.inf, "_timestamp": START_S},
        1: {"loss": 0.5, "val/acc": 0.25, "_timestamp": START_S + 60},
        2: {"loss": 0.25, "val/acc": 0.5, "_timestamp": START_S + 120},
    }
    assert (root / "exp one/r1/artifacts/sub/x.txt").read_text() == "kept"


def test_deleted_runs_come_only_if_asked_for(tmp_path: Path, told: Callable[..., Any]) -> None:
    """And each run says how it ended."""
    store = file_store(tmp_path)
    file_store(tmp_path, "gone", lifecycle_stage="deleted", status=4)
    file_store(tmp_path, "alive", status=1, end_time=None)
    found = {run["address"]: run["result"] for run in told("import", "mlflow", store)}
    assert found == {"exp one/r1": "new", "exp one/alive": "new"}
    assert len(told("import", "mlflow", store, "--deleted")) == 3


def test_states_are_those_of_the_store(
    tmp_path: Path, told: Callable[..., Any], engine: LocalEngine
) -> None:
    """A run that is still going has no end."""
    for status in range(1, 6):
        store = file_store(tmp_path, f"r{status}", status=status)
    told("import", "mlflow", store)
    states = [engine.run(f"exp one/r{status}").run.status for status in (3, 4, 5)]
    assert states == ["finished", "failed", "killed"]
    assert engine.run("exp one/r1").run.ended_at is None


def test_a_moved_store_and_damaged_lines_are_told(
    tmp_path: Path, told: Callable[..., Any], root: Path
) -> None:
    """Artifacts are looked for beside the run; those on other machines cannot come."""
    store = file_store(tmp_path, artifact_uri="file:///not/here")
    other = file_store(tmp_path, "r2", artifact_uri="s3://bucket/x")
    (other / "1/r2/artifacts").rename(tmp_path / "away")
    (store / "1/r1/metrics/loss").write_text(f"{START_MS} 1.0 0\nnonsense\n{START_MS} x 1\n")
    first, second = told("import", "mlflow", store)
    assert first["lost"] == ["2 values of metrics that cannot be read"]
    assert (root / "exp one/r1/artifacts/sub/x.txt").exists()
    assert second["lost"] == ["the artifacts, which are not on this machine: s3://bucket/x"]


def test_what_is_no_store_is_refused(tmp_path: Path, tracklab: Callable[..., Result]) -> None:
    """One sentence, exit status 1."""
    (tmp_path / "x.db").write_text("nonsense " * 100)
    for source in (tmp_path, tmp_path / "x.db", f"sqlite:///{tmp_path}/none.db"):
        done = tracklab("import", "mlflow", source)
        assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
        assert done.stderr.startswith("Error: import mlflow")
        assert "None" not in done.stderr


@pytest.mark.parametrize("kind", ["files", "database"])
def test_artifacts_come_from_the_store_only(
    kind: str, tmp_path: Path, told: Callable[..., Any], root: Path
) -> None:
    """Whatever it names: others are told, and come if their directory is allowed."""
    away = tmp_path / "away"
    away.mkdir()
    (away / "secret").write_text("s")
    (tmp_path / "store").mkdir()
    if kind == "files":
        source = file_store(tmp_path / "store", artifact_uri=away.as_uri())
        artifacts = source / "1/r1/artifacts"
        (artifacts / "sub/x.txt").unlink()
        (artifacts / "sub").rmdir()
        artifacts.rmdir()
        artifacts.symlink_to(away)  # of the run's own directory, and no better
    else:
        source = database(tmp_path / "store")
        with sqlite3.connect(source) as tables:
            tables.execute("UPDATE runs SET artifact_uri = ?", (away.as_uri(),))
        tables.close()
    (outcome,) = told("import", "mlflow", source)
    assert "--files-from" in outcome["lost"][0]
    assert not (root / "exp one/r1/artifacts").exists()
    (outcome,) = told("import", "mlflow", source, "--files-from", away)
    assert (outcome["result"], outcome["lost"]) == ("replaced", [])
    assert (root / "exp one/r1/artifacts/secret").read_text() == "s"


def test_links_out_of_a_run_are_not_followed(
    tmp_path: Path, told: Callable[..., Any], engine: LocalEngine
) -> None:
    """Neither as an artifact nor as a parameter."""
    store = file_store(tmp_path)
    (tmp_path / "secret").write_text("s")
    for place in ("artifacts/link", "params/link"):
        (store / "1/r1" / place).symlink_to(tmp_path / "secret")
    (outcome,) = told("import", "mlflow", store)
    assert outcome["lost"] == [
        "a link out of the run: params/link",
        "an artifact that is no regular file, or a link out of the store: link",
    ]
    assert "link" not in engine.run("exp one/r1").run.config


def test_what_lies_beside_a_database_is_not_taken_for_a_models_files(
    tmp_path: Path, told: Callable[..., Any]
) -> None:
    """A database does not say where files went that its address does not lead to."""
    source = database(tmp_path)
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts/of-another-run").write_text("s")
    away = ["mlflow-artifacts:/1/models/m-0/artifacts", "s3://bucket/m-1"]
    with sqlite3.connect(source) as tables:
        tables.execute(
            "CREATE TABLE logged_models (model_id, name, artifact_location,"
            " creation_timestamp_ms, source_run_id, lifecycle_stage)"
        )
        for number, uri in enumerate([*away, "", None]):
            row = (f"m-{number}", "net", uri, START_MS, "r1", "active")
            tables.execute("INSERT INTO logged_models VALUES (?,?,?,?,?,?)", row)
    tables.close()
    (outcome,) = told("import", "mlflow", source)
    assert "artifacts" not in outcome["counts"]
    lost = [f"are not on this machine: {uri}" for uri in away] + ["are not there"] * 2
    assert outcome["lost"] == [f"the model 'net', whose files {why}" for why in lost]


@pytest.mark.parametrize("uri", ["", None, "file://"])
def test_an_empty_address_is_not_the_current_directory(
    uri: str | None, tmp_path: Path, told: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are no artifacts, also where it is the store's."""
    source = database(tmp_path)
    with sqlite3.connect(source) as tables:
        tables.execute("UPDATE runs SET artifact_uri = ?", (uri,))
    tables.close()
    monkeypatch.chdir(tmp_path)
    (outcome,) = told("import", "mlflow", source.name)
    assert "files" not in outcome["counts"]
