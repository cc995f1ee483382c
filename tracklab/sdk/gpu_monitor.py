"""Cards measured when the program says so, with or without a sampler."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tracklab.errors import UsageError
from tracklab.sdk import current

if TYPE_CHECKING:
    from tracklab.sdk.run import Run

__all__ = ["GpuMonitor", "monitor_gpu"]


class GpuMonitor:
    """Measures this machine's NVIDIA GPUs for a run; made by `tracklab.monitor_gpu()`."""

    __slots__ = ("_run",)

    def __init__(self, run: Run) -> None:
        self._run = run

    def log_gpu_metrics(self) -> dict[str, object]:
        """Write what the cards do now: a row among the run's system metrics, and an event.

        Returns:
            The row's values, under the names of system rows; empty without an NVIDIA driver,
            where nothing is written.

        Cost: some milliseconds, and 30 more the first time.
        """
        from tracklab.monitors import gpu  # noqa: PLC0415 - only who measures needs the driver
        from tracklab.monitors.family import family  # noqa: PLC0415 - as above
        from tracklab.sdk.devices import described  # noqa: PLC0415 - as above

        found = family(os.getpid())
        row = gpu.sample(pids=found.pids if found else {os.getpid()})
        if row:
            self._run.system_row(row)
            self._run.event("tracklab.gpu", "gpu", described(gpu.accelerators(), row))
        return row


def monitor_gpu(run: str | Run | None = None) -> GpuMonitor:
    """Return a monitor that measures the GPUs whenever it is asked.

    Args:
        run: the current run or its id; None for the current run.

    Raises:
        UsageError: there is no run, or `run` is not the current one.
    """
    own = current.need_run("monitor_gpu()")
    if run is not None and run not in {own, own.id}:
        raise UsageError(
            f"monitor_gpu() got {run!r}. It takes the id of the current run, {own.id!r}, or "
            "nothing."
        )
    return GpuMonitor(own)
