"""Names of columns, and names and texts as SQL writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Names", "literal", "quoted"]


class Names:
    """Names of columns: DuckDB takes two that differ in case for one, and none for a mistake.

    A name that is taken gets a number behind it.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.lower() for name in taken}
        self._known: dict[str, str] = {}

    def of(self, key: str) -> str:
        """Return the column of a key, the same each time."""
        if key not in self._known:
            name, count = key or "_", 1
            while name.lower() in self._taken:
                count += 1
                name = f"{key}_{count}"
            self._taken.add(name.lower())
            self._known[key] = name
        return self._known[key]


def quoted(name: str) -> str:
    """Return a name of a table or a column, whatever stands in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text."""
    return "'" + text.replace("'", "''") + "'"
