"""The same artifacts on wandb 0.31.0 and on tracklab: digests, entries, errors, members."""

from __future__ import annotations

import inspect
import random
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tracklab.artifacts.names import marked_name

wandb: Any = pytest.importorskip("wandb")

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.compat

NAMES = ["a", "b.txt", "ä ö", "x" * 40, "0", "-_-", "c,d", "[1]"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what both copy in a directory of the test."""
    monkeypatch.chdir(tmp_path)
    for name in ("WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_DIR", "TRACKLAB_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))


def grown(top: Path, chance: random.Random) -> Path:
    """Return a random tree of files below `top`."""
    for _ in range(chance.randrange(12)):
        path = top.joinpath(*(chance.choice(NAMES) for _ in range(chance.randrange(1, 4))))
        if any(parent.is_file() for parent in path.parents) or path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(chance.randbytes(chance.choice([0, 1, 100, 70_000])))
    top.mkdir(exist_ok=True)
    return top


def built(module: Any, tree: Path, seed: int) -> Any:
    """Return a draft of some of a tree's files, put in in several ways, some taken out again."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    made = module.Artifact("a", "t")
    made.add_dir(str(tree), name=chance.choice([None, "n", "n/m"]))
    for path in sorted(tree.rglob("*")):
        if path.is_file() and chance.random() < 0.5:
            made.add_file(str(path), name=f"again/{path.name}", overwrite=True)
        if path.is_file() and chance.random() < 0.2:
            made.add_reference(f"file://{path}", name=f"ref/{path.name}-{chance.random()}",
                               checksum=chance.random() < 0.5)  # fmt: skip
    with made.new_file("new.txt") as file:
        file.write(str(seed))
    for path in sorted(made.manifest.entries):
        if chance.random() < 0.1:
            made.remove(path)
    return made


def told(made: Any) -> tuple[Any, ...]:
    """Return all that tells one draft from another."""
    entries = {
        path: (entry.digest, entry.size, entry.ref) for path, entry in made.manifest.entries.items()
    }
    return made.digest, made.size, entries


@pytest.mark.parametrize("seed", range(40))
def test_digests_are_the_same_for_any_tree(tmp_path: Path, seed: int) -> None:
    """Of the artifact, and of each entry; references of files too."""
    tree = grown(tmp_path / "tree", random.Random(seed))  # noqa: S311 - not a secret
    assert told(built(tracklab, tree, seed)) == told(built(wandb, tree, seed))


def test_every_member_is_here() -> None:
    """Methods with arguments of the same names and order, and properties that can be set alike."""
    for name in sorted(n for n in dir(wandb.Artifact) if not n.startswith("_")):
        theirs = inspect.getattr_static(wandb.Artifact, name)
        ours = inspect.getattr_static(tracklab.Artifact, name, None)
        if isinstance(theirs, property):
            assert isinstance(ours, property) or name == "distributed_id", name
            assert theirs.fset is None or name == "distributed_id" or ours.fset, name
        else:
            assert parameters(getattr(tracklab.Artifact, name)) == parameters(theirs), name
    assert parameters(tracklab.Artifact) == parameters(wandb.Artifact)
    for name in ("log_artifact", "use_artifact", "link_artifact", "log_model", "use_model",
                 "link_model", "upsert_artifact", "finish_artifact"):  # fmt: skip
        assert parameters(getattr(tracklab.Run, name)) == parameters(getattr(wandb.Run, name)), name


def parameters(function: Any) -> list[str]:
    """Return the names of a call's arguments."""
    return [name for name in inspect.signature(function).parameters if name != "self"]


def outcome(call: Callable[[], Any]) -> list[str] | None:
    """Return the names of what a call raises, that of the error first; None if nothing."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - the comparison is about any
        return [kind.__name__ for kind in type(error).__mro__]
    return None


MISTAKES: list[Callable[[Any], Any]] = [
    lambda w: w.Artifact("a/b", "t"),
    lambda w: w.Artifact("a" * 129, "t"),
    lambda w: w.Artifact("", "t"),
    lambda w: w.Artifact("a", "job"),
    lambda w: w.Artifact("a", "wandb-x"),
    lambda w: w.Artifact("a", "t", metadata=[1]),
    lambda w: w.Artifact("a", "t", metadata={"x": object()}),
    lambda w: w.Artifact("a", "t").add_file("none"),
    lambda w: w.Artifact("a", "t").add_dir("none"),
    lambda w: w.Artifact("a", "t").add_reference("none"),
    lambda w: w.Artifact("a", "t").add_reference("file:///none"),
    lambda w: w.Artifact("a", "t").add_reference("ftp://a/b"),
    lambda w: w.Artifact("a", "t").remove("none"),
    lambda w: w.Artifact("a", "t").add(1, "x"),
    lambda w: w.Artifact("a", "t").version,
    lambda w: w.Artifact("a", "t").wait(),
    lambda w: w.Artifact("a", "t").download(),
    lambda w: setattr(w.Artifact("a", "t"), "aliases", ["x"]),
]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_raise_what_theirs_raise(mistake: Callable[[Any], Any]) -> None:
    """Whoever catches theirs catches ours."""
    theirs, ours = outcome(lambda: mistake(wandb)), outcome(lambda: mistake(tracklab))
    assert theirs is not None
    assert ours is not None
    assert set(theirs) <= {*ours, "Error"}


@pytest.mark.parametrize("key", ["loss", "eval/ta b", "é", "a.b-c_d", "a\nb", "x" * 60])
def test_tables_of_a_run_are_called_as_theirs(key: str) -> None:
    """Programs that ask for one write the name down."""
    theirs = import_module("wandb.sdk.artifacts._internal_artifact").sanitize_artifact_name
    assert marked_name(f"run-abc-{key}") == theirs(f"run-abc-{key}")
