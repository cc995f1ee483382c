"""Tells one target: in order, again after a failure, and on from where it was after a restart.

What waits is not kept here. A run whose news could not be delivered is read on later, from its
position; only the news that is being tried is in memory. So a target may be unreachable for
days, and nothing of what happened meanwhile is lost or grows anywhere.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from tracklab import clock
from tracklab.alerts.notices import notice_of_alert, notice_of_state
from tracklab.alerts.reading import alerts_after, rows_after
from tracklab.alerts.rules import TOLD, breaches
from tracklab.clock import parse_time
from tracklab.live.quiet import Quiet
from tracklab.records.lines import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from tracklab.alerts.looking import Sight
    from tracklab.alerts.notices import Notice
    from tracklab.alerts.positions import Position, Positions
    from tracklab.alerts.reading import Row
    from tracklab.alerts.rules import Breach, Rule
    from tracklab.alerts.targets import Target
    from tracklab.query.answers.events import Event

__all__ = ["Courier"]

#: A target that takes its time, as mail does, leaves the others theirs.
_TURN_S: Final = 5.0
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 300.0
#: After so many failures later news are tried: is it the target, or this one?
_DOUBT_AFTER: Final = 5
_LOOK_AHEAD: Final = 1_000
#: A rule that is new sees what was logged so shortly before.
_RULE_LATE_S: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class _Step:
    """One news, or nothing to tell; `done` moves the position past it."""

    notice: Notice | None
    done: Callable[[], None]


class Courier:
    """Brings the news of runs to one target.

    Args:
        target: who is told.
        positions: how far it has been told.
        states: which states of runs are told.
        level: the least level of alerts that are told.
        rules: what metrics must not be.
        say: takes sentences for whoever watches this program.
        now: returns epoch seconds.
        monotonic: returns seconds that only grow.
    """

    def __init__(
        self,
        target: Target,
        positions: Positions,
        *,
        states: Collection[str],
        level: str,
        rules: Sequence[Rule] = (),
        say: Callable[[str], None],
        now: Callable[[], float] = clock.now,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        self.target = target
        self.positions = positions
        self._states = states
        self._levels = LEVELS[LEVELS.index(level) :]
        self._rules = rules
        self._say = say
        self._now = now
        self._monotonic = monotonic
        self._quiet = Quiet()
        #: By address and mark: a run may crash and be resumed while its target is out.
        self._noted: dict[tuple[str, str], Sight] = {}
        #: Runs that are being read: news of theirs may not be delivered yet.
        self._open: set[str] = set()
        self._steps = self._news()
        self._held: deque[_Step] = deque()
        self._failing = False
        self._due_s = float("-inf")
        self._changed = False
        self._unsaved = False

    @property
    def failing(self) -> bool:
        """Whether the target did not take what it was told last."""
        return self._failing

    def note(self, sight: Sight) -> None:
        """Take up a run in which something has changed."""
        self._noted[sight.address, sight.mark] = sight

    def deliver(self, looked_s: float, projects: frozenset[str] = frozenset()) -> bool:
        """Tell what is to be told, until nothing is left, time is up, or the target fails.

        Args:
            looked_s: before the look at which all that has happened until then was noted, in
                epoch seconds.
            projects: addresses of those that were there then.

        Returns:
            Whether nothing is left.
        """
        began_s = self._monotonic()
        if began_s < self._due_s:
            return False
        while self._holds(1) and self._monotonic() - began_s < _TURN_S:
            notice = self._held[0].notice
            if notice is not None and not self._told(notice):
                self._changed = True  # it may be another process that tries again
                self._save()
                return False
            self._pass()
            if notice is not None:
                self._save()
        over = not self._held
        if over:
            self._changed |= self.positions.projects != projects
            self.positions.seen_s, self.positions.projects = looked_s, projects
        self._save()
        return over

    def close(self) -> None:
        """Keep the positions as they are now."""
        self._changed = True
        self._save()

    # Telling.

    def _told(self, notice: Notice) -> bool:
        """Tell one news; return whether it is to be passed."""
        fault = self.target.send(notice)
        if fault is None:
            self._recovered()
            return True
        self.positions.failures += 1
        if self.positions.failures >= _DOUBT_AFTER and self._another_is_taken():
            fault = self.target.send(notice)  # it may be that nobody was there until now
            if fault is None:
                self._recovered()
                return True
            self._say(
                f"{self.target.label} does not take one alert: {fault}. It is left out, "
                f"others are delivered. It is of run {notice.run}: {notice.title}"
            )
            self._begin_anew()
            return True
        self._fail(fault)
        return False

    def _another_is_taken(self) -> bool:
        """Try a later news, each time another; if the target takes it, the first is at fault."""
        self._holds(_LOOK_AHEAD)
        later = [at for at, step in enumerate(self._held) if at and step.notice is not None]
        if not later:
            return False
        at = later[(self.positions.failures - _DOUBT_AFTER) % len(later)]
        notice, done = self._held[at].notice, self._held[at].done
        if notice is None or self.target.send(notice) is not None:
            return False
        self._held[at] = _Step(None, done)
        return True

    def _fail(self, fault: str) -> None:
        if not self._failing:
            self._say(
                f"{self.target.label} could not be told: {fault}. It is tried again, at least "
                f"every {_LONGEST_PAUSE_S / 60:.0f} min; nothing is lost meanwhile."
            )
        self._failing = True
        doubled = min(
            self.positions.failures - 1, 20
        )  # beyond it the longest pause has long been reached
        self._due_s = self._monotonic() + min(_FIRST_PAUSE_S * 2**doubled, _LONGEST_PAUSE_S)

    def _recovered(self) -> None:
        if self._failing:
            self._say(f"{self.target.label} is told again.")
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._failing, self.positions.failures, self._due_s = False, 0, float("-inf")

    # What is to be told.

    def _holds(self, count: int) -> bool:
        """Return whether so many steps are there, reading on for them if need be."""
        while len(self._held) < count:
            step = next(self._steps, None)
            if step is None:
                self._steps = self._news()
                return False
            self._held.append(step)
        return True

    def _pass(self) -> None:
        self._held.popleft().done()

    def _news(self) -> Iterator[_Step]:
        # A run is read on only from a position that says what was delivered.
        while key := next((key for key in self._noted if key[0] not in self._open), None):
            self._open.add(key[0])
            yield from self._news_of(self._noted.pop(key))

    def _news_of(self, sight: Sight) -> Iterator[_Step]:
        """Yield the news of one run: its alerts, then how it fares.

        In this order: the state was judged before its alerts are read, so that of a run that is
        gone all of them come.
        """
        position = self.positions.of(sight.address, sight.born)
        for name, end, alert in alerts_after(sight.path, position.offsets):
            wanted = alert is not None and self._is_wanted(alert, sight, position)
            notice = notice_of_alert(alert, sight) if alert and wanted else None
            yield _Step(notice, partial(self._move, position, name, end, alert is not None))
        if self._rules:
            yield from self._breaches(sight, position)
        yield _Step(self._of_state(sight, position), lambda: self._met(position, sight))

    def _breaches(self, sight: Sight, position: Position) -> Iterator[_Step]:
        """Yield what rules make of new rows; a position goes with its streaks."""
        streaks = dict(position.streaks)
        late_s = self.positions.seen_s - _RULE_LATE_S
        since_s = late_s if position.since_s is None else position.since_s
        for found in rows_after(sight.path, position.offsets, since_s=since_s):
            before = dict(streaks)
            broken = self._broken(found, sight, position, streaks) if found.row else []
            if found.row and not broken:
                continue
            for streak, alert in broken[:-1]:
                # The row is gone through again after a restart, for the rules that are left.
                before[streak] = TOLD
                move = partial(self._move, position, found.segment, found.begin, True, dict(before))
                yield _Step(notice_of_alert(alert, sight), move)
            notice = notice_of_alert(broken[-1].alert, sight) if broken else None
            kept = dict(streaks)
            told = bool(broken) or kept != position.streaks
            yield _Step(notice, partial(self._move, position, found.segment, found.end, told, kept))

    def _broken(
        self, found: Row, sight: Sight, position: Position, streaks: dict[str, int]
    ) -> list[Breach]:
        """Return what is to be told of a row; these streaks then count as told."""
        broken = []
        for breach in breaches(self._rules, found.row or {}, found.writer, streaks):
            if self._is_wanted(breach.alert, sight, position, streak=breach.streak):
                streaks[breach.streak] = TOLD
                broken.append(breach)
        return broken

    def _move(
        self, position: Position, segment: str, end: int, told: object,
        streaks: dict[str, int] | None = None,
    ) -> None:  # fmt: skip
        """Move a position; what it has passed is written down if anybody might hear it twice."""
        position.offsets[segment] = end
        position.streaks = position.streaks if streaks is None else streaks
        self._changed |= bool(told)

    def _met(self, position: Position, sight: Sight) -> None:
        self._open.discard(sight.address)
        self._changed |= position.since_s is not None or position.told != sight.mark
        position.since_s, position.told = None, sight.mark

    def _is_wanted(
        self, alert: Event, sight: Sight, position: Position, *, streak: str = ""
    ) -> bool:
        if alert.level not in self._levels:
            return False
        if position.since_s is not None and _is_older(alert.timestamp, position.since_s):
            return False
        return self._quiet.lets_pass(alert, run=f"{sight.address} {sight.born} {streak}")

    def _of_state(self, sight: Sight, position: Position) -> Notice | None:
        old = position.since_s is not None and sight.ended_s < position.since_s
        if old or position.told == sight.mark or sight.state not in self._states:
            return None
        return notice_of_state(sight, now_s=self._now())

    def _save(self) -> None:
        if not self._changed:
            return
        try:
            self.positions.save()
        except OSError as error:
            if not self._unsaved:
                self._say(
                    f"What {self.target.label} has been told cannot be noted ({error.strerror}). "
                    "Alerts are delivered as before; after a restart some may come twice."
                )
            self._unsaved = True
        else:
            self._changed = self._unsaved = False


def _is_older(timestamp: str | None, than_s: float) -> bool:
    try:
        return timestamp is not None and parse_time(timestamp) < than_s
    except (ValueError, OverflowError):
        return False
