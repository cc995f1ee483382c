"""Which alerts a listener is told of: those of one title again only after the wait they name.

Every alert is recorded and can be read; this is about what is pushed to somebody.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Final

from tracklab.clock import parse_time

if TYPE_CHECKING:
    from tracklab.query.answers.events import Event

__all__ = ["Quiet"]

_TITLES_MOST: Final = 1_000
_TIMES_MOST: Final = 50


class Quiet:
    """When one listener was told of each title, of the last thousand titles."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], deque[float]] = {}

    def lets_pass(self, alert: Event, *, run: str) -> bool:
        """Return whether an alert is to be told now, by the times of alerts themselves.

        These need not come in order: writers of a run are read one after the other, and clocks
        are set. So an alert waits for those that were told before and behind its own time.

        Args:
            alert: the event; `wait_duration` of its data is in seconds, no number is none.
            run: the address of its run, and whatever else keeps its alerts apart from others.
        """
        at_s, wait_s = _seconds(alert.timestamp), alert.data.get("wait_duration")
        if at_s is None or not isinstance(wait_s, int | float) or not math.isfinite(wait_s):
            return True
        key = (run, alert.message)
        told_s = self._told.get(key, ())
        if any(abs(at_s - one_s) < wait_s for one_s in told_s):
            return False
        self._told.pop(key, None)
        self._told[key] = deque((*told_s, at_s), _TIMES_MOST)
        if len(self._told) > _TITLES_MOST:
            del self._told[next(iter(self._told))]
        return True


def _seconds(timestamp: str | None) -> float | None:
    try:
        return None if timestamp is None else parse_time(timestamp)
    except ValueError:
        return None
