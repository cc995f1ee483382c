"""The type of a table's column, learned from its cells: which value fits to those before.

The rules are wandb's: numbers of any kind are one type, a `bool` is another; lists are alike if
their items are, dicts if they have the same keys; a float NaN counts as None.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, get_args

from tracklab.errors import ArgumentTypeError
from tracklab.media.value import WBValue
from tracklab.records.encode import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ANYTHING", "Column", "column"]

#: A kind is a name, or the name of a container with what is in it.
Kind = str | tuple[Any, ...]

_UNKNOWN: Final = "unknown"
_NONE: Final = "None"
_ANY: Final = "any"
_OF_TYPES: Final[dict[type, Kind]] = {
    bool: "boolean",
    str: "string",
    int: "number",
    float: "number",
    dt.datetime: "timestamp",
    dt.date: "timestamp",
    list: ("list", _UNKNOWN),
    tuple: ("list", _UNKNOWN),
    set: ("list", _UNKNOWN),
    frozenset: ("list", _UNKNOWN),
    dict: ("dict", ()),
    type(None): _NONE,
}
_NUMPY_CLASSES: Final[dict[str, Kind]] = {
    "ndarray": ("list", _ANY), "number": "number", "bool": "boolean", "datetime64": "timestamp",
}  # fmt: skip
_OF_NUMPY: Final = {"b": "boolean", "M": "timestamp", "i": "number", "u": "number", "f": "number"}


@dataclass(frozen=True, slots=True)
class Column:
    """What a column takes: one of `kinds`, and None if it is `optional`."""

    kinds: tuple[Kind, ...]
    optional: bool

    def taking(self, value: Any) -> Column | None:
        """Return the column once it holds `value`, too; None if the value does not fit.

        Raises:
            ArgumentTypeError: the value holds itself, or is nested too deeply.
        """
        if self.kinds == (_ANY,):
            return self
        try:
            return self._taking(value)
        except RecursionError:
            raise ArgumentTypeError(
                f"A cell of a table got a {type(value).__name__} that holds itself, or is nested "
                f"too deeply. Cells may be nested {MAX_DEPTH} levels deep. Give the parts that "
                "matter, or a text."
            ) from None

    def _taking(self, value: Any) -> Column | None:
        kind = _kind_of(value)
        if kind == _NONE:
            return self if self.optional else None
        if ("const", repr(value)) in self.kinds:
            return self
        for at, known in enumerate(self.kinds):
            wider = _wider(known, kind)
            if wider is not None:
                if wider == known:
                    return self
                kinds = (*self.kinds[:at], wider, *self.kinds[at + 1 :])
                return Column(kinds, self.optional)
        return None

    def taking_all(self, values: Iterable[Any], *, name: object) -> Column:
        """Return the column once it holds all `values`.

        Raises:
            ArgumentTypeError: one does not fit.
        """
        taken = self
        for value in values:
            wider = taken.taking(value)
            if wider is None:
                raise ArgumentTypeError(
                    f"Existing data {value!r}, of type {_shown(_kind_of(value))} cannot be cast to "
                    f"{taken} in column {name!r}."
                )
            taken = wider
        return taken

    def __str__(self) -> str:
        names = [*(["None"] if self.optional else []), *map(_shown, self.kinds)]
        return " or ".join(names)


#: What a column of mixed types takes.
ANYTHING: Final = Column((_ANY,), optional=True)


def column(dtype: Any, *, optional: bool) -> Column:
    """Return a column of what `dtype` says.

    Args:
        dtype: None for what comes first; a type, or a value of that type; a list of several of
            them for any of those, of one for lists of it; `typing.Any` for everything.
        optional: whether None fits.
    """
    if dtype is Any:
        return Column((_ANY,), optional)
    if isinstance(dtype, list) and len(dtype) > 1:
        return Column(tuple(_kind_of_dtype(one) for one in dtype), optional)
    return Column((_kind_of_dtype(dtype),), optional)


def _kind_of_dtype(dtype: Any) -> Kind:
    if dtype is None:
        return _UNKNOWN
    if isinstance(dtype, list):
        return ("list", _kind_of_dtype(dtype[0]) if dtype else _UNKNOWN)
    if isinstance(dtype, dict):
        return ("dict", tuple((key, _kind_of_dtype(dtype[key])) for key in sorted(dtype)))
    if get_args(dtype):
        return _ANY
    if isinstance(dtype, type):
        return _OF_TYPES.get(dtype) or _of_class(dtype)
    return ("const", repr(dtype))


def _of_class(kind: type) -> Kind:
    # numpy is not imported for this: a value of its types has brought it.
    if kind.__module__ == "numpy":
        for base in kind.__mro__:
            if base.__name__ in _NUMPY_CLASSES:
                return _NUMPY_CLASSES[base.__name__]
    if issubclass(kind, int) and not issubclass(kind, Enum):
        return "number"  # the index of a row in another table
    return f"media {kind.__name__}" if issubclass(kind, WBValue) else f"object {kind.__name__}"


def _kind_of(value: Any) -> Kind:
    kind = type(value)
    if kind is float:
        return _NONE if math.isnan(value) else "number"
    if kind in {list, tuple, set, frozenset}:
        return ("list", _of_items(value))
    if kind is dict:
        return ("dict", tuple((key, _kind_of(value[key])) for key in sorted(value, key=str)))
    if kind in _OF_TYPES:
        return _OF_TYPES[kind]
    array = getattr(value, "dtype", None)
    if array is not None and kind.__module__ == "numpy":
        if value.ndim:
            return ("array", tuple(value.shape), _OF_NUMPY.get(array.kind, "string"))
        if array.kind in _OF_NUMPY:
            return _OF_NUMPY[array.kind]
    return _of_class(kind)


def _of_items(values: Iterable[Any]) -> Kind:
    """Return the kind of a list's items; those of several kinds make a list of anything."""
    known: Kind = _UNKNOWN
    for value in values:
        kind = _kind_of(value)
        wider = known if kind == _NONE else _wider(known, kind)
        if wider is None:
            return _ANY
        known = wider
    return known


def _wider(known: Kind, new: Kind) -> Kind | None:
    """Return the kind that takes both; None if there is none."""
    if known in {new, _ANY} or new == _UNKNOWN:
        return known
    if known == _UNKNOWN:
        return new
    if known[0] == "const":
        return None
    if known[0] == "array" and new[0] == "list":
        return known
    if known[0] == "dict" and new[0] == "dict":
        return _wider_dict(known[1], new[1])
    if known[0] == "list" and new[0] in {"list", "array"}:
        inner = _wider(known[1], _item_of(new))
        return None if inner is None else ("list", inner)
    return None


def _wider_dict(known: Any, new: Any) -> Kind | None:
    if [key for key, _ in known] != [key for key, _ in new]:
        return None
    inner = [(key, _wider(old, kind)) for (key, old), (_, kind) in zip(known, new, strict=True)]
    return None if any(kind is None for _, kind in inner) else ("dict", tuple(inner))


def _item_of(kind: Kind) -> Kind:
    """Return what the items of a list or an array are."""
    inner: Kind
    if kind[0] == "list":
        inner = kind[1]
    else:
        assert isinstance(kind, tuple)
        shape, item = kind[1:]
        inner = item if len(shape) == 1 else ("array", shape[1:], item)
    return inner


def _shown(kind: Kind) -> str:
    if isinstance(kind, str):
        return kind
    if kind[0] == "dict":
        return "{" + ", ".join(f"{key}: {_shown(inner)}" for key, inner in kind[1]) + "}"
    if kind[0] == "list":
        return f"{_shown(kind[1])}[]"
    return f"{kind[2]}{list(kind[1])}" if kind[0] == "array" else str(kind[1])
