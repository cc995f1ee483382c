"""Media: asked for by key and type, with the step; their files are sent into a sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tracklab
from tests.query.files import row, segment
from tests.server.serving import Client
from tracklab.media.audio import Audio
from tracklab.media.html import Html
from tracklab.media.table import Table
from tracklab.query.cursors import PAGE_BYTES
from tracklab.server.app import create_app

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture
def client(root: Path) -> Client:
    """Return a client of a server on a run that logged media."""
    with tracklab.init(
        dir=root, project="demo", id="m1", system_monitor=False, settings={"console": "off"}
    ) as run:
        for step in range(3):
            run.log({"page": Html(f"<script>{step}</script>"), "val": {"loss": step}})
        run.log({"val": {"sound": Audio(np.zeros(8), 8000)}, "both": [Html("a"), Audio([0.0], 8)]})
        table = Table(columns=["x", "y"], data=[[1, 2]])
        run.log({"chart": tracklab.plot.line(table, "x", "y"), "w": np.arange(99)})
        run.log({"long": [Html(str(number)) for number in range(400)]})
    return Client(create_app(root, insecure=True))


def asked(client: Client, **query: Any) -> Any:
    """Return the reply to a question about the run's media."""
    reply = client.get(
        "/api/media?" + "&".join(f"{k}={v}" for k, v in {"run": "m1", **query}.items())
    )
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_media_come_by_step_and_key(client: Client) -> None:
    """Also nested, in lists, and too long for a line; other values do not."""
    found = asked(client)
    assert [(one["step"], one["key"], one["type"]) for one in found["media"]] == [
        (0, "page", "html-file"), (1, "page", "html-file"), (2, "page", "html-file"),
        (3, "both", "html-file"), (3, "both", "audio-file"), (3, "val.sound", "audio-file"),
        (4, "chart_table", "table-file"), (4, "w", "histogram"), (5, "long", "html"),
    ]  # fmt: skip
    assert (found["total"], found["cursor"]) == (9, None)
    assert found["media"][-1]["record"]["count"] == 400
    assert found["media"][0]["timestamp"].endswith("Z")


def test_media_are_chosen_by_key_and_type(client: Client) -> None:
    """Several of each, with commas between."""
    assert [one["step"] for one in asked(client, key="page")["media"]] == [0, 1, 2]
    assert {one["type"] for one in asked(client, type="audio-file,histogram")["media"]} == {
        "audio-file", "histogram",
    }  # fmt: skip
    assert asked(client, key="val.sound", type="html-file")["media"] == []


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_of_media_meet(client: Client, order: str) -> None:
    """Nothing twice, nothing left out."""
    found: list[Any] = []
    after = ""
    while True:
        page = asked(client, limit=2, order=order, **({"after": after} if after else {}))
        found += page["media"]
        after = page["cursor"]
        if not after:
            break
    everything = asked(client)["media"]
    assert found == (everything if order == "asc" else everything[::-1])


def test_a_chart_comes_with_what_to_draw(client: Client) -> None:
    """A Vega-Lite spec whose data are the table."""
    (chart,) = asked(client, key="chart_table")["media"]
    assert chart["vega_lite"]["encoding"]["x"]["field"] == "x"
    path = chart["record"]["path"]
    table = client.get(f"/api/runs/demo/m1/files/{path}").json()
    assert table == {"columns": ["x", "y"], "data": [[1, 2]]}
    assert all(one["vega_lite"] is None for one in asked(client, key="page")["media"])


def test_what_draws_a_chart_counts_as_part_of_its_page(tmp_path: Path) -> None:
    """A page of charts ends with the one that brings it to 4 MiB, and the next goes on."""
    title = "t" * (PAGE_BYTES // 12)
    chart = {"preset": "wandb/line/v0", "fields": {"x": "x", "y": "y"}, "strings": {"title": title}}
    media = {"_type": "table-file", "path": "m.json", "chart": chart}
    run_dir = tmp_path / "demo" / "m1"
    segment(run_dir, [row(n, n, {"c": media}) for n in range(9)])
    client = Client(create_app(tmp_path, insecure=True))
    first = asked(client)
    rest = asked(client, after=first["cursor"])
    assert [one["step"] for one in first["media"]] == [0, 1, 2, 3, 4, 5]
    assert [one["step"] for one in rest["media"]] == [6, 7, 8]
    assert (first["total"], rest["total"], rest["cursor"]) == (9, 9, None)


def test_rows_hold_the_records(client: Client) -> None:
    """As they stand in the lines."""
    rows = client.get("/api/rows?run=m1&keys=page").json()["rows"]
    assert [row["page"] for row in rows] == [
        one["record"] for one in asked(client, key="page")["media"]
    ]


def test_a_page_is_sent_into_a_sandbox(client: Client) -> None:
    """Its scripts run in no origin of ours, and without a network."""
    path = asked(client, key="page")["media"][0]["record"]["path"]
    reply = client.get(f"/api/runs/demo/m1/files/{path}?inline=true")
    policy = reply.headers["content-security-policy"]
    assert reply.text == "<script>0</script>"
    assert reply.headers["content-type"].startswith("text/html")
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "allow-same-origin" not in policy


def test_a_sound_has_its_type(client: Client) -> None:
    """So that a browser plays it."""
    path = asked(client, key="val.sound")["media"][0]["record"]["path"]
    assert client.get(f"/api/runs/demo/m1/files/{path}").headers["content-type"] == "audio/wav"


def test_what_other_programs_wrote_is_no_fault(root: Path, client: Client) -> None:
    """A chart that says nothing we know, a type that is no text, a bad line."""
    path = root / "demo" / "m1" / "history.000001.jsonl"
    strange = [
        {"_step": 9, "_timestamp": 1.0, "a": {"_type": "t", "chart": 3}},
        {
            "_step": 9,
            "_timestamp": 1.0,
            "b": {"_type": "t", "chart": {"fields": [], "strings": {}}},
        },
        {"_step": 9, "_timestamp": 1.0, "c": {"_type": 3}, "d": [{"_type": "u"}, 3]},
    ]
    path.write_text("\n".join([*map(json.dumps, strange), '{"_type', ""]))
    found = asked(client, type="t,u")["media"]
    assert [(one["key"], one["vega_lite"]) for one in found] == [
        ("a", None),
        ("b", None),
        ("d", None),
    ]


def test_media_are_not_read_again_for_who_has_them(root: Path, client: Client) -> None:
    """Until a row is written: lines of other streams tell of no media."""
    path = "/api/media?run=m1&key=page"
    run = root / "demo" / "m1"
    tag = {"If-None-Match": client.get(path).headers["etag"]}
    with (run / "events.jsonl").open("a") as events:
        events.write("{}\n")
    assert client.get(path, headers=tag).status_code == 304
    assert client.get(path + "&limit=1", headers=tag).status_code == 200
    with (run / "history.jsonl").open("a") as rows:
        rows.write("{}\n")
    assert client.get(path, headers=tag).status_code == 200


def test_a_run_that_is_not_there_has_no_media(client: Client) -> None:
    """As everywhere: not found."""
    assert client.get("/api/media?run=nothing").status_code == 404
    assert client.get("/api/media?run=m1&after=x").status_code == 400
