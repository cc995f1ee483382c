"""Saved views: kept whole, whatever the UI puts into them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.serving import Client

pytestmark = pytest.mark.integration

DATA = {"columns": ["loss", "ü"], "x": {"y": [1, None, 0.5]}}


def saved(client: Client, **fields: Any) -> dict[str, Any]:
    """Save a view and return it."""
    reply = client.request("POST", "/api/views", json={"data": DATA, **fields})
    assert reply.status_code == 201
    view: dict[str, Any] = reply.json()
    return view


def test_a_view_is_saved_changed_and_deleted(client: Client, root: Path) -> None:
    """Each step is in its file, and nothing else is left there."""
    view = saved(client, name="mine", project="vision")
    path = f"/api/views/{view['id']}"
    assert client.get(path).json() == view
    assert (view["data"], view["version"]) == (DATA, 1)
    changed = client.request("PATCH", path, json={"name": "ours"}).json()
    assert {**changed, "name": "mine", "updated_at": view["updated_at"]} == view
    (file,) = (root / ".tracklab" / "views").iterdir()
    assert json.loads(file.read_text()) == changed
    assert file.stat().st_mode & 0o777 == 0o600
    body = {"Content-Type": "application/json"}
    assert client.request("DELETE", path, headers=body).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get("/api/views").json() == {"views": []}


def test_views_are_listed_by_name(client: Client) -> None:
    """Those that stand for a link only come last."""
    for name in ("b", None, "a"):
        saved(client, name=name)
    names = [view["name"] for view in client.get("/api/views").json()["views"]]
    assert names == ["a", "b", None]


def test_what_is_no_view_is_left_out(client: Client, root: Path, tmp_path: Path) -> None:
    """A damaged, foreign or planted file costs that file only."""
    view = saved(client, name="good")
    directory = root / ".tracklab" / "views"
    sound = (directory / f"{view['id']}.json").read_text()
    for name, text in {
        "cut": sound[:50], "list": "[]", "number": '{"version": 1, "data": 3}', "a b": sound,
        "odd": sound.replace('"good"', "7"),
        "deep": sound.replace("[", "[" * 64).replace("]", "]" * 64),
        "version": sound.replace('"version": 1', '"version": 1e400'),
    }.items():  # fmt: skip
        (directory / f"{name}.json").write_text(text)
    (tmp_path / "elsewhere.json").write_text(sound)
    (directory / "link.json").symlink_to(tmp_path / "elsewhere.json")
    os.mkfifo(directory / "pipe.json")
    assert [one["id"] for one in client.get("/api/views").json()["views"]] == [view["id"]]


@pytest.mark.parametrize("view_id", ["none", "..", "a%2Fb", "x" * 65, "server-token", "%00"])
def test_an_id_names_a_view_and_nothing_else(client: Client, view_id: str) -> None:
    """No other file is ever read, changed or deleted."""
    for method in ("GET", "PATCH", "DELETE"):
        reply = client.request(method, f"/api/views/{view_id}", json={"name": "x"})
        assert reply.status_code in {404, 405}


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ('{"a": 99999999999999999999999}', 422),
        ('{"a": "\\ud800"}', 422),
        ('{"\\ud800": 1}', 422),
        ('{"a":' * 64 + "1" + "}" * 64, 201),
        ('{"a":' * 65 + "1" + "}" * 65, 422),
        ('{"a":' + "[" * 200 + "]" * 200 + "}", 422),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, 400),
        ('{"a": 1e400, "b": NaN}', 201),
    ],
)  # fmt: skip
def test_json_that_is_odd_is_kept_or_refused(client: Client, data: str, status: int) -> None:
    """And whatever comes of it, all views are listed."""
    asked = {"headers": {"Content-Type": "application/json"}}
    view = saved(client, name="good")
    for method, path in (("POST", "/api/views"), ("PATCH", f"/api/views/{view['id']}")):
        reply = client.request(method, path, content=f'{{"data": {data}}}', **asked)
        assert reply.status_code in {status, 200 if status == 201 else status}, reply.text
    assert len(client.get("/api/views").json()["views"]) == (2 if status == 201 else 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"data": {"x": "y" * 300_000}}, 413),
        ({"data": 7}, 422),
        ({"name": ""}, 422),
        ({"name": "a", "owner": "b"}, 422),
    ],
)
def test_what_cannot_be_saved_is_a_problem(client: Client, body: Any, status: int) -> None:
    """And leaves nothing behind."""
    assert client.request("POST", "/api/views", json=body).status_code == status
    assert client.get("/api/views").json() == {"views": []}


def test_a_directory_that_cannot_be_written_is_told(client: Client, root: Path) -> None:
    """As a refusal that says so, not as a fault of the server."""
    (root / ".tracklab").mkdir(exist_ok=True)
    (root / ".tracklab" / "views").write_text("in the way")
    reply = client.request("POST", "/api/views", json={"name": "a"})
    assert reply.status_code == 409
    assert "cannot be changed" in reply.json()["detail"]


def test_all_views_together_are_bounded(client: Client, root: Path) -> None:
    """A list of them must not fill the server; what has room is still listed."""
    large = {"text": "x" * 250_000}
    made = [client.request("POST", "/api/views", json={"data": large}) for _ in range(40)]
    statuses = [one.status_code for one in made]
    assert statuses == [201] * statuses.count(201) + [409] * statuses.count(409)
    assert 30 < statuses.count(201) < 34
    assert "Delete one" in made[-1].json()["detail"]
    directory = root / ".tracklab" / "views"
    (file, *_) = directory.iterdir()
    for number in range(9):
        (directory / f"by-hand-{number}.json").write_bytes(file.read_bytes())
    views = client.get("/api/views").json()["views"]
    assert 30 < len(views) < 34
