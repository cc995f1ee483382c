"""Runicorn's directories become runs, bare NaN and all."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from tests.transfer.encoding import START_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from tracklab.query.engines.local import LocalEngine

    Rows = Callable[..., list[dict[str, Any]]]

pytestmark = pytest.mark.integration


def metrics(step: int, **values: Any) -> dict[str, Any]:
    """Return an event, one second a step."""
    at_s = float(START_S + step)
    data = {**values, "global_step": step, "time": at_s}
    return {"ts": at_s, "type": "metrics", "data": data}


def written(directory: Path, *events: Any, **documents: Any) -> Path:
    """Write a run as Runicorn lays it out; Python writes NaN and Infinity bare, as it does."""
    run_dir = directory / "storage/demo/exp/20231114_221320_abc123"
    (run_dir / "media").mkdir(parents=True)
    told = {
        "meta": {"id": run_dir.name, "path": "demo/exp", "alias": "first", "python": "3.11.7",
                 "platform": "Linux", "hostname": "n1", "created_at": START_S},
        "status": {"status": "finished", "started_at": START_S, "ended_at": START_S + 60},
        "summary": {"best": 0.5}, "assets": {"config": {"args": {"lr": 0.1}}}, **documents,
    }  # fmt: skip
    for name, document in told.items():
        (run_dir / f"{name}.json").write_text(json.dumps(document))
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    (run_dir / "events.jsonl").write_text("".join(f"{line}\n" for line in lines))
    (run_dir / "logs.txt").write_text("22:13:20 | hello\n")
    (run_dir / "media/1_img.png").write_bytes(b"png")
    return run_dir


def test_a_run_comes_as_it_was_logged(
    tmp_path: Path, told: Callable[..., Any], rows: Rows, engine: LocalEngine, root: Path
) -> None:
    """Rows, names, configuration, summary, log, media, end."""
    image = {"key": "img", "path": "media/1_img.png", "step": 1, "caption": "c"}
    written(
        tmp_path, metrics(0, loss=1.0, stage="warm"), metrics(1, loss=math.nan, up=math.inf),
        {"ts": START_S + 2.0, "type": "image", "data": image},
    )  # fmt: skip
    (outcome,) = told("import", "runicorn", tmp_path / "storage")
    address = "demo/exp/20231114_221320_abc123"
    assert (outcome["address"], outcome["lost"]) == (address, [])
    first, second = rows(address, "_runtime")
    assert first == {"_step": 0, "loss": 1.0, "stage": "warm", "_runtime": 0}
    assert math.isnan(second.pop("loss"))
    record = {"_type": "image-file", "path": "media/1_img.png", "caption": "c"}
    assert second == {"_step": 1, "up": math.inf, "img": record, "_runtime": 2}
    run = engine.run(address).run
    assert (run.name, run.status, run.duration_s, run.host) == ("first", "finished", 60, "n1")
    assert (run.config, run.summary["best"]) == ({"lr": 0.1}, 0.5)
    assert (root / address / "logs/stdout.log").read_text() == "22:13:20 | hello\n"
    assert (root / address / "media/1_img.png").read_bytes() == b"png"
    assert told("import", "runicorn", tmp_path / "storage")[0]["result"] == "unchanged"


def test_lines_that_cannot_be_read_cost_themselves_only(
    tmp_path: Path, told: Callable[..., Any], rows: Rows, sound: Callable[[str], None]
) -> None:
    """Torn, no object, of another shape; documents may be missing or damaged as well."""
    bad = ['{"ts": 1, "ty', "[]", "5", '{"type": "metrics"}', "[" * 100_000]
    run_dir = written(tmp_path, *bad, metrics(1, loss=0.5))
    (run_dir / "summary.json").write_text("{")
    (run_dir / "assets.json").unlink()
    (outcome,) = told("import", "runicorn", run_dir)
    assert outcome["lost"] == ["5 lines of events.jsonl that cannot be read"]
    assert [row["loss"] for row in rows(outcome["address"])] == [0.5]
    sound(outcome["address"])


def test_links_out_of_a_run_are_not_followed(
    tmp_path: Path, told: Callable[..., Any], root: Path
) -> None:
    """Neither as its log nor as a picture; a link inside is as good as a file."""
    run_dir = written(tmp_path, metrics(0, x=1))
    (tmp_path / "secret").write_text("s")
    (run_dir / "logs.txt").unlink()
    for place in ("logs.txt", "media/link.png"):
        (run_dir / place).symlink_to(tmp_path / "secret")
    (run_dir / "media/inside.png").symlink_to(run_dir / "media/1_img.png")
    (outcome,) = told("import", "runicorn", run_dir)
    assert outcome["lost"] == [
        "a link out of the run: logs.txt",
        "a file that is no regular one, or a link out of the run: media/link.png",
    ]
    imported = root / outcome["address"]
    assert not (imported / "logs").exists()
    assert sorted(path.name for path in (imported / "media").iterdir()) == [
        "1_img.png", "inside.png",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "ours"), [("failed", "failed"), ("interrupted", "killed"), ("running", None)]
)
def test_a_run_ends_as_it_ended(
    state: str, ours: str | None, tmp_path: Path, told: Callable[..., Any], engine: LocalEngine
) -> None:
    """One that is still going has no end."""
    written(tmp_path, metrics(0, x=1), status={"status": state})
    (outcome,) = told("import", "runicorn", tmp_path / "storage")
    run = engine.run(outcome["address"]).run
    assert (run.ended_at is None) == (ours is None)
    assert ours is None or run.status == ours


def test_names_of_older_versions_are_known(tmp_path: Path, told: Callable[..., Any]) -> None:
    """They have a project and a name in place of a path."""
    written(tmp_path, metrics(0, x=1), meta={"project": "a b", "name": "n", "id": "r 1"})
    (outcome,) = told("import", "runicorn", tmp_path / "storage")
    assert outcome["address"].startswith("a b/r-1-")


def test_a_directory_without_runs_is_refused(
    tmp_path: Path, tracklab: Callable[..., Result]
) -> None:
    """One sentence, exit status 1."""
    for tool in ("runicorn", "trackio"):
        done = tracklab("import", tool, tmp_path)
        assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
        assert f"import {tool} found no run" in done.stderr
