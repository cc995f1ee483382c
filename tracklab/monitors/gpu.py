"""NVIDIA GPUs right now: a flat row per reading, and who uses which card.

Promised to a training run: no driver means no keys and no message, a card that falls off the
bus costs only its own keys, and a quantity that a card does not measure (a fan on a passively
cooled card, ECC on a consumer one) is left out of the row.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["accelerators", "sample"]


def sample(*, pcie: bool = True, nvml: Any | None = None) -> dict[str, object]:
    """Return the `gpu.<index>.*` part of a system row; `{}` without an NVIDIA driver.

    Every key is in `tracklab.records.system.GPU_FIELDS`. Indices are NVML's (PCI bus order);
    `accelerators()` says which card each is.

    Args:
        pcie: whether to ask for PCIe traffic. The driver watches the bus for 20 ms for each
            of the two directions, so this is nearly the whole cost.
        nvml: a module with the functions of `pynvml`; None takes the installed one.

    Cost: about 40 ms per card with `pcie`, during which other threads run; under 1 ms without.
    """
    row: dict[str, object] = {}
    nvml = nvml or _driver(os.getpid())
    for index, handle in _cards(nvml):
        found = _reading(nvml, handle)
        if pcie:
            found |= _pcie(nvml, handle)
        row |= {f"gpu.{index}.{name}": value for name, value in found.items()}
    return row


def accelerators(*, nvml: Any | None = None) -> list[dict[str, object]]:
    """Return what each card is and which processes hold memory on it; `[]` without a driver.

    Args:
        nvml: a module with the functions of `pynvml`; None takes the installed one.

    Returns:
        One dict per card: `index`, `uuid`, `name`, `driver` (its version),
        `memory_total_bytes`, and `processes`, a list of `{"pid", "memory_used_bytes"}` where
        memory is None if the driver hides it. What the driver does not answer is None.
    """
    nvml = nvml or _driver(os.getpid())
    return [_accelerator(nvml, index, handle) for index, handle in _cards(nvml)]


@lru_cache(maxsize=1)
def _driver(_pid: int) -> Any | None:
    """Return pynvml with NVML started in process `_pid`, or None without driver or binding.

    Keyed by process id because a forked child must start NVML for itself. It is never shut
    down: the driver frees what a process held when it ends.
    """
    try:
        import pynvml  # noqa: PLC0415  # 30 ms that a machine without GPU need not pay at import
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    return pynvml


def _cards(nvml: Any | None) -> Iterator[tuple[int, Any]]:
    if nvml is None:
        return
    for index in range(_answer(nvml, nvml.nvmlDeviceGetCount) or 0):
        handle = _answer(nvml, nvml.nvmlDeviceGetHandleByIndex, index)
        if handle is not None:
            yield index, handle


def _answer(nvml: Any, ask: Callable[..., Any], *arguments: object) -> Any | None:
    """Return what the driver answers, or None where it refuses: unsupported, lost, forbidden."""
    try:
        return ask(*arguments)
    except nvml.NVMLError:
        return None


def _reading(nvml: Any, handle: Any) -> dict[str, object]:
    """Read one card; a name is missing where the card does not measure it."""

    def ask(name: str, *arguments: object) -> Any | None:
        return _answer(nvml, getattr(nvml, name), handle, *arguments)

    rates = ask("nvmlDeviceGetUtilizationRates")
    memory = ask("nvmlDeviceGetMemoryInfo")
    power_mw = ask("nvmlDeviceGetPowerUsage")
    limit_mw = ask("nvmlDeviceGetEnforcedPowerLimit")
    ecc = "nvmlDeviceGetTotalEccErrors"
    row = {
        "utilization_percent": rates and rates.gpu,
        "memory_busy_percent": rates and rates.memory,
        "memory_used_bytes": memory and memory.used,
        "memory_total_bytes": memory and memory.total,
        "memory_percent": memory and memory.total and round(100 * memory.used / memory.total, 2),
        "temperature_celsius": ask("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU),
        "power_watts": None if power_mw is None else power_mw / 1000,
        "power_limit_watts": None if limit_mw is None else limit_mw / 1000,
        "fan_percent": ask("nvmlDeviceGetFanSpeed"),
        "sm_clock_mhz": ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_SM),
        "memory_clock_mhz": ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_MEM),
        "ecc_corrected_errors": ask(
            ecc, nvml.NVML_MEMORY_ERROR_TYPE_CORRECTED, nvml.NVML_VOLATILE_ECC
        ),
        "ecc_uncorrected_errors": ask(
            ecc, nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED, nvml.NVML_VOLATILE_ECC
        ),
    }
    return {name: value for name, value in row.items() if value is not None}


def _pcie(nvml: Any, handle: Any) -> dict[str, object]:
    """Read PCIe traffic as the card sees it: tx leaves the card, rx enters it."""
    counters = {
        "pcie_tx_bytes_per_s": nvml.NVML_PCIE_UTIL_TX_BYTES,
        "pcie_rx_bytes_per_s": nvml.NVML_PCIE_UTIL_RX_BYTES,
    }
    row = {}
    for name, counter in counters.items():
        kilobytes = _answer(nvml, nvml.nvmlDeviceGetPcieThroughput, handle, counter)
        if kilobytes is not None:
            row[name] = kilobytes * 1000
    return row


def _accelerator(nvml: Any, index: int, handle: Any) -> dict[str, object]:
    memory = _answer(nvml, nvml.nvmlDeviceGetMemoryInfo, handle)
    return {
        "index": index,
        "uuid": _answer(nvml, nvml.nvmlDeviceGetUUID, handle),
        "name": _answer(nvml, nvml.nvmlDeviceGetName, handle),
        "driver": _answer(nvml, nvml.nvmlSystemGetDriverVersion),
        "memory_total_bytes": memory and memory.total,
        "processes": _processes(nvml, handle),
    }


def _processes(nvml: Any, handle: Any) -> list[dict[str, object]]:
    """List compute and graphics processes; one that does both is listed once, as compute."""
    found: dict[int, object] = {}
    for ask in (
        nvml.nvmlDeviceGetComputeRunningProcesses,
        nvml.nvmlDeviceGetGraphicsRunningProcesses,
    ):
        for process in _answer(nvml, ask, handle) or ():
            found.setdefault(process.pid, process.usedGpuMemory)
    return [{"pid": pid, "memory_used_bytes": used} for pid, used in sorted(found.items())]
