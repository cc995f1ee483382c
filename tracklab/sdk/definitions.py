"""What `define_metric` said: each metric's own x axis, and what the summary keeps of it.

State is one small object per metric name, whatever is logged.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tracklab.errors import UsageError
from tracklab.records.aggregates import GOALS, SUMMARIES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Definitions", "Metric"]


@dataclass(frozen=True)
class Metric:
    """One definition.

    Attributes:
        name: a metric, nested keys as `a.b`; or a prefix followed by `*`.
        step_metric: the metric that is its x axis; None for the step.
        step_sync: put the step metric's last value into rows that lack it.
        hidden: no chart of its own.
        summary: what the summary keeps: `min max mean last first best none copy`.
        goal: `minimize` or `maximize`; it says what `best` means.
    """

    name: str
    step_metric: str | None = None
    step_sync: bool = False
    hidden: bool = False
    summary: tuple[str, ...] = ()
    goal: str | None = None

    def to_data(self) -> dict[str, Any]:
        """Return the definition as the data of its event."""
        return {**asdict(self), "summary": list(self.summary)}

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Metric:
        """Return the definition that the data of an event say; what cannot be used is left out."""
        step_metric, goal = data.get("step_metric"), data.get("goal")
        return cls(
            str(data.get("name")),
            step_metric=step_metric if isinstance(step_metric, str) else None,
            step_sync=data.get("step_sync") is True,
            hidden=data.get("hidden") is True,
            summary=tuple(kind for kind in data.get("summary") or () if kind in SUMMARIES),
            goal=goal if isinstance(goal, str) and goal in GOALS else None,
        )


class Definitions:
    """All definitions of a run, and which of them each key follows."""

    __slots__ = ("_exact", "_globs", "_resolved")

    def __init__(self) -> None:
        self._exact: dict[str, Metric] = {}
        self._globs: dict[str, Metric] = {}
        self._resolved: dict[str, Metric | None] = {}

    def __bool__(self) -> bool:
        return bool(self._exact or self._globs)

    def define(
        self,
        name: str,
        *,
        step_metric: str | None,
        step_sync: bool | None,
        hidden: bool | None,
        summary: str | None,
        goal: str | None,
        overwrite: bool | None,
    ) -> Metric:
        """Add a definition, or widen an earlier one of the same name, and return it.

        Raises:
            UsageError: the name, the summary or the goal cannot be used.
        """
        _check_name(name)
        given = Metric(
            name,
            step_metric=str(getattr(step_metric, "name", step_metric)) if step_metric else None,
            step_sync=bool(step_metric) if step_sync is None else step_sync,
            hidden=bool(hidden),
            summary=_check_summary(summary),
            goal=_check_goal(goal),
        )
        known = self._globs if name.endswith("*") else self._exact
        metric = given if overwrite else _widened(known.get(name), given)
        self.take_over(metric)
        return metric

    def take_over(self, metric: Metric) -> None:
        """Put a definition in the place of an earlier one of its name."""
        known = self._globs if metric.name.endswith("*") else self._exact
        known[metric.name] = metric
        self._resolved.clear()

    def of(self, key: str) -> Metric | None:
        """Return the definition `key` follows: its own, else that of the longest prefix."""
        if key not in self._resolved:
            fitting = [glob for glob in self._globs if key.startswith(glob[:-1])]
            self._resolved[key] = self._exact.get(key) or (
                self._globs[max(fitting, key=len)] if fitting else None
            )
        return self._resolved[key]


def _widened(known: Metric | None, given: Metric) -> Metric:
    if known is None:
        return given
    return replace(
        known,
        step_metric=given.step_metric or known.step_metric,
        step_sync=given.step_sync or known.step_sync,
        hidden=given.hidden or known.hidden,
        summary=tuple(dict.fromkeys(known.summary + given.summary)),
        goal=given.goal or known.goal,
    )


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name or "*" in name[:-1]:
        raise UsageError(
            f"define_metric() got the name {name!r}. It takes a metric's name, or a prefix that "
            "ends in its only '*'. Write define_metric('val/*')."
        )


def _check_summary(summary: str | None) -> tuple[str, ...]:
    kinds = tuple(part.strip() for part in (summary or "").split(",") if part.strip())
    for kind in kinds:
        if kind not in SUMMARIES:
            raise UsageError(
                f"define_metric() got the summary {kind!r}. It takes {', '.join(SUMMARIES)}, "
                "several separated by commas."
            )
    return kinds


def _check_goal(goal: str | None) -> str | None:
    if goal is not None and goal not in GOALS:
        raise UsageError(
            f"define_metric() got the goal {goal!r}. It takes 'minimize' or 'maximize'."
        )
    return goal
