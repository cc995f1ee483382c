"""The NVIDIA driver, asked through `pynvml`: whatever it refuses is None.

Nothing here raises. No driver is a normal machine; a card that falls off the bus, a question
that a card, a driver or a container does not answer, and a binding that is too old cost
themselves only.
"""

from __future__ import annotations

import ctypes
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ailing", "answer", "cards", "driver", "fields", "instances"]

_ALL_LINKS = 0xFFFF_FFFF


def driver() -> Any | None:
    """Return `pynvml` with NVML started in this process; None without driver or binding."""
    return _started(os.getpid())


@lru_cache(maxsize=1)
def _started(_pid: int) -> Any | None:
    """Start NVML in process `_pid`: a forked child must do so for itself.

    It is never shut down: the driver frees what a process held when it ends.
    """
    try:
        # Asked first: a machine without a driver is spared the 30 ms that pynvml takes to load.
        ctypes.CDLL("libnvidia-ml.so.1")
        import pynvml  # noqa: PLC0415 - as just said

        pynvml.nvmlInit()
    except Exception:  # noqa: BLE001 - no driver, none that matches, no binding: no cards
        return None
    return pynvml


def answer(ask: Callable[..., Any], *arguments: Any) -> Any | None:
    """Return what the driver answers, or None where it refuses: unsupported, lost, forbidden."""
    try:
        return ask(*arguments)
    except Exception:  # noqa: BLE001 - a binding raises more than its own errors; the run goes on
        return None


def cards(nvml: Any | None) -> Iterator[tuple[int, Any]]:
    """Yield index and handle of each card that can be talked to, in the order of the PCI bus."""
    if nvml is None:
        return
    for index in range(answer(nvml.nvmlDeviceGetCount) or 0):
        handle = answer(nvml.nvmlDeviceGetHandleByIndex, index)
        if handle is not None:
            yield index, handle


def instances(nvml: Any, card: Any) -> Iterator[tuple[int, Any]]:
    """Yield index and handle of each MIG device of a card; none where it is not divided."""
    mode = answer(nvml.nvmlDeviceGetMigMode, card)
    if not mode or mode[0] != nvml.NVML_DEVICE_MIG_ENABLE:
        return
    for index in range(answer(nvml.nvmlDeviceGetMaxMigDeviceCount, card) or 0):
        handle = answer(nvml.nvmlDeviceGetMigDeviceHandleByIndex, card, index)
        if handle is not None:
            yield index, handle


def fields(nvml: Any, handle: Any, wanted: dict[int, str]) -> dict[str, float]:
    """Return the values of some fields of a card by the names given to them.

    Args:
        nvml: from `driver()`.
        handle: a card.
        wanted: names by field id. Those of NVLink are sums over all links.

    Cost: one call of the driver for all of them.
    """
    ids = [(field, _ALL_LINKS if "nvlink" in name else 0) for field, name in wanted.items()]
    values = answer(nvml.nvmlDeviceGetFieldValues, handle, ids) or ()
    return {
        wanted[value.fieldId]: _value(nvml, value)
        for value in values
        if value.nvmlReturn == nvml.NVML_SUCCESS
    }


def ailing(nvml: Any | None) -> dict[int, str]:
    """Return the cards that no longer work, and what the driver says of each."""
    if nvml is None:
        return {}
    said = {index: _complaint(nvml, index) for index in range(answer(nvml.nvmlDeviceGetCount) or 0)}
    return {index: complaint for index, complaint in said.items() if complaint}


def _complaint(nvml: Any, index: int) -> str | None:
    try:
        nvml.nvmlDeviceGetMemoryInfo(nvml.nvmlDeviceGetHandleByIndex(index))
    except (
        nvml.NVMLError_GpuIsLost,
        nvml.NVMLError_ResetRequired,
        nvml.NVMLError_Unknown,
    ) as error:
        return str(error)
    except nvml.NVMLError:
        pass  # it works, and refuses to say this
    return None


def _value(nvml: Any, field: Any) -> float:
    kinds = {
        nvml.NVML_VALUE_TYPE_DOUBLE: "dVal",
        nvml.NVML_VALUE_TYPE_UNSIGNED_INT: "uiVal",
        nvml.NVML_VALUE_TYPE_UNSIGNED_LONG: "ulVal",
        nvml.NVML_VALUE_TYPE_SIGNED_LONG_LONG: "sllVal",
        nvml.NVML_VALUE_TYPE_SIGNED_INT: "siVal",
        nvml.NVML_VALUE_TYPE_UNSIGNED_SHORT: "usVal",
    }
    found: float = getattr(field.value, kinds.get(field.valueType, "ullVal"))
    return found
