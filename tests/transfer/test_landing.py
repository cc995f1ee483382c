"""A run is imported whole or not at all, once, and nothing of the user's is replaced."""

from __future__ import annotations

import math
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tracklab as package
from tests.transfer.encoding import START_S, wandb_exit, wandb_log, wandb_row, wandb_run
from tracklab.artifacts.names import Address
from tracklab.artifacts.versions import aliases_of, collection, find_version
from tracklab.errors import StorageError, UsageError
from tracklab.query.engines.local import LocalEngine
from tracklab.storage.notes import add_note
from tracklab.storage.trash import discarded
from tracklab.transfer.landing import bring
from tracklab.transfer.things import (
    At,
    Begin,
    Config,
    Content,
    End,
    File,
    Found,
    Made,
    Row,
    usable_id,
    usable_project,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from click.testing import Result

    from tracklab.transfer.things import Thing

    Rows = Callable[..., list[dict[str, Any]]]

pytestmark = pytest.mark.integration


def content(root: Path) -> dict[str, bytes]:
    """Return every file of the data directory."""
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def found(*things: Thing, project: str = "demo", run_id: str = "r1") -> Found:
    """Return a run of which an importer says this."""
    return Found("test", Path("somewhere"), project, run_id, 100, lambda: iter(things))


BEGIN = Begin(START_S, "first")
END = End(START_S)


def model(directory: Path, content: str, **said: Any) -> Made:
    """Return a version of the model `net` with one file."""
    file = directory / content
    file.write_text(content)
    return replace(Made("model", "net", (Content("w", local=file),), START_S), **said)


def test_the_same_again_adds_nothing(tmp_path: Path, told: Callable[..., Any], root: Path) -> None:
    """Not one byte changes."""
    log = wandb_log(tmp_path, [wandb_run(), wandb_row(0, {"x": 1}), wandb_exit()])
    assert told("import", "wandb", log)[0]["result"] == "new"
    before = content(root)
    assert told("import", "wandb", tmp_path)[0]["result"] == "unchanged"
    assert content(root) == before


def test_a_grown_source_replaces_the_run(
    tmp_path: Path, told: Callable[..., Any], root: Path, rows: Rows, sound: Callable[[str], None]
) -> None:
    """The earlier one is in the trash; what a browser noted of it has moved along."""
    first = [wandb_run(), wandb_row(0, {"x": 0})]
    told("import", "wandb", wandb_log(tmp_path, first))
    note = b'{"name":"mine","notes":"n"}'
    add_note(root / "demo/r1", project="demo", logger="tracklab.run", message="run", data=note)
    log = wandb_log(tmp_path, [*first, wandb_row(1, {"x": 1}), wandb_exit()])
    assert told("import", "wandb", log)[0]["result"] == "replaced"
    assert [row["x"] for row in rows("demo/r1")] == [0, 1]
    run = LocalEngine(root).run("demo/r1").run
    assert (run.name, run.notes) == ("mine", "n")
    assert [entry.address for entry in discarded(root)] == ["demo/r1"]
    sound("demo/r1")
    assert told("import", "wandb", log)[0]["result"] == "unchanged"


def test_a_dry_run_says_the_same_and_writes_nothing(
    tmp_path: Path, told: Callable[..., Any], root: Path
) -> None:
    """Of a new run, an unchanged one and a grown one."""
    records = [wandb_run(), wandb_row(0, {"x": 0})]
    for grown, result in (([], "new"), ([], "unchanged"), ([wandb_row(1, {"x": 1})], "replaced")):
        log = wandb_log(tmp_path, [*records, *grown])
        before = content(root)
        dry = told("import", "wandb", log, "--dry-run")
        assert content(root) == before
        assert dry[0]["result"] == result
        wet = told("import", "wandb", log)
        assert [{**wet[0], "dry_run": True}] == dry


def test_a_run_that_was_logged_here_is_never_replaced(
    tmp_path: Path, tracklab: Callable[..., Result], root: Path
) -> None:
    """Neither one of the same address, nor an imported one that was continued."""
    with package.init(
        project="demo", id="r1", dir=root, system_monitor=False, settings={"console": "off"}
    ):
        pass
    log = wandb_log(tmp_path, [wandb_run(), wandb_row(0, {"x": 0})])
    before = content(root)
    done = tracklab("import", "wandb", log)
    assert (done.exit_code, content(root)) == (1, before)
    assert "was not imported from wandb" in done.stderr
    assert tracklab("import", "wandb", log, "--id", "r2").exit_code == 0
    with package.init(
        project="demo", id="r2", resume="must", dir=root, system_monitor=False,
        settings={"console": "off"},
    ) as run:  # fmt: skip
        run.log({"x": 5})
    before = content(root)
    done = tracklab("import", "wandb", log, "--id", "r2")
    assert (done.exit_code, content(root)) == (1, before)
    assert "has been continued here" in done.stderr


def test_an_import_that_fails_leaves_nothing(root: Path) -> None:
    """Whatever the importer raises in the middle."""

    def things() -> Iterator[Thing]:
        yield BEGIN
        yield Row({"x": 1}, START_S, 0)
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        bring(Found("test", Path(), "demo", "r1", 0, things), root)
    assert content(root) == {}
    assert os.listdir(root / ".tracklab") == []


def test_what_a_killed_import_left_is_removed_by_the_next(root: Path) -> None:
    """Once nobody can be writing it any more."""
    for name, age_s in (("1-old", 7200), ("2-new", 0)):
        left = root / ".tracklab/imports" / name / "r1"
        left.mkdir(parents=True)
        (left / "history.jsonl").write_bytes(b"{}\n")
        os.utime(left.parent, (time.time() - age_s,) * 2)
    bring(found(BEGIN), root)
    assert os.listdir(root / ".tracklab/imports") == ["2-new"]


def test_a_file_outside_of_the_run_is_not_written(root: Path) -> None:
    """Whatever path the source gives it."""
    targets = [
        "../x",
        "files/../../x",
        "/etc/x",
        "run.lock",
        "history.jsonl",
        "files",
        "",
        "files/x",
    ]
    outcome = bring(found(BEGIN, *(File(target, b"x") for target in targets)), root)
    assert (len(outcome.lost), outcome.counts["files"]) == (len(targets) - 1, 1)
    assert [p.relative_to(root).as_posix() for p in root.parent.rglob("x")] == ["demo/r1/files/x"]


def test_progress_goes_from_nothing_to_all(root: Path) -> None:
    """Also where nothing has to be written."""
    seen: list[int] = []
    for _ in range(2):
        bring(found(BEGIN, At(50), End(START_S)), root, progress=seen.append)
    assert seen == [50, 100, 100]  # the second time only that nothing is left to do


def test_names_that_cannot_be_used_are_refused(root: Path) -> None:
    """As for any run."""
    for names in ({"project": "../x"}, {"run_id": "a/b"}):
        with pytest.raises(UsageError):
            bring(found(BEGIN), root, **names)  # type: ignore[arg-type] # two of its keywords


def test_times_and_steps_that_cannot_be_are_left_out(root: Path) -> None:
    """A damaged source may say anything; the rows around them come, and it is told."""
    odd = [
        (math.nan, 0),
        (1e300, 1),
        (-math.inf, 2),
        (-9e10, 3),
        (START_S, 2**63),
        (START_S, -(2**80)),
    ]
    rows = [Row({"x": 1}, at_s, step) for at_s, step in [*odd, (START_S, 7)]]
    things: tuple[Thing, ...] = (
        Begin(math.inf, "odd"),
        *rows,
        Config({"a": 1}, math.nan),
        End(math.inf),
    )
    outcome = bring(found(*things), root)
    assert (outcome.rows, len(outcome.lost)) == (1, len(odd))
    assert LocalEngine(root).rows("demo/r1").rows[0]["_step"] == 7
    assert bring(found(*things), root).result == "unchanged"


def test_an_id_for_several_runs_is_refused(
    tmp_path: Path, tracklab: Callable[..., Result], root: Path
) -> None:
    """Nothing is imported then."""
    wandb_log(tmp_path, [wandb_run()])
    wandb_log(tmp_path, [wandb_run("r2")], name="r2")
    done = tracklab("import", "wandb", tmp_path, "--id", "one")
    assert (done.exit_code, content(root)) == (1, {})
    assert "2 lie here" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root ignores modes")
def test_a_place_that_cannot_be_written_is_told(root: Path) -> None:
    """By one sentence."""
    root.chmod(0o500)
    with pytest.raises(StorageError, match="cannot write the data directory"):
        bring(found(BEGIN), root)


@pytest.mark.parametrize("name", ["a b", "ü", "..", "", "x" * 300, "a/b", "-x", "a\0b"])
def test_any_name_becomes_one_that_can_be_used(name: str) -> None:
    """And two names never become the same id."""
    assert usable_id(name) == usable_id(usable_id(name))
    assert usable_id(name) != usable_id(name + "!")
    assert usable_project(usable_project(name)) == usable_project(name)
    assert "/" not in usable_project(name)


def test_a_version_that_another_run_has_made_is_found_again(tmp_path: Path, root: Path) -> None:
    """Also by a run that has grown; neither `latest` nor an alias given since moves back."""
    old, new = model(tmp_path, "old", aliases=("best",)), model(tmp_path, "new")
    bring(found(BEGIN, replace(old, aliases=())), root)
    bring(found(BEGIN, old, run_id="r2"), root)
    assert find_version(root, Address("demo", "net", "best")).number == 0
    bring(found(BEGIN, replace(new, aliases=("best",)), run_id="r3"), root)
    assert bring(found(BEGIN, old, END, run_id="r2"), root).result == "replaced"
    assert aliases_of(collection(root, "model", "net")) == {0: [], 1: ["latest", "best"]}
    bring(found(BEGIN, old, project="other"), root)  # aliases belong to a project
    assert find_version(root, Address("other", "net", "best")).number == 2


@pytest.mark.parametrize("at_s", [1e15, math.nan, -9e10])
def test_a_version_of_no_possible_time_comes(at_s: float, tmp_path: Path, root: Path) -> None:
    """With the time of the run."""
    made = model(tmp_path, "x", timestamp_s=at_s)
    assert bring(found(BEGIN, made), root).counts["artifacts"] == 1
    version = find_version(root, Address("demo", "net", "latest"))
    assert version.told["created_at"] == "2023-11-14T22:13:20.000000Z"


@pytest.mark.parametrize("said", [{"tags": ("a/b",)}, {"aliases": ("a/b",)}])
def test_a_version_that_cannot_be_is_left_out_each_time(
    said: dict[str, Any], tmp_path: Path, root: Path
) -> None:
    """The same again is unchanged."""
    made = model(tmp_path, "x", **said)
    first, again = (bring(found(BEGIN, made), root) for _ in range(2))
    assert (first.result, again.result) == ("new", "unchanged")
    assert (len(first.lost), again.lost) == (1, first.lost)
