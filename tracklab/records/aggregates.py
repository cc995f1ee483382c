"""What a summary keeps of a metric: the meaning of `define_metric(summary=..., goal=...)`.

The writer counts while it writes and a reader counts from the lines; both count here, so they
cannot disagree.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["GOALS", "SUMMARIES", "Aggregate"]

#: What can be asked of a summary.
SUMMARIES: Final = ("min", "max", "mean", "last", "first", "best", "none", "copy")
#: What `best` means for each goal.
GOALS: Final = {"minimize": "min", "maximize": "max"}


class Aggregate:
    """The running numbers of one key; all are counted, whatever is asked of them now.

    Only numbers move min, max and mean; once a NaN was among them they stay NaN, as in wandb.
    """

    __slots__ = ("_asked", "_count", "_first", "_goal", "_high", "_low", "_total", "last")

    def __init__(self) -> None:
        self._asked: tuple[str, ...] = ()
        self._goal: str | None = None
        self._count = 0
        self._total = 0.0
        self._low = math.inf
        self._high = -math.inf
        self._first: Any = None
        #: The last value.
        self.last: Any = None

    def ask(self, asked: Iterable[str], goal: str | None) -> bool:
        """Ask for other numbers, and return whether they are others than before.

        Args:
            asked: some of `SUMMARIES`, none for the last value; others are passed over.
            goal: a key of `GOALS`; anything else means the least is best.
        """
        before = self._asked, self._goal
        self._asked, self._goal = tuple(asked), goal
        return before != (self._asked, self._goal)

    def add(self, value: Any) -> None:
        """Take one logged value, which is not None, into account."""
        if self._first is None:
            self._first = value
        self.last = value
        if type(value) not in {int, float}:
            return
        self._count += 1
        self._total += value
        spoilt = math.isnan(value) or math.isnan(self._low)
        self._low = math.nan if spoilt else min(self._low, value)
        self._high = math.nan if spoilt else max(self._high, value)

    @property
    def hidden(self) -> bool:
        """Whether the summary leaves the key out."""
        return "none" in self._asked

    def entry(self) -> Any:
        """Return the asked numbers by name, or the last value where none is asked."""
        kinds = [kind for kind in self._asked if kind in SUMMARIES and kind not in {"none", "copy"}]
        return {kind: self._number(kind) for kind in kinds} if kinds else self.last

    def _number(self, kind: str) -> Any:
        if kind == "best":
            kind = GOALS.get(self._goal or "", "min")
        if kind in {"first", "last"}:
            return self.last if kind == "last" else self._first
        if not self._count:
            return None
        return {"min": self._low, "max": self._high, "mean": self._total / self._count}[kind]
