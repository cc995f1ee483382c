"""Values in wandb's records: a key or a path of keys, and a value as JSON text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson

from tracklab.transfer.wire import Message, WireError, fields, run_of_bytes, text

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["config_values", "json_value", "row_values", "timestamp_s"]

_KEY, _NESTED_KEY, _VALUE_JSON = 1, 2, 16
_UPDATE, _REMOVE = 1, 2


def json_value(encoded: bytes) -> Any:
    """Return a value; bare NaN and Infinity, which wandb writes and JSON does not know, too.

    Raises:
        WireError: it is no JSON.
    """
    try:
        return orjson.loads(encoded)
    except ValueError:
        try:
            return json.loads(encoded)
        except (ValueError, RecursionError):
            raise WireError("a value that is no JSON") from None


def timestamp_s(stamp: Message) -> float:
    """Return a Timestamp as epoch seconds; 0 for an empty one."""
    return stamp.whole(1) + stamp.whole(2) / 1e9


def row_values(items: Iterable[bytes]) -> dict[str, Any]:
    """Return the values of a row, nested where a key is a path.

    Cost: one pass of the JSON parser for all that are not nested.
    """
    flat: list[bytes] = []
    nested: list[tuple[list[str], bytes]] = []
    for item in items:
        path, encoded = _item(item)
        if len(path) == 1:
            flat.append(b"%b:%b" % (orjson.dumps(path[0]), encoded))
        elif path:
            nested.append((path, encoded))
    values: dict[str, Any] = json_value(b"{%b}" % b",".join(flat))
    for path, encoded in nested:
        _put(values, path, json_value(encoded))
    return values


def config_values(record: Message, *, into: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the values of a config or summary record, put into `into` if given."""
    values = {} if into is None else into
    for number, item in record.fields:
        if number not in {_UPDATE, _REMOVE}:
            continue
        path, encoded = _item(run_of_bytes(item))
        if path and number == _UPDATE:
            _put(values, path, json_value(encoded))
        elif path:
            _drop(values, path)
    return values


def _item(item: bytes) -> tuple[list[str], bytes]:
    """Return the path of keys and the encoded value of an item."""
    path = []
    encoded: int | bytes = b"null"
    for number, value in fields(item):
        if number == _VALUE_JSON:
            encoded = value
        elif number in {_KEY, _NESTED_KEY}:
            path.append(text(value))
    return path, run_of_bytes(encoded)


def _put(values: dict[str, Any], path: list[str], value: Any) -> None:
    for key in path[:-1]:
        inner = values.get(key)
        if not isinstance(inner, dict):
            inner = values[key] = {}
        values = inner
    values[path[-1]] = value


def _drop(values: Any, path: list[str]) -> None:
    for key in path[:-1]:
        values = values.get(key) if isinstance(values, dict) else None
    if isinstance(values, dict):
        values.pop(path[-1], None)
