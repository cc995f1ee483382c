"""Rows, checked at the call and taken into the summary as readers will see them."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import Any, Final

import orjson

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.records.decode import restore
from tracklab.records.encode import Reference
from tracklab.records.flat import is_open, lookup

__all__ = ["STEP_END", "add_missing", "checked_row", "checked_step", "referring", "summary_values"]

#: Just past the largest step: readers keep 64 bits.
STEP_END: Final = 1 << 63


def checked_row(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row given to `log()`. Raises ArgumentTypeError: no dict, or a key is no text."""
    if not isinstance(data, Mapping):
        raise ArgumentTypeError(
            f"log() takes a dict with string keys; got a {type(data).__name__}. "
            'Write run.log({"loss": loss}).'
        )
    for key in data:
        if not isinstance(key, str):
            raise ArgumentTypeError(
                f"log() takes a dict with string keys; got the key {key!r}, a "
                f"{type(key).__name__}. Write run.log({{{str(key)!r}: ...}})."
            )
    return dict(data)


def checked_step(step: Any, *, given_to: str = "log()") -> int | None:
    """Return the step given to a call.

    Raises:
        ArgumentTypeError: it is no integer.
        UsageError: it needs more than 64 bits.
    """
    if step is None:
        return None
    if isinstance(step, bool | float | str) or not hasattr(step, "__index__"):
        raise ArgumentTypeError(
            f"{given_to} takes an integer step; got {step!r}, a {type(step).__name__}. Write "
            "step=int(step)."
        )
    found = index(step)
    if not -STEP_END <= found < STEP_END:
        raise UsageError(
            f"{given_to} takes a step of 64 bits; got {found}. Count steps from 0, and log a "
            "number of that size as a value of its own."
        )
    return found


def summary_values(parts: list[bytes]) -> dict[str, Any]:
    """Return what the summary takes from a row that was written as `parts`.

    As a reader of the line sees it: converted, large values as references, floats that are not
    finite as floats.
    """
    row: dict[str, Any] = {}
    for part in parts:
        row.update(orjson.loads(part))
    restore(row)
    for name in ("_part", "_lossy"):
        row.pop(name, None)
    return referring(row)


def referring(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as it was read, with what it says of values in files as references."""
    return {
        key: Reference(value)
        if type(value) is dict and value.keys() == {"$ref", "bytes"}
        else value
        for key, value in row.items()
    }


def add_missing(row: dict[str, Any], key: str, value: Any, *, nested: bool) -> None:
    """Put a value into a row that lacks it.

    Args:
        row: the row; nested dicts are replaced, not changed.
        key: nested ones as `a.b`.
        value: what it gets.
        nested: whether the dots of `key` are levels, where the row leaves room for these.
    """
    if key in row or lookup(row, key) is not None:
        return
    *heads, name = key.split(".") if nested else [key]
    holder = row
    for head in heads:
        inner = holder.get(head, {})
        if inner != {} and not is_open(inner):  # a value of its own stands where the level would
            row[key] = value
            return
        holder[head] = dict(inner)
        holder = holder[head]
    holder[name] = value
