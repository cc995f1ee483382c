"""Google's TPUs right now, through the monitoring library that comes with libtpu.

Source: Google's documentation of the TPU monitoring library: each metric is a list of texts, one
per chip, and empty while no program of this process uses the chips.
"""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = ["sample"]

_METRICS = {
    "duty_cycle_pct": "utilization_percent",
    "hbm_capacity_usage": "memory_used_bytes",
    "hbm_capacity_total": "memory_total_bytes",
}
_DEVICES = ("/dev/accel0", "/dev/vfio/0")


def sample(*, devices: tuple[str, ...] = _DEVICES) -> dict[str, object]:
    """Return the `tpu.<index>.*` part of a system row; empty without such a chip.

    Args:
        devices: files of which one is there if there is a chip.
    """
    if not any(map(os.path.exists, devices)):
        return {}
    library = _library()
    if library is None:
        return {}
    row: dict[str, object] = {}
    for metric, name in _METRICS.items():
        for index, value in enumerate(library.get_metric(metric).data()):
            row[f"tpu.{index}.{name}"] = float(value)
    return row


@lru_cache(maxsize=1)
def _library() -> Any | None:
    if find_spec("libtpu") is None:
        return None
    return import_module("libtpu.sdk.tpumonitoring")
