"""Values that were logged one by one become rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tracklab.records.flat import OWN_FIELDS
from tracklab.transfer.things import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Gathering"]

_ONE_ROW_S: Final = 1.0


class Gathering:
    """One row that is being put together, of the values of a step within a second.

    Args:
        prefix: goes before a key that a row has for itself, such as `_step`.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._values: dict[str, Any] = {}
        self._step = 0
        self._since_s = 0.0

    def add(self, key: str, value: Any, *, step: int, at_s: float) -> Iterator[Row]:
        """Take a value, and yield the row before it if this one begins another."""
        if key in OWN_FIELDS:
            key = f"{self._prefix}/{key}"
        if key in self._values or step != self._step or at_s - self._since_s > _ONE_ROW_S:
            yield from self.rest()
        if not self._values:
            self._step, self._since_s = step, at_s
        self._values[key] = value

    def rest(self) -> Iterator[Row]:
        """Yield the row, if there is anything in it."""
        if self._values:
            yield Row(self._values, self._since_s, self._step)
            self._values = {}
