"""Trackio's databases become runs; the tests write them, of this version and an older one."""

from __future__ import annotations

import json
import math
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.query.engines.local import LocalEngine

    Rows = Callable[..., list[dict[str, Any]]]

pytestmark = pytest.mark.integration

AT = "2023-11-14T22:13:{:02}+00:00"
PICTURE = {"_type": "trackio.image", "file_path": "demo/one/1/x.png", "caption": "c"}
TABLE = {"_type": "trackio.table", "_value": [{"a": 1}, {"a": 2, "b": "t"}]}
ROWS: list[tuple[int, dict[str, Any]]] = [
    (0, {"loss": 1.0, "n": {"x": 1}}), (1, {"loss": "NaN", "up": "Infinity", "text": "t"}),
    (2, {"img": PICTURE, "table": TABLE}),
]  # fmt: skip


def project(directory: Path, *, name: str = "demo") -> Path:
    """Write a project with one run, as this version lays it out."""
    path = directory / f"{name}.db"
    with sqlite3.connect(path) as tables:
        tables.executescript(
            "CREATE TABLE metrics (id INTEGER PRIMARY KEY, run_id, timestamp, run_name, step,"
            " metrics);"
            "CREATE TABLE configs (id INTEGER PRIMARY KEY, run_id, run_name, config, created_at);"
            "CREATE TABLE system_metrics (id INTEGER PRIMARY KEY, run_id, timestamp, run_name,"
            " metrics);"
            "CREATE TABLE alerts (id INTEGER PRIMARY KEY, run_id, timestamp, run_name, title,"
            " text, level, step);"
        )
        for step, values in ROWS:
            row = ("id1", AT.format(20 + step), "run one", step, json.dumps(values).encode())
            tables.execute(
                "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics)"
                " VALUES (?,?,?,?,?)", row,
            )  # fmt: skip
        config = {"lr": 0.1, "_Username": "ada", "_Created": AT.format(10), "_Group": "g"}
        encoded = json.dumps(config)
        tables.execute("INSERT INTO configs VALUES (1, 'id1', 'run one', ?, '')", (encoded,))
        measured = (AT.format(21), b'{"gpu": "NaN"}')
        tables.execute("INSERT INTO system_metrics VALUES (1, 'id1', ?, 'run one', ?)", measured)
        tables.execute(
            "INSERT INTO alerts VALUES (1, 'id1', ?, 'run one', 'high', 'loss', 'warn', 1)",
            (AT.format(21),),
        )
    tables.close()
    picture = directory / "media" / PICTURE["file_path"]
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(b"png")
    return path


def test_a_run_comes_as_it_was_logged(
    tmp_path: Path, told: Callable[..., Any], rows: Rows, engine: LocalEngine, root: Path
) -> None:
    """Rows, configuration, media, tables, alerts, measurements."""
    project(tmp_path)
    (outcome,) = told("import", "trackio", tmp_path)
    assert (outcome["address"], outcome["lost"]) == ("demo/id1", [])
    first, second, third = rows("demo/id1", "_runtime")
    assert first == {"_step": 0, "loss": 1.0, "n.x": 1, "_runtime": 10}
    assert math.isnan(second["loss"])
    assert (second["up"], second["text"]) == (math.inf, "t")
    assert (third["img"]["_type"], third["img"]["caption"]) == ("image-file", "c")
    assert (root / "demo/id1" / third["img"]["path"]).read_bytes() == b"png"
    table = json.loads((root / "demo/id1" / third["table"]["path"]).read_bytes())
    assert table == {"columns": ["a", "b"], "data": [[1, None], [2, "t"]]}
    run = engine.run("demo/id1").run
    assert (run.name, run.group, run.config, run.status) == (
        "run one", "g", {"lr": 0.1}, "finished",
    )  # fmt: skip
    (alert,) = engine.events("demo/id1", kind="tracklab.alert").events
    assert (alert.level, alert.data["text"]) == ("WARNING", "loss")
    (measured,) = engine.rows("demo/id1", stream="system").rows
    assert math.isnan(measured["gpu"])


def test_an_older_database_knows_runs_by_name(
    tmp_path: Path, told: Callable[..., Any], rows: Rows, sound: Callable[[str], None]
) -> None:
    """And has fewer tables."""
    with sqlite3.connect(tmp_path / "old.db") as tables:
        tables.execute(
            "CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp, run_name, step, metrics)"
        )
        row = (AT.format(20), json.dumps({"x": 1}))
        tables.execute("INSERT INTO metrics VALUES (1, ?, 'run one', 0, ?)", row)
    tables.close()
    (outcome,) = told("import", "trackio", tmp_path / "old.db")
    assert outcome["address"].startswith("old/run-one-")
    assert [row["x"] for row in rows(outcome["address"])] == [1]
    sound(outcome["address"])


@pytest.mark.parametrize("path", ["../../secret", "/etc/hostname", "demo/one/none.png"])
def test_a_file_outside_of_the_media_is_left_out(
    path: str, tmp_path: Path, told: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a row says."""
    (tmp_path / "secret").write_text("s")
    (tmp_path / "db").mkdir()
    monkeypatch.setitem(PICTURE, "file_path", path)
    with sqlite3.connect(project(tmp_path / "db")) as tables:
        tables.execute("SELECT 1")
    tables.close()
    if path.endswith("none.png"):
        (tmp_path / "db/media" / path).unlink()
    (outcome,) = told("import", "trackio", tmp_path / "db")
    assert outcome["lost"] == [f"a file of the key 'img' that is not in media/: {path}"]


def test_media_that_are_a_link_elsewhere_stay_there(
    tmp_path: Path, told: Callable[..., Any]
) -> None:
    """The directory as a whole may be one."""
    (tmp_path / "db").mkdir()
    project(tmp_path / "db")
    (tmp_path / "db/media").rename(tmp_path / "away")
    (tmp_path / "db/media").symlink_to(tmp_path / "away")
    (outcome,) = told("import", "trackio", tmp_path / "db")
    assert outcome["lost"] == [
        f"a file of the key 'img' that is not in media/: {PICTURE['file_path']}"
    ]


def test_rows_that_cannot_be_read_cost_themselves_only(
    tmp_path: Path, told: Callable[..., Any], rows: Rows
) -> None:
    """Whatever stands in the columns."""
    with sqlite3.connect(tmp_path / "odd.db") as tables:
        tables.execute(
            "CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp, run_name, step, metrics)"
        )
        odd: list[tuple[Any, Any]] = [(AT.format(20), "{"), (None, None), ("x", b"[]"), (1, "5")]
        for time, encoded in [*odd, (AT.format(21), '{"x": NaN}')]:
            row = (time, "r", 0, encoded)
            tables.execute(
                "INSERT INTO metrics (timestamp, run_name, step, metrics) VALUES (?,?,?,?)", row
            )
    tables.close()
    (outcome,) = told("import", "trackio", tmp_path / "odd.db")
    assert (outcome["rows"], outcome["lost"]) == (1, ["4 rows that cannot be read"])
    assert math.isnan(rows("odd/r")[0]["x"])
