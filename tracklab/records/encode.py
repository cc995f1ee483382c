"""Python objects become strict JSON, whatever they are: one quick path, then a careful one.

The promise to training code: encoding never raises because of a *value*. The promise to
readers: every line is strict UTF-8 JSON, and what JSON cannot say is said beside it. A number
that is not finite is `null`, and `_nonfinite` maps its dotted path to `NaN`, `Infinity` or
`-Infinity`; `_lossy` lists the dotted paths of texts and keys that could not be kept exactly.

The quick path is orjson alone. It writes NaN as `null` without a word, so a body that holds
`null` anywhere is encoded again by the careful walk; everything else the walk exists for makes
orjson raise.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import decimal
import enum
import math
import os
import types
import uuid
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["MAX_DEPTH", "MAX_KEYS", "Reference", "encode_object", "unserialisable", "whole_text"]

#: Nesting beyond this becomes a marker: readers in other languages stop at similar depths.
MAX_DEPTH = 64
#: Keys of one object, all levels together; what comes after is left out and marked.
MAX_KEYS = 100_000

_SHALLOW_BYTES = 2 * MAX_DEPTH  # each level opens and closes
_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1
_DAY, _SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)


class Reference(dict[str, Any]):
    """`{"$ref": "sha256:...", "bytes": n}`: a value that lies in a file of its own.

    A user's dict of that shape is no Reference, and is written so that no reader takes it for one.
    """


def encode_object(data: Mapping[str, Any]) -> bytes:
    """Return `data` as one strict JSON object, in UTF-8, without line breaks.

    Nested keys that are no strings become strings. Of several such keys with one text the last
    wins, and `_lossy` names it.

    Cost: about orjson's own for plain data; some 10 times that when a value is null, not
    finite or of a type that JSON does not know.
    """
    try:
        body = orjson.dumps(data, _plain)
    except (TypeError, RecursionError):
        return _careful(data)
    if b"null" in body or b'"$ref"' in body or (len(body) > _SHALLOW_BYTES and _may_be_deep(body)):
        return _careful(data)
    return body


def _may_be_deep(body: bytes) -> bool:
    # Counted roughly: brackets in texts only send a body down the careful path.
    return body.count(b"{") + body.count(b"[") > MAX_DEPTH


def unserialisable(value: object) -> dict[str, str]:
    """Return the marker that stands for a value which could not be converted."""
    kind = type(value)
    return {"_error": "unserialisable", "type": f"{kind.__module__}.{kind.__qualname__}"}


def whole_text(text: str) -> str:
    """Return `text` with each lone surrogate, which UTF-8 cannot say, as U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _careful(data: Mapping[str, Any]) -> bytes:
    walk = _Walk()
    clean = walk.mapping(data, "", 1)
    if walk.nonfinite:
        clean["_nonfinite"] = walk.nonfinite
    if walk.lossy:
        clean["_lossy"] = walk.lossy
    return orjson.dumps(clean)


class _Walk:
    """One careful pass over a value: copies it into what JSON can say and notes the rest."""

    __slots__ = ("_keys", "_open", "lossy", "nonfinite")

    def __init__(self) -> None:
        self.nonfinite: dict[str, str] = {}
        self.lossy: list[str] = []
        self._open: set[int] = set()
        self._keys = 0

    def value(self, value: object, path: str, depth: int) -> Any:
        if value is None or value is True or value is False:
            return value
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, int) and not isinstance(value, enum.Enum):
            return _integer(value)
        if isinstance(value, float) and not isinstance(value, enum.Enum):
            return self._number(float(value), path)
        if isinstance(value, Mapping):
            return self._nested(value, path, depth, self.mapping)
        if isinstance(value, list | tuple | set | frozenset | deque):
            return self._nested(value, path, depth, self._list)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._nested(value, path, depth, self._dataclass)
        if depth >= MAX_DEPTH:
            return {"_error": f"nested deeper than {MAX_DEPTH}"}
        return self.value(_plain(value), path, depth + 1)

    def mapping(self, data: Mapping[Any, Any], path: str, depth: int) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        for key, value in data.items():
            self._keys += 1
            if self._keys > MAX_KEYS:
                clean["_error"] = f"more than {MAX_KEYS} keys"
                break
            name = key if type(key) is str else _key_text(key)
            here = f"{path}.{name}" if path else name
            name = self._text(name, here)
            if name in clean:
                self.lossy.append(here)
            clean[name] = self.value(value, here, depth)
        if set(clean) == {"$ref", "bytes"} and not isinstance(data, Reference):
            # Only we may write that shape, or a reader would look for a file.
            return {"_type": "object", "items": [[key, value] for key, value in clean.items()]}
        return clean

    def _list(self, values: Iterable[object], path: str, depth: int) -> list[Any]:
        return [self.value(value, f"{path}.{i}", depth) for i, value in enumerate(values)]

    def _dataclass(self, value: Any, path: str, depth: int) -> dict[str, Any]:
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return self.mapping(fields, path, depth)

    def _nested(
        self, value: Any, path: str, depth: int, convert: Callable[[Any, str, int], Any]
    ) -> Any:
        if depth >= MAX_DEPTH:
            return {"_error": f"nested deeper than {MAX_DEPTH}"}
        if id(value) in self._open:
            return {"_error": "cycle"}
        self._open.add(id(value))
        try:
            return convert(value, path, depth + 1)
        except Exception:  # noqa: BLE001 - a user's container may raise anything while read
            return unserialisable(value)
        finally:
            self._open.discard(id(value))

    def _number(self, value: float, path: str) -> float | None:
        if math.isfinite(value):
            return value
        self.nonfinite[path] = (
            "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        )
        return None

    def _text(self, value: str, path: str) -> str:
        whole = whole_text(value)
        if whole != value:
            self.lossy.append(whole_text(path))
        return whole


def _plain(value: object) -> Any:
    """Return the nearest thing to `value` that orjson or the walk knows; never raises.

    This is orjson's `default` hook, so it sees only types that orjson does not.
    """
    try:
        return _converted(value)
    except Exception:  # noqa: BLE001 - a value's own methods may raise anything
        return unserialisable(value)


def _converted(value: Any) -> Any:
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return convert(value)
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType | types.MethodType):
        return f"{value.__module__}.{value.__qualname__}"
    if hasattr(value, "tolist"):  # numpy, torch and jax: scalars and arrays of any shape
        return _python_values(value)
    if hasattr(value, "numpy"):
        return value.numpy().tolist()
    return unserialisable(value)


def _python_values(value: Any) -> Any:
    made = value.tolist()
    if type(made) is not type(value):
        return made
    # Python has no number as wide as numpy's long doubles, so they stay what they were.
    return complex(value) if value.dtype.kind == "c" else float(value)


def _integer(value: int) -> int | str | dict[str, str]:
    if _INT_MIN <= value <= _INT_MAX:
        return int(value)
    try:
        return str(value)
    except ValueError:  # CPython refuses to print more digits than its limit
        return unserialisable(value)


def _key_text(key: object) -> str:
    if isinstance(key, str):
        return str(key)
    if isinstance(key, enum.Enum):
        return _key_text(key.value)
    try:
        return str(key)
    except Exception:  # noqa: BLE001 - a key's own __str__ may raise anything
        return unserialisable(key)["type"]


def _duration(value: dt.timedelta) -> str:
    """Return an ISO 8601 duration to the microsecond, `P1D` or `PT1.5S`; exponents are no part."""
    if value % _DAY == dt.timedelta():
        return f"P{value.days}D"
    seconds, rest = divmod(abs(value), _SECOND)
    digits = f"{seconds}.{rest.microseconds:06}".rstrip("0").rstrip(".")
    return f"PT{'-' if value.days < 0 else ''}{digits}S"


def _bytes(value: bytes | bytearray | memoryview) -> dict[str, str]:
    return {"_type": "bytes", "base64": base64.b64encode(bytes(value)).decode()}


_CONVERSIONS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (float, float),
    (str, str),
    (Mapping, dict),
    ((set, frozenset, deque), list),
    (tuple, list),
    (os.PathLike, os.fspath),
    ((bytes, bytearray, memoryview), _bytes),
    (dt.timedelta, _duration),
    ((dt.datetime, dt.date, dt.time), lambda value: value.isoformat()),
    (decimal.Decimal, str),
    (uuid.UUID, str),
    (complex, str),
    (enum.Enum, lambda value: value.value),
)
