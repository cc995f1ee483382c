"""Traffic of InfiniBand and RoCE adapters, which no network interface counts.

Collectives of a training over several machines run through these.
"""

from __future__ import annotations

from tracklab.monitors import kernel

__all__ = ["traffic"]

_WORD_BYTES = 4


def traffic(*, root: str = "/") -> tuple[int, int] | None:
    """Return bytes sent and received by all ports since they were set up; None without any.

    Source: the kernel's documentation of `sysfs-class-infiniband`: data is counted in words of
    four bytes.

    Cost: two files for each port.
    """
    place = f"{root}/sys/class/infiniband"
    ports = [
        f"{place}/{adapter}/ports/{port}/counters"
        for adapter in kernel.names(place)
        for port in kernel.names(f"{place}/{adapter}/ports")
    ]
    sent = [kernel.number(f"{port}/port_xmit_data") for port in ports]
    received = [kernel.number(f"{port}/port_rcv_data") for port in ports]
    if not ports or None in sent or None in received:
        return None
    return _WORD_BYTES * sum(filter(None, sent)), _WORD_BYTES * sum(filter(None, received))
