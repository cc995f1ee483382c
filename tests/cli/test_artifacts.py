"""`tracklab artifact` and `tracklab fsck`, as people and programs call them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from click.testing import CliRunner

import tracklab as tracklab_package
from tracklab.artifacts.artifact import Artifact
from tracklab.artifacts.layout import blob_path
from tracklab.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

pytestmark = pytest.mark.integration


@pytest.fixture
def store(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data directory with two versions of one dataset, the default one."""
    monkeypatch.setenv("TRACKLAB_DATA_DIR", str(root))
    monkeypatch.chdir(tmp_path)
    for text in ("one", "two"):
        (tmp_path / "x.txt").write_text(text)
        said = tracklab("artifact", "put", "x.txt", "--name", "p/a", "--alias", text)
        assert said.exit_code == 0
    return root


def tracklab(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_what_was_put_is_listed_shown_and_got(store: Path, tmp_path: Path) -> None:
    """By name, by alias, and as JSON."""
    listed = orjson.loads(tracklab("artifact", "ls", "--json").output)["artifacts"]
    assert [(one["name"], one["versions"], one["stored"]) for one in listed] == [("a", 2, 6)]
    versions = orjson.loads(tracklab("artifact", "ls", "a", "--json").output)["versions"]
    assert [(one["version"], one["aliases"]) for one in versions] == [
        ("v1", ["latest", "two"]), ("v0", ["one"]),
    ]  # fmt: skip
    shown = tracklab("artifact", "show", "a:one").output
    assert "p/a:v0" in shown
    assert "x.txt" in shown
    assert tracklab("artifact", "get", "p/a:one", "--root", "out").exit_code == 0
    assert (tmp_path / "out/x.txt").read_text() == "one"


def test_logged_tables_are_listed_where_they_are_asked_for(store: Path) -> None:
    """Every run may have some."""
    with tracklab_package.init(system_monitor=False, settings={"console": "off"}) as run:
        run.log({"t": tracklab_package.Table(columns=["x"], data=[[1]])})
    listed = tracklab("artifact", "ls").output
    assert "1 logged tables: --type run_table" in listed
    assert f"run-{run.id}-t" not in listed
    assert f"run-{run.id}-t" in tracklab("artifact", "ls", "--type", "run_table").output


def test_a_path_gives_the_name_that_is_not_given(store: Path) -> None:
    """And the environment the project, as for runs."""
    assert "uncategorized/x.txt:v0 (new)" in tracklab("artifact", "put", "x.txt").output


def test_the_same_again_is_no_new_version(store: Path) -> None:
    """And it says so."""
    assert "p/a:v1 (unchanged)" in tracklab("artifact", "put", "x.txt", "-n", "p/a").output


def test_a_directory_that_differs_is_told(store: Path, tmp_path: Path) -> None:
    """With exit status 1, and the file's name."""
    tracklab("artifact", "get", "a", "--root", "out")
    assert tracklab("artifact", "verify", "a", "--root", "out").exit_code == 0
    (tmp_path / "out/x.txt").write_text("changed")
    refused = tracklab("artifact", "verify", "a", "--root", "out")
    assert (refused.exit_code, "x.txt" in refused.output) == (1, True)


def test_what_is_not_there_is_one_sentence(store: Path) -> None:
    """Not a traceback."""
    refused = tracklab("artifact", "show", "nothing")
    assert (refused.exit_code, refused.output.startswith("Error: There is no artifact")) == (
        1,
        True,
    )


def test_a_collection_does_what_its_dry_run_says(store: Path) -> None:
    """A version whose time is over goes, with its content; the other stays."""
    every = orjson.loads(tracklab("artifact", "show", "a:one", "--json").output)
    from tracklab.artifacts.names import parse_address  # noqa: PLC0415 - only here
    from tracklab.artifacts.versions import find_version  # noqa: PLC0415 - as above

    made = Artifact.of_version(store, find_version(store, parse_address("a:one")))
    made.ttl = timedelta(microseconds=1)
    dry = orjson.loads(tracklab("artifact", "gc", "--dry-run", "--json").output)
    done = orjson.loads(tracklab("artifact", "gc", "--json").output)
    assert [one["kind"] for one in dry["removed"]] == ["expired", "blob"]
    assert done["removed"] == dry["removed"]
    assert not blob_path(store, every["files"][0]["sha256"]).exists()
    assert tracklab("artifact", "verify", "a:two").exit_code == 0


def test_fsck_finds_names_and_cures(store: Path) -> None:
    """Exit status 1 as long as a version cannot be read as it was logged."""
    assert tracklab("fsck").output.startswith("ok")
    file = store / "artifacts/dataset/a/v1/files/x.txt"
    file.unlink()
    found = tracklab("fsck")
    assert (found.exit_code, "artifacts/dataset/a/v1/files/x.txt is not there" in found.output) == (
        1, True,
    )  # fmt: skip
    assert tracklab("fsck", "--repair").exit_code == 0
    assert orjson.loads(tracklab("fsck", "--json").output)["faults"] == []
    assert file.read_text() == "two"
