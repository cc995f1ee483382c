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

#: Kind, device and quantity. A device may be divided: `gpu.0.mig.2.memory_used_bytes`.
_DEVICE_NAME = re.compile(r"([a-z][a-z0-9_]*)\.(\d+(?:\.mig\.\d+)?)\.(\w+)")
_MEBI = 1024.0**-2
_GIBI = 1024.0**-3


@dataclass(frozen=True, slots=True)
class SystemField:
    """One name of a system row.

    Attributes:
        unit: of our value, as UCUM writes it: `%`, `By`, `By/s`, `MHz`, `Cel`, `W`, `1`, or a
            counted thing in braces.
        counter: the value counts up since boot (of an accelerator, since the driver
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


def _traffic(otel: str, wandb: str | None = None, *, wandb_scale: float = 1.0) -> SystemField:
    return SystemField("By", otel, wandb, wandb_scale=wandb_scale, counter=True)


def _count(unit: str, otel: str, wandb: str | None = None) -> SystemField:
    return SystemField(unit, otel, wandb, counter=True)


#: Every name of `monitors.system.sample()`.
FIELDS: dict[str, SystemField] = {
    "cpu_percent": _percent("system.cpu.utilization"),
    "cpu_percent_per_core": _percent("system.cpu.utilization", "system.cpu.{i}.cpu_percent"),
    "cpu_frequency_mhz": SystemField("MHz", "system.cpu.frequency", otel_scale=1e6),
    "cpu_frequency_mhz_per_core": SystemField("MHz", "system.cpu.frequency", otel_scale=1e6),
    "cpu_temperature_celsius": SystemField("Cel", "hw.temperature"),
    "cpu_usable_cores": SystemField("{cpu}", "tracklab.process.cpu.limit"),
    "load_1m": SystemField("1", "tracklab.system.load.1m"),
    "load_5m": SystemField("1", "tracklab.system.load.5m"),
    "load_15m": SystemField("1", "tracklab.system.load.15m"),
    "tasks_running": SystemField("{task}", "tracklab.system.tasks.running"),
    "tasks_total": SystemField("{task}", "tracklab.system.tasks.count"),
    "pressure_cpu_percent": _percent("tracklab.system.pressure.cpu.some"),
    "container_cpu_percent": _percent("tracklab.container.cpu.utilization"),
    "container_cpu_throttled_seconds": SystemField(
        "s", "tracklab.container.cpu.throttled", counter=True
    ),
    "memory_percent": _percent("system.memory.utilization", "system.memory_percent"),
    "memory_used_bytes": _bytes("system.memory.usage"),
    "memory_available_bytes": _bytes(
        "system.memory.linux.available", "system.proc.memory.availableMB", wandb_scale=_MEBI
    ),
    "memory_total_bytes": _bytes("system.memory.limit"),
    "memory_cached_bytes": _bytes("tracklab.system.memory.cached"),
    "swap_percent": _percent("system.paging.utilization"),
    "swap_used_bytes": _bytes("system.paging.usage"),
    "swap_in_bytes": _traffic("tracklab.system.paging.io.in"),
    "swap_out_bytes": _traffic("tracklab.system.paging.io.out"),
    "pressure_memory_percent": _percent("tracklab.system.pressure.memory.some"),
    "pressure_memory_full_percent": _percent("tracklab.system.pressure.memory.full"),
    "container_memory_percent": _percent("tracklab.container.memory.utilization"),
    "container_memory_used_bytes": _bytes("container.memory.working_set"),
    "container_memory_limit_bytes": _bytes("tracklab.container.memory.limit"),
    "disk_usage": _percent("system.filesystem.utilization", r"system.disk.\.usagePercent"),
    "disk_used_bytes": _bytes(
        "system.filesystem.usage", r"system.disk.\.usageGB", wandb_scale=_GIBI
    ),
    "disk_free_bytes": _bytes("tracklab.system.filesystem.free"),
    "disk_read_bytes": _traffic("system.disk.io.read", "system.disk.in", wandb_scale=_MEBI),
    "disk_write_bytes": _traffic("system.disk.io.write", "system.disk.out", wandb_scale=_MEBI),
    "disk_read_operations": _count("{operation}", "system.disk.operations.read"),
    "disk_write_operations": _count("{operation}", "system.disk.operations.write"),
    "disk_temperature_celsius": SystemField("Cel", "tracklab.system.disk.temperature"),
    "pressure_io_percent": _percent("tracklab.system.pressure.io.some"),
    "pressure_io_full_percent": _percent("tracklab.system.pressure.io.full"),
    "net_sent_bytes": _traffic("system.network.io.transmit", "system.network.sent"),
    "net_received_bytes": _traffic("system.network.io.receive", "system.network.recv"),
    "net_errors": _count("{error}", "system.network.errors"),
    "net_dropped": _count("{packet}", "system.network.packet.dropped"),
    "net_tcp_connections": SystemField("{connection}", "system.network.connection.count"),
    "rdma_sent_bytes": _traffic("tracklab.system.rdma.io.transmit"),
    "rdma_received_bytes": _traffic("tracklab.system.rdma.io.receive"),
    "process_cpu_percent": SystemField(
        "%", "process.cpu.utilization", "system.cpu", otel_scale=0.01, wandb_per_cpu=True
    ),
    "process_rss_bytes": _bytes(
        "process.memory.usage", "system.proc.memory.rssMB", wandb_scale=_MEBI
    ),
    "process_threads": SystemField("{thread}", "process.thread.count", "system.proc.cpu.threads"),
    "process_open_fds": SystemField("{file_descriptor}", "process.unix.file_descriptor.count"),
    "process_tree_count": SystemField("{process}", "tracklab.process.tree.count"),
    "process_tree_cpu_percent": _percent("tracklab.process.tree.cpu.utilization"),
    "process_tree_rss_bytes": _bytes("tracklab.process.tree.memory.usage"),
    "process_tree_threads": SystemField("{thread}", "tracklab.process.tree.thread.count"),
    "process_tree_open_fds": SystemField(
        "{file_descriptor}", "tracklab.process.tree.file_descriptor.count"
    ),
    "process_tree_read_bytes": _traffic("tracklab.process.tree.disk.io.read"),
    "process_tree_write_bytes": _traffic("tracklab.process.tree.disk.io.write"),
    "process_tree_skipped": SystemField("{process}", "tracklab.process.tree.skipped"),
}

#: Every name that a monitor writes of an accelerator, without its `<kind>.<index>.`; `{gpu}` is
#: the index, of other kinds than NVIDIA's `gpu` the kind and the index.
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
    "process_memory_used_bytes": _bytes("tracklab.gpu.{gpu}.process.memory.usage"),
    "processes": SystemField("{process}", "tracklab.gpu.{gpu}.process.count"),
    "temperature_celsius": SystemField("Cel", "hw.gpu.{gpu}.temperature", "system.gpu.{gpu}.temp"),
    "hotspot_temperature_celsius": SystemField("Cel", "tracklab.gpu.{gpu}.hotspot.temperature"),
    "memory_temperature_celsius": SystemField("Cel", "tracklab.gpu.{gpu}.memory.temperature"),
    "power_watts": SystemField("W", "hw.gpu.{gpu}.power", "system.gpu.{gpu}.powerWatts"),
    "power_limit_watts": SystemField(
        "W", "tracklab.gpu.{gpu}.power.limit", "system.gpu.{gpu}.enforcedPowerLimitWatts"
    ),
    "energy_joules": SystemField("J", "hw.gpu.{gpu}.energy", counter=True),
    "fan_percent": _percent("hw.gpu.{gpu}.fan.speed_ratio", "system.gpu.{gpu}.fanSpeed"),
    "sm_clock_mhz": SystemField(
        "MHz", "tracklab.gpu.{gpu}.sm.frequency", "system.gpu.{gpu}.smClock", otel_scale=1e6
    ),
    "core_clock_mhz": SystemField("MHz", "tracklab.gpu.{gpu}.core.frequency", otel_scale=1e6),
    "memory_clock_mhz": SystemField(
        "MHz",
        "tracklab.gpu.{gpu}.memory.frequency",
        "system.gpu.{gpu}.memoryClock",
        otel_scale=1e6,
    ),
    "throttle_reasons": SystemField("1", "tracklab.gpu.{gpu}.throttle.reasons"),
    "throttled_by_power": SystemField("1", "tracklab.gpu.{gpu}.throttle.power"),
    "throttled_by_heat": SystemField("1", "tracklab.gpu.{gpu}.throttle.thermal"),
    "encoder_percent": _percent(
        "tracklab.gpu.{gpu}.encoder.utilization", "system.gpu.{gpu}.encoderUtilization"
    ),
    "decoder_percent": _percent("tracklab.gpu.{gpu}.decoder.utilization"),
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
    "pcie_generation": SystemField("1", "tracklab.gpu.{gpu}.pcie.generation"),
    "pcie_width": SystemField("{lane}", "tracklab.gpu.{gpu}.pcie.width"),
    "pcie_replays": _count("{replay}", "tracklab.gpu.{gpu}.pcie.replays"),
    "pcie_tx_bytes": _traffic("hw.gpu.{gpu}.io.transmit"),
    "pcie_rx_bytes": _traffic("hw.gpu.{gpu}.io.receive"),
    "pcie_tx_bytes_per_s": SystemField("By/s", "tracklab.gpu.{gpu}.pcie.transmit"),
    "pcie_rx_bytes_per_s": SystemField("By/s", "tracklab.gpu.{gpu}.pcie.receive"),
    "nvlink_tx_bytes": _traffic("tracklab.gpu.{gpu}.nvlink.io.transmit"),
    "nvlink_rx_bytes": _traffic("tracklab.gpu.{gpu}.nvlink.io.receive"),
    "nvlink_errors": _count("{error}", "tracklab.gpu.{gpu}.nvlink.errors"),
}


def system_field(name: str) -> SystemField | None:
    """Return the meaning of a name in a system row, with the device's index filled in.

    Returns:
        None for a name that no monitor writes (a user's own, or a newer version's).
    """
    match = _DEVICE_NAME.fullmatch(name)
    if match is None:
        return FIELDS.get(name)
    kind, device, quantity = match.groups()
    field = GPU_FIELDS.get(quantity)
    if field is None:
        return None
    ours = kind == "gpu"
    return replace(
        field,
        otel=field.otel.replace("{gpu}", device if ours else f"{kind}.{device}"),
        # wandb knows the cards of one maker at a time, and no parts of them.
        wandb=field.wandb.replace("{gpu}", device)
        if field.wandb and ours and device.isdecimal()
        else None,
    )
