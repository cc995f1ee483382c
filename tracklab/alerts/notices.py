"""What somebody is told: an alert that a run raised, or how a run fares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.alerts.rules import RULE

if TYPE_CHECKING:
    from tracklab.alerts.looking import Sight
    from tracklab.query.answers.events import Event
    from tracklab.query.answers.runs import Run

__all__ = ["STATES", "Notice", "notice_of_alert", "notice_of_state"]

#: What can be told of how a run fares, and how grave it is.
STATES: Final = {
    "failed": "ERROR",
    "crashed": "ERROR",
    "killed": "WARNING",
    "stalled": "WARNING",
    "preempted": "WARNING",
    "stale": "WARNING",
    "finished": "INFO",
}
_SAID: Final = {
    "failed": "has failed",
    "crashed": "has crashed",
    "killed": "was killed",
    "stalled": "stands still",
    "preempted": "was preempted",
    "stale": "is silent",
    "finished": "has finished",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell.

    Attributes:
        kind: alert, rule, or how a run fares: one of `STATES`.
        run: the run's address.
        name: what people call it.
        level: INFO, WARNING or ERROR; of an alert that another program wrote, any level.
        title: what has happened, in a few words.
        text: more about it; may be empty.
        timestamp: when, in RFC 3339; of an alert, by the clock of its writer.
        host: name of the run's machine.
    """

    kind: str
    run: str
    name: str
    level: str
    title: str
    text: str
    timestamp: str | None
    host: str | None

    @property
    def body(self) -> str:
        """The text, and which run it is about."""
        where = f"{self.name} ({self.run})" + (f" on {self.host}" if self.host else "")
        return "\n".join(filter(None, (self.text, where)))


def notice_of_alert(event: Event, sight: Sight) -> Notice:
    """Return what to tell of an alert that a run raised, or a rule."""
    return Notice(
        kind="rule" if event.logger == RULE else "alert",
        run=sight.address,
        name=sight.name,
        level=event.level,
        title=_text(event.data.get("title")) or event.message,
        text=_text(event.data.get("text")),
        timestamp=event.timestamp,
        host=sight.host,
    )


def notice_of_state(sight: Sight, *, now_s: float) -> Notice:
    """Return what to tell of how a run fares, whose state is one of `STATES`.

    Args:
        sight: the run.
        now_s: epoch seconds.
    """
    run = sight.run
    return Notice(
        kind=sight.state,
        run=sight.address,
        name=run.name,
        level=STATES[sight.state],
        title=f"{run.name} {_SAID[sight.state]}",
        text=". ".join(filter(None, (sight.reason(), _circumstances(sight.state, run)))),
        timestamp=run.ended_at or clock.rfc3339(now_s),
        host=run.host,
    )


def _circumstances(state: str, run: Run) -> str:
    if state == "stalled":
        return "" if run.silent_s is None else f"No row for {run.silent_s:.0f} s"
    parts = (
        "" if run.exit_code is None else f"Exit code {run.exit_code}",
        "" if run.updated_at is None else f"Last line at {run.updated_at}",
    )
    return ". ".join(filter(None, parts))


def _text(value: Any) -> str:
    if isinstance(value, dict) and "bytes" in value:
        # What is too long for a line lies beside it, and is too long for a message as well.
        return f"A text of {value['bytes']} bytes, kept with the run."
    return "" if value is None else str(value)
