"""The configuration of a run: what was chosen before training, and what changed since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, ItemsView, Iterator, KeysView

__all__ = ["Config", "ConfigError", "config_values"]


class ConfigError(UsageError):
    """A value of the configuration was changed without saying that this is meant."""


class Config:
    """A run's configuration: `config["lr"]` and `config.lr` are the same value.

    A value once set changes only with `update(..., allow_val_change=True)`, so that a typo
    cannot rewrite what a run was about. Values are what JSON can say: tuples, sets and arrays
    become lists, a number that is not finite becomes None.
    """

    __slots__ = ("_changed", "_may_change", "_values")

    def __init__(
        self,
        values: Mapping[str, Any],
        changed: Callable[[dict[str, Any]], None],
        *,
        may_change: Callable[[], None],
    ) -> None:
        self._changed = changed
        self._may_change = may_change
        self._values: dict[str, Any] = _clean(values)

    def update(
        self,
        d: Mapping[str, Any] | Any,
        allow_val_change: bool | None = None,
    ) -> None:
        """Set several values.

        Args:
            d: a mapping, an `argparse.Namespace`, or the path of a YAML file.
            allow_val_change: also change values that are set already.

        Raises:
            ConfigError: a value would change and `allow_val_change` is not given.
        """
        self._may_change()
        new = _clean(config_values(d))
        if not allow_val_change:
            for key, value in new.items():
                self._refuse_change(key, value)
        self._values.update(new)
        self._changed(new)

    def setdefaults(self, d: Mapping[str, Any]) -> None:
        """Set the values that are not set yet."""
        self._may_change()
        new = {key: value for key, value in _clean(d).items() if key not in self._values}
        self._values.update(new)
        self._changed(new)

    def _refuse_change(self, key: str, value: Any) -> None:
        if key in self._values and self._values[key] != value:
            raise ConfigError(
                f'Attempted to change value of key "{key}" from {self._values[key]} to {value}. '
                "If this is meant, use config.update(..., allow_val_change=True)."
            )

    def as_dict(self) -> dict[str, Any]:
        """Return a copy of all values."""
        return dict(self._values)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default`."""
        return self._values.get(key, default)

    def keys(self) -> KeysView[str]:
        """Return the names of all values."""
        return self._values.keys()

    def items(self) -> ItemsView[str, Any]:
        """Return all names and values."""
        return self._values.items()

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __getattr__(self, key: str) -> Any:
        try:
            return self._values[key]
        except KeyError:
            raise AttributeError(f"The config has no value {key!r}.") from None

    def __setattr__(self, key: str, value: Any) -> None:
        if key in Config.__slots__:
            object.__setattr__(self, key, value)
        else:
            self[key] = value

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Config({self._values!r})"


def config_values(
    given: Mapping[str, Any] | str | os.PathLike[str] | Any | None,
) -> Mapping[str, Any]:
    """Return the values of a mapping, an `argparse.Namespace` or a YAML file.

    Raises:
        ConfigError: the file is missing or holds no mapping.
        ArgumentTypeError: something else was given.
    """
    from os import PathLike  # noqa: PLC0415 - beside its only use

    if given is None:
        return {}
    if isinstance(given, Mapping | Config):
        return given.as_dict() if isinstance(given, Config) else given
    if isinstance(given, str | PathLike):
        return _from_file(given)
    if type(given).__name__ == "Namespace":  # argparse is not imported only to ask
        values: Mapping[str, Any] = vars(given)
        return values
    raise ArgumentTypeError(
        f"config takes a dict, an argparse.Namespace or the path of a YAML file; got a "
        f"{type(given).__name__}. Write config={{'lr': 0.1}}."
    )


def _from_file(path: str | os.PathLike[str]) -> Mapping[str, Any]:
    from pathlib import Path  # noqa: PLC0415 - only for configurations in files

    from tracklab.storage.documents import read_yaml  # noqa: PLC0415 - as above

    values = read_yaml(Path(path))
    if values is None:
        raise ConfigError(
            f"config cannot be read: no YAML mapping in this file. Check the path. {path}"
        )
    return values


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    for key, value in values.items():
        if hasattr(value, "to_record"):
            raise ArgumentTypeError(
                f"config takes plain values; got a {type(value).__name__} for {key!r}. Log media "
                "with run.log()."
            )
        clean[str(key).strip("-")] = orjson.loads(encode_object({"value": value}))["value"]
    return clean
