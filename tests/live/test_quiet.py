"""Which alerts a listener is told of."""

from __future__ import annotations

from typing import Any

from tracklab.clock import rfc3339
from tracklab.live.quiet import Quiet
from tracklab.query.answers.events import Event


def alert(at_s: float, title: str = "t", wait: Any = 60) -> Event:
    """Return an alert of a second."""
    data = {"title": title, "wait_duration": wait}
    return Event(rfc3339(at_s), "INFO", "tracklab.alert", title, 0, None, data)


def passed(*alerts: Event, run: str = "p/r") -> list[bool]:
    """Return which of them a listener is told of, in this order."""
    quiet = Quiet()
    return [quiet.lets_pass(one, run=run) for one in alerts]


def test_a_title_passes_again_after_its_wait() -> None:
    """Which begins with what was told; others have waits of their own."""
    told = passed(alert(0), alert(59), alert(59.5, "u"), alert(60), alert(119), alert(121))
    assert told == [True, False, True, True, False, True]
    assert passed(alert(10), alert(11, wait=1), alert(11.5, wait=0)) == [True, True, True]


def test_runs_and_listeners_do_not_wait_for_each_other() -> None:
    """Each run of each has its own."""
    one, other = Quiet(), Quiet()
    told = [quiet.lets_pass(alert(0), run=run) for quiet in (one, other) for run in ("p/r", "p/s")]
    assert told == [True] * 4


def test_what_names_no_wait_always_passes() -> None:
    """Alerts that other programs write may have none, or no time that makes sense."""
    strange = [alert(0, wait=wait) for wait in (None, "x", float("nan"), float("inf"))]
    assert passed(*strange, *strange) == [True] * 8


def test_alerts_need_not_come_in_order() -> None:
    """Each waits for those told around its own time: of other writers, or of a clock set back."""
    first_writer, other_writer = (
        (alert(0), alert(100), alert(200)),
        (alert(1), alert(99), alert(190)),
    )
    assert passed(*first_writer, *other_writer) == [True] * 3 + [False] * 3
    assert passed(alert(100), alert(50), alert(40), alert(39)) == [True, False, True, False]


def test_titles_without_number_do_not_fill_the_memory() -> None:
    """The oldest are forgotten."""
    quiet = Quiet()
    assert all(quiet.lets_pass(alert(0, f"loss {n}"), run="p/r") for n in range(1_500))
    assert len(quiet._told) == 1_000
