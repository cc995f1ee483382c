"""What each name in a system row means: its unit, and what OpenTelemetry and wandb call it.

The one table for every side: monitors write these names, exporters and the wandb API translate
them. A name that a monitor writes and that is not here fails the tests.

Sources: OpenTelemetry semantic conventions 1.37, `system.*`, `process.*` and `hw.*`, flattened
with direction and device index as in the line format; quantities without a convention are under
`tracklab.*`. wandb: its public list of system metrics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

__all__ = ["FIELDS", "GPU_FIELDS", "SystemField", "system_field"]

_GPU_NAME = re.compile(r"gpu\.(\d+)\.(\w+)")
_MEBI = 1024.0**-2
_GIBI = 1024.0**-3


@dataclass(frozen=True, slots=True)
class SystemField:
    """One name of a system row.

    Attributes:
        unit: of our value, as UCUM writes it: `%`, `By`, `By/s`, `MHz`, `Cel`, `W`, `1`, or a
            counted thing in braces.
        counter: the value counts up since boot (or, for ECC errors, since the driver
            started); wandb shows the difference from the run's first row.
        otel: OpenTelemetry name; its value is ours times `otel_scale`.
        wandb: wandb's name, or None where wandb has none; its value is ours times
            `wandb_scale`. `{i}` stands for the position in a list.
        wandb_per_cpu: wandb divides the value by the number of CPUs as well.
    """

    unit: str
    otel: str
    wandb: str | None = None
    otel_scale: float = 1.0
    wandb_scale: float = 1.0
    counter: bool = False
    wandb_per_cpu: bool = False


def _percent(otel: str, wandb: str | None = None) -> SystemField:
    return SystemField("%", otel, wandb, otel_scale=0.01)


def _bytes(otel: str, wandb: str | None = None, *, wandb_scale: float = 1.0) -> SystemField:
    return SystemField("By", otel, wandb, wandb_scale=wandb_scale)


def _traffic(otel: str, wandb: str, *, wandb_scale: float = 1.0) -> SystemField:
    return SystemField("By", otel, wandb, wandb_scale=wandb_scale, counter=True)


#: Every name of `monitors.system.sample()`.
FIELDS: dict[str, SystemField] = {
    "cpu_percent": _percent("system.cpu.utilization"),
    "cpu_percent_per_core": _percent("system.cpu.utilization", "system.cpu.{i}.cpu_percent"),
    "cpu_frequency_mhz": SystemField("MHz", "system.cpu.frequency", otel_scale=1e6),
    "cpu_temperature_celsius": SystemField("Cel", "hw.temperature"),
    "load_1m": SystemField("1", "tracklab.system.load.1m"),
    "memory_percent": _percent("system.memory.utilization", "system.memory_percent"),
    "memory_used_bytes": _bytes("system.memory.usage"),
    "memory_available_bytes": _bytes(
        "system.memory.linux.available", "system.proc.memory.availableMB", wandb_scale=_MEBI
    ),
    "swap_percent": _percent("system.paging.utilization"),
    "swap_used_bytes": _bytes("system.paging.usage"),
    "disk_usage": _percent("system.filesystem.utilization", r"system.disk.\.usagePercent"),
    "disk_used_bytes": _bytes(
        "system.filesystem.usage", r"system.disk.\.usageGB", wandb_scale=_GIBI
    ),
    "disk_free_bytes": _bytes("tracklab.system.filesystem.free"),
    "disk_read_bytes": _traffic("system.disk.io.read", "system.disk.in", wandb_scale=_MEBI),
    "disk_write_bytes": _traffic("system.disk.io.write", "system.disk.out", wandb_scale=_MEBI),
    "net_sent_bytes": _traffic("system.network.io.transmit", "system.network.sent"),
    "net_received_bytes": _traffic("system.network.io.receive", "system.network.recv"),
    "net_tcp_connections": SystemField("{connection}", "system.network.connection.count"),
    "process_cpu_percent": SystemField(
        "%", "process.cpu.utilization", "system.cpu", otel_scale=0.01, wandb_per_cpu=True
    ),
    "process_rss_bytes": _bytes(
        "process.memory.usage", "system.proc.memory.rssMB", wandb_scale=_MEBI
    ),
    "process_threads": SystemField("{thread}", "process.thread.count", "system.proc.cpu.threads"),
    "process_open_fds": SystemField("{file_descriptor}", "process.unix.file_descriptor.count"),
}

#: Every name of `monitors.gpu.sample()`, without its `gpu.<index>.`; `{gpu}` is the index.
GPU_FIELDS: dict[str, SystemField] = {
    "utilization_percent": _percent("hw.gpu.{gpu}.utilization", "system.gpu.{gpu}.gpu"),
    "memory_busy_percent": _percent("tracklab.gpu.{gpu}.memory.busy", "system.gpu.{gpu}.memory"),
    "memory_used_bytes": _bytes(
        "hw.gpu.{gpu}.memory.usage", "system.gpu.{gpu}.memoryAllocatedBytes"
    ),
    "memory_total_bytes": _bytes("hw.gpu.{gpu}.memory.limit"),
    "memory_percent": _percent(
        "hw.gpu.{gpu}.memory.utilization", "system.gpu.{gpu}.memoryAllocated"
    ),
    "temperature_celsius": SystemField("Cel", "hw.gpu.{gpu}.temperature", "system.gpu.{gpu}.temp"),
    "power_watts": SystemField("W", "hw.gpu.{gpu}.power", "system.gpu.{gpu}.powerWatts"),
    "power_limit_watts": SystemField(
        "W", "tracklab.gpu.{gpu}.power.limit", "system.gpu.{gpu}.enforcedPowerLimitWatts"
    ),
    "fan_percent": _percent("hw.gpu.{gpu}.fan.speed_ratio", "system.gpu.{gpu}.fanSpeed"),
    "sm_clock_mhz": SystemField(
        "MHz", "tracklab.gpu.{gpu}.sm.frequency", "system.gpu.{gpu}.smClock", otel_scale=1e6
    ),
    "memory_clock_mhz": SystemField(
        "MHz",
        "tracklab.gpu.{gpu}.memory.frequency",
        "system.gpu.{gpu}.memoryClock",
        otel_scale=1e6,
    ),
    "ecc_corrected_errors": SystemField(
        "{error}",
        "hw.gpu.{gpu}.errors.corrected",
        "system.gpu.{gpu}.correctedMemoryErrors",
        counter=True,
    ),
    "ecc_uncorrected_errors": SystemField(
        "{error}",
        "hw.gpu.{gpu}.errors.uncorrected",
        "system.gpu.{gpu}.uncorrectedMemoryErrors",
        counter=True,
    ),
    "pcie_tx_bytes_per_s": SystemField("By/s", "tracklab.gpu.{gpu}.pcie.transmit"),
    "pcie_rx_bytes_per_s": SystemField("By/s", "tracklab.gpu.{gpu}.pcie.receive"),
}


def system_field(name: str) -> SystemField | None:
    """Return the meaning of a name in a system row, with the GPU's index filled in.

    Returns:
        None for a name that no monitor writes (a user's own, or a newer version's).
    """
    match = _GPU_NAME.fullmatch(name)
    if match is None:
        return FIELDS.get(name)
    field = GPU_FIELDS.get(match[2])
    if field is None:
        return None
    return replace(
        field,
        otel=field.otel.replace("{gpu}", match[1]),
        wandb=field.wandb and field.wandb.replace("{gpu}", match[1]),
    )
