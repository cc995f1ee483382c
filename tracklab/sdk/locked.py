"""Values of a configuration that nothing changes, such as those that a sweep chose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Locks", "merged"]

_MISSING: Final = object()


class Locks:
    """Who has locked which values: whole ones, or some inside of nested ones."""

    __slots__ = ("_by",)

    def __init__(self) -> None:
        self._by: dict[tuple[str, ...], str] = {}

    def add(self, values: Mapping[str, Any], user: str) -> None:
        """Lock each value as a whole."""
        self._by.update({(key,): user for key in values})

    def add_inner(self, values: Mapping[str, Any], user: str) -> None:
        """Lock each value; of a nested one what is in it, and nothing beside that."""
        self._by.update({path: user for path, _ in _leaves(values)})

    def inside_of(self, key: str) -> bool:
        """Return whether a part of this value is locked, and not the whole."""
        return (key,) not in self._by and any(path[0] == key for path in self._by)

    def apply(
        self, new: Mapping[str, Any], present: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[tuple[tuple[str, ...], str]]]:
        """Return new values as far as they may be set, and what stays, by whom it is locked.

        Where a part of a value is locked, new parts are put beside those that are there.

        Args:
            new: what is to be set.
            present: what is there, all that is locked included.
        """
        allowed, stay = dict(new), []
        for path, user in self._by.items():
            key, stays = path[0], _at(present, path)
            if key not in new:
                continue
            if _at(new, path) not in (stays, _MISSING):
                stay.append((path, user))
            if len(path) == 1 or not isinstance(new[key], Mapping):
                allowed.pop(key, None)
            elif key in allowed:
                parts = merged(present[key], allowed[key])
                allowed[key] = merged({key: parts}, _nested(path, stays))[key]
        return allowed, stay


def merged(values: Mapping[str, Any], newer: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with newer ones over them, nested ones key by key, as a copy."""
    made = dict(values)
    for key, value in newer.items():
        old = made.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        made[key] = merged(old, value) if both else value  # type: ignore[arg-type]
    return made


def _leaves(values: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from (((key, *path), inner) for path, inner in _leaves(value))
        else:
            yield (key,), value


def _at(values: Any, path: tuple[str, ...]) -> Any:
    """Return what is there; where something else than a nested value is on the way, that."""
    for key in path:
        if not isinstance(values, Mapping):
            break
        values = values.get(key, _MISSING)
    return values


def _nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    return dict(value)
