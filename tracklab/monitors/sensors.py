"""The processor's clock and the machine's temperatures, from the kernel's own files.

psutil asks for three files per core and four per sensor: milliseconds on a machine with many
cores. Here a core or a chip costs one.
"""

from __future__ import annotations

from tracklab.monitors import kernel

__all__ = ["cpu_temperature", "disk_temperature", "frequencies"]

#: Cores that are asked for their clock; of more, as many spread evenly.
MOST_CORES = 64

#: Chips whose first reading is the processor's own (the package's, where it has several).
_CPU_CHIPS = frozenset({"coretemp", "k10temp", "zenpower", "cpu_thermal", "soc_thermal"})
_CPU_ZONES = frozenset({"x86_pkg_temp", "cpu-thermal", "cpu_thermal", "soc-thermal"})


def frequencies(cores: int, *, root: str = "/") -> list[float]:
    """Return the present clock of each core, in MHz; of at most 64 cores, empty if it is hidden.

    Args:
        cores: how many there are.
        root: the directory that holds `proc` and `sys`.

    Cost: 5 µs for each core.
    """
    step = -(-cores // MOST_CORES)
    place = f"{root}/sys/devices/system/cpu"
    asked = (
        kernel.number(f"{place}/cpu{n}/cpufreq/scaling_cur_freq") for n in range(0, cores, step)
    )
    found = [round(khz / 1000, 1) for khz in asked if khz is not None]
    return found or _told_clocks(kernel.text(f"{root}/proc/cpuinfo") or "")


def cpu_temperature(*, root: str = "/") -> float | None:
    """Return the processor's temperature in °C, of several packages the hottest one's."""
    return _hottest(_CPU_CHIPS, root) or _hottest_zone(root)


def disk_temperature(*, root: str = "/") -> float | None:
    """Return the hottest NVMe disk's temperature in °C."""
    return _hottest(frozenset({"nvme"}), root)


def _told_clocks(cpuinfo: str) -> list[float]:
    """Return the clocks that /proc/cpuinfo tells; virtual machines have no other source."""
    lines = [line.partition(":") for line in cpuinfo.splitlines() if line.startswith("cpu MHz")]
    return [round(float(value), 1) for _, _, value in lines][:MOST_CORES]


def _hottest(chips: frozenset[str], root: str) -> float | None:
    place = f"{root}/sys/class/hwmon"
    found = [
        kernel.number(f"{place}/{name}/temp1_input")
        for name in kernel.names(place)
        if kernel.text(f"{place}/{name}/name") in chips
    ]
    return _degrees(found)


def _hottest_zone(root: str) -> float | None:
    place = f"{root}/sys/class/thermal"
    found = [
        kernel.number(f"{place}/{name}/temp")
        for name in kernel.names(place)
        if kernel.text(f"{place}/{name}/type") in _CPU_ZONES
    ]
    return _degrees(found)


def _degrees(found: list[int | None]) -> float | None:
    """Return the greatest of some readings, which the kernel gives in thousandths of a degree."""
    return max((one / 1000 for one in found if one is not None), default=None)
