"""Answers over one small run: the right content, tags that spare reading, files in a sandbox."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import threading
from dataclasses import fields
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.query.test_frames import decode
from tests.server.serving import ADDRESS, START_S, Client, append, event, row
from tests.server.test_workers import asker
from tracklab.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.server.app import App

FILES = f"/api/runs/{ADDRESS}/files"
SERIES = f"/api/series?runs={ADDRESS}&keys=loss"
JSON = {"Accept": "application/json"}
#: All that the files of one run, and nothing else, tell.
ANSWERS = (
    SERIES, f"/api/rows?run={ADDRESS}", f"/api/keys?runs={ADDRESS}", f"/api/runs/{ADDRESS}",
    f"/api/series/means?runs={ADDRESS}&keys=loss", f"/api/runs/{ADDRESS}/metrics",
    f"/api/runs/{ADDRESS}/config", f"/api/events?run={ADDRESS}", f"/api/logs?run={ADDRESS}",
    f"/api/logs/search?run={ADDRESS}", f"/api/llm?run={ADDRESS}", f"/api/llm/stats?run={ADDRESS}",
    f"/api/compare?runs={ADDRESS}", f"/api/checkpoints?run={ADDRESS}",
)  # fmt: skip


def test_projects_and_runs_are_listed(client: Client) -> None:
    """The list leads to the project, the project to its run."""
    assert client.get("/api/projects").json()["projects"][0]["project"] == "vision"
    assert client.get("/api/projects/vision").json()["runs"] == 1
    page = client.get("/api/runs?project=vision").json()
    assert [(run["run"], run["status"], run["config"]) for run in page["runs"]] == [
        (ADDRESS, "finished", {"lr": 0.1})
    ]
    assert (page["total"], page["cursor"]) == (1, None)


@pytest.mark.parametrize("address", [ADDRESS, "demo1", "vision%2Fdemo1"])
def test_a_run_is_found_by_each_spelling_of_its_address(client: Client, address: str) -> None:
    """Project and id, an encoded slash, or the id alone where it is unique."""
    run = client.get(f"/api/runs/{address}").json()
    assert (run["run"], run["name"], run["step"]) == (ADDRESS, "demo one", 9)
    assert run["streams"]["history"]["lines"] == 11
    assert run["metadata"]["format"] == 1


@pytest.mark.parametrize("project", ["vision/files", "metrics", "config/files/metrics"])
@pytest.mark.parametrize("name", ["metrics", "config", "files"])
def test_projects_and_runs_may_have_the_names_of_routes(
    client: Client, run: Path, root: Path, project: str, name: str
) -> None:
    """None is reserved: an address that is a run's means the run, and its parts lie below it."""
    (root / project).mkdir(parents=True)
    run.rename(root / project / name)
    address = f"{project}/{name}"
    assert client.get(f"/api/runs/{address}").json()["run"] == address
    assert len(client.get(f"/api/runs/{address}/metrics?keys=loss&limit=3").json()["rows"]) == 3
    assert client.get(f"/api/runs/{address}/config").json() == {"lr": 0.1}
    assert client.get(f"/api/runs/{address}/files").json()["files"][0]["path"] == "config.yaml"
    assert client.get(f"/api/runs/{address}/files/files/note.txt").text == "hello"
    assert client.get(f"/api/runs/none/{name}").status_code == 404
    assert client.get(f"/api/runs/{'a/' * 1_500}{name}").status_code == 404


@pytest.mark.parametrize("name", ["metrics", "config", "files"])
def test_a_whole_address_goes_before_an_id(
    client: Client, run: Path, root: Path, name: str
) -> None:
    """Where an id that is unique has the name of the project beside it; so does a saved file."""
    shutil.copytree(run, root / "demo1" / name)
    assert client.get(f"/api/runs/demo1/{name}").json()["run"] == f"demo1/{name}"
    assert "run" not in client.get(f"/api/runs/vision/demo1/{name}").json()
    (run / "files" / name).write_text("saved")
    assert client.get(f"{FILES}/files/{name}").text == "saved"


def test_rows_come_merged_and_paged(client: Client) -> None:
    """Metrics are the rows from the start; rows go either way, with a cursor."""
    rows = client.get(f"/api/runs/{ADDRESS}/metrics?keys=loss&limit=2").json()["rows"]
    assert [entry["_step"] for entry in rows] == [0, 1]
    first = client.get(f"/api/rows?run={ADDRESS}&limit=1&order=desc").json()
    after = client.get(f"/api/rows?run={ADDRESS}&limit=1&order=desc&after={first['cursor']}").json()
    assert [first["rows"][0]["_step"], after["rows"][0]["_step"]] == [9, 8]


def test_a_chart_comes_as_a_frame_or_as_json(client: Client) -> None:
    """Both forms say the same, and the body of a POST asks what the address asks."""
    frame = client.get(SERIES)
    assert frame.headers["content-type"] == "application/vnd.tracklab.series"
    table = client.get(SERIES, headers=JSON).json()
    assert decode(frame.content) == table
    assert table["series"][0]["x"] == [float(step) for step in range(10)]
    body = {"runs": [ADDRESS], "keys": ["loss"]}
    assert client.request("POST", "/api/series", json=body, headers=JSON).json() == table


def test_a_chart_goes_on_from_a_rev(client: Client, run: Path) -> None:
    """Only the points written after the rev come back."""
    rev = client.get(SERIES, headers=JSON).json()["revs"][ADDRESS]
    append(run / "history.jsonl", row(10, loss=0.5))
    new = client.get(f"{SERIES}&since={rev}", headers=JSON).json()["series"][0]
    assert (new["x"], new["last"], new["exact"]) == ([10.0], [0.5], True)


@pytest.mark.parametrize(
    "path",
    [*ANSWERS, "/api/runs", "/api/projects"],
)
def test_an_unchanged_answer_is_not_sent_again(client: Client, run: Path, path: str) -> None:
    """A tag is good until a line is written, and not a moment longer."""
    tag = client.get(path).headers["etag"]
    again = client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    append(run / "history.jsonl", row(11, other=1.0))
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", [*ANSWERS, f"/api/media?run={ADDRESS}"])
def test_a_run_made_anew_is_not_the_one_that_a_browser_holds(
    client: Client, run: Path, path: str
) -> None:
    """Also where each of its files has the size and the times of the old one."""
    tag = client.get(path).headers["etag"]
    old = {one: (one.read_bytes(), one.stat()) for one in run.rglob("*") if one.is_file()}
    for one, (content, seen) in old.items():
        one.unlink()
        one.write_bytes(
            content.replace(b"box-1-0", b"box-2-0").replace(b'"loss": 0.', b'"loss": 5.')
        )
        os.utime(one, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        assert one.stat().st_size == seen.st_size
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_rev_of_a_run_that_was_there_before_is_refused(client: Client, run: Path) -> None:
    """Its lines would be taken for those that the client has already."""
    rev = client.get(SERIES, headers=JSON).json()["revs"][ADDRESS]
    for one in run.glob("*.jsonl"):
        one.write_bytes(one.read_bytes().replace(b"box-1-0", b"box-2-0"))
    refused = client.get(f"{SERIES}&since={rev}", headers=JSON)
    assert (refused.status_code, "anew" in refused.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    "path",
    [f"/api/series/means?runs={ADDRESS}&keys=loss&by=status", f"/api/compare?runs={ADDRESS}",
     f"/api/runs/{ADDRESS}", f"/api/checkpoints?run={ADDRESS}", "/api/checkpoints"],
)  # fmt: skip
def test_an_answer_that_changes_without_a_line_has_a_tag_that_changes(
    client: Client, run: Path, path: str
) -> None:
    """A writer that is killed leaves nothing but a lock that nobody holds."""
    with (run / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tag = client.get(path).headers["etag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("asked", [f"run={ADDRESS}", "project=vision", ""])
def test_advice_on_checkpoints_is_not_older_than_the_ends_it_rests_on(
    client: Client, root: Path, asked: str
) -> None:
    """Those of the other runs of the project count, but not those of another one."""
    path = f"/api/checkpoints?{asked}"
    for name in ("vision/other", "speech/other"):
        shutil.copytree(root / ADDRESS, root / name)
    for one in root.rglob("*"):
        os.utime(one, (START_S, START_S))

    def is_same(tag: str) -> bool:
        return client.get(path, headers={"If-None-Match": tag}).status_code == 304

    tag = client.get(path).headers["etag"]
    assert is_same(tag)
    append(root / "speech/other/events.jsonl", event(20, "app", "more"))
    os.utime(root / "speech/other/events.jsonl", (START_S, START_S))
    assert is_same(tag) == bool(asked)
    tag = client.get(path).headers["etag"]
    with (root / "vision/other/run.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not is_same(tag)
    assert is_same(tag)


def test_prices_that_change_make_another_answer(client: Client, root: Path) -> None:
    """What calls cost is worked out when they are read."""
    path = f"/api/llm?run={ADDRESS}"
    tag = client.get(path).headers["etag"]
    (root / ".tracklab").mkdir(exist_ok=True)
    (root / ".tracklab" / "prices.yaml").write_text("m: {input: 1}\n")
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_costly_questions_leave_room_for_light_ones(app: App) -> None:
    """However many wait that read much, a table and a chart come at once."""

    async def scene() -> list[int]:
        scanners, free = app.state.services.scanners, threading.Event()
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as one:
            costly = [asyncio.ensure_future(scanners.ask(asker(), free.wait)) for _ in range(60)]
            light = [await one.get(path) for path in ("/api/runs", SERIES, ANSWERS[3])]
            free.set()
            await asyncio.gather(*costly)
        return [reply.status_code for reply in light]

    assert asyncio.run(scene()) == [200, 200, 200]


@pytest.mark.parametrize(
    "path",
    ["/api/projects/vision", "/api/views", FILES,
     "/api/runs?format=csv", "/api/llm?project=vision", "/api/llm/stats"],
)  # fmt: skip
def test_what_a_browser_holds_is_not_sent_again(client: Client, path: str) -> None:
    """Also where only the answer itself tells whether it has changed."""
    reply = client.get(path)
    again = client.get(path, headers={"If-None-Match": reply.headers["etag"]})
    assert (reply.status_code, again.status_code, again.content) == (200, 304, b"")


def test_two_forms_of_a_chart_have_two_tags(client: Client) -> None:
    """A browser must not show JSON where it asked for a frame."""
    tag = client.get(SERIES, headers=JSON).headers["etag"]
    assert client.get(SERIES, headers={"If-None-Match": tag}).status_code == 200


def test_numbers_come_short_where_that_is_wanted(client: Client) -> None:
    """Half the bytes, in another tag; the axis is as exact as ever."""
    long, short = client.get(SERIES), client.get(f"{SERIES}&y=f32")
    assert long.headers["etag"] != short.headers["etag"]
    (one,), (other,) = decode(long.content)["series"], decode(short.content)["series"]
    assert (one["x"], "y" in one, other["y"]) == (other["x"], False, "f32")
    assert other["last"] == pytest.approx(one["last"], rel=1e-6)


def test_many_series_share_what_one_answer_holds(client: Client, run: Path) -> None:
    """So that no question takes the server's memory, however wide the screen."""
    append(run / "history.jsonl", *(row(step, loss=0.0) for step in range(10, 3_000)))
    names = ",".join(["loss", *(f"none{number}" for number in range(199))])
    path = f"/api/series?runs={ADDRESS}&px=20000"
    alone = client.get(f"{path}&keys=loss", headers=JSON).json()["series"][0]
    shared = client.get(f"{path}&keys={names}", headers=JSON).json()["series"][0]
    assert (alone["exact"], alone["n"]) == (True, 3_000)
    assert (shared["exact"], shared["total"]) == (False, 3_000)
    assert 500 <= shared["n"] <= 1_000


def test_console_events_and_numbers_are_answered(client: Client) -> None:
    """Each subject has its address and its shape."""
    lines = client.get(f"/api/logs?run={ADDRESS}").json()["lines"]
    assert [line["text"] for line in lines] == ["one", "two"]
    events = client.get(f"/api/events?run={ADDRESS}&kind=lifecycle").json()
    assert [entry["message"] for entry in events["events"]] == ["start", "finish"]
    assert client.get(f"/api/llm?run={ADDRESS}").json()["calls"] == []
    assert client.get(f"/api/llm/stats?run={ADDRESS}").json()["total"]["count"] == 0
    assert client.get("/api/checkpoints?project=vision").json()["stats"]["count"] == 0
    assert client.get(f"/api/compare?runs={ADDRESS}").json()["config"][0]["key"] == "lr"
    cluster = client.get("/api/cluster/metrics").json()
    assert cluster == {"nodes": [], "history": [], "coverage": 1.0}


def test_lines_are_searched(client: Client) -> None:
    """Console text and events, with a place to go on from."""
    page = client.get(f"/api/logs/search?run={ADDRESS}&re=^(one|two)$&limit=1").json()
    assert [line["text"] for line in page["lines"]] == ["one"]
    assert page["coverage"] < 1
    path = f"/api/logs/search?run={ADDRESS}&re=^(one|two)$&after={page['cursor']}"
    rest = client.get(path).json()
    assert [line["text"] for line in rest["lines"]] == ["two"]
    assert (rest["coverage"], rest["cursor"]) == (1, None)
    assert client.get(f"/api/logs/search?run={ADDRESS}&re=(").status_code == 400


def test_each_rank_of_a_job_has_a_console(client: Client, run: Path) -> None:
    """The ranks that have one are told; what another one prints is no reason for a 304."""
    first = client.get(f"/api/logs?run={ADDRESS}")
    (run / "logs" / "rank-1").mkdir(parents=True)
    (run / "logs" / "rank-1" / "stdout.log").write_bytes(b"from 1\n")
    again = client.get(
        f"/api/logs?run={ADDRESS}&rank=1", headers={"If-None-Match": first.headers["etag"]}
    ).json()
    assert (again["ranks"], again["lines"]) == ([0, 1], [{"offset": 0, "text": "from 1"}])
    tagged = {"If-None-Match": first.headers["etag"]}
    assert client.get(f"/api/logs?run={ADDRESS}", headers=tagged).json()["ranks"] == [0, 1]


def test_runs_are_put_together(client: Client) -> None:
    """By any fields, with numbers of others."""
    path = "/api/run-groups?by=project,config.nope&columns=step&sort=-step.max&f=project=vision"
    body = client.get(path).json()
    (group,) = body["groups"]
    assert group["values"] == {"project": "vision", "config.nope": None}
    assert (body["total"], body["runs"], group["count"]) == (1, 1, 1)
    assert group["columns"]["step"]["count"] == 1


def test_calls_are_chosen_and_grouped_by_any_field(client: Client, run: Path) -> None:
    """In their list and in their numbers alike."""
    (run / "llm.jsonl").write_bytes((run / "events.jsonl").read_bytes().split(b"\n")[0] + b"\n")
    said = [{"user": "ada", "deep": {"n": number}} for number in range(3)]
    append(run / "llm.jsonl", *(event(9 + n, "tracklab.llm", "llm_call", model="m", **one)
                                for n, one in enumerate(said)))  # fmt: skip
    asked = f"run={ADDRESS}&label=user=ada&label=deep.n=2"
    assert len(client.get(f"/api/llm?{asked}").json()["calls"]) == 1
    stats = client.get(f"/api/llm/stats?{asked}&group=deep.n&width=3600").json()
    assert [(one["group"], one["count"]) for one in stats["groups"]] == [("2", 1)]
    assert [one["count"] for one in stats["timeline"]] == [1]


@pytest.mark.parametrize(
    "path",
    [
        "/api/runs?status=nope", "/api/runs?cols=nope", "/api/run-groups?by=nope",
        "/api/run-groups?by=", "/api/run-groups?by=name&sort=nope", "/api/llm/stats?width=0",
        "/api/llm?label=user", "/api/llm/stats?label=user", "/api/llm/stats?x0=nan",
        "/api/llm?x1=inf", f"/api/logs/search?run={ADDRESS}&x0=nan",
    ],
)  # fmt: skip
def test_what_names_nothing_is_refused(client: Client, path: str) -> None:
    """Instead of an answer without it."""
    assert client.get(path).status_code in {400, 422}


def test_the_machine_and_the_server_tell_of_themselves(client: Client, root: Path) -> None:
    """Numbers have the names of logged rows; no accelerator is an empty list."""
    row = client.get("/api/system/metrics").json()
    assert row["cpu_percent"] is not None
    assert row["memory_used_bytes"] > 0
    assert client.get("/api/system/status").json().keys() == row.keys()
    assert client.get("/api/hardware/cpu").json()["count"] > 0
    assert isinstance(client.get("/api/hardware/accelerators").json()["accelerators"], list)
    assert client.get("/api/system/info").json()["hostname"]
    about = client.get("/api/self").json()
    assert (about["root"], about["clients"]) == (str(root), 0)
    assert about["rss_bytes"] > 10_000_000


def test_files_are_downloads_in_a_sandbox(client: Client) -> None:
    """No browser runs what a run has saved."""
    paths = [file["path"] for file in client.get(FILES).json()["files"]]
    assert {"files/note.txt", "logs/stdout.log", "history.jsonl"} <= set(paths)
    reply = client.get(f"{FILES}/files/page.html")
    assert reply.text == "<script>1</script>"
    assert reply.headers["content-disposition"].startswith("attachment;")
    assert reply.headers["content-security-policy"].startswith("sandbox;")
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_a_page_shown_in_a_frame_reaches_nobody(client: Client) -> None:
    """A saved page may run in an origin of its own, without any network."""
    policy = client.get(f"{FILES}/files/page.html?inline=1").headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize(
    ("span", "status", "text", "shown"),
    [
        ("bytes=1-2", 206, "el", "bytes 1-2/5"),
        ("bytes=3-", 206, "lo", "bytes 3-4/5"),
        ("bytes=-2", 206, "lo", "bytes 3-4/5"),
        ("bytes=0-99", 206, "hello", "bytes 0-4/5"),
        ("bytes=9-", 200, "hello", None),
        ("bytes=-0", 200, "hello", None),
        ("bytes=0-1,3-4", 200, "hello", None),
        ("lines=1-2", 200, "hello", None),
    ],
)
def test_a_part_of_a_file_is_sent_on_request(
    client: Client, span: str, status: int, text: str, shown: str | None
) -> None:
    """A video is watched from its middle; a range we do not serve gets the whole file."""
    reply = client.get(f"{FILES}/files/note.txt", headers={"Range": span})
    assert (reply.status_code, reply.text) == (status, text)
    assert reply.headers.get("content-range") == shown
    assert reply.headers["content-length"] == str(len(text))


def test_a_config_comes_alone_and_nested(client: Client, run: Path) -> None:
    """Quicker than the whole run."""
    (run / "config.yaml").write_text("optimizer:\n  lr: 0.1\n")
    path = f"/api/runs/{ADDRESS}/config"
    assert client.get(path).json() == {"optimizer": {"lr": 0.1}}


def test_the_server_tells_its_settings(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As their variables are written; a settings' file that cannot be read is told of."""
    monkeypatch.setenv("TRACKLAB_SAVE_GIT", "no")
    monkeypatch.setenv("TRACKLAB_DATA_RETENTION_DAYS", "7")
    told = client.get("/api/config").json()
    by_name = {one["name"]: (one["value"], one["default"]) for one in told["settings"]}
    assert told["data_retention_days"] == 7
    assert by_name["save_git"] == ("false", "true")
    assert by_name["file_mode"] == ("600", "600")
    assert set(by_name) == {field.name for field in fields(Settings)}
    monkeypatch.setenv("TRACKLAB_SETTINGS_FILE", str(tmp_path / "none.yaml"))
    refused = client.get("/api/config")
    assert (refused.status_code, str(tmp_path) in refused.text) == (503, False)


def test_a_page_of_wide_runs_ends_early(client: Client, root: Path, run: Path) -> None:
    """With what one answer may hold; its cursor leads on, whatever the limit."""
    (run / "config.yaml").write_text("".join(f"k{n}: {'x' * 1000}\n" for n in range(2_000)))
    for number in range(4):
        shutil.copytree(run, root / "vision" / f"copy{number}")
    found: list[str] = []
    pages: list[int] = []
    cursor = None
    while not pages or cursor:
        asked = f"&cursor={cursor}" if cursor else ""
        reply = client.get(f"/api/runs?sort=id&limit=100{asked}")
        assert len(reply.content) < 7 << 20
        body = reply.json()
        found += [one["run_id"] for one in body["runs"]]
        pages.append(len(body["runs"]))
        cursor = body["cursor"]
    assert found == ["copy0", "copy1", "copy2", "copy3", "demo1"]
    assert pages == [3, 2]
