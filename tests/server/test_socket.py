"""What a browser tab hears over `/ws` while other processes write lines."""

from __future__ import annotations

import fcntl
import shutil
import time
from collections import deque
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx
import orjson
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.query.files import segment
from tests.query.test_frames import decode
from tests.server.serving import ADDRESS, append, begin, event, row, running
from tracklab.server.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration


class Tab:
    """One connection that remembers what it has heard."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.heard: list[dict[str, Any]] = []

    def sub(self, **wants: Any) -> None:
        """Subscribe."""
        self._socket.send(orjson.dumps({"type": "sub", "data": wants}).decode())

    def hear(self, kind: str, when: Callable[[Any], bool] = bool) -> Any:
        """Return the data of the next message of `kind` for which `when` holds."""
        ends_s = time.monotonic() + 20
        while time.monotonic() < ends_s:
            message = orjson.loads(self._socket.recv(timeout=20))
            self.heard.append(message)
            if message["type"] == kind and when(message["data"]):
                return message["data"]
        raise TimeoutError([message["type"] for message in self.heard])


@contextmanager
def tab(port: int) -> Iterator[Tab]:
    """Open `/ws` as a page of this server does."""
    headers = {"Origin": f"http://localhost:{port}", "Sec-Fetch-Site": "same-origin"}
    with connect(f"ws://localhost:{port}/ws", additional_headers=headers) as socket:
        yield Tab(socket)


def rev_of(port: int) -> str:
    """Return the rev of the run as a chart gets it."""
    url = f"http://localhost:{port}/api/series?runs={ADDRESS}&keys=loss"
    revs: dict[str, str] = httpx.get(url, headers={"Accept": "application/json"}).json()["revs"]
    return revs[ADDRESS]


def of(run: str) -> Callable[[Any], bool]:
    """Return what tells whether data is of `run`."""
    return lambda data: bool(data["run"] == run)


def steps(data: dict[str, Any]) -> list[int]:
    """Return the steps of the rows of a metric update."""
    return [entry["_step"] for entry in data["rows"]]


def test_subscribed_rows_arrive_with_their_keys(port: int, run: Path) -> None:
    """A row of another process comes with the wanted keys and where it belongs."""
    with tab(port) as one:
        one.sub(runs=[ADDRESS], keys=["loss"], revs={ADDRESS: rev_of(port)})
        append(run / "history.jsonl", row(10, other=1.0), row(11, loss=0.5, other=2.0))
        data = one.hear("metric_update")
    assert (data["run"], data["rev"]) == (ADDRESS, data["rev"])
    assert data["rows"] == [
        {"_timestamp": 1_790_000_011.0, "_step": 11, "_runtime": 11.0, "loss": 0.5}
    ]


def test_a_tab_that_comes_back_misses_and_repeats_nothing(port: int, run: Path) -> None:
    """From its rev on it gets what was written while it was away, each line once."""
    rev = rev_of(port)
    with tab(port) as first:
        first.sub(runs=[ADDRESS], revs={ADDRESS: rev})
        append(run / "history.jsonl", *(row(step, loss=1.0) for step in range(10, 15)))
        first.hear("metric_update", lambda data: 14 in steps(data))
        with tab(port) as second:
            second.sub(runs=[ADDRESS], revs={ADDRESS: rev})
            append(run / "history.jsonl", *(row(step, loss=1.0) for step in range(15, 20)))
            second.hear("metric_update", lambda data: 19 in steps(data))
    updates = [one["data"] for one in second.heard if one["type"] == "metric_update"]
    assert [step for data in updates for step in steps(data)] == list(range(10, 20))


def test_a_rev_that_means_nothing_is_stale(port: int) -> None:
    """The tab is told to read anew instead of being cut off."""
    with tab(port) as one:
        one.sub(runs=[ADDRESS], revs={ADDRESS: "nonsense"})
        assert one.hear("stale") == {"run": ADDRESS, "rev": None}


def test_a_run_that_is_not_there_is_told(port: int) -> None:
    """Subscribing to a deleted run is no error."""
    with tab(port) as one:
        one.sub(runs=["vision/none"])
        assert one.hear("run_update") == {"run": "vision/none", "deleted": True}


def test_a_run_that_is_named_twice_is_heard_under_both_names(port: int, run: Path) -> None:
    """Until one of them is given up."""
    with tab(port) as one:
        rev = rev_of(port)
        one.sub(runs=["demo1", ADDRESS], revs={"demo1": rev, ADDRESS: rev})
        append(run / "history.jsonl", row(10, loss=0.5))
        assert {one.hear("metric_update")["run"] for _ in range(2)} == {"demo1", ADDRESS}
        one.sub(runs=["demo1"], revs={"demo1": rev_of(port)})
        append(run / "history.jsonl", row(11, loss=0.4), row(12, loss=0.3))
        one.hear("metric_update", lambda data: 12 in steps(data))
    later = [each["data"] for each in one.heard if each["type"] == "metric_update"][2:]
    assert {data["run"] for data in later} == {"demo1"}


def test_a_run_that_is_deleted_and_restored_is_read_anew(port: int, run: Path) -> None:
    """The tab is told so when it is there again, and hears its next rows and its console."""
    url = f"http://localhost:{port}/api/runs/{ADDRESS}"
    headers = {"Content-Type": "application/json"}
    with tab(port) as one:
        one.sub(runs=[ADDRESS, "demo1"], logs={"run": ADDRESS, "offset": 8})
        httpx.request("DELETE", url, headers=headers)
        one.hear("run_update", lambda data: data.get("deleted"))
        httpx.post(f"{url}/restore", headers=headers)
        assert {one.hear("stale")["run"] for _ in range(2)} == {ADDRESS, "demo1"}
        append(run / "history.jsonl", row(10, loss=0.5))
        assert {one.hear("metric_update")["run"] for _ in range(2)} == {ADDRESS, "demo1"}
        with open(run / "logs" / "stdout.log", "ab", buffering=0) as file:
            file.write(b"three\n")
        assert [line["text"] for line in one.hear("log_append")["lines"]] == ["three"]


def test_a_run_that_is_made_anew_is_read_anew(port: int, run: Path) -> None:
    """What its files held before is nothing to the new ones."""
    with tab(port) as one:
        one.sub(runs=[ADDRESS], revs={ADDRESS: rev_of(port)})
        append(run / "history.jsonl", row(10, loss=0.5))
        one.hear("metric_update")
        shutil.rmtree(run)
        one.hear("run_update", lambda data: data.get("deleted"))
        run.mkdir()
        begin(run / "history.jsonl", "history", 0)
        one.hear("stale")
        append(run / "history.jsonl", row(0, loss=0.7))
        assert one.hear("metric_update")["rows"][0]["loss"] == 0.7


def test_a_run_that_takes_the_place_of_another_is_read_anew(
    port: int, root: Path, run: Path
) -> None:
    """Between two looks, so that nobody has seen the place empty."""
    other = root / ".other"
    other.mkdir()
    begin(other / "history.jsonl", "history", 7)
    append(other / "history.jsonl", *(row(step, loss=0.7) for step in range(100)))
    with tab(port) as one:
        one.sub(runs=[ADDRESS], revs={ADDRESS: rev_of(port)})
        append(run / "history.jsonl", row(10, loss=0.5))
        one.hear("metric_update")
        run.rename(root / ".away")
        other.rename(run)
        one.hear("stale")
        append(run / "history.jsonl", row(100, loss=0.7))
        assert steps(one.hear("metric_update")) == [100]


@pytest.mark.parametrize("name", ["vision/later", "later", "new/deep/later"])
def test_a_run_that_is_yet_to_begin_is_heard_from_its_first_row(
    port: int, root: Path, name: str
) -> None:
    """Under the name that the tab has for it."""
    with tab(port) as one:
        one.sub(runs=[name], keys=["loss"])
        one.hear("run_update", lambda data: data == {"run": name, "deleted": True})
        path = root / (name if "/" in name else f"vision/{name}")
        path.mkdir(parents=True)
        begin(path / "history.jsonl", "history", 0)
        append(path / "history.jsonl", row(0, loss=3.0), row(1, loss=2.0))
        heard = [one.hear("metric_update")]
        while 1 not in steps(heard[-1]):
            heard.append(one.hear("metric_update"))
        append(path / "history.jsonl", row(2, loss=1.0))
        heard.append(one.hear("metric_update"))
    assert [step for data in heard for step in steps(data)] == [0, 1, 2]
    assert {data["run"] for data in heard} == {name}


def test_a_tab_that_only_listens_hears_summary_values(port: int, root: Path, run: Path) -> None:
    """Without a subscription come new runs, their last values, and the machine."""
    with tab(port) as one:
        one.hear("system_metrics", lambda data: data["cpu_percent"] is not None)
        assert "accelerators" in one.hear("hardware_update")
        new = root / "vision" / "demo2"
        new.mkdir()
        begin(new / "events.jsonl", "events", 0)
        append(new / "events.jsonl", event(1, "tracklab.lifecycle", "start"))
        begin(new / "history.jsonl", "history", 2)
        append(new / "history.jsonl", row(0, loss=3.0) | {"_timestamp": time.time()})
        update = one.hear("run_update", lambda data: data["run"] == "vision/demo2")
        assert (update["status"], "config" in update) == ("running", False)
        append(new / "history.jsonl", row(1, loss=2.0))
        heard = one.hear("metric_update", lambda data: data["summary"].get("loss") == 2.0)
        assert heard["run"] == "vision/demo2"


def test_the_end_of_a_run_is_told_at_once(port: int, run: Path) -> None:
    """New events name what to read again; alerts come whole."""
    with tab(port) as one:
        one.sub(runs=[ADDRESS], revs={ADDRESS: rev_of(port)})
        append(
            run / "events.jsonl",
            event(4, "tracklab.alert", "loss is NaN", title="NaN"),
            event(5, "tracklab.checkpoint", "checkpoint_save", duration=1.0),
        )
        alert = one.hear("alert")
        assert (alert["run"], alert["message"], alert["data"]) == (
            ADDRESS,
            "loss is NaN",
            {"title": "NaN"},
        )
        update = one.hear("run_update", lambda data: bool(data.get("changed")))
        assert update["changed"] == ["checkpoint", "events"]


def test_an_alert_is_told_once_in_its_wait(port: int, run: Path) -> None:
    """All of them are events of the run."""
    told = {"title": "NaN", "wait_duration": 60}
    with tab(port) as one:
        one.sub(runs=[ADDRESS], revs={ADDRESS: rev_of(port)})
        append(
            run / "events.jsonl",
            *(event(number, "tracklab.alert", "NaN", **told) for number in (4, 5, 6)),
            event(7, "tracklab.alert", "last", title="last"),
        )
        one.hear("alert", lambda data: data["message"] == "last")
    alerts = [message["data"]["seq"] for message in one.heard if message["type"] == "alert"]
    assert alerts == [4, 7]
    url = f"http://localhost:{port}/api/events?run={ADDRESS}&kind=alert"
    assert httpx.get(url).json()["total"] == 4


def test_console_text_is_followed(port: int, run: Path) -> None:
    """Text comes with its offset; a line that grows comes again at the same one."""
    with tab(port) as one:
        one.sub(logs={"run": ADDRESS, "stream": "stdout", "offset": 0})
        data = one.hear("log_append")
        assert [line["text"] for line in data["lines"]] == ["one", "two"]
        with open(run / "logs" / "stdout.log", "ab", buffering=0) as file:
            file.write(b"thr")
            grown = one.hear("log_append")
            file.write(b"ee\n")
            whole = one.hear("log_append")
    assert [line["text"] for line in grown["lines"] + whole["lines"]] == ["thr", "three"]
    assert grown["lines"][0]["offset"] == whole["lines"][0]["offset"] == 8


def test_the_console_of_another_rank_is_followed(port: int, run: Path) -> None:
    """Also where it is yet to begin, and though the first rank prints too."""
    with tab(port) as one:
        one.sub(logs={"run": ADDRESS, "stream": "stdout", "offset": 0, "rank": 1})
        (run / "logs" / "rank-1").mkdir()
        for directory, text in ((run / "logs", b"zero\n"), (run / "logs" / "rank-1", b"one\n")):
            with open(directory / "stdout.log", "ab", buffering=0) as file:
                file.write(text)
        data = one.hear("log_append")
    assert (data["rank"], data["size"]) == (1, 4)
    assert [line["text"] for line in data["lines"]] == ["one"]


def test_rows_come_as_frames_to_who_wants_them_so(port: int, run: Path) -> None:
    """Numbers only, over steps."""
    headers = {"Origin": f"http://localhost:{port}", "Sec-Fetch-Site": "same-origin"}
    with connect(f"ws://localhost:{port}/ws", additional_headers=headers) as socket:
        wants = {"runs": [ADDRESS], "keys": ["loss"], "binary": True}
        wants["revs"] = {ADDRESS: rev_of(port)}
        socket.send(orjson.dumps({"type": "sub", "data": wants}).decode())
        append(run / "history.jsonl", row(10, loss=0.5, other=1.0))
        messages = (socket.recv(timeout=20) for _ in range(100))
        told = decode(next(one for one in messages if isinstance(one, bytes)))
    series = {one["key"]: (one["x"], one["last"]) for one in told["series"]}
    assert series["loss"] == ([10.0], [0.5])
    assert series.keys() == {"loss", "_timestamp", "_runtime"}
    assert list(told["revs"]) == [ADDRESS]


def test_edits_and_deletions_are_told_to_all_tabs(port: int, run: Path) -> None:
    """What one tab changes, the others show."""
    url = f"http://localhost:{port}/api/runs/{ADDRESS}"
    with tab(port) as one:
        one.sub(system=True)
        one.hear("system_metrics")
        httpx.patch(url, json={"name": "renamed"})
        assert one.hear("run_update", lambda data: data["run"] == ADDRESS)["name"] == "renamed"
        httpx.request("DELETE", url, headers={"Content-Type": "application/json"})
        assert one.hear("run_update") == {"run": ADDRESS, "deleted": True}


def test_a_new_subscription_replaces_the_old(port: int, run: Path) -> None:
    """What is no longer wanted is no longer sent."""
    with tab(port) as one:
        one.sub(runs=[ADDRESS], revs={ADDRESS: rev_of(port)})
        append(run / "history.jsonl", row(10, loss=0.5))
        one.hear("metric_update")
        one.sub(system=True)
        one.hear("system_metrics")
        append(run / "history.jsonl", row(11, loss=0.4))
        one.hear("system_metrics")
    assert sum(message["type"] == "metric_update" for message in one.heard) == 1


@pytest.mark.parametrize(
    "text",
    [
        b"binary",
        "nonsense",
        '{"type": "sub", "data": []}',
        "x" * 1_100_000,
        '{"type": "sub", "data": {"logs": {"run": "demo1", "stream": []}}}',
    ],
)
def test_a_message_that_makes_no_sense_ends_the_connection(port: int, text: str | bytes) -> None:
    """The tab is told why; the server and the other tabs go on."""
    with connect(f"ws://localhost:{port}/ws") as socket:
        socket.send(text)
        with suppress(ConnectionClosed):
            deque(socket, maxlen=0)
        assert socket.close_code in {1003, 1007, 1009}
    assert httpx.get(f"http://localhost:{port}/api/self").status_code == 200


def test_messages_of_a_later_version_are_ignored(port: int) -> None:
    """An unknown type does no harm."""
    with connect(f"ws://localhost:{port}/ws") as socket:
        socket.send('{"type": "later", "data": 1}')
        assert orjson.loads(socket.recv(timeout=10))["type"]


def test_the_console_of_a_run_that_is_yet_to_begin_is_followed(port: int, root: Path) -> None:
    """From its first line, also where only what is new was asked for."""
    with tab(port) as one:
        one.sub(logs={"run": "vision/later"})
        one.hear("run_update", lambda data: data.get("deleted"))
        logs = root / "vision" / "later" / "logs"
        logs.mkdir(parents=True)
        (logs / "stdout.log").write_text("first\n")
        begin(logs.parent / "events.jsonl", "events", 0)
        assert [line["text"] for line in one.hear("log_append")["lines"]] == ["first"]


def test_a_tab_that_only_listens_hears_no_more_of_a_run_that_has_ended(
    port: int, root: Path
) -> None:
    """Whatever is appended to it; the runs that go on are heard."""
    with tab(port) as one, ExitStack() as held:
        one.hear("hardware_update")
        locks = {}
        for name in ("ends", "lives"):
            path = segment(root / "p" / name, [], stream="events").parent
            begin(path / "history.jsonl", "history", 1)
            locks[name] = held.enter_context((path / "run.lock").open("w"))
            fcntl.flock(locks[name], fcntl.LOCK_EX)
            one.hear("run_update", of(f"p/{name}"))
            append(path / "history.jsonl", row(0, loss=2.0))
            one.hear("metric_update")
        ended = event(2, "tracklab.lifecycle", "finish", state="finished", exit_code=0)
        append(root / "p" / "ends" / "events.jsonl", ended)
        locks["ends"].close()
        one.hear("run_update", lambda data: data.get("status") == "finished")
        for name in ("ends", "lives"):
            append(root / "p" / name / "history.jsonl", row(1, loss=1.0))
        assert one.hear("metric_update", lambda data: data["summary"]["loss"] == 1.0)["run"] == (
            "p/lives"
        )


def test_every_tab_is_told_of_all_machines(root: Path, tmp_path: Path) -> None:
    """Also one that comes later, of runs in further directories, and when a machine is gone."""
    far = tmp_path / "far"
    with ExitStack() as held:
        for path, host in ((root / "p" / "a", "near-1"), (far / "p" / "a", "far-1")):
            started = segment(path, [], stream="events", facts={"host": host})
            lock = held.enter_context((started.parent / "run.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        port = held.enter_context(running(create_app(root, insecure=True, also=[far])))
        for _ in range(2):
            one = held.enter_context(tab(port))
            told = [one.hear("node_status") for _ in range(2)]
            assert [(node["node"], node["status"]) for node in told] == [
                ("far-1", "up"), ("near-1", "up"),
            ]  # fmt: skip
            nodes = one.hear("cluster_metrics")["nodes"]
            assert [node["node"] for node in nodes] == ["far-1", "near-1"]
        shutil.rmtree(far)
        assert one.hear("node_status") == {"node": "far-1", "status": "gone"}


def test_nothing_runs_when_nobody_listens(port: int) -> None:
    """After the last tab has gone, the server has no clients."""
    with tab(port) as one:
        one.hear("system_metrics")
        assert httpx.get(f"http://localhost:{port}/api/self").json()["clients"] == 1
    assert httpx.get(f"http://localhost:{port}/api/self").json()["clients"] == 0


def test_a_tab_that_comes_back_to_a_run_made_anew_reads_it_anew(port: int, run: Path) -> None:
    """Its rev is of other lines, however many there are now at the same places."""
    rev = rev_of(port)
    for one in run.glob("*.jsonl"):
        one.write_bytes(one.read_bytes().replace(b"box-1-0", b"box-2-0"))
    with tab(port) as back:
        back.sub(runs=[ADDRESS], revs={ADDRESS: rev})
        assert back.hear("stale") == {"run": ADDRESS, "rev": None}
        append(run / "history.jsonl", row(10, loss=0.5))
        assert steps(back.hear("metric_update")) == [10]
