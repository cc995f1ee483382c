"""Edits are lines, deleting is a rename, and a living run is left alone."""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING

import orjson
import pytest

from tests.server.serving import ADDRESS, Client

if TYPE_CHECKING:
    from pathlib import Path

RUN = f"/api/runs/{ADDRESS}"
JSON = {"Content-Type": "application/json"}


def lines(path: Path) -> list[dict[str, object]]:
    """Return the objects of a segment."""
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_an_edit_is_a_line_of_a_writer_of_its_own(client: Client, run: Path) -> None:
    """Nothing that the run wrote is touched, and the answer shows the edit."""
    before = {path.name: path.read_bytes() for path in run.glob("*.jsonl")}
    edit = {"name": "best", "tags": ["x", "y"], "notes": "good\nrun"}
    reply = client.request("PATCH", RUN, json=edit).json()
    assert {key: reply[key] for key in edit} == edit
    assert before == {name: (run / name).read_bytes() for name in before}
    (segment,) = set(run.glob("events.*.jsonl"))
    header, line = lines(segment)
    assert (header["logger"], line["logger"], line["data"]) == (
        "tracklab.segment", "tracklab.run", edit,
    )  # fmt: skip
    assert segment.stat().st_size > 1_100


def test_edits_add_up_and_their_lines_have_names_of_their_own(client: Client, run: Path) -> None:
    """A later edit changes what it names; no two lines share writer and number."""
    client.request("PATCH", RUN, json={"name": "one"})
    reply = client.request("PATCH", RUN, json={"tags": ["t"]}).json()
    assert (reply["name"], reply["tags"], reply["status"]) == ("one", ["t"], "finished")
    found = [line for path in run.glob("events.*.jsonl") for line in lines(path)]
    assert len({(line["writer"], line["seq"]) for line in found}) == len(found) == 4
    listed = client.get("/api/runs").json()["runs"][0]
    assert (listed["name"], listed["tags"]) == ("one", ["t"])


def test_who_may_read_a_run_may_read_it_after_an_edit(client: Client, run: Path) -> None:
    """The document keeps its mode."""
    (run / "metadata.json").chmod(0o640)
    client.request("PATCH", RUN, json={"name": "renamed"})
    assert (run / "metadata.json").stat().st_mode & 0o777 == 0o640


def test_a_living_run_can_be_edited(client: Client, run: Path) -> None:
    """Its writer keeps its documents; the edit is seen by its line."""
    metadata = (run / "metadata.json").read_bytes()
    with open(run / "run.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        reply = client.request("PATCH", RUN, json={"name": "renamed"}).json()
        assert (reply["name"], reply["status"]) == ("renamed", "running")
    assert (run / "metadata.json").read_bytes() == metadata


def test_an_edit_does_not_bring_a_silent_run_back_to_life(client: Client, run: Path) -> None:
    """A line of ours is no sign of life of the run."""
    metadata = json.loads((run / "metadata.json").read_bytes())
    (run / "metadata.json").write_text(json.dumps(metadata | {"status": "running"}))
    kept = (run / "events.jsonl").read_bytes().splitlines(keepends=True)[:-1]
    (run / "events.jsonl").write_bytes(b"".join(kept))
    for segment in run.glob("*.jsonl"):
        os.utime(segment, (1_790_000_000, 1_790_000_000))
    assert client.get(RUN).json()["status"] == "stale"
    assert client.request("PATCH", RUN, json={"name": "x"}).json()["status"] == "stale"


@pytest.mark.parametrize(
    "edit",
    [{}, {"name": None}, {"name": ""}, {"status": "finished"}, {"tags": "a"}, {"tags": [""]},
     {"notes": "x" * 16_001}, {"name": 3}],
)  # fmt: skip
def test_an_edit_that_makes_no_sense_is_refused(client: Client, edit: dict[str, object]) -> None:
    """Only name, notes and tags, within bounds."""
    assert client.request("PATCH", RUN, json=edit).status_code in {400, 422}


def test_an_edit_that_fits_no_line_is_refused(client: Client) -> None:
    """Log shippers stop at longer lines, so nobody writes them."""
    assert client.request("PATCH", RUN, json={"notes": "\0" * 16_000}).status_code == 413


def test_a_deleted_run_waits_in_the_trash(client: Client, root: Path, run: Path) -> None:
    """It is gone from the list, and comes back whole."""
    assert client.request("DELETE", RUN, headers=JSON).status_code == 204
    assert client.get("/api/runs").json()["total"] == 0
    assert (root / ".tracklab" / "trash" / "vision" / "demo1" / "history.jsonl").exists()
    reply = client.request("POST", f"{RUN}/restore", headers=JSON)
    assert (reply.status_code, reply.json()["run"]) == (200, ADDRESS)
    assert (run / "files" / "note.txt").read_text() == "hello"


def test_the_trash_keeps_every_run_of_one_name(client: Client, run: Path) -> None:
    """The one deleted last comes back first; a name in use is not overwritten."""
    client.request("DELETE", RUN, headers=JSON)
    run.mkdir()
    (run / "metadata.json").write_text('{"name": "second"}')
    assert client.request("POST", f"{RUN}/restore", headers=JSON).status_code == 409
    client.request("DELETE", RUN, headers=JSON)
    assert client.request("POST", f"{RUN}/restore", headers=JSON).json()["name"] == "second"
    run.rename(run.parent / "other")
    assert client.request("POST", f"{RUN}/restore", headers=JSON).json()["name"] == "demo one"


def test_a_run_that_is_being_written_is_not_deleted(client: Client, run: Path) -> None:
    """A held lock of any writer protects it."""
    (run / "run.box-2-0.lock").touch()
    with open(run / "run.box-2-0.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert client.request("DELETE", RUN, headers=JSON).status_code == 409
    assert run.exists()


@pytest.mark.parametrize("address", ["vision/none", "demo1", "../x/y", "vision/..", ".tracklab/x"])
def test_only_what_lies_in_the_trash_is_restored(client: Client, address: str) -> None:
    """No address reaches outside the trash."""
    path = f"/api/runs/{address.replace('..', '%2e%2e')}/restore"
    assert client.request("POST", path, headers=JSON).status_code == 404
