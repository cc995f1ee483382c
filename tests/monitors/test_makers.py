"""Accelerators of other makers, each read from what its maker or the kernel offers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.monitors.driver import NEEDS_COMPILER, built
from tracklab.monitors import apple, drm, tpu
from tracklab.monitors.makers import MAKERS, described_others, sample_others
from tracklab.records.system import system_field

if TYPE_CHECKING:
    from pathlib import Path

GIB = 2**30
#: An MI300X behind an ASPEED display, and an Arc card: what their drivers' directories hold.
MACHINE = {
    "card0/device/vendor": "0x1a03",
    "card0-VGA-1/device/vendor": "0x1002",
    "card2/device/vendor": "0x1002",
    "card2/device/product_name": "AMD Instinct MI300X OAM",
    "card2/device/unique_id": "abcdef0123456789",
    "card2/device/uevent": "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:05:00.0",
    "card2/device/gpu_busy_percent": "93",
    "card2/device/mem_info_vram_used": str(96 * GIB),
    "card2/device/mem_info_vram_total": str(192 * GIB),
    "card2/device/current_link_width": "16",
    "card2/device/hwmon/hwmon7/temp1_label": "edge",
    "card2/device/hwmon/hwmon7/temp1_input": "51000",
    "card2/device/hwmon/hwmon7/temp2_label": "junction",
    "card2/device/hwmon/hwmon7/temp2_input": "67000",
    "card2/device/hwmon/hwmon7/temp3_label": "mem",
    "card2/device/hwmon/hwmon7/temp3_input": "60000",
    "card2/device/hwmon/hwmon7/power1_average": "540000000",
    "card2/device/hwmon/hwmon7/power1_cap": "750000000",
    "card2/device/hwmon/hwmon7/pwm1": "51",
    "card2/device/hwmon/hwmon7/freq1_input": "2100000000",
    "card2/device/hwmon/hwmon7/freq2_input": "1300000000",
    "card10/device/vendor": "0x1002",
    "card10/device/gpu_busy_percent": "0",
    "card11/device/vendor": "0x8086",
    "card11/device/device": "0x56a0",
    "card11/gt_act_freq_mhz": "2400",
    "card11/device/hwmon/hwmon9/energy1_input": "1234500000",
    "card11/device/hwmon/hwmon9/power1_max": "190000000",
}


@pytest.fixture
def machine(tmp_path: Path) -> str:
    """Return the directory that holds the machine's `sys`."""
    for name, content in MACHINE.items():
        path = tmp_path / "sys/class/drm" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")
    return str(tmp_path)


def test_an_amd_card_is_read_from_the_kernels_files(machine: str) -> None:
    """In units of the names; cards of others are not counted, and connectors are no cards."""
    assert drm.sample_amd(root=machine) == {
        "amd.0.utilization_percent": 93,
        "amd.0.memory_used_bytes": 96 * GIB,
        "amd.0.memory_total_bytes": 192 * GIB,
        "amd.0.memory_percent": 50.0,
        "amd.0.pcie_width": 16,
        "amd.0.temperature_celsius": 51.0,
        "amd.0.hotspot_temperature_celsius": 67.0,
        "amd.0.memory_temperature_celsius": 60.0,
        "amd.0.power_watts": 540.0,
        "amd.0.power_limit_watts": 750.0,
        "amd.0.fan_percent": 20.0,
        "amd.0.core_clock_mhz": 2100.0,
        "amd.0.memory_clock_mhz": 1300.0,
        "amd.1.utilization_percent": 0,
    }
    card = drm.describe_amd(root=machine)[0]
    assert (card["name"], card["bus_id"]) == ("AMD Instinct MI300X OAM", "0000:05:00.0")


def test_an_intel_card_tells_clock_and_energy(machine: str) -> None:
    """Its load is in no file."""
    assert drm.sample_intel(root=machine) == {
        "intel.0.core_clock_mhz": 2400,
        "intel.0.energy_joules": 1234.5,
        "intel.0.power_limit_watts": 190.0,
    }
    assert drm.describe_intel(root=machine)[0]["name"] == "0x56a0"


def test_every_name_of_theirs_is_in_the_table_of_names(machine: str) -> None:
    """Exporters translate them as they do NVIDIA's."""
    names = [*drm.sample_amd(root=machine), *drm.sample_intel(root=machine)]

    assert [name for name in names if system_field(name) is None] == []


def test_an_apple_gpu_is_what_ioreg_says(tmp_path: Path) -> None:
    """Its statistics stand in one line; no other system is asked."""
    told = '"PerformanceStatistics" = {"In use system memory"=4272832512,"Device Utilization %"=57}'
    ioreg = tmp_path / "ioreg"
    ioreg.write_text(f"#!/bin/sh\n[ $7 = IOAccelerator ] || exit 1\necho '  | {told}'\n")
    ioreg.chmod(0o700)

    assert apple.sample(system="darwin", ioreg=str(ioreg)) == {
        "apple.0.utilization_percent": 57,
        "apple.0.memory_used_bytes": 4272832512,
    }
    assert apple.sample(system="linux", ioreg=str(ioreg)) == {}
    assert apple.sample(system="darwin", ioreg=str(tmp_path / "none")) == {}


def asked(program: str, **variables: str) -> Any:
    """Return what a program prints as JSON."""
    told = subprocess.run(
        [sys.executable, "-c", f"import json\n{program}"],
        env={**os.environ, **variables}, capture_output=True, check=True,
    )  # fmt: skip
    return json.loads(told.stdout)


@pytest.mark.integration
def test_a_tpu_is_what_its_library_says(tmp_path: Path) -> None:
    """A list of texts per metric, one per chip, as an installed libtpu gives it."""
    library = tmp_path / "libtpu/sdk"
    library.mkdir(parents=True)
    for directory in (library, library.parent):
        (directory / "__init__.py").touch()
    (library / "tpumonitoring.py").write_text(
        "from types import SimpleNamespace\n"
        "TOLD = {'duty_cycle_pct': ['45.5', '0.00'], 'hbm_capacity_usage': ['100', '0'],\n"
        "        'hbm_capacity_total': ['400', '400']}\n"
        "def get_metric(name):\n    return SimpleNamespace(data=lambda: TOLD[name])\n"
    )
    question = f"tpu.sample(devices=({str(library)!r},))"
    ask = f"from tracklab.monitors import tpu\nprint(json.dumps({question}))"

    assert asked(ask, PYTHONPATH=str(tmp_path)) == {
        "tpu.0.utilization_percent": 45.5, "tpu.1.utilization_percent": 0.0,
        "tpu.0.memory_used_bytes": 100.0, "tpu.1.memory_used_bytes": 0.0,
        "tpu.0.memory_total_bytes": 400.0, "tpu.1.memory_total_bytes": 400.0,
    }  # fmt: skip
    assert tpu.sample(devices=(str(tmp_path),)) == {}


@NEEDS_COMPILER
@pytest.mark.integration
def test_an_npu_is_what_its_driver_says(tmp_path: Path) -> None:
    """Chips of all cards are counted through; what one does not tell is missing."""
    place = built(tmp_path, source="dcmi_library.c", name="libdcmi.so")
    ask = "from tracklab.monitors import ascend\nprint(json.dumps(ascend.sample()))"

    assert asked(ask, LD_LIBRARY_PATH=str(place)) == {
        "npu.0.utilization_percent": 88,
        "npu.0.temperature_celsius": 40,
        "npu.0.power_watts": 95.5,
        "npu.0.memory_used_bytes": 16 * GIB,
        "npu.0.memory_total_bytes": 64 * GIB,
        "npu.0.memory_percent": 25.0,
        "npu.0.memory_busy_percent": 7,
        "npu.0.memory_temperature_celsius": 52,
        "npu.0.memory_clock_mhz": 1600,
        "npu.1.utilization_percent": 88,
        "npu.1.temperature_celsius": 43,
        "npu.1.power_watts": 95.5,
        "npu.2.temperature_celsius": 44,
    }
    assert asked(ask) == {}


def test_all_makers_together_never_fail() -> None:
    """Whatever this machine has, each device of a row is described."""
    row = sample_others()
    devices = {tuple(name.split(".")[:2]) for name in row}

    assert {(c["kind"], str(c["index"])) for c in described_others(row)} == devices
    assert set(MAKERS) == {"amd", "apple", "ascend", "intel", "tpu"}
