"""The system row: every name is in the table, and nothing that is missing stops a run."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from tracklab.monitors import system
from tracklab.records.system import FIELDS

if TYPE_CHECKING:
    from pathlib import Path

SINCE_LAST_CALL = (
    "cpu_percent", "cpu_percent_per_core", "process_cpu_percent", "process_tree_cpu_percent",
)  # fmt: skip
WHERE_PRESENT = ("pressure_", "container_", "rdma_")


def in_new_thread(*, calls: int) -> list[dict[str, object]]:
    """Return the rows of `calls` samples taken one after another in a thread of their own."""
    rows: list[dict[str, object]] = []
    thread = threading.Thread(target=lambda: rows.extend(system.sample() for _ in range(calls)))
    thread.start()
    thread.join()
    return rows


def test_every_name_of_a_row_is_in_the_table_of_names() -> None:
    """And none of the table is missing but what not every kernel has."""
    row = system.sample()

    assert set(row) <= set(FIELDS)
    assert all(name.startswith(WHERE_PRESENT) for name in set(FIELDS) - set(row))


def test_a_share_of_time_is_null_until_there_is_a_time_to_share() -> None:
    """The first row of a thread says nothing about the processor instead of a false zero."""
    first, second = in_new_thread(calls=2)

    assert [first[name] for name in SINCE_LAST_CALL] == [None] * 4
    assert all(second[name] is not None for name in SINCE_LAST_CALL)


def test_total_load_is_the_mean_of_the_cores() -> None:
    """One reading gives both, so that they cannot contradict each other."""
    row = in_new_thread(calls=2)[1]

    cores = row["cpu_percent_per_core"]
    assert isinstance(cores, list)
    assert len(cores) == os.cpu_count()
    assert row["cpu_percent"] == pytest.approx(sum(cores) / len(cores), abs=0.06)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("memory_percent", 0, 100),
        ("memory_used_bytes", 1, 2**60),
        ("disk_usage", 0, 100),
        ("disk_free_bytes", 0, 2**60),
        ("load_1m", 0, 1e5),
        ("load_15m", 0, 1e5),
        ("tasks_total", 2, 2**22),
        ("cpu_usable_cores", 0.01, 2**14),
        ("memory_total_bytes", 2**26, 2**50),
        ("disk_write_operations", 0, 2**60),
        ("net_sent_bytes", 0, 2**60),
        ("net_errors", 0, 2**40),
        ("net_tcp_connections", 0, 2**31),
        ("process_rss_bytes", 2**20, 2**50),
        ("process_threads", 1, 2**20),
        ("process_open_fds", 3, 2**20),
    ],
)
def test_a_value_is_within_its_range(name: str, low: float, high: float) -> None:
    """Values carry the unit that their name says."""
    value = system.sample()[name]

    assert isinstance(value, (int, float))
    assert low <= value <= high


def test_a_path_that_does_not_exist_costs_only_the_disks_fill_level(tmp_path: Path) -> None:
    """One missing thing is null; the rest of the row is there."""
    row = system.sample(tmp_path / "gone")

    assert row["disk_usage"] is None
    assert row["disk_free_bytes"] is None
    assert row["memory_percent"] is not None


@pytest.mark.parametrize(
    ("row", "prefixes"),
    [
        (
            system.sample(cpu=False),
            ("cpu_", "load_", "tasks_", "pressure_cpu_", "container_cpu_"),
        ),
        (
            system.sample(memory=False),
            ("memory_", "swap_", "pressure_memory_", "container_memory_"),
        ),
        (system.sample(network=False), ("net_", "rdma_")),
    ],
    ids=["cpu", "memory", "network"],
)
def test_a_part_that_is_switched_off_is_not_in_the_row(
    row: dict[str, object], prefixes: tuple[str, ...]
) -> None:
    """A user may leave out what is not wanted, and only that goes."""
    whole = system.sample()

    assert set(row) == {name for name in whole if not name.startswith(prefixes)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
def test_a_forked_child_starts_anew() -> None:
    """A child has no share of time of its own yet and does not report its parent's."""
    system.sample()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        answer = system.sample()["process_cpu_percent"]
        os.write(writing, repr(answer).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)

    assert os.read(reading, 100) == b"None"
    os.close(reading)
