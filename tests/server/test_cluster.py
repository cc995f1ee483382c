"""Machines of a cluster, known by the files of their runs alone."""

from __future__ import annotations

import fcntl
import statistics
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.query.files import START_S, event, segment
from tests.server.serving import Client
from tracklab.server.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

KEYS = "keys=cpu_percent,gpu.0.utilization_percent"


def machine_run(path: Path, host: str, values: dict[int, float]) -> None:
    """Write a run that is going on, with samples by second."""
    started = event("tracklab.lifecycle", "start", {"host": host, "project": path.parent.name})
    segment(path, [started], stream="events", facts={"host": host})
    samples = [
        {"_timestamp": START_S + at, "_runtime": float(at), "_run_id": path.name, "_seq": 9 + at,
         "cpu_percent": value, "gpu.0.utilization_percent": value / 2}
        for at, value in values.items()
    ]  # fmt: skip
    segment(path, samples, stream="system_metrics", facts={"host": host})


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Client]:
    """Return a server of two directories: one host writes to both of them."""
    first, second = tmp_path / "first", tmp_path / "second"
    machine_run(first / "p" / "a", "node-1", {n: float(n) for n in range(60)})
    machine_run(first / "p" / "b", "node-2", dict.fromkeys(range(0, 60, 2), 50.0))
    machine_run(second / "p" / "a", "node-1", dict.fromkeys(range(30, 60), 100.0))
    machine_run(second / "p" / "c", "node-3", {5: 7.0, 6: 9.0})
    with ExitStack() as held:
        for path in [*first.glob("p/*"), *second.glob("p/*")]:
            lock = held.enter_context((path / "run.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield Client(create_app(first, insecure=True, also=[second]))


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
