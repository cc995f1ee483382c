"""Machines of a cluster, known by the files of their runs alone."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.crash.needs import needs_host_names
from tests.query.files import START_S, event, segment
from tests.server.serving import Client
from tracklab.clock import rfc3339
from tracklab.server.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

KEYS = "keys=cpu_percent,gpu.0.utilization_percent"


def machine_run(
    path: Path, host: str, values: dict[int, float], *, writer: str | None = None
) -> None:
    """Write a run that is going on, with samples by second; or let one more join it."""
    told = {"host": host, "project": path.parent.name, "beside": [None] if writer else []}
    started = event("tracklab.lifecycle", "start", told)
    segment(path, [started], stream="events", writer=writer, facts={"host": host})
    samples = [
        {"_timestamp": START_S + at, "_runtime": float(at), "_run_id": path.name, "_seq": 9 + at,
         "cpu_percent": value, "gpu.0.utilization_percent": value / 2}
        for at, value in values.items()
    ]  # fmt: skip
    segment(path, samples, stream="system_metrics", writer=writer, facts={"host": host})


@contextmanager
def held(*locks: Path) -> Iterator[None]:
    """Hold the locks of writers, as they do while they live."""
    with ExitStack() as files:
        for path in locks:
            fcntl.flock(files.enter_context(path.open("w")), fcntl.LOCK_EX)
        yield


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Client]:
    """Return a server of two directories: one host writes to both of them."""
    first, second = tmp_path / "first", tmp_path / "second"
    machine_run(first / "p" / "a", "node-1", {n: float(n) for n in range(60)})
    machine_run(first / "p" / "b", "node-2", dict.fromkeys(range(0, 60, 2), 50.0))
    machine_run(second / "p" / "a", "node-1", dict.fromkeys(range(30, 60), 100.0))
    machine_run(second / "p" / "c", "node-3", {5: 7.0, 6: 9.0})
    with held(*(path / "run.lock" for path in [*first.glob("p/*"), *second.glob("p/*")])):
        yield Client(create_app(first, insecure=True, also=[second]))


@pytest.fixture
def job(root: Path) -> Iterator[Path]:
    """Return the directory of one run whose ranks are on three machines, one of them done."""
    path = root / "p" / "job"
    machine_run(path, "rank0-host", dict.fromkeys(range(30), 10.0))
    for rank, value in ((1, 50.0), (2, 90.0)):
        values = dict.fromkeys(range(31), value)
        machine_run(path, f"rank{rank}-host", values, writer=f"rank{rank}-host-5-1")
    ended = event("tracklab.lifecycle", "finish", {"state": "finished", "exit_code": 0}, seq=2)
    with (path / "events.rank1-host-5-1.000000.jsonl").open("a") as file:
        file.write(json.dumps(ended) + "\n")
    (path / "run.rank1-host-5-1.lock").touch()
    with held(path / "run.lock", path / "run.rank2-host-5-1.lock"):
        yield path


def history(client: Client, **view: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what was asked of before, by machine and key."""
    asked = "&".join(f"{name}={value}" for name, value in view.items())
    body = client.get(f"/api/cluster/metrics?{KEYS}&{asked}").json()
    return {(one["group"], one["key"]): one for one in body["history"]}


def test_machines_of_all_directories_are_told(cluster: Client) -> None:
    """Each once, with the newest of its samples, wherever that lies."""
    found = cluster.get("/api/cluster/metrics").json()
    assert found["history"] == []
    nodes = {node["node"]: node for node in found["nodes"]}
    assert {name: node["runs"] for name, node in nodes.items()} == {
        "node-1": 2, "node-2": 1, "node-3": 1,
    }  # fmt: skip
    assert nodes["node-3"]["metrics"]["cpu_percent"] == 9.0
    assert nodes["node-2"]["metrics"]["gpu.0.utilization_percent"] == 25.0


def test_what_machines_measured_is_told_by_machine(cluster: Client) -> None:
    """At full resolution the samples themselves; of two runs on one machine their mean."""
    found = history(cluster, x0=START_S, x1=START_S + 59, px=5_000)
    assert len(found) == 6
    one = found["node-1", "cpu_percent"]
    assert one["x"] == [START_S + n for n in range(60)]
    assert one["mean"] == [float(n) if n < 30 else (n + 100) / 2 for n in range(60)]
    assert one["n"] == [1.0 if n < 30 else 2.0 for n in range(60)]
    assert found["node-3", "gpu.0.utilization_percent"]["mean"] == [3.5, 4.5]


def test_a_long_history_comes_in_buckets(cluster: Client) -> None:
    """The same for all machines, with the extremes of each."""
    found = history(cluster, x0=START_S, x1=START_S + 59, px=8)
    one, two = found["node-1", "cpu_percent"], found["node-2", "cpu_percent"]
    assert 2 < len(one["x"]) <= 8
    assert (min(one["lo"]), max(one["hi"])) == (0.0, 100.0)
    assert statistics.fmean(two["mean"]) == 50.0


def test_a_window_without_samples_is_empty(cluster: Client) -> None:
    """As is a key that nobody measured."""
    found = history(cluster, x0=START_S + 1_000, x1=START_S + 2_000)
    assert all(one["x"] == [] for one in found.values())
    reply = cluster.get("/api/cluster/metrics?keys=nothing&x0=1e300&x1=2e300")
    assert reply.status_code == 400


def test_each_machine_of_one_run_is_told_by_its_own_lines(job: Path) -> None:
    """Whoever began the run; a machine whose process has ended takes part no more."""
    client = Client(create_app(job.parent.parent, insecure=True))
    nodes = client.get("/api/cluster/metrics").json()["nodes"]
    told = [
        (one["node"], one["status"], one["runs"], one["metrics"]["cpu_percent"]) for one in nodes
    ]
    assert told == [("rank0-host", "up", 1, 10.0), ("rank2-host", "up", 1, 90.0)]
    text = client.get("/metrics").text
    for host, value in (("rank0-host", 10.0), ("rank2-host", 90.0)):
        assert f'tracklab_system{{run="p/job",host="{host}",key="cpu_percent"}} {value}\n' in text


@pytest.mark.parametrize("packed", [False, True])
def test_what_each_machine_of_one_run_measured_is_told(job: Path, *, packed: bool) -> None:
    """Its own samples alone, wherever those of the others lie."""
    if packed:
        path = job / "system_metrics.rank1-host-5-1.000000.jsonl"
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    found = history(
        Client(create_app(job.parent.parent, insecure=True)), x0=START_S, x1=START_S + 59, px=5_000
    )
    means = {host: set(one["mean"]) for (host, key), one in found.items() if key == "cpu_percent"}
    assert means == {"rank0-host": {10.0}, "rank1-host": {50.0}, "rank2-host": {90.0}}
    assert len(found["rank0-host", "cpu_percent"]["x"]) == 30
    assert found["rank0-host", "cpu_percent"]["runs"] == ["p/job"]


def test_a_machine_that_writes_no_more_is_silent(job: Path) -> None:
    """Nothing proves from here whether its process lives; the others go on."""
    machine_run(job, "rank3-host", {0: 1.0}, writer="rank3-host-5-1")
    for path in job.glob("*.rank3-host-5-1.*"):
        os.utime(path, (START_S, START_S))
    nodes = Client(create_app(job.parent.parent, insecure=True)).get("/api/cluster/info").json()
    told = {one["node"]: (one["status"], one["last_seen"]) for one in nodes["nodes"]}
    assert told["rank3-host"] == ("silent", rfc3339(START_S))
    assert told["rank0-host"][0] == "up"


def test_of_very_many_runs_no_living_machine_is_left_out(job: Path) -> None:
    """The share of the runs that an answer rests on is told; each machine has its turn."""
    root = job.parent.parent
    for number in range(70):
        machine_run(root / "q" / f"r{number}", "busy", dict.fromkeys(range(60), 1.0))
    client = Client(create_app(root, insecure=True))
    view = f"x0={START_S}&x1={time.time()}&px=100"
    few = client.get(f"/api/cluster/metrics?keys=cpu_percent&{view}").json()
    assert few["coverage"] == 1.0
    keys = ",".join(["cpu_percent", *(f"k{number}" for number in range(199))])
    many = client.get(f"/api/cluster/metrics?keys={keys}&{view}").json()
    shown = {one["group"]: len(one["runs"]) for one in many["history"] if len(one["x"])}
    assert shown.keys() == {"busy", "rank0-host", "rank1-host", "rank2-host"}
    assert many["coverage"] == pytest.approx(5 / 73)
    too_much = client.get(f"/api/cluster/metrics?keys={keys}&px=20000&x0={START_S}")
    assert (too_much.status_code, "machines" in too_much.json()["detail"]) == (400, True)


RANK = """
import sys
import tracklab

with tracklab.init(project="p", id="job", dir=sys.argv[1], settings={"console": "off"}) as run:
    print("began", flush=True)
    sys.stdin.read()
"""


@contextmanager
def rank(number: int, root: Path) -> Iterator[None]:
    """Let a process of its own host name write to the job until this is left."""
    script = f'hostname rank{number}-host && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "--uts", "sh", "-c", script, "sh"]
    environment = {**os.environ, "RANK": str(number), "WORLD_SIZE": "2", "TRACKLAB_AUTO_UI": "0"}
    process = subprocess.Popen(
        [*command, sys.executable, "-c", RANK, str(root)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        while b"began" not in process.stdout.readline():
            assert process.poll() is None
        yield
        process.communicate(timeout=60)


@needs_host_names
def test_ranks_on_several_machines_are_told(root: Path) -> None:
    """As a launcher starts them, with the samples that they take as they begin."""
    client = Client(create_app(root, insecure=True))
    with rank(0, root):
        with rank(1, root):
            nodes = client.get("/api/cluster/metrics").json()["nodes"]
            assert [one["node"] for one in nodes] == ["rank0-host", "rank1-host"]
            assert all(one["status"] == "up" for one in nodes)
        nodes = client.get("/api/cluster/info").json()["nodes"]
        assert [one["node"] for one in nodes] == ["rank0-host"]
    assert client.get("/api/cluster/info").json()["nodes"] == []
    lines = client.get("/api/cluster/metrics?keys=memory_percent").json()["history"]
    assert {one["group"] for one in lines if one["x"]} == {"rank0-host", "rank1-host"}
