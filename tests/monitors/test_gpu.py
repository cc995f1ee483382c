"""GPU readings: units, silence without a driver, and a lost card that costs only itself."""

from __future__ import annotations

import shutil

import pytest

from tests.monitors.nvml import Card, FakeNvml, data_centre_card, idle_desktop_card
from tracklab.monitors import gpu
from tracklab.records.system import GPU_FIELDS, system_field


def test_readings_are_converted_to_the_units_in_their_names() -> None:
    """The driver's milliwatts and kilobytes become watts and bytes."""
    row = gpu.sample(nvml=FakeNvml(data_centre_card()))

    assert row == {
        "gpu.0.utilization_percent": 97,
        "gpu.0.memory_busy_percent": 41,
        "gpu.0.memory_used_bytes": 40 * 2**30,
        "gpu.0.memory_total_bytes": 80 * 2**30,
        "gpu.0.memory_percent": 50.0,
        "gpu.0.temperature_celsius": 61,
        "gpu.0.power_watts": 540.2,
        "gpu.0.power_limit_watts": 700.0,
        "gpu.0.sm_clock_mhz": 1965,
        "gpu.0.memory_clock_mhz": 2619,
        "gpu.0.ecc_corrected_errors": 3,
        "gpu.0.ecc_uncorrected_errors": 0,
        "gpu.0.pcie_tx_bytes_per_s": 12_000_000,
        "gpu.0.pcie_rx_bytes_per_s": 34_000_000,
    }


def test_a_zero_is_a_reading_and_a_missing_sensor_is_not() -> None:
    """An idle card reports its zeros; what it cannot measure is left out."""
    row = gpu.sample(nvml=FakeNvml(idle_desktop_card()))

    assert row == {
        "gpu.0.utilization_percent": 0,
        "gpu.0.memory_busy_percent": 0,
        "gpu.0.memory_used_bytes": 0,
        "gpu.0.memory_total_bytes": 24 * 2**30,
        "gpu.0.memory_percent": 0.0,
        "gpu.0.power_watts": 0.0,
        "gpu.0.fan_percent": 0,
    }


def test_every_name_of_a_row_is_in_the_table_of_names() -> None:
    """Two kinds of card together show every name that exporters must translate."""
    row = gpu.sample(nvml=FakeNvml(data_centre_card(), idle_desktop_card()))

    assert {name.split(".", 2)[2] for name in row} == set(GPU_FIELDS)
    assert all(system_field(name) is not None for name in row)


def test_a_lost_card_costs_its_own_names_only() -> None:
    """A card that fell off the bus leaves the others and their numbers in place."""
    nvml = FakeNvml(data_centre_card(), Card(lost=True), idle_desktop_card())

    assert {name.split(".")[1] for name in gpu.sample(nvml=nvml)} == {"0", "2"}
    assert [card["index"] for card in gpu.accelerators(nvml=nvml)] == [0, 2]


def test_pcie_is_not_asked_for_when_switched_off() -> None:
    """The slow questions can be left out."""
    row = gpu.sample(pcie=False, nvml=FakeNvml(data_centre_card()))

    assert not [name for name in row if "pcie" in name]


def test_an_accelerator_names_the_processes_on_it() -> None:
    """What a card is and who uses it; memory that the driver hides is None."""
    assert gpu.accelerators(nvml=FakeNvml(data_centre_card())) == [
        {
            "index": 0,
            "uuid": "GPU-2f1c0ad0-0000-4000-8000-000000000001",
            "name": "NVIDIA H100 80GB HBM3",
            "driver": "575.57.08",
            "memory_total_bytes": 80 * 2**30,
            "processes": [
                {"pid": 17, "memory_used_bytes": None},
                {"pid": 4242, "memory_used_bytes": 39 * 2**30},
            ],
        }
    ]


def test_graphics_processes_are_listed_too() -> None:
    """A display or a game holds memory as well as a computation does."""
    (card,) = gpu.accelerators(nvml=FakeNvml(idle_desktop_card()))

    assert card["processes"] == [{"pid": 900, "memory_used_bytes": 12 * 2**20}]


@pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="this machine has a driver")
def test_a_machine_without_a_driver_has_no_gpu_and_no_error() -> None:
    """No driver is a normal machine."""
    assert gpu.sample() == {}
    assert gpu.accelerators() == []


@pytest.mark.skipif(not gpu.accelerators(), reason="no NVIDIA GPU that answers on this machine")
def test_a_real_card_answers_within_its_limits() -> None:
    """The real driver's answers have the magnitudes that their names say."""
    card = gpu.accelerators()[0]
    row = gpu.sample()

    assert str(card["uuid"]).startswith(("GPU-", "MIG-"))
    assert row["gpu.0.memory_total_bytes"] == card["memory_total_bytes"]
    assert 2**30 <= int(str(row["gpu.0.memory_total_bytes"])) <= 2**40
    assert 0 <= float(str(row["gpu.0.utilization_percent"])) <= 100
    assert 1 <= float(str(row["gpu.0.power_watts"])) <= 2_000
