"""Looks, and lets everybody be told of what was seen, again and again."""

from __future__ import annotations

import time
from itertools import chain
from typing import TYPE_CHECKING, Final

from tracklab import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracklab.alerts.courier import Courier
    from tracklab.alerts.looking import Lookout

__all__ = ["watch"]

_LOOK_EVERY_S: Final = 1.0
#: Looking over many runs may take this share of one core.
_LOOK_SHARE: Final = 0.04


def watch(
    lookout: Lookout,
    couriers: Sequence[Courier],
    *,
    once: bool = False,
    begun: Callable[[], None] = lambda: None,
) -> bool:
    """Tell what there is to tell until an exception ends it, as a signal does.

    Args:
        lookout: looks.
        couriers: tell.
        once: end as soon as everything is told, or could not be.
        begun: called after it.

    Returns:
        Whether everybody has been told everything.
    """
    lookout.begin(
        min(courier.positions.seen_s for courier in couriers),
        chain.from_iterable(courier.positions.unsettled() for courier in couriers),
    )
    while True:
        looked_s, began_s = clock.now(), clock.monotonic()
        for sight in lookout.look():
            for courier in couriers:
                courier.note(sight)
        took_s = clock.monotonic() - began_s
        begun()
        behind = [courier for courier in couriers if not courier.deliver(looked_s)]
        begun = _nothing
        if once and all(courier.failing for courier in behind):
            return not behind
        if not once:
            time.sleep(max(_LOOK_EVERY_S, took_s / _LOOK_SHARE))


def _nothing() -> None:
    return
