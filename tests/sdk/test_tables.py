"""Tables that a run logs are versions of artifacts, too, without a second file or a wait."""

from __future__ import annotations

import multiprocessing
import resource
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest

import tracklab
from tracklab.artifacts.layout import blob_path
from tracklab.artifacts.upkeep import check, collect, plan
from tracklab.errors import CommError
from tracklab.storage.trash import discard, discarded, purge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

ROWS: list[list[Any]] = [[1, "a", None], [2, "b", 0.5]]


@pytest.fixture
def run(root: Path) -> Iterator[tracklab.Run]:
    """Return a run with its helper thread, as programs have it."""
    with begin(root, "r") as begun:
        yield begun


def begin(root: Path, name: str) -> tracklab.Run:
    """Begin a run."""
    settings = {"console": "off", "auto_ui": "0", "save_environment": False}
    return tracklab.init(project="p", id=name, dir=root, settings=settings)


def table(rows: list[list[Any]] = ROWS, **arguments: Any) -> tracklab.Table:
    """Return a table of three columns."""
    return tracklab.Table(columns=["number", "text", "score"], data=rows, **arguments)


def records(run: tracklab.Run, key: str) -> list[dict[str, Any]]:
    """Return what the rows say of a table."""
    lines = map(orjson.loads, (run.run_dir / "history.jsonl").read_bytes().splitlines())
    return [line[key] for line in lines if key in line]


def failures(run: tracklab.Run) -> list[dict[str, Any]]:
    """Return what events say of artifacts that were not kept."""
    lines = map(orjson.loads, (run.run_dir / "events.jsonl").read_bytes().splitlines())
    told = [line["data"] for line in lines if line["logger"] == "tracklab.artifact"]
    return [data for data in told if data["op"] == "fail"]


def test_a_logged_table_can_be_used_at_once(run: tracklab.Run) -> None:
    """With the same data, by the name that wandb gives it."""
    run.log({"predictions": table()})
    found = run.use_artifact("run-r-predictions:latest")
    given = found.get("predictions")
    assert (given.columns, given.data) == (["number", "text", "score"], ROWS)
    maker = found.logged_by()
    assert maker is not None
    assert (found.type, found.version, maker.address) == ("run_table", "v0", "p/r")


def test_the_row_names_the_version(run: tracklab.Run) -> None:
    """By its digest, which is known before there is a version; and the newest."""
    run.log({"t": table()})
    [record] = records(run, "t")
    found = run.use_artifact("run-r-t")
    address = f"tracklab-artifact://{run.entity}/p/run-r-t"
    assert record["artifact_path"] == f"{address}:{found.digest}/t.table.json"
    assert record["_latest_artifact_path"] == f"{address}:latest/t.table.json"
    assert run.use_artifact(f"p/run-r-t:{found.digest}").version == "v0"


def test_nothing_is_written_twice(run: tracklab.Run, root: Path) -> None:
    """The run's file, the pool's and the version's are one."""
    run.log({"t": table()})
    found = run.use_artifact("run-r-t")
    [record] = records(run, "t")
    mine = (run.run_dir / record["path"]).stat()
    assert mine.st_ino == blob_path(root, record["sha256"]).stat().st_ino
    assert mine.st_ino == (found.stored_files / "t.table.json").stat().st_ino


def test_media_in_cells_come_with_the_table(run: tracklab.Run) -> None:
    """As files of the version, and as images again."""
    shades = [np.full((3, 3, 3), shade, dtype=np.uint8) for shade in (10, 20)]
    run.log({"a/b c": tracklab.Table(["x"], [[tracklab.Image(shade)] for shade in shades])})
    name = records(run, "a/b c")[0]["artifact_path"].rpartition("p/")[2].partition(":")[0]
    given = run.use_artifact(name).get("a/b c")
    assert [int(np.array(row[0].image).max()) for row in given.data] == [10, 20]


def test_what_logging_again_makes_follows_the_mode(run: tracklab.Run) -> None:
    """The first file, the table as it is, or parts that are in no artifact."""
    kinds = {mode: table(log_mode=mode) for mode in ("IMMUTABLE", "MUTABLE", "INCREMENTAL")}
    for mode, one in kinds.items():
        run.log({mode: one})
        if mode != "IMMUTABLE":
            one.add_data(3, "c", 1.0)
        run.log({mode: one})
    assert run.use_artifact("run-r-IMMUTABLE").version == "v0"
    assert len(run.use_artifact("run-r-MUTABLE:v1").get("MUTABLE").data) == len(ROWS) + 1
    assert "artifact_path" not in records(run, "INCREMENTAL")[0]
    with pytest.raises(CommError):
        run.use_artifact("run-r-INCREMENTAL")


def test_a_chart_and_a_summary_have_tables_as_well(run: tracklab.Run) -> None:
    """Under the names that the rows have for them."""
    data = tracklab.Table(["x", "y"], [[1, 2]])
    run.log({"curve": tracklab.plot.line(data, "x", "y")})
    run.summary["best"] = table()
    assert run.use_artifact("run-r-curve_table").get("curve_table").data == [[1, 2]]
    assert run.use_artifact("run-r-best").get("best").data == ROWS


def test_the_end_of_a_run_leaves_a_store_without_faults(run: tracklab.Run, root: Path) -> None:
    """However many tables were waiting, and whether anybody asked for them."""
    for number in range(40):
        run.log({"t": table([[number, "a", None]])})
    run.finish()
    told = orjson.loads((root / "artifacts/run_table/run-r-t/versions.json").read_bytes())
    assert [one["version"] for one in told["versions"]] == [f"v{n}" for n in range(40)]
    assert not check(root, now_s=time.time())


def test_a_store_that_cannot_be_written_costs_the_artifact_alone(
    run: tracklab.Run, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The row and its file are there, it is told once, and in an event; later tables are kept."""
    (root / "artifacts").mkdir()
    (root / "artifacts/run_table").write_text("in the way")
    for number in range(3):
        run.log({"t": table([[number, "a", None]])})
    run.chores.do()
    assert all((run.run_dir / record["path"]).is_file() for record in records(run, "t"))
    assert capfd.readouterr().err.count("not kept as artifacts (ENOTDIR)") == 1
    assert [event["reason"] for event in failures(run)] == ["ENOTDIR"] * 3
    (root / "artifacts/run_table").unlink()
    run.log({"t": table()})
    assert run.use_artifact("run-r-t").version == "v0"


def test_a_full_disk_does_not_stop_training(run: tracklab.Run) -> None:
    """Neither file nor artifact is there then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        run.log({"t": table()})
        run.chores.do()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    run.log({"u": table()})
    assert run.use_artifact("run-r-u").get("u").data == ROWS


def test_tables_of_a_run_that_is_gone_for_good_go_with_the_others_waste(root: Path) -> None:
    """Unless another run used them, or they have a name; in the trash the run is not gone yet."""
    for name in ("used", "named", "left"):
        with begin(root, name) as maker:
            maker.log({"t": table([[1, name, None]])})
    with begin(root, "reader") as reader:
        reader.use_artifact("run-used-t:v0")
        reader.use_artifact("run-named-t:v0").aliases = ["best"]
        reader.log({"t": table()})
    for name in ("used", "named", "left"):
        discard(root, "p", name)
    assert not plan(root, now_s=time.time())
    for entry in discarded(root):
        purge(root, entry)
    gone = collect(root, plan(root, now_s=time.time()), now_s=time.time())
    assert [one.path for one in gone if one.kind == "expired"] == [
        "artifacts/run_table/run-left-t/v0"
    ]
    assert not check(root, now_s=time.time())


def test_a_disabled_run_makes_none(root: Path) -> None:
    """And no file at all."""
    with tracklab.init(dir=root, mode="disabled") as run:
        run.log({"t": table()})
    assert not list(root.iterdir())


def test_a_forked_child_keeps_its_own_table(run: tracklab.Run) -> None:
    """And leaves alone what its parent has not kept yet."""
    run.log({"t": table()})
    child = multiprocessing.get_context("fork").Process(target=run.log, args=({"u": table([])},))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    names = {run.use_artifact(f"run-r-{key}:v0").name for key in "tu"}
    assert names == {"run-r-t:v0", "run-r-u:v0"}
