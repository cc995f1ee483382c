"""One reading of this machine and this process as a flat row: names with units, no memory.

Promised to the sampler of a run and to the server alike: `sample()` never raises for what the
machine lacks. A sensor that is missing, hidden or broken is null, and costs only its own keys.
Counters (`disk_*_bytes`, `net_*_bytes`) count since boot, so that nothing has to be remembered
here and a reader can take the difference over any interval.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, TypeVar

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["sample"]

_T = TypeVar("_T")

# What psutil and the kernel raise for "not on this machine": missing files in /proc and /sys,
# hidden ones, functions that exist on other platforms only, and values nobody can parse.
_ABSENT = (OSError, psutil.Error, NotImplementedError, AttributeError, RuntimeError, ValueError)

# Chips whose first reading is the processor's own, in the order of preference.
_CPU_CHIPS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "soc_thermal")
_LOOPBACK = frozenset({"lo", "lo0"})
_SOCKET_TABLES = ("/proc/net/sockstat", "/proc/net/sockstat6")


class _Caller(threading.local):
    """The process as this thread last saw it: what psutil measures an interval against."""

    process: psutil.Process | None = None


_caller = _Caller()


def sample(
    path: str | Path = ".", *, cpu: bool = True, memory: bool = True, network: bool = True
) -> dict[str, object]:
    """Return one system row; every key is in `tracklab.records.system.FIELDS`.

    Percentages of processor time (`cpu_percent`, `cpu_percent_per_core`,
    `process_cpu_percent`) are means since the previous call *in the same thread*: psutil keeps
    that reading per thread. The first call in a thread, or after a fork, has nothing to compare
    with and gives null for the three; psutil's own answer would be a false 0. Call from one
    thread, at least 0.1 s apart.

    Args:
        path: any path on the file system whose fill level is asked for.
        cpu: whether to read processor load, frequency and temperature.
        memory: whether to read memory and swap.
        network: whether to read traffic and connections.

    Returns:
        Numbers, a list of numbers for `cpu_percent_per_core`, and None for what cannot be read.

    Cost: 1 ms on 2 cores; grows with cores (frequency) and sensors, never with connections.
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
    return row | _process(process, seen=seen)


def _this_process() -> tuple[psutil.Process, bool]:
    """Return this process, and whether this thread has sampled it before."""
    process = _caller.process
    if process is not None and process.pid == os.getpid():
        return process, True
    _caller.process = psutil.Process()
    return _caller.process, False


def _cpu(*, seen: bool) -> dict[str, object]:
    per_core = _answer(lambda: psutil.cpu_percent(percpu=True))
    if not seen or not per_core:
        per_core = None
    return {
        "cpu_percent": round(sum(per_core) / len(per_core), 1) if per_core else None,
        "cpu_percent_per_core": per_core,
        "cpu_frequency_mhz": _answer(lambda: psutil.cpu_freq().current),
        "cpu_temperature_celsius": _answer(_cpu_temperature),
        "load_1m": _answer(lambda: psutil.getloadavg()[0]),
    }


def _cpu_temperature() -> float | None:
    chips = psutil.sensors_temperatures()
    for chip in _CPU_CHIPS:
        if chips.get(chip):
            return max(sensor.current for sensor in chips[chip])
    return None


def _memory() -> dict[str, object]:
    memory = _answer(psutil.virtual_memory)
    swap = _answer(psutil.swap_memory)
    return {
        "memory_percent": memory and memory.percent,
        "memory_used_bytes": memory and memory.used,
        "memory_available_bytes": memory and memory.available,
        "swap_percent": swap and swap.percent,
        "swap_used_bytes": swap and swap.used,
    }


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
    }


def _network() -> dict[str, object]:
    """Read the traffic of every interface but loopback, which would count each byte twice."""
    found = _answer(lambda: psutil.net_io_counters(pernic=True, nowrap=False)) or {}
    cards = [card for name, card in found.items() if name not in _LOOPBACK]
    return {
        "net_sent_bytes": sum(card.bytes_sent for card in cards) if found else None,
        "net_received_bytes": sum(card.bytes_recv for card in cards) if found else None,
        "net_tcp_connections": _answer(_tcp_connections),
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


def _answer(read: Callable[[], _T]) -> _T | None:
    try:
        return read()
    except _ABSENT:
        return None
