"""Filters of runs in the words of MongoDB: read once, then asked of each run.

    {"config.lr": {"$gt": 1e-4}, "$or": [{"state": "running"}, {"tags": "best"}]}

Values compare within their kind: a number with numbers, a text with texts, true with true. Of a
list each entry is asked. What a run does not have, and null, are the same. Source: the query
operators of the MongoDB manual.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from typing import Any, Final

from tracklab.api.fields import TIMES, keys_of
from tracklab.clock import parse_time
from tracklab.errors import QueryError

__all__ = ["Conditions", "epoch_or_none", "parse_conditions"]

#: Returns the value that a run has under a path of the filter, None if it has none.
Look = Callable[[str], Any]
_Holds = Callable[[Look], bool]
_Test = Callable[[Any], bool]

_GROUPS: Final = ("$and", "$or", "$nor")
_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}
_OPERATORS: Final = (
    "$eq", "$ne", *_ORDERS, "$in", "$nin", "$not", "$exists", "$regex",
)  # fmt: skip
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}


@dataclass(frozen=True, slots=True)
class Conditions:
    """A filter that was read: the paths it asks for, and whether a run meets it."""

    paths: frozenset[str]
    holds: _Holds


def parse_conditions(filters: Mapping[str, Any] | None) -> Conditions:
    """Return what a filter means.

    Args:
        filters: paths with values or operators; None or nothing for every run.

    Raises:
        QueryError: it has an operator or a path that there is not, or a value that its operator
            does not take.
    """
    paths: set[str] = set()
    holds = _all_of(filters or {}, paths)
    return Conditions(frozenset(paths), holds)


def _all_of(filters: Any, paths: set[str]) -> _Holds:
    if not isinstance(filters, Mapping):
        raise QueryError(
            f"A filter is a dict of paths and values; got {filters!r}. Write "
            '{"config.lr": 0.1} or {"state": {"$in": ["running", "finished"]}}.'
        )
    parts = [_part(str(key), value, paths) for key, value in filters.items()]
    return lambda look: all(part(look) for part in parts)


def _part(key: str, value: Any, paths: set[str]) -> _Holds:
    if key in _GROUPS:
        return _group(key, value, paths)
    if key == "$not":
        inner = _all_of(value, paths)
        return lambda look: not inner(look)
    if key.startswith("$"):
        raise QueryError(_unknown(key, (*_GROUPS, "$not")))
    keys_of(key)  # raises where there is no such path
    paths.add(key)
    test = _test(value, _as_time if key in TIMES else _as_it_is)
    if key in TIMES:
        return lambda look: test(epoch_or_none(look(key)))
    return lambda look: test(look(key))


def _group(name: str, value: Any, paths: set[str]) -> _Holds:
    if not isinstance(value, (list, tuple)) or not value:
        raise QueryError(
            f"{name} takes a list of filters, at least one; got {value!r}. Write "
            f'{{"{name}": [{{"state": "running"}}, {{"tags": "best"}}]}}.'
        )
    parts = [_all_of(one, paths) for one in value]
    if name == "$and":
        return lambda look: all(part(look) for part in parts)
    wanted = name == "$or"
    return lambda look: any(part(look) for part in parts) is wanted


def _test(value: Any, operand: Callable[[Any], Any]) -> _Test:
    if isinstance(value, re.Pattern):
        return _matches(value)
    if isinstance(value, Mapping) and any(str(name).startswith("$") for name in value):
        tests = [
            _operator(str(name), one, value, operand)
            for name, one in value.items()
            if not (name == "$options" and "$regex" in value)
        ]
        return lambda found: all(test(found) for test in tests)
    return _equals(operand(value))


def _operator(
    name: str, value: Any, beside: Mapping[str, Any], operand: Callable[[Any], Any]
) -> _Test:
    if name in {"$eq", "$ne"}:
        equal = _equals(operand(value))
        return equal if name == "$eq" else lambda found: not equal(found)
    if name in _ORDERS:
        return _compares(_ORDERS[name], operand(value))
    if name in {"$in", "$nin"}:
        return _one_of(name, value, operand)
    if name == "$not":
        inner = _test(value, operand)
        return lambda found: not inner(found)
    if name == "$exists":
        return lambda found: (found is not None) is bool(value)
    if name == "$regex":
        return _matches(_pattern(value, beside.get("$options", "")))
    raise QueryError(_unknown(name, _OPERATORS))


def _equals(value: Any) -> _Test:
    def test(found: Any) -> bool:
        if isinstance(found, list) and any(_same(one, value) for one in found):
            return True
        return _same(found, value)

    return test


def _compares(relation: Callable[[Any, Any], bool], value: Any) -> _Test:
    def related(found: Any) -> bool:
        return _kind(found) == _kind(value) != "" and relation(found, value)

    return lambda found: any(map(related, found if isinstance(found, list) else [found]))


def _one_of(name: str, value: Any, operand: Callable[[Any], Any]) -> _Test:
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise QueryError(
            f'{name} takes a list of values; got {value!r}. Write {{"{name}": [{value!r}]}}.'
        )
    tests = [_matches(one) if isinstance(one, re.Pattern) else _equals(operand(one))
             for one in value]  # fmt: skip
    wanted = name == "$in"
    return lambda found: any(test(found) for test in tests) is wanted


def _matches(pattern: re.Pattern[str]) -> _Test:
    def test(found: Any) -> bool:
        texts = found if isinstance(found, list) else [found]
        return any(isinstance(one, str) and pattern.search(one) is not None for one in texts)

    return test


def _pattern(value: Any, options: Any) -> re.Pattern[str]:
    if isinstance(value, re.Pattern):
        return value
    try:
        flags = sum(_FLAGS[letter] for letter in set(options))
        return re.compile(value, flags)
    except (re.error, TypeError, KeyError) as error:
        raise QueryError(
            f"$regex takes a regular expression as text, and $options some of i, m, s, x; got "
            f'{value!r} and {options!r} ({error}). Write {{"$regex": "^base"}}.'
        ) from None


def _same(found: Any, value: Any) -> bool:
    if isinstance(found, bool) or isinstance(value, bool):
        return found is value
    return bool(found == value) or (found != found and value != value)  # noqa: PLR0124 - NaN


def _kind(value: Any) -> str:
    """Return what a value can be compared with by size; nothing for what has no order."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else ""


def _as_it_is(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _as_time(value: Any) -> Any:
    """Return a time of a filter as epoch seconds."""
    if value is None:
        return None
    found = epoch_or_none(value)
    if found is None:
        raise QueryError(
            f"A time is ISO 8601 text, epoch seconds or a datetime; got {value!r}. Write "
            '"2026-11-20" or "2026-11-20T17:00:00Z".'
        )
    return found


def epoch_or_none(value: Any) -> float | None:
    """Return epoch seconds of a time however it is written; None if it is none. No zone: UTC."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if isinstance(value, datetime):
        zoned = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        return zoned.timestamp()
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        return parse_time(f"{value}T00:00" if _is_day(value) else value)
    except (ValueError, OverflowError):
        return None


def _is_day(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None


def _unknown(name: str, known: tuple[str, ...]) -> str:
    return (
        f"A filter cannot use {name!r} here. Operators are {', '.join(known)}. Check its spelling."
    )
