"""This machine's numbers for whoever asks: one thread reads them, nobody keeps them.

psutil measures processor time between two calls of one thread, so all readings come from the
same thread. Several askers within half a second share one reading.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.live.holders import Holders
from tracklab.monitors import gpu, system
from tracklab.monitors.makers import described_others, sample_others

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine

__all__ = ["Machine"]

_FRESH_S = 0.5
_FIRST_INTERVAL_S = 0.1


class Machine:
    """Reads the machine on a thread of its own, started at the first question.

    Args:
        root: the directory whose disk is asked about.
        engine: who knows the runs, to say whose processes are on a card.
    """

    def __init__(self, root: Path, *, engine: Engine) -> None:
        self._root = root
        self._holders = Holders(root, engine=engine)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tracklab-machine")
        self._row: dict[str, Any] = {}
        self._read_s = -_FRESH_S

    async def sample(self) -> dict[str, Any]:
        """Return a system row with its `timestamp`, at most half a second old.

        Cost: 1 ms on the thread; the very first takes 0.1 s, the interval for the processor.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._sample)

    async def accelerators(self) -> list[dict[str, Any]]:
        """Return each accelerator with its present numbers; empty without any.

        Each of its `processes` has `run`, the address of the run it belongs to, or None.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._accelerators)

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _sample(self) -> dict[str, Any]:
        if not self._row:
            system.sample(self._root)
            time.sleep(_FIRST_INTERVAL_S)
        if clock.monotonic() - self._read_s >= _FRESH_S:
            now = {"timestamp": clock.rfc3339(clock.now())}
            self._row = now | system.sample(self._root) | gpu.sample() | sample_others()
            self._read_s = clock.monotonic()
        return self._row

    def _accelerators(self) -> list[dict[str, Any]]:
        numbers = gpu.sample() | sample_others()
        cards = [*gpu.accelerators(), *described_others(numbers)]
        pids = {process["pid"] for card in cards for process in _processes(card)}
        runs = self._holders.runs_of(pids)
        for card in cards:
            for process in _processes(card):
                process["run"] = runs.get(process["pid"])
        return [card | _of_card(numbers, f"{card['kind']}.{card['index']}.") for card in cards]


def _processes(card: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = card.get("processes", [])
    return found


def _of_card(numbers: dict[str, object], prefix: str) -> dict[str, object]:
    """Return a card's numbers; how many processes it has is their list's length."""
    return {
        name.removeprefix(prefix): value
        for name, value in numbers.items()
        if name.startswith(prefix) and name != f"{prefix}processes"
    }
