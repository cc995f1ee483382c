"""GPU readings: units, silence without a driver, and a lost card that costs only itself."""

from __future__ import annotations

import ctypes
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.monitors.driver import NEEDS_COMPILER
from tracklab.monitors import gpu
from tracklab.records.system import GPU_FIELDS, system_field

if TYPE_CHECKING:
    from tests.monitors.driver import Driver

MIB = 2**20
GIB = 2**30
PIDS = {"FAKE_NVML_PIDS": f"4242:{39 * GIB},17:-1"}


def has_driver() -> bool:
    """Return whether this machine has a driver of NVIDIA's."""
    try:
        ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return False
    return True


def of_card(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return the numbers of one card by their short names."""
    return {k.removeprefix(prefix): v for k, v in row.items() if k.startswith(prefix)}


@NEEDS_COMPILER
@pytest.mark.integration
def test_a_training_card_is_read_in_the_units_of_the_names(driver: Driver) -> None:
    """The driver's milliwatts and MiB become watts and bytes."""
    row = driver.answer("gpu.sample(pids={4242})", **PIDS)

    assert of_card(row, "gpu.0.") == {
        "utilization_percent": 0,
        "memory_busy_percent": 0,
        "memory_used_bytes": 1 * MIB,
        "memory_total_bytes": 81_559 * MIB,
        "memory_percent": 0.0,
        "temperature_celsius": 34,
        "memory_temperature_celsius": 40,
        "power_watts": 71.53,
        "power_limit_watts": 700.0,
        "sm_clock_mhz": 345,
        "memory_clock_mhz": 2619,
        "throttle_reasons": 1,
        "throttled_by_power": 0,
        "throttled_by_heat": 0,
        "encoder_percent": 0,
        "decoder_percent": 0,
        "ecc_corrected_errors": 0,
        "ecc_uncorrected_errors": 0,
        "pcie_generation": 5,
        "pcie_width": 16,
        "pcie_replays": 6,
        "processes": 2,
        "process_memory_used_bytes": 39 * GIB,
    }


@NEEDS_COMPILER
@pytest.mark.integration
def test_counters_of_energy_and_links_become_joules_and_bytes(driver: Driver) -> None:
    """Millijoules, KiB and bytes since the driver was loaded, beyond what 32 bits hold."""
    row = driver.answer("gpu.sample()", FAKE_NVML_CARDS="7")

    assert of_card(row, "gpu.3.") == {
        "utilization_percent": 91,
        "memory_busy_percent": 73,
        "memory_used_bytes": 5_120 * MIB,
        "memory_total_bytes": 15_358 * MIB,
        "memory_percent": 33.34,
        "temperature_celsius": 74,
        "power_watts": 68.244,
        "energy_joules": 15152422.938,
        "sm_clock_mhz": 660,
        "memory_clock_mhz": 5000,
        "encoder_percent": 0,
        "decoder_percent": 0,
        "pcie_replays": 0,
        "processes": 0,
    }
    assert of_card(row, "gpu.4.") == {
        "nvlink_tx_bytes": 11_128_243_781 * 1024,
        "nvlink_rx_bytes": 11_102_817_348 * 1024,
        "processes": 0,
    }
    assert of_card(row, "gpu.5.") == {
        "pcie_tx_bytes": 3_020_371_496,
        "pcie_rx_bytes": 3_893_142_392,
        "processes": 0,
    }
    assert of_card(row, "gpu.6.") == {"nvlink_errors": 0, "processes": 0}


@NEEDS_COMPILER
@pytest.mark.integration
@pytest.mark.parametrize(
    ("reasons", "by_power", "by_heat"),
    [(0x4, 1, 0), (0x80, 1, 0), (0x20, 0, 1), (0x40, 0, 1), (0x44, 1, 1), (0x8, 0, 0)],
)
def test_what_keeps_the_clocks_down_is_power_or_heat(
    driver: Driver, reasons: int, by_power: int, by_heat: int
) -> None:
    """By software or by the card itself; another slowdown is neither."""
    driver.hold_back(reasons)
    row = driver.answer("gpu.sample()")

    assert row["gpu.0.throttle_reasons"] == reasons
    assert row["gpu.0.throttled_by_power"] == by_power
    assert row["gpu.0.throttled_by_heat"] == by_heat


@NEEDS_COMPILER
@pytest.mark.integration
def test_a_zero_is_a_reading_and_a_missing_sensor_is_not(driver: Driver) -> None:
    """An idle card on a desk reports its zeros; what it cannot measure is left out."""
    assert of_card(driver.answer("gpu.sample()"), "gpu.1.") == {
        "utilization_percent": 0,
        "memory_busy_percent": 37,
        "memory_used_bytes": 3_534 * MIB,
        "memory_total_bytes": 20_475 * MIB,
        "memory_percent": 17.26,
        "temperature_celsius": 38,
        "power_watts": 8.81,
        "power_limit_watts": 70.0,
        "fan_percent": 30,
        "sm_clock_mhz": 210,
        "memory_clock_mhz": 405,
        "throttle_reasons": 1,
        "throttled_by_power": 0,
        "throttled_by_heat": 0,
        "encoder_percent": 0,
        "decoder_percent": 0,
        "pcie_generation": 1,
        "pcie_width": 16,
        "pcie_replays": 0,
        "processes": 4,
    }


@NEEDS_COMPILER
@pytest.mark.integration
def test_every_name_of_a_row_is_in_the_table_of_names(driver: Driver) -> None:
    """All kinds of card together show what exporters must translate."""
    row = driver.answer("gpu.sample(pcie_turn=0) | gpu.sample(pcie_turn=1)", FAKE_NVML_CARDS="7")

    assert {name.rpartition(".")[2] for name in row} <= set(GPU_FIELDS)
    assert all(system_field(name) is not None for name in row)
    others = {"hotspot_temperature_celsius", "core_clock_mhz"}  # of other makers
    own = {"process_memory_used_bytes"}  # of a process on a card
    assert set(GPU_FIELDS) - {name.rpartition(".")[2] for name in row} == others | own


@NEEDS_COMPILER
@pytest.mark.integration
def test_each_part_of_a_divided_card_has_its_memory(driver: Driver) -> None:
    """The card refuses its load; a part that is not there is passed over."""
    row = driver.answer("gpu.sample()")

    assert "gpu.2.utilization_percent" not in row
    part = {
        "memory_used_bytes": 12 * MIB,
        "memory_total_bytes": 19_968 * MIB,
        "memory_percent": 0.06,
    }
    assert of_card(row, "gpu.2.mig.") == {
        f"{index}.{name}": value for index in range(4) for name, value in part.items()
    }
    card = driver.answer("gpu.accelerators()[2]")
    assert [part["index"] for part in card["mig"]] == [0, 1, 2, 3]
    assert card["mig"][1]["uuid"].startswith("MIG-")
    assert card["processes"] == [{"pid": 77, "memory_used_bytes": 3 * GIB}]


@NEEDS_COMPILER
@pytest.mark.integration
def test_a_lost_card_costs_its_own_names_only(driver: Driver) -> None:
    """A card that fell off the bus leaves the others and their numbers in place."""
    driver.lose(0)

    assert {name.split(".")[1] for name in driver.answer("gpu.sample()")} == {"1", "2"}
    assert [card["index"] for card in driver.answer("gpu.accelerators()")] == [1, 2]
    assert driver.answer("nvml.ailing(nvml.driver())") == {"0": "GPU is lost"}


@NEEDS_COMPILER
@pytest.mark.integration
def test_an_older_driver_is_asked_in_its_own_words(driver: Driver) -> None:
    """Entry points that came later are missing: what they replaced is there."""
    row = driver.answer("gpu.sample()", FAKE_NVML_OLD="1", FAKE_NVML_CARDS="7", **PIDS)

    assert row["gpu.0.throttle_reasons"] == 1
    assert row["gpu.0.processes"] == 2
    assert row["gpu.0.memory_used_bytes"] == (1 + 450) * MIB  # what the driver keeps is in it
    assert "gpu.5.pcie_tx_bytes" not in row
    assert row["gpu.0.pcie_replays"] == 6


@NEEDS_COMPILER
@pytest.mark.integration
def test_slow_readings_take_turns(driver: Driver) -> None:
    """One a sample, each 20 ms: both directions of every card whose driver counts no bytes."""
    rows = driver.answer("[gpu.sample(pcie_turn=n) for n in range(7)]", FAKE_NVML_OLD="1")
    slow = [[name for name in row if name.endswith("_per_s")] for row in rows]

    assert [len(names) for names in slow] == [1] * 7
    assert slow[0] == slow[6] == ["gpu.0.pcie_tx_bytes_per_s"]
    assert len({name for names in slow for name in names}) == 6
    assert rows[0]["gpu.0.pcie_tx_bytes_per_s"] == 650_000
    assert rows[1]["gpu.0.pcie_rx_bytes_per_s"] == 606_000


@NEEDS_COMPILER
@pytest.mark.integration
def test_an_accelerator_names_the_processes_on_it(driver: Driver) -> None:
    """What a card is and who uses it; memory that the driver hides is None."""
    cards = driver.answer("gpu.accelerators()", **PIDS)

    assert cards[0] == {
        "kind": "gpu",
        "index": 0,
        "uuid": "GPU-f7b02328-d6fe-5b1f-9683-15041689bb03",
        "name": "NVIDIA H100 80GB HBM3",
        "driver": "560.35.03",
        "bus_id": "00000000:DB:00.0",
        "memory_total_bytes": 81_559 * MIB,
        "mig": [],
        "processes": [
            {"pid": 17, "memory_used_bytes": None},
            {"pid": 4242, "memory_used_bytes": 39 * GIB},
        ],
    }
    assert cards[1]["processes"] == [
        {"pid": pid, "memory_used_bytes": used * MIB}
        for pid, used in ((1842, 410), (3190, 451), (4937, 160), (34626, 183))
    ]


@NEEDS_COMPILER
@pytest.mark.integration
def test_a_forked_child_asks_the_driver_for_itself(driver: Driver) -> None:
    """NVML does not survive a fork; the child starts it anew."""
    program = (
        "import os\nfrom tracklab.monitors import gpu, nvml\n"
        "first = nvml.driver()\nassert gpu.sample()\n"
        "if os.fork() == 0:\n    print(len(gpu.accelerators()), flush=True)\n    os._exit(0)\n"
        "os.wait()\n"
    )
    assert driver.run(program) == "3\n"


@pytest.mark.skipif(has_driver(), reason="this machine has a driver")
def test_a_machine_without_a_driver_has_no_gpu_and_no_error() -> None:
    """No driver is a normal machine."""
    assert gpu.sample(pcie_turn=0) == {}
    assert gpu.accelerators() == []


@pytest.mark.skipif(
    not (has_driver() and gpu.accelerators()), reason="no NVIDIA GPU that answers on this machine"
)
def test_a_real_card_answers_within_its_limits() -> None:
    """The real driver's answers have the magnitudes that their names say, and come quickly."""
    card = gpu.accelerators()[0]
    began_s = time.monotonic()
    row: dict[str, Any] = gpu.sample()
    took_s = time.monotonic() - began_s

    assert str(card["uuid"]).startswith("GPU-")
    assert row["gpu.0.memory_total_bytes"] == card["memory_total_bytes"]
    assert 2**30 <= row["gpu.0.memory_total_bytes"] <= 2**40
    assert 1 <= row["gpu.0.power_watts"] <= 2_000
    assert 10 <= row["gpu.0.temperature_celsius"] <= 120
    assert all(system_field(name) is not None for name in row)
    assert took_s < 0.25
