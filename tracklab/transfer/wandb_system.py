"""wandb's names of what it measured of a machine, turned into ours."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from tracklab.records.system import FIELDS, GPU_FIELDS

__all__ = ["system_values"]

_CORE: Final = re.compile(r"cpu\.(\d+)\.cpu_percent")
_CARD: Final = re.compile(r"gpu\.(\d+)\.(\w+)")
_ROOT_DISK: Final = "disk./."  # in the table, and in older versions, without the path


def system_values(values: dict[str, Any], *, cpu_count: int | None) -> dict[str, Any]:
    """Return a row under our names and in our units; what we have no name for keeps its own.

    Args:
        values: as wandb wrote them, without `system.` in front of their names.
        cpu_count: logical CPUs, by which wandb divides the load of a process; None if not known.
    """
    found: dict[str, Any] = {}
    cores: dict[int, Any] = {}
    for name, value in values.items():
        core = _CORE.fullmatch(name)
        if core:
            cores[int(core[1])] = value
            continue
        ours, factor = _ours(name)
        if ours == "process_cpu_percent":
            ours, factor = (ours, float(cpu_count)) if cpu_count else (name, 1.0)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        found[ours] = value * factor if is_number and factor != 1.0 else value
    if cores:
        found["cpu_percent_per_core"] = [cores.get(i) for i in range(max(cores) + 1)]
    return found


def _ours(name: str) -> tuple[str, float]:
    """Return our name of a quantity, and what its value is multiplied with."""
    card = _CARD.fullmatch(name)
    if card:
        known = _cards().get(card[2])
        return (f"gpu.{card[1]}.{known[0]}", known[1]) if known else (name, 1.0)
    return _machine().get(name.replace(_ROOT_DISK, r"disk.\."), (name, 1.0))


@lru_cache(maxsize=1)
def _machine() -> dict[str, tuple[str, float]]:
    return {
        field.wandb.removeprefix("system."): (name, 1.0 / field.wandb_scale)
        for name, field in FIELDS.items()
        if field.wandb and "{i}" not in field.wandb
    }


@lru_cache(maxsize=1)
def _cards() -> dict[str, tuple[str, float]]:
    return {
        field.wandb.removeprefix("system.gpu.{gpu}."): (name, 1.0 / field.wandb_scale)
        for name, field in GPU_FIELDS.items()
        if field.wandb
    }
