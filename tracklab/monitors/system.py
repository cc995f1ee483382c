"""One reading of this machine and this process as a flat row: names with units, no memory.

Promised to the sampler of a run and to the server alike: `sample()` never raises for what the
machine lacks. A sensor that is missing, hidden or broken is null, and costs only its own keys.
Counters (`disk_*_bytes`, `net_*_bytes`, ...) count since boot, so that nothing has to be
remembered here and a reader can take the difference over any interval.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, TypeVar

import psutil

from tracklab.monitors import fabric as fabrics
from tracklab.monitors import kernel, limits, sensors
from tracklab.monitors.family import family as look_up_family

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.monitors.family import Family

__all__ = ["sample"]

_T = TypeVar("_T")

# What psutil and the kernel raise for "not on this machine": missing files in /proc and /sys,
# hidden ones, functions that exist on other platforms only, and values nobody can parse.
_ABSENT = (OSError, psutil.Error, NotImplementedError, AttributeError, RuntimeError, ValueError)

_LOOPBACK = frozenset({"lo", "lo0"})
_SOCKET_TABLES = ("/proc/net/sockstat", "/proc/net/sockstat6")


class _Caller(threading.local):
    """The process as this thread last saw it: what psutil measures an interval against."""

    process: psutil.Process | None = None
    used: dict[str, tuple[float, float]]


_caller = _Caller()


def sample(
    path: str | Path = ".",
    *,
    cpu: bool = True,
    memory: bool = True,
    network: bool = True,
    family: Family | None = None,
) -> dict[str, object]:
    """Return one system row; every key is in `tracklab.records.system.FIELDS`.

    Shares of processor time (`cpu_percent`, `cpu_percent_per_core`, `container_cpu_percent`,
    `process_cpu_percent`, `process_tree_cpu_percent`) are means since the previous call *in the
    same thread*, which is all that is kept between two calls. The first call in a thread, or
    after a fork, has nothing to compare with and gives null for them; psutil's own answer would
    be a false 0. Call from one thread, at least 0.1 s apart.

    Args:
        path: any path on the file system whose fill level is asked for.
        cpu: whether to read processor load, frequency and temperature.
        memory: whether to read memory and swap.
        network: whether to read traffic and connections.
        family: this process and its descendants, if they were looked up already.

    Returns:
        Numbers, lists of numbers for what is told per core, and None for what cannot be read.
        `pressure_*`, `container_*` and `rdma_*` are there only where the kernel measures waiting,
        a control group limits this process, and there is such an adapter.

    Cost: 1 ms on 2 cores; grows with cores up to 64, with sensors and with child processes (see
        `family`), never with connections.
    """
    process, seen = _this_process()
    row: dict[str, object] = {}
    if cpu:
        row |= _cpu(seen=seen)
    if memory:
        row |= _memory()
    row |= _disk(path)
    if network:
        row |= _network()
    return (
        row
        | _process(process, seen=seen)
        | _tree(family or _answer(lambda: look_up_family(os.getpid())))
    )


def _this_process() -> tuple[psutil.Process, bool]:
    """Return this process, and whether this thread has sampled it before."""
    process = _caller.process
    if process is not None and process.pid == os.getpid():
        return process, True
    _caller.process, _caller.used = psutil.Process(), {}
    return _caller.process, False


def _share(name: str, used_s: float | None) -> float | None:
    """Return how many percent of a core were used since this thread last asked for `name`.

    Args:
        name: what has used them.
        used_s: core seconds that it has used since it began.
    """
    now_s = time.monotonic()
    if used_s is None:
        return None
    before = _caller.used.get(name)
    _caller.used[name] = (now_s, used_s)
    if before is None or now_s <= before[0]:
        return None
    # A child that others waited for takes what it used with it.
    return round(max(100 * (used_s - before[1]) / (now_s - before[0]), 0.0), 1)


def _cpu(*, seen: bool) -> dict[str, object]:
    per_core = _answer(lambda: psutil.cpu_percent(percpu=True))
    if not seen or not per_core:
        per_core = None
    cores = os.cpu_count() or 1
    clocks = sensors.frequencies(cores)
    quota = _answer(limits.cpu_quota)
    loads = _answer(os.getloadavg) or (None, None, None)
    row = {
        "cpu_percent": round(sum(per_core) / len(per_core), 1) if per_core else None,
        "cpu_percent_per_core": per_core,
        "cpu_frequency_mhz": round(sum(clocks) / len(clocks), 1) if clocks else None,
        "cpu_frequency_mhz_per_core": clocks if len(clocks) == cores else None,
        "cpu_temperature_celsius": sensors.cpu_temperature(),
        "cpu_usable_cores": limits.usable_cores(quota),
        "load_1m": loads[0],
        "load_5m": loads[1],
        "load_15m": loads[2],
        **_tasks(),
        **_pressure("cpu"),
    }
    if quota:
        used_percent = _share("container", quota.used_s)
        row |= {
            "container_cpu_percent": used_percent and round(used_percent / quota.cores, 1),
            "container_cpu_throttled_seconds": quota.throttled_s,
        }
    return row


def _tasks() -> dict[str, object]:
    """Read how many processes and threads there are, and how many run or wait for a core."""
    running, _, total = ((kernel.text("/proc/loadavg") or "").split() + [""] * 4)[3].partition("/")
    return {
        "tasks_running": int(running) if running else None,
        "tasks_total": int(total) if total else None,
    }


def _pressure(resource: str) -> dict[str, object]:
    found = _answer(lambda: limits.pressure(resource)) or {}
    names = {"some": f"pressure_{resource}_percent", "full": f"pressure_{resource}_full_percent"}
    # The kernel tells of the processor a "full" that means nothing for a whole machine.
    kinds = ("some",) if resource == "cpu" else ("some", "full")
    return {names[kind]: found[kind] for kind in kinds if kind in found}


def _memory() -> dict[str, object]:
    memory = _answer(psutil.virtual_memory)
    swap = _answer(psutil.swap_memory)
    limit = _answer(lambda: limits.memory_limit(memory.total)) if memory else None
    row = {
        "memory_percent": memory and memory.percent,
        "memory_used_bytes": memory and memory.used,
        "memory_available_bytes": memory and memory.available,
        "memory_total_bytes": memory and memory.total,
        "memory_cached_bytes": memory and getattr(memory, "cached", None),
        "swap_percent": swap and swap.percent,
        "swap_used_bytes": swap and swap.used,
        "swap_in_bytes": swap and swap.sin,
        "swap_out_bytes": swap and swap.sout,
        **_pressure("memory"),
    }
    if limit:
        used = limit.used_bytes
        row |= {
            "container_memory_percent": used and round(100 * used / limit.limit_bytes, 2),
            "container_memory_used_bytes": used,
            "container_memory_limit_bytes": limit.limit_bytes,
        }
    return row


def _disk(path: str | Path) -> dict[str, object]:
    usage = _answer(lambda: psutil.disk_usage(os.fspath(path)))
    # nowrap=False: psutil would otherwise remember counters; a reader sees a restart itself.
    traffic = _answer(lambda: psutil.disk_io_counters(nowrap=False))
    return {
        "disk_usage": usage and usage.percent,
        "disk_used_bytes": usage and usage.used,
        "disk_free_bytes": usage and usage.free,
        "disk_read_bytes": traffic and traffic.read_bytes,
        "disk_write_bytes": traffic and traffic.write_bytes,
        "disk_read_operations": traffic and traffic.read_count,
        "disk_write_operations": traffic and traffic.write_count,
        "disk_temperature_celsius": sensors.disk_temperature(),
        **_pressure("io"),
    }


def _network() -> dict[str, object]:
    """Read the traffic of every interface but loopback, which would count each byte twice."""
    found = _answer(lambda: psutil.net_io_counters(pernic=True, nowrap=False)) or {}
    cards = [card for name, card in found.items() if name not in _LOOPBACK]
    fabric = fabrics.traffic()
    rdma = {"rdma_sent_bytes": fabric[0], "rdma_received_bytes": fabric[1]} if fabric else {}
    return {
        "net_sent_bytes": sum(card.bytes_sent for card in cards) if found else None,
        "net_received_bytes": sum(card.bytes_recv for card in cards) if found else None,
        "net_errors": sum(card.errin + card.errout for card in cards) if found else None,
        "net_dropped": sum(card.dropin + card.dropout for card in cards) if found else None,
        "net_tcp_connections": _answer(_tcp_connections),
        **rdma,
    }


def _tcp_connections() -> int:
    """Count TCP sockets in use from the kernel's own totals.

    `psutil.net_connections()` walks every descriptor of every process: seconds on a busy host.
    """
    total = 0
    for table in _SOCKET_TABLES:
        with open(table, encoding="ascii") as lines:
            for line in lines:
                if line.startswith(("TCP:", "TCP6:")):
                    total += int(line.split()[2])
    return total


def _process(process: psutil.Process, *, seen: bool) -> dict[str, object]:
    with process.oneshot():
        used = _answer(process.cpu_percent)
        return {
            "process_cpu_percent": used if seen else None,
            "process_rss_bytes": _answer(lambda: process.memory_info().rss),
            "process_threads": _answer(process.num_threads),
            # Looked up inside: this name is missing where descriptors are not a thing.
            "process_open_fds": _answer(lambda: process.num_fds()),  # noqa: PLW0108
        }


def _tree(family: Family | None) -> dict[str, object]:
    """Say what this process and its descendants use together."""
    return {
        "process_tree_count": family and len(family.pids),
        "process_tree_cpu_percent": _share("tree", family and family.cpu_s),
        "process_tree_rss_bytes": family and family.rss_bytes,
        "process_tree_threads": family and family.threads,
        "process_tree_open_fds": family and family.open_fds,
        "process_tree_read_bytes": family and family.read_bytes,
        "process_tree_write_bytes": family and family.write_bytes,
        "process_tree_skipped": family and family.skipped,
    }


def _answer(read: Callable[[], _T]) -> _T | None:
    try:
        return read()
    except _ABSENT:
        return None
