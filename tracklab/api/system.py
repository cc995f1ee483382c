"""System rows under wandb's names and in its units, for programs that look for these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.records.fields import whole
from tracklab.records.flat import flatten
from tracklab.records.system import system_field
from tracklab.storage.streams import Tally, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Translation", "cpu_count", "first_row"]


class Translation:
    """Translates the rows of one run, in their order: counters count from the first row.

    A name that wandb has no word for stays as it is. A counter that falls begins anew, as after
    a reboot.

    Args:
        cpus: CPUs of the machine; None where that is not known.
    """

    def __init__(self, cpus: int | None) -> None:
        self._cpus = cpus or 1
        self._began: dict[str, tuple[float, float]] = {}

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row with dotted names translated, without what is null."""
        found: dict[str, Any] = {}
        for name, value in row.items():
            if value is not None:
                found.update(self._translated(name, value))
        return found

    def _translated(self, name: str, value: Any) -> dict[str, Any]:
        field = system_field(name)
        if field is None or field.wandb is None:
            return {name: value}
        if isinstance(value, list):
            return {field.wandb.replace("{i}", str(at)): one for at, one in enumerate(value)}
        if field.counter:
            value = self._since_begin(name, value)
        if field.wandb_scale != 1.0:
            value *= field.wandb_scale
        return {field.wandb: value / self._cpus if field.wandb_per_cpu else value}

    def _since_begin(self, name: str, value: float) -> float:
        first, last = self._began.get(name, (value, value))
        if value < last:
            first = value
        self._began[name] = (first, value)
        return value - first


def first_row(run_dir: Path) -> dict[str, Any]:
    """Return the first system row with dotted names, empty without any. Cost: one block."""
    for segment in run_segments(run_dir, "system_metrics"):
        for batch in row_batches(segment, Tally()):
            for row in batch.rows:
                return flatten(row)
    return {}


def cpu_count(metadata: Mapping[str, Any]) -> int | None:
    """Return the number of CPUs that a run's metadata tell."""
    environment = metadata.get("environment")
    return whole(environment.get("cpu_count")) if isinstance(environment, dict) else None
