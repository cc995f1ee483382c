"""What can be put into an artifact before it is logged, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

import tracklab
from tests.artifacts.conftest import artifact
from tracklab.artifacts.exceptions import ArtifactFinalizedError, ArtifactNotLoggedError
from tracklab.artifacts.references import referred
from tracklab.errors import ArgumentTypeError, CommError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY = Path(__file__).parents[2]
PATIENCE_S = 120
EMPTY = "64e7c61456b10382e2f3b571ac24b659"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let drafts be kept in a directory of the test."""
    monkeypatch.setenv("TRACKLAB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def test_an_empty_artifact_has_the_known_digest() -> None:
    """That of wandb."""
    assert tracklab.Artifact("a", "t").digest == EMPTY


def test_a_file_is_told_by_its_md5_and_kept_by_its_sha256(tree: Path) -> None:
    """The first is wandb's, the second ours."""
    entry = tracklab.Artifact("a", "t").add_file(tree / "a.txt", name="x/y.txt")
    assert entry.digest == base64.b64encode(hashlib.md5(b"hello").digest()).decode()  # noqa: S324 - as above
    assert (entry.sha256, entry.size) == (hashlib.sha256(b"hello").hexdigest(), 5)


def test_a_directory_comes_with_its_paths(tree: Path) -> None:
    """At the top, or below a name."""
    made = tracklab.Artifact("a", "t")
    made.add_dir(tree)
    made.add_dir(tree, name="n")
    inner = ["a.txt", "b.bin", "sub/c.txt"]
    assert sorted(made.manifest.entries) == inner[:2] + [f"n/{path}" for path in inner] + inner[2:]


def test_what_is_written_after_adding_is_not_in(tree: Path) -> None:
    """The content is that of the moment of `add_file`."""
    made = tracklab.Artifact("a", "t")
    entry = made.add_file(tree / "a.txt")
    (tree / "a.txt").write_text("changed")
    assert entry.local_path is not None
    with open(entry.local_path, encoding="utf-8") as file:
        assert file.read() == "hello"


def test_an_entry_can_be_removed_and_replaced(tree: Path) -> None:
    """One file, or all below a directory."""
    made = tracklab.Artifact("a", "t")
    made.add_dir(tree)
    made.remove("sub")
    made.remove("b.bin")
    with made.new_file("a.txt", "w") as file:
        file.write("other")
    assert [(p, e.size) for p, e in made.manifest.entries.items()] == [("a.txt", 5)]
    with pytest.raises(FileNotFoundError):
        made.remove("sub")


def test_a_file_that_fails_while_it_is_written_is_not_in() -> None:
    """The error passes through."""
    made = tracklab.Artifact("a", "t")
    with pytest.raises(ZeroDivisionError), made.new_file("x") as file:
        file.write(str(1 / 0))
    assert made.manifest.entries == {}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda a, t: a.add_file(t / "none"), ValueError),
        (lambda a, t: a.add_file(t), ValueError),
        (lambda a, t: a.add_dir(t / "a.txt"), ValueError),
        (lambda a, t: a.add_file(t / "a.txt", name="../x"), ValueError),
        (lambda a, t: a.add_file(t / "a.txt", name="/x"), ValueError),
        (lambda a, t: a.add_file(t / "b.bin", name="taken"), ValueError),
        (lambda a, t: a.add_file(t / "a.txt", name="x", policy="x"), ValueError),
        (lambda a, _t: a.add_reference("a.txt"), ValueError),
        (lambda a, _t: a.add_reference("file:///none/x"), ValueError),
        (lambda a, _t: a.add_reference("ftp://x/y"), ValueError),
        (lambda a, _t: a.add(1, "x"), TypeError),
        (lambda a, _t: a.new_file("taken").__enter__(), ValueError),
        (lambda a, t: a.add_file(t / "a.txt", name="taken/x"), ValueError),
        (lambda a, t: a.add_dir(t, name="taken"), ValueError),
        (lambda a, t: a.add_file(t / "a.txt", name="in"), ValueError),
        (lambda a, t: a.add_reference(f"file://{t}/a.txt", name="in"), ValueError),
        (lambda a, _t: a.new_file("in").__enter__(), ValueError),
        (lambda a, t: a.add_file(t / "a.txt", name="é" * 128), ValueError),
        (lambda a, t: a.add_file(t / "a.txt", name="d/" * 2048 + "x"), ValueError),
        (lambda a, t: a.add_file(t / "a.txt", name="\ud800"), ValueError),
        (lambda _a, _t: tracklab.Artifact(cast("Any", None), "t"), TypeError),
        (lambda _a, _t: tracklab.Artifact("a", cast("Any", None)), TypeError),
        (lambda _a, _t: tracklab.Artifact("a/b", "t"), ValueError),
        (lambda _a, _t: tracklab.Artifact("a" * 129, "t"), ValueError),
        (lambda _a, _t: tracklab.Artifact("a", "job"), ValueError),
        (lambda _a, _t: tracklab.Artifact("a", "wandb-x"), ValueError),
        (lambda _a, _t: tracklab.Artifact("a", ""), ValueError),
        (lambda _a, _t: tracklab.Artifact("..", "t"), ValueError),
        (lambda _a, _t: tracklab.Artifact("a", "t", metadata=cast("Any", [1])), TypeError),
        (lambda _a, _t: tracklab.Artifact("a", "t", metadata={"x": object()}), TypeError),
    ],
)
def test_mistakes_are_told_at_the_call(
    tree: Path, call: Callable[[Any, Path], Any], error: type[Exception]
) -> None:
    """With errors that programs for wandb catch, and ours."""
    made = artifact("a", taken="x", **{"in/side": "y"})
    with pytest.raises(error) as told:
        call(made, tree)
    assert isinstance(told.value, UsageError | ArgumentTypeError)


@pytest.mark.parametrize(
    "name", ["version", "aliases", "tags", "entity", "project", "ttl", "file_count", "url"]
)
def test_a_draft_does_not_know_what_logging_decides(name: str) -> None:
    """An attribute error, so that `hasattr` says no."""
    made = tracklab.Artifact("a", "t")
    with pytest.raises(ArtifactNotLoggedError, match="prior to logging"):
        getattr(made, name)
    assert not hasattr(made, name)
    assert (made.state, made.is_draft(), made.name) == ("PENDING", True, "a")


@pytest.mark.parametrize("call", ["download", "verify", "wait", "checkout", "files", "logged_by"])
def test_a_draft_cannot_give_anything_back(call: str) -> None:
    """There is nothing to give yet."""
    with pytest.raises(ArtifactNotLoggedError):
        getattr(tracklab.Artifact("a", "t"), call)()


def test_after_finalize_nothing_is_added() -> None:
    """The artifact is closed."""
    made = artifact("a", x="1")
    made.finalize()
    for call in (lambda: made.remove("x"), lambda: made.add_reference("s3://a/b")):
        with pytest.raises(ArtifactFinalizedError):
            call()


def test_metadata_become_strict_json() -> None:
    """Tuples are lists, what is no number is null."""
    given = {"a": math.nan, "b": (1, 2)}
    assert tracklab.Artifact("a", "t", metadata=given).metadata == {"a": None, "b": [1, 2]}
    assert list(tracklab.Artifact("a", "t", metadata={"a": "\ud800"}).metadata) == ["a"]


def test_a_file_can_take_the_place_of_a_directory(tree: Path) -> None:
    """When that was removed."""
    made = artifact("a", **{"in/side": "y"})
    made.remove("in")
    made.add_file(tree / "a.txt", name="in")
    assert list(made.manifest.entries) == ["in"]


DISABLED = """
import tracklab
made = tracklab.Artifact("a", "t")
with made.new_file("x") as file:
    file.write("1")
with tracklab.init(mode=MODE) as run:
    run.log_artifact(made)
    later = tracklab.Artifact("b", "t")
    later.add_file(made.manifest.entries["x"].local_path, name="x")
"""


@pytest.mark.parametrize("name", ["TRACKLAB_MODE", "WANDB_MODE"])
def test_disabled_mode_writes_nothing(tmp_path: Path, name: str) -> None:
    """Not even contents of drafts, and nothing is left behind."""
    own, temporary = tmp_path / "own", tmp_path / "temporary"
    own.mkdir()
    temporary.mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TRACKLAB_", "WANDB_"))}
    command = [sys.executable, "-c", DISABLED.replace("MODE", "None")]
    environment = {
        **kept, name: "disabled", "TMPDIR": str(temporary), "PYTHONPATH": str(REPOSITORY)
    }  # fmt: skip
    subprocess.run(command, cwd=own, env=environment, timeout=PATIENCE_S, check=True)
    assert (os.listdir(own), os.listdir(temporary)) == ([], [])


def test_a_disabled_run_keeps_drafts_elsewhere(tmp_path: Path) -> None:
    """As long as it is the last that began."""
    with tracklab.init(mode="disabled"):
        entry = artifact("a", x="1").manifest.entries["x"]
    assert entry.local_path is not None
    assert not (tmp_path / "data").exists()


def test_a_reference_to_a_directory_names_its_files(tree: Path) -> None:
    """With digests of their contents, or of their addresses."""
    uri = f"file://{tree}"
    told = {e.path: e.digest for e in referred(uri, name="n", checksum=True, most=None)}
    bare = {e.path: e.digest for e in referred(uri, name="n", checksum=False, most=None)}
    assert set(told) == set(bare) == {"n/a.txt", "n/b.bin", "n/sub/c.txt"}
    assert told["n/a.txt"] == "XUFAKrxLKna5cZ2REBfFkg=="
    assert told["n/a.txt"] != bare["n/a.txt"]
    with pytest.raises(UsageError, match="max_objects"):
        referred(uri, name=None, checksum=True, most=2)


def test_an_address_without_checksum_asks_nobody() -> None:
    """Its address stands for its content."""
    [entry] = tracklab.Artifact("a", "t").add_reference("http://192.0.2.1/x.txt", checksum=False)
    assert (entry.path, entry.digest, entry.ref) == (
        "x.txt", "http://192.0.2.1/x.txt", "http://192.0.2.1/x.txt",
    )  # fmt: skip
    with pytest.raises(CommError, match="checksum=False"):
        tracklab.Artifact("a", "t").add_reference("http://127.0.0.1:9/x.txt")
