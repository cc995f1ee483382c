"""The summary of a run that has been written: a dict that can be changed and stored."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["HTTPSummary", "SummarySubDict"]


class _NothingError(KeyError, AttributeError):
    """An attribute is missing: a KeyError as in wandb, and what `hasattr` understands."""


class SummarySubDict(MutableMapping[str, Any]):
    """An object in the summary: keys are items and attributes, and may be dotted paths.

    Args:
        values: what it holds, and changes.
        changed: is told that something changed.
    """

    def __init__(self, values: dict[str, Any], changed: Callable[[], None]) -> None:
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_changed", changed)

    _values: dict[str, Any]
    _changed: Callable[[], None]

    def __getitem__(self, key: str) -> Any:
        if key not in self._values and "." in key:
            head, _, rest = key.partition(".")
            inner = self[head]
            if isinstance(inner, SummarySubDict):
                return inner[rest]
        value = self._values[key]
        return SummarySubDict(value, self._changed) if isinstance(value, dict) else value

    def __setitem__(self, key: str, value: Any) -> None:
        self._values[key] = _plain(value)
        self._changed()

    def __delitem__(self, key: str) -> None:
        head, dot, rest = key.partition(".")
        if key not in self._values and dot:
            del self[head][rest]
        else:
            del self._values[key]
            self._changed()

    def __getattr__(self, key: str) -> Any:
        if key.startswith("_"):
            raise AttributeError(key)
        try:
            return self[key]
        except KeyError:
            raise _NothingError(f"The summary has no {key!r}.") from None

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __delattr__(self, key: str) -> None:
        del self[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


class HTTPSummary(SummarySubDict):
    """The summary itself; `update()` stores what was changed in the run.

    Args:
        values: the summary as it is.
        store: is given the values that changed, and the keys that were deleted.
    """

    _stored: dict[str, Any]
    _store: Callable[[dict[str, Any], list[str]], None]

    def __init__(
        self, values: dict[str, Any], store: Callable[[dict[str, Any], list[str]], None]
    ) -> None:
        super().__init__(values, lambda: None)
        object.__setattr__(self, "_stored", deepcopy(values))
        object.__setattr__(self, "_store", store)

    def update(self, key_vals: Any = None, overwrite: bool = True) -> None:  # type: ignore[override]  # noqa: FBT001, FBT002 - as wandb's
        """Set values and store all that changed or was deleted.

        Args:
            key_vals: values by key, None for none.
            overwrite: whether keys that are there get new values.
        """
        for key, value in dict(key_vals or ()).items():
            if overwrite or key not in self._values:
                self[key] = value
        changed, deleted = self.changed(), self.deleted()
        if changed or deleted:
            self._store(changed, deleted)
            object.__setattr__(self, "_stored", deepcopy(self._values))

    def changed(self) -> dict[str, Any]:
        """Return the values that changed since they were stored."""
        missing = object()
        return {
            key: value
            for key, value in self._values.items()
            if not _is_same(self._stored.get(key, missing), value)
        }

    def deleted(self) -> list[str]:
        """Return the keys that were deleted since values were stored."""
        return [key for key in self._stored if key not in self._values]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return value


def _is_same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other or (one != one and other != other))  # noqa: PLR0124 - NaN
