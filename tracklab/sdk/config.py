"""The configuration of a run: what was chosen before training, and what changed since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.value import WBValue
from tracklab.records.encode import encode_object
from tracklab.records.secrets import MASK, masked_values
from tracklab.sdk.locked import Locks, merged
from tracklab.sdk.terminal import termwarn

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, ItemsView, Iterator, KeysView

__all__ = ["Config", "ConfigError", "ConfigStatic", "config_values"]

#: Stands for a value of which a file says nothing but its mask.
_UNKNOWN: Final = object()


class ConfigError(UsageError):
    """A value of the configuration was changed without saying that this is meant."""


class Config:
    """A run's configuration: `config["lr"]` and `config.lr` are the same value.

    A value once set changes only with `update(..., allow_val_change=True)`, so that a typo
    cannot rewrite what a run was about. Values are what JSON can say: tuples, sets and arrays
    become lists; numbers that are not finite stay what they are.

    Of a secret, files say only `***`. A run that goes on does not know it, nor has it, until the
    program gives it again; that is no change.
    """

    __slots__ = ("_any_change", "_changed", "_locked", "_may_change", "_unknown", "_values")

    def __init__(
        self,
        values: Mapping[str, Any],
        changed: Callable[[dict[str, Any]], None],
        *,
        may_change: Callable[[], None],
    ) -> None:
        self._changed = changed
        self._may_change = may_change
        self._any_change = False
        self._locked = Locks()
        self._unknown: dict[str, Any] = {}  # masked values of an earlier process
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
        new = self._unlocked(_clean(config_values(d)))
        if not (allow_val_change or self._any_change):
            for key, value in new.items():
                self._refuse_change(key, value)
        self._take(new)

    def setdefaults(self, d: Mapping[str, Any]) -> None:
        """Set the values that are not set yet."""
        self._may_change()
        new = {
            key: value for key, value in _clean(config_values(d)).items() if key not in self._values
        }
        self._take(new)

    def update_locked(self, d: Mapping[str, Any], user: str | None = None) -> None:
        """Set values that nothing changes afterwards, as a sweep does with its parameters.

        Args:
            d: the values.
            user: who locks them; named in the warning that a later change gets.
        """
        self._may_change()
        new = _clean(config_values(d))
        self._locked.add(new, user or "the program")
        self._take(new)

    def merge_locked(self, d: Mapping[str, Any], user: str | None = None) -> None:
        """The same for nested values: what stands beside those in `d` stays, and may change."""
        self._may_change()
        new = _clean(config_values(d))
        self._locked.add_inner(new, user or "the program")
        now = merged(self._values, new)
        self._take({key: now[key] for key in new})

    def allow_changes(self) -> None:
        """Let values change from now on, as in a notebook, whose cells run again."""
        self._any_change = True

    def go_on_from(self, earlier: Mapping[str, Any]) -> None:
        """Take over values that files hold, below those that are set already."""
        read = {key: value for key, value in _clean(earlier).items() if key not in self._values}
        known = {key: _known(value) for key, value in read.items()}
        self._unknown = {key: value for key, value in read.items() if _differs(known[key], value)}
        told = {key: value for key, value in known.items() if value is not _UNKNOWN}
        self._values = {**told, **self._values}

    def masked(self) -> dict[str, Any]:
        """Return a copy of all values as files may hold them, secrets as `***`."""
        return {**masked_values(self._values), **self._unknown}

    def _take(self, new: dict[str, Any]) -> None:
        self._values.update(new)
        for key in new:
            self._unknown.pop(key, None)
        self._changed(new)

    def _unlocked(self, new: dict[str, Any]) -> dict[str, Any]:
        """Return the values that may be set; of the others it is told."""
        allowed, stay = self._locked.apply(new, self._values)
        for path, user in stay:
            stays: Any = masked_values(self._values)
            for key in path:
                stays = stays[key]
            termwarn(
                f"config.{'.'.join(path)} is locked by {user!r} and stays {stays!r}.", repeat=False
            )
        return allowed

    def _refuse_change(self, key: str, value: Any) -> None:
        new = masked_values({key: value})[key]
        same = _known(new) if key in self._unknown else value
        had = self._values.get(key, same)
        if self._locked.inside_of(key) and isinstance(had, dict):
            had = merged(same, had)  # what is put beside it changes nothing
        if had != same and encode_object({key: had}) != encode_object({key: same}):  # a NaN
            old = masked_values({key: self._values[key]})[key]
            raise ConfigError(
                f'Attempted to change value of key "{key}" from {old} to {new}. '
                "If this is meant, use config.update(..., allow_val_change=True)."
            )

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        """What `vars()` shows, in the way of wandb's: the values under `_items`."""
        return {"_items": self._values}

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
        if key in Config.__slots__:  # of an object that is being copied
            raise AttributeError(key)
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


class ConfigStatic:
    """A run's configuration for reading only: `run.config_static.lr`."""

    __slots__ = ("_config",)

    def __init__(self, config: Config) -> None:
        object.__setattr__(self, "_config", config)

    def keys(self) -> KeysView[str]:
        """Return the names of all values."""
        keys: KeysView[str] = self._config.keys()
        return keys

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):  # what Python itself looks for
            raise AttributeError(key)
        return getattr(self._config, key)

    def __getitem__(self, key: str) -> Any:
        return self._config[key]

    def __setattr__(self, key: str, value: Any) -> None:
        raise AttributeError(
            f"run.config_static is for reading; it got {key} = {value!r}. Write run.config.{key}."
        )

    __setitem__ = __setattr__

    def __repr__(self) -> str:
        return f"ConfigStatic({self._config!r})"


def config_values(
    given: Mapping[str, Any] | str | os.PathLike[str] | Any | None,
) -> Mapping[str, Any]:
    """Return the values of a mapping, an object's attributes, absl's flags or a YAML file.

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
    flags = getattr(given, "flag_values_dict", None)  # absl is not imported only to ask
    values: Any = flags() if callable(flags) else getattr(given, "__dict__", None)
    if isinstance(values, Mapping) and not isinstance(given, type):
        return dict(values)
    raise ArgumentTypeError(
        "config must be a dict or have a __dict__ attribute, or be the path of a YAML file; got a "
        f"{type(given).__name__}. Write config={{'lr': 0.1}}."
    )


def _from_file(path: str | os.PathLike[str]) -> Mapping[str, Any]:
    from pathlib import Path  # noqa: PLC0415 - only for configurations in files

    from tracklab.storage.documents import read_yaml  # noqa: PLC0415 - as above

    values = read_yaml(Path(path))
    if values is not None:
        # wandb's files put each value beside its description, and a version before them.
        return {
            key: value["value"] if _is_described(value) else value
            for key, value in values.items()
            if key not in {"wandb_version", "_wandb"}
        }
    raise ConfigError(
        f"config cannot be read: no YAML mapping in this file. Check the path. {path}"
    )


def _is_described(value: Any) -> bool:
    return isinstance(value, dict) and "value" in value and value.keys() <= {"value", "desc"}


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    for key, value in values.items():
        encoded = encode_object({"value": value})
        media = _media_in(value) if b'"unserialisable"' in encoded else None  # few are looked at
        if media is not None:
            raise ArgumentTypeError(
                f"config takes plain values; got a {type(media).__name__} for {key!r}. Log media "
                "with run.log()."
            )
        clean[str(key).strip("-")] = _decoded(encoded)["value"]
    return clean


def _decoded(encoded: bytes) -> dict[str, Any]:
    """Return an object as readers see it: numbers that are not finite are numbers."""
    record: dict[str, Any] = orjson.loads(encoded)
    if "_nonfinite" in record:
        from tracklab.records.decode import restore  # noqa: PLC0415 - few configurations have any

        restore(record)
    return record


def _known(value: Any) -> Any:
    """Return what a value from a file tells for sure: without its masked parts, or `_UNKNOWN`."""
    if isinstance(value, dict):
        inner = {key: _known(one) for key, one in value.items()}
        found = {key: one for key, one in inner.items() if one is not _UNKNOWN}
        return found if found or not value else _UNKNOWN
    if isinstance(value, list):  # without one of them the others would stand for something else
        return _UNKNOWN if any(_differs(_known(one), one) for one in value) else value
    return _UNKNOWN if isinstance(value, str) and MASK in value else value


def _differs(known: Any, value: Any) -> bool:
    """Return whether `_known` left something out; a NaN is not even equal to itself."""
    return known is not value and bool(known != value)


def _media_in(value: Any) -> WBValue | None:
    """Return the first media value in nested mappings and lists, None without one."""
    waiting, seen = [value], set()
    while waiting:
        inner = waiting.pop(0)
        if isinstance(inner, WBValue):
            return inner
        if id(inner) in seen:  # what holds itself is looked at once
            continue
        seen.add(id(inner))
        if isinstance(inner, Mapping):
            waiting.extend(inner.values())
        elif isinstance(inner, list | tuple | set | frozenset):
            waiting.extend(inner)
    return None
