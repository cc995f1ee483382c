"""The summary of a run: the last value of each metric, or what was asked to be kept instead.

It is computed while rows are written, from each row alone; a reader computes the same from the
lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.records.summing import Summing, copied

if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, Sequence

    from tracklab.sdk.definitions import Definitions

__all__ = ["Summary"]


class Summary:
    """A run's summary: read it at any time, set values that no row says.

    A value that is set stays until its metric is logged again; one that is deleted stays away
    until then. Missing names raise KeyError, also as attributes.

    Args:
        definitions: what was asked of each metric.
        to_set: records values that are set, and returns them as a row holds them.
        to_remove: records names whose values are deleted.
    """

    __slots__ = ("_remove", "_set", "_summing", "values")

    def __init__(
        self,
        definitions: Definitions,
        to_set: Callable[[dict[str, Any]], dict[str, Any]],
        to_remove: Callable[[Sequence[str]], None] = lambda _keys: None,
    ) -> None:
        self._set = to_set
        self._remove = to_remove
        self._summing = Summing(definitions.of)
        self.values: dict[str, Any] = self._summing.values

    def add_row(self, row: Mapping[str, Any]) -> None:
        """Take a row's values into account; None leaves the value before it."""
        self._summing.add_row(row)

    def redefined(self) -> None:
        """Show what the definitions ask for now; what was counted stays counted."""
        self._summing.redefined()

    def go_on_from(self, earlier: Summing) -> None:
        """Take over what an earlier process of the run summed."""
        self._summing.go_on_from(earlier)

    def last(self, key: str) -> Any:
        """Return the last value that was logged under `key`, None without one."""
        return self._summing.last(key)

    def update(self, d: Mapping[str, Any]) -> None:
        """Set several values."""
        self._summing.set(self._set(dict(d)))

    def as_dict(self) -> dict[str, Any]:
        """Return a copy of all values."""
        return copied(self.values)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default`."""
        return self._shown(key) if key in self.values else default

    def keys(self) -> KeysView[str]:
        """Return the names of all values."""
        return self.values.keys()

    def items(self) -> ItemsView[str, Any]:
        """Return all names and values."""
        return {key: self._shown(key) for key in tuple(self.values)}.items()

    def _shown(self, key: str) -> Any:
        value = self.values[key]
        return _SubSummary(self, key, value) if isinstance(value, dict) else value

    def __getitem__(self, key: str) -> Any:
        return self._shown(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        if key in self.values:  # deleting a missing one is no mistake, as in wandb
            self._remove([key])
            self._summing.remove([key])

    def __delattr__(self, key: str) -> None:
        del self[key]

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):  # what Python itself looks for
            raise AttributeError(key)
        return self._shown(key)

    def __setattr__(self, key: str, value: Any) -> None:
        if key in Summary.__slots__:
            object.__setattr__(self, key, value)
        else:
            self[key] = value

    def __contains__(self, key: object) -> bool:
        return key in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"Summary({self.values!r})"


class _SubSummary(dict[str, Any]):
    """A nested value of the summary; setting an item sets it in the run's summary."""

    def __init__(self, owner: Summary | _SubSummary, key: str, values: dict[str, Any]) -> None:
        super().__init__(values)
        self._owner = owner
        self._key = key

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        return _SubSummary(self, key, value) if isinstance(value, dict) else value

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self._owner[self._key] = dict(self)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._owner[self._key] = dict(self)
