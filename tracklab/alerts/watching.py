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
    from tracklab.alerts.positions import Positions

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
    known = [courier.positions for courier in couriers]
    lookout.begin(
        min(positions.seen_s for positions in known),
        chain.from_iterable(positions.unsettled() for positions in known),
        _projects_of(known),
    )
    while True:
        looked_s, began_s = clock.now(), clock.monotonic()
        for sight in lookout.look():
            for courier in couriers:
                courier.note(sight)
        took_s = clock.monotonic() - began_s
        begun()
        projects = lookout.projects
        behind = [courier for courier in couriers if not courier.deliver(looked_s, projects)]
        begun = _nothing
        if once and all(courier.failing for courier in behind):
            return not behind
        if not once:
            time.sleep(max(_LOOK_EVERY_S, took_s / _LOOK_SHARE))


def _projects_of(known: Sequence[Positions]) -> frozenset[str] | None:
    """Return the projects that everybody knew, who has been told before; None if nobody was."""
    each = [positions.projects for positions in known if positions.projects is not None]
    return frozenset.intersection(*each) if each else None


def _nothing() -> None:
    return
