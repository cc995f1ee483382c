"""Artifacts over HTTP: listed, shown, served, and who made what of which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tests.artifacts.conftest import artifact, begin

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.serving import Client

V0 = "/api/artifacts/dataset/data/v0"


@pytest.fixture(autouse=True)
def stored(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two runs make, use and make again."""
    monkeypatch.chdir(tmp_path)
    with begin(root, "one") as one:
        one.log_artifact(
            artifact("data", **{"d/page.html": "<script>1</script>"}), aliases=["best"]
        )
    with begin(root, "two") as two:
        two.use_artifact("data:latest")
        two.log_artifact(tracklab.Artifact("model", "model"))


def test_artifacts_are_listed_by_type_and_project(client: Client) -> None:
    """An empty answer is one, too."""
    every = client.get("/api/artifacts").json()["artifacts"]
    assert [(one["type"], one["name"]) for one in every] == [
        ("dataset", "data"),
        ("model", "model"),
    ]
    assert client.get("/api/artifacts?type=model").json()["artifacts"] == every[1:]
    assert client.get("/api/artifacts?project=q").json()["artifacts"] == []


def test_a_version_is_shown_by_number_and_alias(client: Client) -> None:
    """With its files and the runs that used it."""
    [version] = client.get("/api/artifacts/dataset/data").json()["versions"]
    told: dict[str, Any] = client.get("/api/artifacts/dataset/data/latest").json()
    assert (version["run"], told["used_by"]) == ("p/one", ["p/two"])
    assert [file["path"] for file in told["files"]] == ["d/page.html"]
    assert version.items() <= told.items()


def test_a_file_is_served_in_a_sandbox(client: Client) -> None:
    """As files of runs are."""
    reply = client.get(f"{V0}/files/d/page.html")
    assert reply.text == "<script>1</script>"
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.headers["content-security-policy"].startswith("sandbox")


@pytest.mark.parametrize(
    "path",
    [
        "/api/artifacts/dataset/none", "/api/artifacts/none/data", "/api/artifacts/dataset/data/v7",
        f"{V0}/files/none", f"{V0}/files/d", "/api/artifacts/..%2f/data/v0",
        "/api/artifacts/.dedup/data/v0", "/api/artifacts/dataset/data/v7/lineage",
        f"{V0}/files/d/%2e%2e/%2e%2e/metadata.json", f"{V0}/files/..%5cmetadata.json",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_problem(client: Client, path: str) -> None:
    """And no path leads out of the version."""
    assert client.get(path).status_code in {400, 404}


def test_a_link_in_a_version_is_not_followed(client: Client, root: Path) -> None:
    """Somebody put it there."""
    files = root / "artifacts/dataset/data/v0/files"
    (files / "out").symlink_to("/etc/passwd")
    assert client.get(f"{V0}/files/out").status_code == 404


def test_lineage_goes_as_far_as_asked(client: Client) -> None:
    """Its maker, its user, and what that made; it says when there is more."""
    told = client.get(f"{V0}/lineage").json()
    assert [(edge["run"], edge["op"], edge["artifact"]) for edge in told["edges"]] == [
        ("p/one", "log", "dataset/data:v0"), ("p/two", "use", "dataset/data:v0"),
        ("p/two", "log", "model/model:v0"),
    ]  # fmt: skip
    assert told["truncated"] is False
    near = client.get(f"{V0}/lineage?depth=1").json()
    assert (len(near["edges"]), near["truncated"]) == (2, True)


@pytest.mark.parametrize(
    ("path", "on_log", "on_use"),
    [
        ("/api/artifacts", 200, 304), ("/api/artifacts?type=model", 200, 304),
        ("/api/artifacts/dataset/data", 200, 304), ("/api/artifacts/model/model", 304, 304),
        (V0, 200, 200), (f"{V0}/lineage", 200, 200),
    ],
)  # fmt: skip
def test_an_unchanged_answer_is_not_read_again(
    client: Client, root: Path, path: str, on_log: int, on_use: int
) -> None:
    """It is, once somebody logs or uses what it tells of."""

    def again() -> int:
        reply = client.get(path, headers={"If-None-Match": tag})
        return reply.status_code

    tag = client.get(path).headers["etag"]
    assert again() == 304
    with begin(root, "three") as run:
        run.log_artifact(artifact("data", x="new"))
    assert again() == on_log
    tag = client.get(path).headers["etag"]
    with begin(root, "four") as run:
        run.use_artifact("data:v0")
    assert again() == on_use


def test_a_circle_of_runs_ends(client: Client, root: Path) -> None:
    """A run that uses what it logged is followed once."""
    with begin(root, "three") as run:
        run.use_artifact(run.log_artifact(artifact("round", x="1")))
        run.use_artifact("data:v0")
    told = client.get("/api/artifacts/dataset/round/v0/lineage?depth=100").json()
    assert len(told["edges"]) == len({tuple(edge.values()) for edge in told["edges"]}) == 6
