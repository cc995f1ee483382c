"""Artifacts through the Api: which there are, and which a run made or used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tracklab.artifacts.artifact import Artifact
from tracklab.errors import CommError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.api.client import Api

pytestmark = pytest.mark.integration


@pytest.fixture
def versions(begun: Callable[..., Any], tmp_path: Path) -> None:
    """Log two versions of a model and a data set; another run uses one."""
    with begun("maker") as run:
        for number in range(2):
            made = Artifact("net", "model")
            with made.new_file("w.txt") as file:
                file.write(f"{number}")
            run.log_artifact(made, aliases=["best"] if number == 0 else [], tags=[f"t{number}"])
        data = Artifact("digits", "dataset")
        with data.new_file("d.txt") as file:
            file.write("1 2 3")
        run.log_artifact(data)
    with begun("user") as run:
        run.use_artifact("net:best")


@pytest.mark.parametrize("name", ["net:best", "net:v0", "demo/net:v0", "anyone/demo/net:best"])
def test_a_version_is_found(versions: None, api: Api, tmp_path: Path, name: str) -> None:
    """With or without project and entity; it can be taken along."""
    found = api.artifact(name, type="model")
    place = tmp_path / "copy"
    found.download(str(place))
    assert (found.version, (place / "w.txt").read_text()) == ("v0", "0")
    assert api.artifact_exists(name)


@pytest.mark.parametrize("name", ["net:v7", "none:latest", "other/net:v0"])
def test_a_version_that_is_not_there_is_told(versions: None, api: Api, name: str) -> None:
    """As the error that programs catch."""
    assert not api.artifact_exists(name)
    with pytest.raises(CommError):
        api.artifact(name)


def test_versions_are_listed(versions: None, api: Api) -> None:
    """The newest first; by tags."""
    assert [one.version for one in api.artifacts("model", "demo/net")] == ["v1", "v0"]
    assert [one.version for one in api.artifacts("model", "us/demo/net", tags=["t0"])] == ["v0"]
    assert len(api.artifact_versions("model", "none")) == 0


def test_types_and_collections_are_listed(versions: None, api: Api) -> None:
    """Of a project, or all."""
    assert [kind.name for kind in api.artifact_types("demo")] == ["dataset", "model"]
    assert len(api.artifact_types("elsewhere")) == 0
    assert [one.name for one in api.artifact_collections("demo", "model")] == ["net"]
    assert api.artifact_type("model").collection("net").aliases == ["best", "latest"]
    assert api.artifact_collection("model", "net").name == "net"
    assert api.artifact_collection_exists("net", "model")
    assert not api.artifact_collection_exists("net", "dataset")
    assert [one.name for one in api.project("demo").collections()] == ["digits", "net"]
    for question in (
        lambda: api.artifact_type("none"),
        lambda: api.artifact_type("model").collection("none"),
        lambda: api.artifact_collection("model", "none"),
    ):
        with pytest.raises(CommError):
            question()


def test_a_run_tells_what_it_made_and_used(versions: None, api: Api) -> None:
    """In its own order, each once."""
    maker, user = api.run("maker"), api.run("user")
    assert [one.name for one in maker.logged_artifacts()] == ["net:v0", "net:v1", "digits:v0"]
    assert [one.name for one in user.used_artifacts()] == ["net:v0"]
    assert len(maker.used_artifacts()) == len(user.logged_artifacts()) == 0


def test_what_a_run_made_can_be_said_later(versions: None, api: Api) -> None:
    """As a line of it; only of a version."""
    user = api.run("user")
    user.log_artifact(api.artifact("digits:v0"), aliases=["checked"])
    user.use_artifact(api.artifact("net:latest"))
    assert [one.name for one in user.logged_artifacts()] == ["digits:v0"]
    assert [one.name for one in user.used_artifacts()] == ["net:v0", "net:v1"]
    assert api.artifact("digits:checked").version == "v0"
    with pytest.raises(UsageError, match="Log it first"):
        user.use_artifact(Artifact("draft", "model"))
