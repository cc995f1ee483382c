"""The one helper thread of a run: samples of the machine, signs of life, `fdatasync`.

It is optional and holds nothing: each row is written as it is read. Without it, lines are
still with the operating system at once; only surviving a power cut then waits for `finish()`.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.storage.writer import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracklab.sdk.run import Run
    from tracklab.settings import Settings

__all__ = ["Sampler"]


class Sampler:
    """Samples the machine for one run until it ends."""

    def __init__(self, run: Run, settings: Settings) -> None:
        self._run = run
        self._settings = settings
        self._stop = threading.Event()
        self._job: Callable[[], None] | None = None
        self._done = threading.Event()
        self._pid = os.getpid()

    def start(self) -> None:
        """Start the thread; it ends with the run, whose end it writes."""
        # Loaded here and not by the thread: a program that ends at once would otherwise still be
        # importing while the interpreter works out its exit code, and CPython forgets a Ctrl-C
        # when any code is compiled by then.
        from tracklab.monitors import gpu, system  # noqa: PLC0415 - only sampled runs need psutil

        self._sources = (system.sample, gpu.sample)
        self._thread = threading.Thread(target=self._work, name="tracklab-sampler", daemon=True)
        self._thread.start()
        self._run.carried_by(self.carry)

    def carry(self, job: Callable[[], None], timeout_s: float) -> bool:
        """Stop sampling, let the thread do `job`, and return whether it was done in time."""
        if self._pid != os.getpid():
            job()  # a forked child has no such thread, and locks that may never be free again
            return True
        self._job = job
        self._stop.set()
        return self._done.wait(max(timeout_s, 0.0))

    def _work(self) -> None:
        try:
            self._sample_until_stopped()
        except Exception as error:  # noqa: BLE001 - whatever it is, the program goes on
            say(f"sampling of run {self._run.id} has ended ({type(error).__name__}: {error})")
        self._stop.wait()
        assert self._job
        try:
            self._job()
        finally:
            self._done.set()

    def _sample_until_stopped(self) -> None:
        settings, run = self._settings, self._run
        sample_due_s = quiet_since_s = clock.monotonic()
        lines = -1
        while True:
            now_s = clock.monotonic()
            run.watch_disk()
            if now_s >= sample_due_s:
                sample_due_s = max(sample_due_s + settings.monitor_interval, now_s)
                run.system_row(self._sample())
            if run.lines_written != lines:
                lines, quiet_since_s = run.lines_written, now_s
            elif now_s - quiet_since_s >= settings.heartbeat_interval:
                waiting = {"backlog": run.backlog} if run.backlog else {}
                run.event("tracklab.lifecycle", "heartbeat", waiting, level="DEBUG")
            run.sync()
            if self._stop.wait(min(settings.sync_interval, settings.monitor_interval)):
                return

    def _sample(self) -> dict[str, Any]:
        """Return one reading of the machine; a sensor that fails costs its own keys."""
        settings = self._settings
        sample_system, sample_gpus = self._sources
        row: dict[str, Any] = {}
        try:
            row |= sample_system(
                self._run.run_dir,
                cpu=settings.enable_cpu_monitoring,
                memory=settings.enable_memory_monitoring,
                network=settings.enable_network_monitoring,
            )
            if settings.enable_gpu_monitoring:
                row |= sample_gpus()
        except Exception as error:  # noqa: BLE001 - a driver may raise anything; the run goes on
            row["_sampler_error"] = f"{type(error).__name__}: {error}"
        return row
