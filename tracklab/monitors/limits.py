"""What holds this process back: its container's limits, and time lost in waiting.

In a container the machine's percentages mislead: a process may use up its two cores and its four
gigabytes on a machine that looks idle. So the limits in force are read from the control groups,
of all that this process is in the narrowest one.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from tracklab.monitors import kernel

__all__ = ["CpuQuota", "MemoryLimit", "cpu_quota", "memory_limit", "pressure", "usable_cores"]


class CpuQuota(NamedTuple):
    """How much processor time a container gets, and how much it has used.

    Attributes:
        cores: what it may use at a time, in cores.
        used_s: core seconds since it was made; None where that is not told.
        throttled_s: seconds in which it had to wait for its next share.
    """

    cores: float
    used_s: float | None
    throttled_s: float | None


class MemoryLimit(NamedTuple):
    """How much memory a container gets, and uses without what can be dropped at once."""

    limit_bytes: int
    used_bytes: int | None


def pressure(resource: str, *, root: str = "/") -> dict[str, float]:
    """Return the share of the last 10 seconds in which tasks waited for a resource, in percent.

    Args:
        resource: `cpu`, `memory` or `io`.
        root: the directory that holds `proc`.

    Returns:
        `some`: at least one task waited, `full`: all that had work did. Empty where the kernel
        does not measure it. Source: the kernel's documentation of pressure stall information.
    """
    found = {}
    for line in (kernel.text(f"{root}/proc/pressure/{resource}") or "").splitlines():
        kind, _, rest = line.partition(" avg10=")
        found[kind] = float(rest.partition(" ")[0])
    return found


def usable_cores(quota: CpuQuota | None) -> float | None:
    """Return how many cores this process may use: those it is bound to, or its quota if less."""
    try:
        bound = float(len(os.sched_getaffinity(0)))
    except (AttributeError, OSError):  # not on every system
        return quota and quota.cores
    return min(bound, quota.cores) if quota else bound


def cpu_quota(*, root: str = "/") -> CpuQuota | None:
    """Return the narrowest quota of processor time that this process is under, if any."""
    quotas = [
        (cores, place) for place in _groups("cpu", root) if (cores := _cores(place)) is not None
    ]
    if not quotas:
        return None
    cores, place = min(quotas)
    stat = _table(f"{place}/cpu.stat")
    used_s = _scaled(stat.get("usage_usec"), 1e-6)
    if used_s is None:  # version 1 counts in another hierarchy of the same form
        accounts = place.replace("/cgroup/cpu", "/cgroup/cpuacct", 1)
        used_s = _scaled(kernel.number(f"{accounts}/cpuacct.usage"), 1e-9)
    waited_s = _scaled(stat.get("throttled_usec"), 1e-6)
    return CpuQuota(
        cores, used_s, _scaled(stat.get("throttled_time"), 1e-9) if waited_s is None else waited_s
    )


def memory_limit(machine_bytes: int, *, root: str = "/") -> MemoryLimit | None:
    """Return the narrowest limit of memory that this process is under, if any.

    Args:
        machine_bytes: the machine's memory; a limit that is no less limits nothing.
        root: the directory that holds `proc` and `sys`.
    """
    limits = [
        (limit, place)
        for place in _groups("memory", root)
        if (limit := _either(place, "memory.max", "memory.limit_in_bytes")) is not None
        and limit < machine_bytes
    ]
    if not limits:
        return None
    limit, place = min(limits)
    used = _either(place, "memory.current", "memory.usage_in_bytes")
    stat = _table(f"{place}/memory.stat")
    # Files that were read long ago stay in memory until somebody needs the room. `docker stats`
    # and the kubelet leave them out as well.
    idle = stat.get("total_inactive_file", stat.get("inactive_file", 0))
    return MemoryLimit(limit, None if used is None else max(used - idle, 0))


def _groups(controller: str, root: str) -> list[str]:
    """Return the directories of the control groups this process is in, the root's included.

    Inside a container the path may be the host's and not there; then only the root is.
    """
    place = f"{root}/sys/fs/cgroup"
    unified, path = kernel.text(f"{place}/cgroup.controllers") is not None, ""
    for line in (kernel.text(f"{root}/proc/self/cgroup") or "").splitlines():
        _, controllers, own = line.split(":", 2)
        if controllers == "" if unified else controller in controllers.split(","):
            path = own.strip("/")
    base = place if unified else f"{place}/{controller}"
    parts = path.split("/") if path and ".." not in path else []
    return [base, *("/".join([base, *parts[: n + 1]]) for n in range(len(parts)))]


def _cores(place: str) -> float | None:
    told = (kernel.text(f"{place}/cpu.max") or "").split()
    if not told:
        names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
        told = [str(kernel.number(f"{place}/{name}")) for name in names]
    try:
        quota, period = map(int, told)
    except ValueError:  # "max", or nothing
        return None
    return quota / period if quota > 0 and period > 0 else None


def _either(place: str, name: str, older_name: str) -> int | None:
    found = kernel.number(f"{place}/{name}")
    return kernel.number(f"{place}/{older_name}") if found is None else found


def _table(path: str) -> dict[str, int]:
    lines = (line.split() for line in (kernel.text(path) or "").splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) == 2}  # noqa: PLR2004 - a pair


def _scaled(value: int | None, scale: float) -> float | None:
    return None if value is None else round(value * scale, 6)
