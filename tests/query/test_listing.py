"""Many runs: filtered, sorted, paged, counted."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.query.files import START_S, events, segment
from tracklab.errors import NotFoundError, QueryError
from tracklab.query.cursors import pack

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine


def ended(root: Path, address: str, *, status: str = "finished", **parts: Any) -> None:
    """Write an ended run: documents only, and an empty segment older than they are."""
    run_dir = root / address
    os.utime(segment(run_dir, []), (START_S, START_S))
    metadata = {"status": status, "start_time": parts.pop("start", "2026-11-20T17:40:00Z")}
    (run_dir / "summary.json").write_text(json.dumps(parts.pop("summary", {})))
    (run_dir / "config.yaml").write_text(json.dumps(parts.pop("config", {})))
    (run_dir / "metadata.json").write_text(json.dumps({**metadata, **parts}))


@pytest.fixture
def runs(root: Path) -> None:
    """Write five runs in three projects."""
    for number in range(3):
        ended(
            root, f"a/run{number}", name=f"n{number % 2}", start=f"2026-11-2{number}T00:00:00Z",
            config={"lr": 10.0**-number}, summary={"loss": float(number), "_step": number},
        )  # fmt: skip
    ended(root, "a/b/run3", status="failed", tags=["keep"])
    ended(root, "c/run4", summary={"loss": "high"})


def ids(engine: Engine, **asked: Any) -> list[str]:
    """Return the run ids of one page."""
    return [run.run_id for run in engine.runs(**asked).runs]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["run2", "run1", "run3", "run4", "run0"]),
        ({"sort": "run"}, ["run3", "run0", "run1", "run2", "run4"]),
        ({"project": "a"}, ["run2", "run1", "run3", "run0"]),
        ({"project": "a/b"}, ["run3"]),
        ({"status": ["failed"]}, ["run3"]),
        ({"f": "tag = keep or config.lr < 0.05"}, ["run2", "run3"]),
        ({"f": "name = n0", "sort": "created"}, ["run0", "run2"]),
        ({"sort": "summary.loss"}, ["run0", "run1", "run2", "run4", "run3"]),
        ({"sort": "-summary.loss"}, ["run4", "run2", "run1", "run0", "run3"]),
        ({"sort": "-config.lr"}, ["run0", "run1", "run2", "run3", "run4"]),
        ({"sort": "step", "limit": 1}, ["run0"]),
        ({"sort": "status"}, ["run3", "run0", "run1", "run2", "run4"]),
    ],
)
def test_runs_are_chosen_and_sorted(
    engine: Engine, asked: dict[str, Any], expected: list[str]
) -> None:
    """Numbers before texts, what is missing last, equal ones by address."""
    assert ids(engine, **asked) == expected


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("sort", ["created", "-created", "summary.loss", "-summary.loss", "-tags"])
def test_pages_together_are_the_whole_list(engine: Engine, sort: str) -> None:
    """Nothing twice, nothing lost; the total is that of all pages."""
    whole, found, cursor = ids(engine, sort=sort), [], None
    while True:
        page = engine.runs(sort=sort, limit=2, cursor=cursor)
        found += [run.run_id for run in page.runs]
        cursor = page.cursor
        assert page.total == 5
        if cursor is None:
            break
    assert found == whole


@pytest.mark.usefixtures("runs")
def test_only_the_columns_asked_for_come_back(engine: Engine) -> None:
    """Without any of config or summary both are empty."""
    (run,) = engine.runs(f="id = run2", cols=["name", "config.lr", "summary.loss"]).runs
    assert (run.config, run.summary, run.step) == ({"lr": 0.01}, {"loss": 2.0}, 2)
    (bare,) = engine.runs(f="id = run2", cols=["name"]).runs
    assert (bare.config, bare.summary, bare.name) == ({}, {}, "n0")
    (whole,) = engine.runs(f="id = run2", cols=["config", "summary"]).runs
    assert (whole.config, whole.summary) == ({"lr": 0.01}, {"loss": 2.0, "_step": 2})


@pytest.mark.parametrize(
    "asked",
    [
        {"f": "x"},
        {"sort": "colour"},
        {"cursor": "-"},
        {"limit": 0},
        {"status": ["done"]},
        {"cols": ["name", "colour"]},
    ],
)
def test_a_list_that_makes_no_sense_is_refused(engine: Engine, asked: dict[str, Any]) -> None:
    """Also where there is nothing to list."""
    with pytest.raises(QueryError):
        engine.runs(**asked)


@pytest.mark.usefixtures("runs")
def test_projects_are_counted(engine: Engine, root: Path) -> None:
    """A project's own runs, without those of its subprojects; the last active one first."""
    start: Any = ("tracklab.lifecycle", "start", {})
    path = segment(root / "c" / "new", events(start), stream="events")
    os.utime(path, (START_S + 3599,) * 2)
    assert [(one.project, one.runs, one.running) for one in engine.projects()] == [
        ("c", 2, 1),
        ("a", 3, 0),
        ("a/b", 1, 0),
    ]
    assert engine.project("a").statuses == {"finished": 3}
    with pytest.raises(NotFoundError, match="'nope'"):
        engine.project("nope")


def test_a_damaged_run_hides_no_other(engine: Engine, root: Path) -> None:
    """Documents that are no documents, lines that are no lines, a file for a directory."""
    ended(root, "a/good")
    segment(root / "a" / "odd", [b"\xff\xfe", b"[1", b"{}" * 9], stream="events")
    for name in ("metadata.json", "summary.json", "config.yaml"):
        (root / "a" / "odd" / name).write_bytes(b"\x00[{:")
    (root / "a" / "file").write_text("no run")
    assert sorted(ids(engine)) == ["good", "odd"]
    assert engine.run("odd").run.bad_lines == 3


def test_a_pipe_for_a_document_keeps_nobody_waiting(engine: Engine, root: Path) -> None:
    """Opened like a file it would wait for a writer for ever."""
    ended(root, "a/good")
    for name in ("metadata.json", "summary.json", "config.yaml"):
        (root / "a" / "good" / name).unlink()
        os.mkfifo(root / "a" / "good" / name)
    (run,) = engine.runs().runs
    assert (run.run_id, run.config, run.summary) == ("good", {}, {})


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("place", [(False, 0, "x", ""), (False, 1, 0, ""), (True, 7, 0, "")])
def test_a_cursor_that_contradicts_itself_is_refused(
    engine: Engine, place: tuple[Any, ...]
) -> None:
    """A text that says it is a number compares with nothing."""
    with pytest.raises(QueryError, match="cursor"):
        engine.runs(sort="summary.loss", cursor=pack(place))


def test_a_missing_directory_is_empty(engine: Engine, root: Path) -> None:
    """The server may start before the first run."""
    root.rmdir()
    assert engine.runs().runs == []
    assert engine.projects() == []
