"""A run on a machine with GPUs: what its rows and events tell, from the driver's own answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

import tracklab
from tests.monitors.driver import NEEDS_COMPILER, Driver, built

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.integration, NEEDS_COMPILER]

SAMPLED = """
import os, sys, time, tracklab
os.environ["FAKE_NVML_PIDS"] = f"{os.getpid()}:1000,1:500"
run = tracklab.init(project="p", id="r", dir=sys.argv[1], settings={
    "console": "off", "monitor_interval": 0.1, "sync_interval": 0.1, "save_environment": False})
events = run.run_dir / "events.jsonl"

def until(text, times=1):
    due = time.monotonic() + 20
    while events.read_text().count(text) < times and time.monotonic() < due:
        time.sleep(0.01)

def happens(name, text):
    path = os.environ["FAKE_NVML_DIR"] + "/" + name
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)
    return path

until('"message":"gpu"')
lost = happens("lost", "1")
until('"gpu_error"')
os.unlink(lost)
until('"gpu_back"')
for _ in range(2):
    xid = happens("xid", "0 79")
    while os.path.exists(xid):
        time.sleep(0.01)
until('"gpu_error"', 2)
run.finish()
"""
LATER = """
import os, sys, time, tracklab
os.environ["FAKE_NVML_PIDS"] = f"{os.getpid()}:1000"
with tracklab.init(project="p", id="r", dir=sys.argv[1], settings={
        "console": "off", "monitor_interval": 0.1, "save_environment": False}) as run:
    rows, path = run.run_dir / "system_metrics.jsonl", os.environ["FAKE_NVML_DIR"] + "/lost"
    with open(path, "w") as file:
        file.write("1")  # somebody else's card
    while not rows.exists() or rows.read_text().count("cpu_percent") < 6:
        time.sleep(0.01)
"""
OFF = """
import sys, tracklab
with tracklab.init(project="p", id="r", dir=sys.argv[1], settings={
        "console": "off", "enable_gpu_monitoring": False, "monitor_interval": 0.1}) as run:
    rows = run.run_dir / "system_metrics.jsonl"
    while not rows.exists() or rows.read_text().count("cpu_percent") < 4:
        pass
"""
DIRECT = """
import sys, tracklab
with tracklab.init(project="p", id="r", dir=sys.argv[1], system_monitor=False,
                   settings={"console": "off"}) as run:
    assert tracklab.monitor_gpu(run.id).log_gpu_metrics()["gpu.0.power_watts"] == 71.53
    tracklab.monitor_gpu().log_gpu_metrics()
"""


@pytest.fixture
def driver(tmp_path: Path) -> Driver:
    """Return a machine with three cards."""
    for name in ("library", "events"):
        (tmp_path / name).mkdir()
    return Driver(built(tmp_path / "library"), tmp_path / "events")


def lines(root: Path, stream: str) -> Iterator[dict[str, Any]]:
    """Yield the lines of a stream but its header."""
    content = (root / "p/r" / f"{stream}.jsonl").read_bytes().splitlines()
    yield from map(orjson.loads, content[1:])


def told(root: Path) -> list[tuple[str, str, dict[str, Any]]]:
    """Return message, level and data of each event about cards."""
    found = [line for line in lines(root, "events") if line["logger"] == "tracklab.gpu"]
    return [(line["message"], line["level"], line["data"]) for line in found]


def test_what_happens_to_a_card_is_told_once(root: Path, driver: Driver) -> None:
    """Which card is which at the start, then one that is lost and back, and an Xid error."""
    driver.run(SAMPLED, str(root), LOCAL_RANK="0", CUDA_VISIBLE_DEVICES="GPU-f7,GPU-51")
    begun, *errors = told(root)

    assert begun[:2] == ("gpu", "INFO")
    assert begun[2]["visible"] == [0, 2]
    assert begun[2]["own"] == 0
    assert begun[2]["gpus"][0] == {
        "hw.id": "GPU-f7b02328-d6fe-5b1f-9683-15041689bb03",
        "index": 0,
        "hw.name": "NVIDIA H100 80GB HBM3",
        "hw.driver_version": "560.35.03",
        "hw.gpu.memory.limit": 81_559 * 2**20,
        "bus_id": "00000000:DB:00.0",
        "hw.gpu.utilization": 0.0,
        "hw.gpu.memory.usage": 2**20,
        "hw.temperature": 34,
        "hw.power": 71.53,
        "hw.errors": 0,
    }
    lost = {"hw.id": "GPU-37037c3f-65c8-ec4d-24a9-420204ad8026", "index": 1}
    assert errors == [
        ("gpu_error", "ERROR", {**lost, "error": "GPU is lost"}),
        ("gpu_back", "INFO", lost),
        ("gpu_error", "ERROR", {"hw.id": begun[2]["gpus"][0]["hw.id"], "index": 0,
                                "error": "Xid 79", "xid": 79}),
    ]  # fmt: skip


def test_a_row_says_what_the_run_itself_holds(root: Path, driver: Driver) -> None:
    """Memory of this process on its card; a lost card is missing from rows meanwhile."""
    driver.run(SAMPLED, str(root))
    rows = list(lines(root, "system_metrics"))

    assert {row["gpu.0.process_memory_used_bytes"] for row in rows} == {1000}
    assert {row["gpu.0.processes"] for row in rows} == {2}
    assert {"gpu.1.memory_used_bytes" in row for row in rows} == {True, False}
    assert not any("gpu.1.process_memory_used_bytes" in row for row in rows)
    assert not any("_sampler_error" in row for row in rows)


def test_a_later_process_of_a_job_tells_of_its_own_card(root: Path, driver: Driver) -> None:
    """The first one on the machine tells of all: the card it has by its number, and one it uses."""
    driver.run(LATER, str(root), LOCAL_RANK="1", CUDA_VISIBLE_DEVICES="GPU-f7,GPU-51")
    ((message, _, data),) = told(root)
    cards = [
        {name.split(".")[1] for name in row if name.startswith("gpu.")}
        for row in lines(root, "system_metrics")
    ]

    assert (message, data["visible"], data["own"]) == ("gpu", [0, 2], 2)
    assert [card["index"] for card in data["gpus"]] == [0, 2]
    assert {frozenset(found) for found in cards} == {frozenset({"0", "2"})}


def test_cards_are_left_alone_when_they_are_not_wanted(root: Path, driver: Driver) -> None:
    """Neither rows nor events."""
    driver.run(OFF, str(root))

    assert not [name for row in lines(root, "system_metrics") for name in row if "gpu" in name]
    assert told(root) == []


def test_cards_are_measured_when_the_program_says_so(root: Path, driver: Driver) -> None:
    """A row and an event for each call, without a sampler."""
    driver.run(DIRECT, str(root))
    rows = list(lines(root, "system_metrics"))

    assert [row["gpu.0.temperature_celsius"] for row in rows] == [34, 34]
    assert [message for message, _, _ in told(root)] == ["gpu", "gpu"]


def test_a_monitor_is_of_the_current_run(root: Path) -> None:
    """Without a run, and for another one, the call says what to write."""
    with pytest.raises(tracklab.UsageError, match=r"tracklab\.init"):
        tracklab.monitor_gpu()
    with tracklab.init(
        dir=root, system_monitor=False, settings={"console": "off"}, reinit="finish_previous"
    ) as run:
        assert tracklab.monitor_gpu(run).log_gpu_metrics() == {}
        with pytest.raises(tracklab.UsageError, match=run.id):
            tracklab.monitor_gpu("other")
