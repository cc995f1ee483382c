"""The one helper thread of a run: samples of the machine, signs of life, `fdatasync`.

It is optional and holds nothing: each row is written as it is read. Without it, lines are
still with the operating system at once; only surviving a power cut then waits for `finish()`.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracklab import clock
from tracklab.sdk.ending import carried
from tracklab.storage.writer import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracklab.sdk.plugins import Plugin
    from tracklab.sdk.run import Run
    from tracklab.settings import Settings

__all__ = ["Sampler"]

#: Short enough for a script of a second; long enough that one which ends at once waits for nothing.
_DESCRIBED_AFTER_S: Final = 0.25
#: How long a thread that may be held up by a listener is waited for before that is looked at.
_GLANCE_S: Final = 0.05
_MOST_TOLD: Final = 100
_T = TypeVar("_T")


class Sampler:
    """Samples the machine for one run until it ends."""

    def __init__(self, run: Run, settings: Settings) -> None:
        self._run = run
        self._settings = settings
        self._stop = threading.Event()
        self._job: Callable[[], None] | None = None
        self._done = threading.Event()
        self._claim = threading.Lock()
        self._pid = os.getpid()
        self._monitors: list[Plugin] = []
        self._told: set[str] = set()

    def start(self) -> None:
        """Start the thread; it ends with the run, whose end it writes."""
        # Loaded here and not by the thread: a program that ends at once would otherwise still be
        # importing while the interpreter works out its exit code, and CPython forgets a Ctrl-C
        # when any code is compiled by then.
        from tracklab.monitors import family, system  # noqa: PLC0415 - sampled runs need psutil
        from tracklab.sdk.devices import Devices  # noqa: PLC0415 - as above

        self._look_up, self._sample_system = family.family, system.sample
        self._devices = Devices(self._run)
        self._thread = threading.Thread(target=self._work, name="tracklab-sampler", daemon=True)
        self._thread.start()
        self._run.carried_by(self.carry)
        self._run.chores.attended()

    def carry(self, job: Callable[[], None], timeout_s: float) -> bool:
        """Stop sampling, let the thread do `job`, and return whether it was done in time.

        Another thread does it where this one is held up by a listener of the run's logger: whoever
        waits here may be a signal handler, and the call that it interrupted hold that one's lock.
        """
        if self._pid != os.getpid():
            return carried(job, timeout_s)  # a forked child has no such thread
        self._job = job
        self._stop.set()
        due_s = clock.monotonic() + timeout_s
        while not self._done.wait(min(_GLANCE_S, max(due_s - clock.monotonic(), 0.0))):
            left_s = due_s - clock.monotonic()
            if self._run.is_telling(self._thread.ident) and self._claim.acquire(blocking=False):
                return carried(job, left_s)
            if left_s <= 0:
                return False
        return True

    def _work(self) -> None:
        try:
            self._sample_until_stopped()
        except BaseException as error:  # noqa: BLE001 - a listener may raise anything: we go on
            say(f"sampling of run {self._run.id} has ended ({type(error).__name__}: {error})")
        self._stop.wait()
        assert self._job
        if self._claim.acquire(blocking=False):
            try:
                self._job()
            finally:
                self._done.set()

    def _sample_until_stopped(self) -> None:
        settings, run = self._settings, self._run
        sample_due_s = quiet_since_s = clock.monotonic()
        lines = -1
        pause_s = interval_s = min(settings.sync_interval, settings.monitor_interval)
        looked = False
        pause_s = min(_DESCRIBED_AFTER_S, interval_s)
        while True:
            now_s = clock.monotonic()
            run.watch_disk()
            run.chores.do()
            if now_s >= sample_due_s:
                sample_due_s = max(sample_due_s + settings.monitor_interval, now_s)
                run.system_row(self._sample())
            if run.lines_written != lines:
                lines, quiet_since_s = run.lines_written, now_s
            elif now_s - quiet_since_s >= settings.heartbeat_interval:
                waiting = {"backlog": run.backlog} if run.backlog else {}
                run.event("tracklab.lifecycle", "heartbeat", waiting, level="DEBUG")
            run.sync()
            if self._stop.wait(pause_s):
                return
            if not looked:
                looked, pause_s = True, interval_s
                self._look_around()
                if self._stop.is_set():
                    return

    def _look_around(self) -> None:
        """Find further monitors, and record where the run runs; sampling goes on in any case."""
        # Not before: a program that ends at once must not wait for such imports.
        from tracklab.sdk.probes import probes  # noqa: PLC0415

        settings, run = self._settings, self._run
        try:
            self._monitors = probes(accelerators=settings.enable_gpu_monitoring)
            if settings.save_environment and not run.rank:
                from tracklab.sdk.capturing import describe  # noqa: PLC0415

                describe(run, settings, stopped=self._stop.is_set)
        except Exception as error:  # noqa: BLE001 - whatever it is, the program goes on
            name = f"{type(error).__name__}: {error}"
            say(f"the environment of run {self._run.id} is not recorded ({name})")

    def _sample(self) -> dict[str, Any]:
        """Return one reading of the machine; a source that fails costs its own keys."""
        settings = self._settings
        row: dict[str, Any] = {}
        family = self._ask(row, lambda: self._look_up(os.getpid()))
        row |= self._ask(
            row,
            lambda: self._sample_system(
                self._run.run_dir,
                cpu=settings.enable_cpu_monitoring,
                memory=settings.enable_memory_monitoring,
                network=settings.enable_network_monitoring,
                family=family,
            ),
        ) or {}  # fmt: skip
        if settings.enable_gpu_monitoring:
            pids = family.pids if family else {os.getpid()}
            row |= self._ask(row, lambda: self._devices.sample(pids)) or {}
        for monitor in self._monitors:
            row = {**monitor.ask(), **row}
        return row

    def _ask(self, row: dict[str, Any], read: Callable[[], _T]) -> _T | None:
        """Return what `read` does; the first failure of each kind is told in the row."""
        try:
            return read()
        except Exception as error:  # noqa: BLE001 - a driver may raise anything; the run goes on
            name = f"{type(error).__name__}: {error}"
            if name not in self._told and len(self._told) < _MOST_TOLD:
                self._told.add(name)
                row["_sampler_error"] = name
            return None
