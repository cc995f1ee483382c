"""A summary as it grows, row by row: the last value of each key, or what was asked of it instead.

The writer sums while it writes and a reader sums from the lines; both sum here, so they cannot
disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tracklab.records.aggregates import Aggregate
from tracklab.records.flat import OWN_FIELDS, is_open, lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Asked", "Summing", "copied", "merge"]


class Asked(Protocol):
    """What a definition asks of a summary: some of `SUMMARIES`, and what `best` means."""

    @property
    def summary(self) -> Sequence[str]:
        """What is kept instead of the last value; empty for nothing else."""

    @property
    def goal(self) -> str | None:
        """A key of `GOALS`, or None."""


class Summing:
    """The summary of the rows so far, with nested values still nested.

    `{"a": {"b": 1}}` is a value of the key `a.b`: definitions mean it by that name, and it leaves
    `a.c` as it was. None, and an object without keys, leave what was before them.

    Args:
        asked_of: returns the definition that a key follows, None without one.

    Attributes:
        values: the summary; nested objects in it are its own.
    """

    __slots__ = ("_aggregates", "_asked_of", "values")

    def __init__(self, asked_of: Callable[[str], Asked | None]) -> None:
        self._asked_of = asked_of
        self._aggregates: dict[tuple[str, ...], Aggregate] = {}
        self.values: dict[str, Any] = {}

    @property
    def counts(self) -> bool:
        """Whether any key has more than a last value."""
        return bool(self._aggregates)

    def add_row(self, row: Mapping[str, Any]) -> None:
        """Take a row's values into account."""
        for key, value in row.items():
            if is_open(value):
                for path, leaf in _leaves(value, (key,)):
                    self._add(path, leaf)
            else:
                self._add((key,), value)

    def set(self, values: Mapping[str, Any]) -> None:
        """Set values that no row says; a nested one replaces all that was there."""
        self.values.update(copied(values))

    def remove(self, keys: Sequence[str]) -> None:
        """Forget values, until their keys are logged again; of missing ones nothing is said."""
        for key in keys:
            self.values.pop(key, None)

    def redefined(self) -> None:
        """Show what the definitions ask for now; what was counted stays counted."""
        for path, aggregate in self._aggregates.items():
            if self._ask(path, aggregate):
                self._show(path, aggregate)

    def go_on_from(self, other: Summing) -> None:
        """Take over the values and all that was counted of an earlier process."""
        self.set(other.values)
        self._aggregates.update(other._aggregates)

    def last(self, key: str) -> Any:
        """Return the last value of `key`, also where the summary shows something else of it."""
        for path in ((key,), tuple(key.split("."))):
            if path in self._aggregates:
                return self._aggregates[path].last
        return lookup(self.values, key)

    def _add(self, path: tuple[str, ...], value: Any) -> None:
        if value is None or (type(value) is dict and not value):
            return
        aggregate = self._aggregates.get(path)
        if aggregate is None:
            asked = None if path[0] in OWN_FIELDS else self._asked_of(".".join(path))
            if asked is None or not asked.summary:
                _put(self.values, path, value)
                return
            aggregate = self._aggregates[path] = Aggregate()
            self._ask(path, aggregate)
        aggregate.add(value)
        self._show(path, aggregate)

    def _ask(self, path: tuple[str, ...], aggregate: Aggregate) -> bool:
        asked = self._asked_of(".".join(path))
        return aggregate.ask(*((asked.summary, asked.goal) if asked else ((), None)))

    def _show(self, path: tuple[str, ...], aggregate: Aggregate) -> None:
        if not aggregate.hidden:
            _put(self.values, path, aggregate.entry())
            return
        holder: Any = self.values
        for key in path[:-1]:
            holder = holder.get(key)
            if not isinstance(holder, dict):
                return
        holder.pop(path[-1], None)


def merge(values: dict[str, Any], newer: Mapping[str, Any]) -> None:
    """Put newer values over a summary's, nested ones key by key."""
    for key, value in newer.items():
        if is_open(value):
            for path, leaf in _leaves(value, (key,)):
                _put(values, path, leaf)
        else:
            values[key] = value


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    holder = values
    for key in path[:-1]:
        if not is_open(holder.get(key)):
            holder[key] = {}
        holder = holder[key]
    holder[path[-1]] = value


def _leaves(
    value: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, inner in value.items():
        if is_open(inner):
            yield from _leaves(inner, (*path, key))
        else:
            yield (*path, key), inner


def copied(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values whose nested objects are no one else's."""
    return {key: copied(value) if is_open(value) else value for key, value in values.items()}
