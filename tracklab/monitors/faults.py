"""Errors that the NVIDIA driver reports of its cards while somebody waits for them."""

from __future__ import annotations

from typing import Any

from tracklab.monitors.nvml import answer, cards, driver

__all__ = ["open_faults", "read_faults"]

_MOST_AT_ONCE = 16


def open_faults() -> Any | None:
    """Return a queue in which the driver puts every Xid error from now on; None without one.

    It lives as long as the process.
    """
    nvml = driver()
    if nvml is None:
        return None
    queue = answer(nvml.nvmlEventSetCreate)
    if queue is None:
        return None
    for _, handle in cards(nvml):
        answer(nvml.nvmlDeviceRegisterEvents, handle, nvml.nvmlEventTypeXidCriticalError, queue)
    return queue


def read_faults(queue: Any | None) -> list[tuple[int | None, int]]:
    """Return what has come into a queue: the card's index, None if it is gone, and the Xid.

    Never waits. Source: NVIDIA's list of Xid errors, such as 79 for a card that has fallen off
    the bus.
    """
    nvml = driver()
    found: list[tuple[int | None, int]] = []
    while nvml and queue is not None and len(found) < _MOST_AT_ONCE:
        event = answer(nvml.nvmlEventSetWait, queue, 0)
        if event is None:
            break
        found.append((answer(nvml.nvmlDeviceGetIndex, event.device), event.eventData))
    return found
