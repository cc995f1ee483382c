"""How often one client may ask: a brake for programs that ask in a loop, and for guessing tokens.

Clients on this machine are not counted. Within a minute everybody starts anew, so what is
remembered is a number for each address that asked in this minute, and no more than a bound.
"""

from __future__ import annotations

import ipaddress
import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from tracklab import clock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PER_MINUTE", "Rates", "Seldom"]

#: Requests of one address in a minute.
PER_MINUTE: Final = 6_000
_MINUTE_S: Final = 60.0
#: Beyond so many addresses in a minute the others share one count.
_MOST_CLIENTS: Final = 10_000


class Rates:
    """Counts requests by address.

    Args:
        per_minute: requests that one address may make.
        now: returns seconds of a clock that never goes back.
    """

    def __init__(
        self, per_minute: int = PER_MINUTE, *, now: Callable[[], float] = clock.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._now = now
        self._ends_s = -math.inf
        self._counts: Counter[str] = Counter()

    def wait_s(self, address: str | None) -> int:
        """Count one request; return in how many seconds to come again, 0 if it is welcome.

        Args:
            address: of the client; None where the connection has none, as over a socket file.
        """
        if address is None or _is_here(address):
            return 0
        now_s = self._now()
        if now_s >= self._ends_s:
            self._counts.clear()
            self._ends_s = now_s + _MINUTE_S
        known = address in self._counts or len(self._counts) < _MOST_CLIENTS
        name = address if known else ""
        self._counts[name] += 1
        return math.ceil(self._ends_s - now_s) if self._counts[name] > self._per_minute else 0


class Seldom:
    """Says when something that happens often is told again: once a minute."""

    def __init__(self) -> None:
        self._next_s = -math.inf

    def due(self) -> bool:
        """Return whether it is time; if so, the next time is in a minute."""
        now_s = clock.monotonic()
        if now_s < self._next_s:
            return False
        self._next_s = now_s + _MINUTE_S
        return True


def _is_here(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return found.is_loopback or bool(mapped and mapped.is_loopback)
