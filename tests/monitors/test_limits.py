"""What a container may use: control groups of both versions, and pressure, as the kernel has them.

The trees are those of a container under systemd (version 2) and of an older host (version 1).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tracklab.monitors import fabric, limits, sensors

if TYPE_CHECKING:
    from pathlib import Path

GIB = 2**30
MACHINE_BYTES = 64 * GIB


def planted(root: Path, files: dict[str, str]) -> str:
    """Write files below `root` and return it as the monitors take it."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")
    return str(root)


NEW = {
    "proc/self/cgroup": "0::/pod/job",
    "sys/fs/cgroup/cgroup.controllers": "cpu memory",
    "sys/fs/cgroup/pod/memory.max": str(8 * GIB),
    "sys/fs/cgroup/pod/memory.current": str(5 * GIB),
    "sys/fs/cgroup/pod/memory.stat": f"anon 1\ninactive_file {GIB}",
    "sys/fs/cgroup/pod/job/memory.max": "max",
    "sys/fs/cgroup/pod/job/memory.current": str(3 * GIB),
    "sys/fs/cgroup/pod/cpu.max": "max 100000",
    "sys/fs/cgroup/pod/job/cpu.max": "250000 100000",
    "sys/fs/cgroup/pod/job/cpu.stat": "usage_usec 7500000\nthrottled_usec 250000",
}
OLD = {
    "proc/self/cgroup": "4:memory:/docker/ab\n2:cpuacct:/docker/ab\n1:cpu:/docker/ab\n0::/",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
    "sys/fs/cgroup/memory/docker/ab/memory.limit_in_bytes": str(2 * GIB),
    "sys/fs/cgroup/memory/docker/ab/memory.usage_in_bytes": str(GIB),
    "sys/fs/cgroup/memory/docker/ab/memory.stat": f"cache 7\ntotal_inactive_file {GIB // 4}",
    "sys/fs/cgroup/cpu/docker/ab/cpu.cfs_quota_us": "50000",
    "sys/fs/cgroup/cpu/docker/ab/cpu.cfs_period_us": "100000",
    "sys/fs/cgroup/cpu/docker/ab/cpu.stat": "nr_periods 9\nthrottled_time 1500000000",
    "sys/fs/cgroup/cpuacct/docker/ab/cpuacct.usage": "4000000000",
}
#: A container that sees only its own group, under the host's path.
HIDDEN = {
    "proc/self/cgroup": "0::/host.slice/elsewhere",
    "sys/fs/cgroup/cgroup.controllers": "cpu memory",
    "sys/fs/cgroup/memory.max": str(GIB),
    "sys/fs/cgroup/memory.current": "4096",
    "sys/fs/cgroup/cpu.max": "100000 100000",
}
UNLIMITED = {
    "proc/self/cgroup": "0::/user.slice",
    "sys/fs/cgroup/cgroup.controllers": "cpu memory",
    "sys/fs/cgroup/user.slice/memory.max": "max",
    "sys/fs/cgroup/user.slice/cpu.max": "max 100000",
}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (NEW, (8 * GIB, 4 * GIB)),
        (OLD, (2 * GIB, GIB * 3 // 4)),
        (HIDDEN, (GIB, 4096)),
        ({**HIDDEN, "sys/fs/cgroup/memory.max": str(MACHINE_BYTES)}, None),
        (UNLIMITED, None),
        ({"proc/self/cgroup": "0::/../../etc"}, None),
        ({}, None),
    ],
    ids=["v2", "v1", "hidden path", "no less than the machine", "unlimited", "hostile", "none"],
)
def test_the_narrowest_memory_limit_is_found(
    tmp_path: Path, files: dict[str, str], expected: tuple[int, int] | None
) -> None:
    """Of the groups from the own one up, and without memory that can be dropped at once."""
    assert limits.memory_limit(MACHINE_BYTES, root=planted(tmp_path, files)) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (NEW, (2.5, 7.5, 0.25)),
        (OLD, (0.5, 4.0, 1.5)),
        (HIDDEN, (1.0, None, None)),
        (UNLIMITED, None),
        ({}, None),
    ],
    ids=["v2", "v1", "hidden path", "unlimited", "none"],
)
def test_a_quota_of_processor_time_is_in_cores_and_seconds(
    tmp_path: Path, files: dict[str, str], expected: tuple[float, ...] | None
) -> None:
    """Whatever unit the kernel's version counts in."""
    assert limits.cpu_quota(root=planted(tmp_path, files)) == expected


def test_a_process_may_use_what_it_is_bound_to_or_its_quota() -> None:
    """The smaller one counts."""
    bound = len(os.sched_getaffinity(0))

    assert limits.usable_cores(None) == bound
    assert limits.usable_cores(limits.CpuQuota(0.5, None, None)) == 0.5
    assert limits.usable_cores(limits.CpuQuota(1e6, None, None)) == bound


def test_pressure_is_the_share_of_the_last_ten_seconds(tmp_path: Path) -> None:
    """Some and full; a kernel without it says nothing."""
    some = "some avg10=12.50 avg60=1.00 avg300=0.10 total=5"
    full = "full avg10=0.75 avg60=0.00 avg300=0.00 total=1"
    root = planted(tmp_path, {"proc/pressure/io": f"{some}\n{full}"})

    assert limits.pressure("io", root=root) == {"some": 12.5, "full": 0.75}
    assert limits.pressure("memory", root=root) == {}


def test_temperatures_come_from_the_packages_own_sensor(tmp_path: Path) -> None:
    """The hottest package; a disk is none, and without chips a thermal zone will do."""
    chips = {
        "sys/class/hwmon/hwmon0/name": "nvme", "sys/class/hwmon/hwmon0/temp1_input": "71850",
        "sys/class/hwmon/hwmon1/name": "coretemp", "sys/class/hwmon/hwmon1/temp1_input": "48000",
        "sys/class/hwmon/hwmon2/name": "coretemp", "sys/class/hwmon/hwmon2/temp1_input": "53000",
    }  # fmt: skip
    zone = {
        "sys/class/thermal/thermal_zone3/type": "cpu-thermal",
        "sys/class/thermal/thermal_zone3/temp": "40500",
    }
    root, bare = planted(tmp_path / "a", chips), planted(tmp_path / "b", zone)

    assert (sensors.cpu_temperature(root=root), sensors.disk_temperature(root=root)) == (53, 71.85)
    assert (sensors.cpu_temperature(root=bare), sensors.disk_temperature(root=bare)) == (40.5, None)


def test_of_many_cores_some_are_asked_for_their_clock(tmp_path: Path) -> None:
    """A machine with hundreds of cores costs no more than one with 64."""
    name = "sys/devices/system/cpu/cpu{}/cpufreq/scaling_cur_freq"
    root = planted(tmp_path, {name.format(core): str(1000 * core) for core in range(200)})

    assert sensors.frequencies(4, root=root) == [0.0, 1.0, 2.0, 3.0]
    assert sensors.frequencies(200, root=root) == [float(core) for core in range(0, 200, 4)]


def test_a_virtual_machine_tells_its_clocks_in_one_file(tmp_path: Path) -> None:
    """Where nothing changes the clock there is no other source."""
    told = "processor : 0\ncpu MHz\t\t: 2700.000\n\nprocessor : 1\ncpu MHz\t\t: 2650.5"
    root = planted(tmp_path, {"proc/cpuinfo": told})

    assert sensors.frequencies(2, root=root) == [2700.0, 2650.5]
    assert sensors.frequencies(2, root=str(tmp_path / "none")) == []


def test_traffic_of_adapters_is_counted_in_words_of_four_bytes(tmp_path: Path) -> None:
    """Over all ports of all adapters; none without an adapter."""
    place = "sys/class/infiniband/mlx5_{}/ports/1/counters/port_{}_data"
    files = {place.format(n, way): str(10 * n + 5) for n in range(3) for way in ("xmit", "rcv")}

    assert fabric.traffic(root=planted(tmp_path, files)) == (4 * 45, 4 * 45)
    assert fabric.traffic(root=str(tmp_path / "none")) is None
