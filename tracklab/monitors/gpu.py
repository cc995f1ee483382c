"""NVIDIA GPUs right now: a flat row per reading, and who uses which card.

Promised to a training run: no driver means no keys and no message, a card that falls off the
bus costs only its own keys, and a quantity that a card does not measure (a fan on a passively
cooled card, ECC on a consumer one) is left out of the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.monitors.nvml import answer, cards, driver, fields, instances

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["accelerators", "sample"]

_NVLINK_KINDS = ("crc_flit", "crc_data", "replay", "recovery")
_PER_UNIT = {"nvlink_tx_bytes": 1024, "nvlink_rx_bytes": 1024}  # the driver counts KiB
_THROUGHPUT = ("pcie_tx_bytes_per_s", "pcie_rx_bytes_per_s")


def sample(
    *, pcie_turn: int | None = None, pids: Collection[int] = (), mine: int | None = None
) -> dict[str, object]:
    """Return the `gpu.<index>.*` part of a system row; `{}` without an NVIDIA driver.

    Every key is in `tracklab.records.system.GPU_FIELDS`. Indices are NVML's (PCI bus order);
    `accelerators()` says which card each is. A MIG device is `gpu.<index>.mig.<device>.*`.

    Args:
        pcie_turn: which of the readings of PCIe traffic to take, counted round all cards and
            both directions: the driver watches the bus for 20 ms for each, so a sample takes
            one, and a caller that counts up gets all of them in turn. None takes none. Cards
            whose driver counts the bytes have them in every row and need no turn.
        pids: processes whose memory counts as one's own.
        mine: read only this card, and others on which `pids` hold memory; None reads all.

    Cost: about 1 ms per card, and 20 ms with a turn, during which other threads run.
    """
    nvml = driver()
    row: dict[str, object] = {}
    slow: list[tuple[int, Any, str]] = []
    for index, handle in cards(nvml):
        users = _processes_of(nvml, handle, pids)
        if mine not in {None, index} and "process_memory_used_bytes" not in users:
            continue
        found = _reading(nvml, handle) | users
        row |= {f"gpu.{index}.{name}": value for name, value in found.items()}
        for device, part in instances(nvml, handle):
            memory = _memory(nvml, part).items()
            row |= {f"gpu.{index}.mig.{device}.{name}": value for name, value in memory}
        if "pcie_tx_bytes" not in found:
            slow += [(index, handle, name) for name in _THROUGHPUT]
    if slow and pcie_turn is not None:
        row |= _traffic(nvml, *slow[pcie_turn % len(slow)])
    return row


def accelerators() -> list[dict[str, object]]:
    """Return what each card is and which processes hold memory on it; `[]` without a driver.

    Returns:
        One dict per card: `kind` (`gpu`), `index`, `uuid`, `name`, `driver` (its version),
        `bus_id`, `memory_total_bytes`, `mig` (a list of `{"index", "uuid", "name",
        "memory_total_bytes"}`), and `processes`, a list of `{"pid", "memory_used_bytes"}` where
        memory is None if the driver hides it. What the driver does not answer is None.
    """
    nvml = driver()
    return [_accelerator(nvml, index, handle) for index, handle in cards(nvml)]


def _reading(nvml: Any, handle: Any) -> dict[str, object]:
    """Read one card; a name is missing where the card does not measure it."""

    def ask(name: str, *arguments: object) -> Any | None:
        return answer(getattr(nvml, name), handle, *arguments)

    rates = ask("nvmlDeviceGetUtilizationRates")
    power_mw = ask("nvmlDeviceGetPowerUsage")
    limit_mw = ask("nvmlDeviceGetEnforcedPowerLimit")
    encoder = ask("nvmlDeviceGetEncoderUtilization")
    decoder = ask("nvmlDeviceGetDecoderUtilization")
    ecc = "nvmlDeviceGetTotalEccErrors"
    row = {
        "utilization_percent": rates and rates.gpu,
        "memory_busy_percent": rates and rates.memory,
        **_memory(nvml, handle),
        "temperature_celsius": ask("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU),
        "power_watts": None if power_mw is None else power_mw / 1000,
        "power_limit_watts": None if limit_mw is None else limit_mw / 1000,
        "fan_percent": ask("nvmlDeviceGetFanSpeed"),
        "sm_clock_mhz": ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_SM),
        "memory_clock_mhz": ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_MEM),
        **_throttling(nvml, handle),
        "encoder_percent": encoder and encoder[0],
        "decoder_percent": decoder and decoder[0],
        "ecc_corrected_errors": ask(
            ecc, nvml.NVML_MEMORY_ERROR_TYPE_CORRECTED, nvml.NVML_VOLATILE_ECC
        ),
        "ecc_uncorrected_errors": ask(
            ecc, nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED, nvml.NVML_VOLATILE_ECC
        ),
        "pcie_generation": ask("nvmlDeviceGetCurrPcieLinkGeneration"),
        "pcie_width": ask("nvmlDeviceGetCurrPcieLinkWidth"),
        **_counted(nvml, handle),
    }
    return {name: value for name, value in row.items() if value is not None}


def _memory(nvml: Any, handle: Any) -> dict[str, object]:
    """Read the memory that programs use; drivers before 510 count their own share as used too."""
    memory = answer(nvml.nvmlDeviceGetMemoryInfo, handle, nvml.nvmlMemory_v2)
    memory = memory or answer(nvml.nvmlDeviceGetMemoryInfo, handle)
    if not memory:
        return {}
    share = {"memory_percent": round(100 * memory.used / memory.total, 2)} if memory.total else {}
    return {"memory_used_bytes": memory.used, "memory_total_bytes": memory.total, **share}


def _throttling(nvml: Any, handle: Any) -> dict[str, object]:
    """Say whether something keeps the clocks down, as 0 or 1 for what matters to a training."""
    reasons = answer(nvml.nvmlDeviceGetCurrentClocksEventReasons, handle)
    if reasons is None:  # drivers before 535 know the older name only
        reasons = answer(nvml.nvmlDeviceGetCurrentClocksThrottleReasons, handle)
    if reasons is None:
        return {}
    power = nvml.nvmlClocksEventReasonSwPowerCap | nvml.nvmlClocksEventReasonHwPowerBrakeSlowdown
    heat = nvml.nvmlClocksEventReasonSwThermalSlowdown | nvml.nvmlClocksEventReasonHwThermalSlowdown
    return {
        "throttle_reasons": reasons,
        "throttled_by_power": int(bool(reasons & power)),
        "throttled_by_heat": int(bool(reasons & heat)),
    }


def _counted(nvml: Any, handle: Any) -> dict[str, float]:
    """Read what the driver gives as fields: the memory's temperature, and counters."""
    found = fields(
        nvml,
        handle,
        {
            nvml.NVML_FI_DEV_MEMORY_TEMP: "memory_temperature_celsius",
            nvml.NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION: "energy_joules",
            nvml.NVML_FI_DEV_PCIE_REPLAY_COUNTER: "pcie_replays",
            nvml.NVML_FI_DEV_PCIE_COUNT_TX_BYTES: "pcie_tx_bytes",
            nvml.NVML_FI_DEV_PCIE_COUNT_RX_BYTES: "pcie_rx_bytes",
            nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX: "nvlink_tx_bytes",
            nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX: "nvlink_rx_bytes",
            **{
                getattr(
                    nvml, f"NVML_FI_DEV_NVLINK_{kind.upper()}_ERROR_COUNT_TOTAL"
                ): f"nvlink_{kind}"
                for kind in _NVLINK_KINDS
            },
        },
    )
    kinds = [found.pop(f"nvlink_{kind}", None) for kind in _NVLINK_KINDS]
    errors = [count for count in kinds if count is not None]
    row = {name: value * _PER_UNIT.get(name, 1) for name, value in found.items()}
    if "energy_joules" in row:
        row["energy_joules"] /= 1000  # the driver counts millijoules
    return row | ({"nvlink_errors": sum(errors)} if errors else {})


def _traffic(nvml: Any, index: int, handle: Any, name: str) -> dict[str, object]:
    """Read PCIe traffic as the card sees it: tx leaves the card, rx enters it."""
    tx, rx = nvml.NVML_PCIE_UTIL_TX_BYTES, nvml.NVML_PCIE_UTIL_RX_BYTES
    counter = tx if name == _THROUGHPUT[0] else rx
    kilobytes = answer(nvml.nvmlDeviceGetPcieThroughput, handle, counter)
    return {} if kilobytes is None else {f"gpu.{index}.{name}": kilobytes * 1000}


def _accelerator(nvml: Any, index: int, handle: Any) -> dict[str, object]:
    bus = answer(nvml.nvmlDeviceGetPciInfo, handle)
    return {
        "kind": "gpu",
        "index": index,
        "uuid": answer(nvml.nvmlDeviceGetUUID, handle),
        "name": answer(nvml.nvmlDeviceGetName, handle),
        "driver": answer(nvml.nvmlSystemGetDriverVersion),
        "bus_id": bus and _text(bus.busId),
        "memory_total_bytes": _memory(nvml, handle).get("memory_total_bytes"),
        "mig": [_instance(nvml, device, part) for device, part in instances(nvml, handle)],
        "processes": [
            {"pid": pid, "memory_used_bytes": used}
            for pid, used in sorted(_processes(nvml, handle).items())
        ],
    }


def _instance(nvml: Any, index: int, handle: Any) -> dict[str, object]:
    return {
        "index": index,
        "uuid": answer(nvml.nvmlDeviceGetUUID, handle),
        "name": answer(nvml.nvmlDeviceGetName, handle),
        "memory_total_bytes": _memory(nvml, handle).get("memory_total_bytes"),
    }


def _processes_of(nvml: Any, handle: Any, pids: Collection[int]) -> dict[str, object]:
    """Say how many processes use a card, and how much of its memory those in `pids` hold.

    The latter is missing for a card that none of them uses, and in a container where the driver
    counts processes in another way.
    """
    found = _processes(nvml, handle)
    own = [found[pid] or 0 for pid in found.keys() & set(pids)]
    used = {"process_memory_used_bytes": sum(own)} if own else {}
    return {"processes": len(found), **used}


def _processes(nvml: Any, handle: Any) -> dict[int, int | None]:
    """Return the memory of each compute and graphics process, by pid; None where it is hidden.

    One that computes and draws is listed once. One on several MIG devices holds what it holds on
    all of them.
    """
    held: dict[int, int | None] = {}
    for kind in ("Graphics", "Compute", "MPSCompute"):
        found: dict[int, int | None] = {}
        for process in _listed(nvml, handle, kind):
            used = process.usedGpuMemory
            before = found.get(process.pid)
            found[process.pid] = before if used is None else used + (before or 0)
        held |= found
    return held


def _listed(nvml: Any, handle: Any, kind: str) -> list[Any]:
    name = f"nvmlDeviceGet{kind}RunningProcesses"
    found = answer(getattr(nvml, name), handle)
    if found is None:  # drivers before 510 know the older form only
        found = answer(getattr(nvml, f"{name}_v2"), handle)
    return found or []


def _text(name: bytes | str) -> str:
    return name.decode("ascii", "replace") if isinstance(name, bytes) else name
