"""AMD and Intel GPUs right now, from the files of their kernel drivers: no library is needed.

Source: the kernel's documentation of amdgpu, i915, xe and the hwmon interface. Indices count the
cards of one maker in the order of the kernel's numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracklab.monitors import kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["describe_amd", "describe_intel", "sample_amd", "sample_intel"]

_AMD, _INTEL = "0x1002", "0x8086"
_CARD = re.compile(r"card\d+")
_AMD_TEMPERATURES = {
    "edge": "temperature_celsius",
    "junction": "hotspot_temperature_celsius",
    "mem": "memory_temperature_celsius",
}
_INTEL_TEMPERATURES = {"pkg": "temperature_celsius", "vram": "memory_temperature_celsius"}
#: Where drivers of Intel tell a card's clock, below the card's directory, the newest first.
_INTEL_CLOCKS = (
    "device/tile0/gt0/freq0/act_freq", "gt/gt0/rps_act_freq_mhz", "gt_act_freq_mhz",
)  # fmt: skip


def sample_amd(*, root: str = "/") -> dict[str, object]:
    """Return the `amd.<index>.*` part of a system row; empty without such a card.

    Args:
        root: the directory that holds `sys`.

    Cost: 0.1 ms per card.
    """
    return _row("amd", _AMD, _amd, root)


def sample_intel(*, root: str = "/") -> dict[str, object]:
    """Return the `intel.<index>.*` part of a system row; empty without such a card.

    The kernel's files do not tell how busy such a card is.

    Args:
        root: the directory that holds `sys`.
    """
    return _row("intel", _INTEL, _intel, root)


def describe_amd(*, root: str = "/") -> list[dict[str, object]]:
    """Return what each AMD card is: `kind`, `index`, `uuid`, `name`, `bus_id`."""
    return _facts("amd", _AMD, root)


def describe_intel(*, root: str = "/") -> list[dict[str, object]]:
    """Return what each Intel card is, as `describe_amd` does."""
    return _facts("intel", _INTEL, root)


def _row(
    kind: str, maker: str, read: Callable[[str], dict[str, float | None]], root: str
) -> dict[str, object]:
    return {
        f"{kind}.{index}.{name}": value
        for index, card in enumerate(_cards(maker, root))
        for name, value in read(card).items()
        if value is not None
    }


def _facts(kind: str, maker: str, root: str) -> list[dict[str, object]]:
    return [
        {
            "kind": kind,
            "index": index,
            "uuid": kernel.text(f"{card}/device/unique_id"),
            "name": kernel.text(f"{card}/device/product_name")
            or f"{kernel.text(f'{card}/device/device')}",
            "bus_id": _bus_id(card),
        }
        for index, card in enumerate(_cards(maker, root))
    ]


def _cards(maker: str, root: str) -> Iterator[str]:
    place = f"{root}/sys/class/drm"
    found = [name for name in kernel.names(place) if _CARD.fullmatch(name)]
    for name in sorted(found, key=lambda name: int(name[4:])):
        if kernel.text(f"{place}/{name}/device/vendor") == maker:
            yield f"{place}/{name}"


def _bus_id(card: str) -> str | None:
    lines = (kernel.text(f"{card}/device/uevent") or "").splitlines()
    return next((line[14:] for line in lines if line.startswith("PCI_SLOT_NAME=")), None)


def _amd(card: str) -> dict[str, float | None]:
    device = f"{card}/device"
    used = kernel.number(f"{device}/mem_info_vram_used")
    total = kernel.number(f"{device}/mem_info_vram_total")
    return {
        "utilization_percent": kernel.number(f"{device}/gpu_busy_percent"),
        "memory_busy_percent": kernel.number(f"{device}/mem_busy_percent"),
        "memory_used_bytes": used,
        "memory_total_bytes": total,
        "memory_percent": round(100 * used / total, 2) if used is not None and total else None,
        "pcie_width": kernel.number(f"{device}/current_link_width"),
        **_sensors(device, _AMD_TEMPERATURES),
    }


def _intel(card: str) -> dict[str, float | None]:
    clocks = (kernel.number(f"{card}/{name}") for name in _INTEL_CLOCKS)
    sensors = _sensors(f"{card}/device", _INTEL_TEMPERATURES)
    return sensors | {"core_clock_mhz": next((mhz for mhz in clocks if mhz is not None), None)}


def _sensors(device: str, temperatures: dict[str, str]) -> dict[str, float | None]:
    """Read a card's hwmon: thousandths of a degree, millionths of a watt and a joule, hertz."""
    chip = next(iter(kernel.names(f"{device}/hwmon")), None)
    if chip is None:
        return {}
    place = f"{device}/hwmon/{chip}"
    row = {
        temperatures[label]: _scaled(f"{place}/temp{n}_input", 1e-3)
        for n in range(1, 6)
        if (label := kernel.text(f"{place}/temp{n}_label") or "") in temperatures
    }
    power = _scaled(f"{place}/power1_average", 1e-6)
    fan, fan_most = kernel.number(f"{place}/pwm1"), kernel.number(f"{place}/pwm1_max") or 255
    return row | {
        "power_watts": _scaled(f"{place}/power1_input", 1e-6) if power is None else power,
        "power_limit_watts": _scaled(f"{place}/power1_cap", 1e-6)
        or _scaled(f"{place}/power1_max", 1e-6),
        "energy_joules": _scaled(f"{place}/energy1_input", 1e-6),
        "fan_percent": None if fan is None else round(100 * fan / fan_most, 1),
        "core_clock_mhz": _scaled(f"{place}/freq1_input", 1e-6),
        "memory_clock_mhz": _scaled(f"{place}/freq2_input", 1e-6),
    }


def _scaled(path: str, scale: float) -> float | None:
    found = kernel.number(path)
    return None if found is None else round(found * scale, 6)
