"""What a filter of runs means: a small tree of comparisons, and whether a run matches it.

`filter_syntax` reads the tree from text. A run without the key matches only negations and
`= null`.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from itertools import compress, repeat
from typing import TYPE_CHECKING, Any

from tracklab.errors import QueryError
from tracklab.query.plain import number_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "FIELDS",
    "TIMES",
    "All",
    "Compare",
    "Literal",
    "Node",
    "Not",
    "Some",
    "canonical_key",
    "chosen",
    "keys_of",
    "matches",
    "taken",
]

#: Keys of the language and the fields of a run that they mean.
FIELDS = {
    "id": "run_id",
    "run_id": "run_id",
    "run": "run",
    "project": "project",
    "name": "name",
    "status": "status",
    "tag": "tags",
    "tags": "tags",
    "notes": "notes",
    "group": "group",
    "job_type": "job_type",
    "host": "host",
    "pid": "pid",
    "program": "program",
    "git_commit": "git_commit",
    "python_version": "python_version",
    "exit_code": "exit_code",
    "step": "step",
    "duration": "duration_s",
    "duration_s": "duration_s",
    "created": "created_at",
    "created_at": "created_at",
    "updated": "updated_at",
    "updated_at": "updated_at",
    "stalled": "stalled",
    "silent": "silent_s",
    "silent_s": "silent_s",
    "ended": "ended_at",
    "ended_at": "ended_at",
}
_OF_NUMBERS = {
    "=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_NUMBERS, _TEXTS = frozenset({int, float}), frozenset({str, type(None)})
# The shortest name of each field, for messages.
_SHOWN_FIELDS = sorted({field: key for key, field in reversed(FIELDS.items())}.values())
#: Fields that hold a timestamp; of it as much as was typed compares, so a date is a whole day.
TIMES = frozenset({"created_at", "updated_at", "ended_at"})


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was typed; `number` and `word` (true, false, null) only if not quoted."""

    text: str
    number: float | None = None
    word: str | None = None


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison: the key (`tags`, `config.lr`), one of `= < <= > >= ~`, and a value."""

    key: str
    operator: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold."""

    node: Node


@dataclass(frozen=True, slots=True)
class All:
    """What must hold together; without parts, everything matches."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """What must hold at least in part."""

    nodes: tuple[Node, ...]


Node = Compare | Not | All | Some


def matches(node: Node, field: Callable[[str], Any]) -> bool:
    """Return whether a run matches.

    Args:
        node: from `parse_filter`.
        field: returns a run's value of a key: a field of `Run`, `config.<key>`, `summary.<key>`.
    """
    if isinstance(node, Compare):
        return _holds(field(node.key), node)
    if isinstance(node, Not):
        return not matches(node.node, field)
    if isinstance(node, All):
        return all(matches(part, field) for part in node.nodes)
    return any(matches(part, field) for part in node.nodes)


def chosen(
    node: Node, column: Callable[[str], Sequence[Any]], rows: Sequence[int]
) -> Sequence[int]:
    """Return which rows of a table match, in their order: as `matches` says of each.

    Args:
        node: from `parse_filter`.
        column: returns the value of every row for a key.
        rows: to choose from.

    Cost: 0.1 us a row for numbers and for texts of which many are alike, else 1 us.
    """
    if isinstance(node, Compare):
        return _compared(column(node.key), node, rows)
    if isinstance(node, All):
        for part in node.nodes:
            rows = chosen(part, column, rows)
        return rows
    if isinstance(node, Not):
        without = frozenset(chosen(node.node, column, rows))
        return [row for row in rows if row not in without]
    found = frozenset(row for part in node.nodes for row in chosen(part, column, rows))
    return [row for row in rows if row in found]


def taken(values: Sequence[Any], rows: Sequence[int]) -> list[Any]:
    """Return the values of some rows, in increasing order, of a column."""
    if len(rows) == len(values):  # then they are all rows
        return list(values)
    return list(map(values.__getitem__, rows))


def _compared(column: Sequence[Any], node: Compare, rows: Sequence[int]) -> list[int]:
    number, compare = node.value.number, _OF_NUMBERS.get(node.operator)
    values = taken(column, rows)
    types = set(map(type, values))
    if number is not None and compare is not None and types <= _NUMBERS:
        return list(compress(rows, map(compare, values, repeat(number))))
    if types <= _TEXTS:  # which many runs have in common, as a rule
        verdicts = {value: _holds(value, node) for value in set(values)}
        return list(compress(rows, map(verdicts.__getitem__, values)))
    return [row for row, value in zip(rows, values, strict=True) if _holds(value, node)]


def keys_of(node: Node) -> set[str]:
    """Return the keys that a filter asks for."""
    if isinstance(node, Compare):
        return {node.key}
    parts = (node.node,) if isinstance(node, Not) else node.nodes
    return {key for part in parts for key in keys_of(part)}


def canonical_key(key: str) -> str:
    """Return the field of `Run` that a key means, or `config.<key>`, `summary.<key>` as it is.

    Raises:
        QueryError: there is no such field.
    """
    if key.startswith(("config.", "summary.")):
        return key
    if key in FIELDS:
        return FIELDS[key]
    raise QueryError(
        f"There is no field {key!r}. Fields are {', '.join(_SHOWN_FIELDS)}; what a run logged is "
        f"summary.{key}, what it was configured with config.{key}."
    )


def _holds(found: Any, node: Compare) -> bool:
    found = None if found == [] else found
    if isinstance(found, list):
        return any(_holds(part, node) for part in found)
    value, sign = node.value, node.operator
    if sign == "~":
        return found is not None and value.text.casefold() in _shown(found).casefold()
    if node.key in TIMES:
        return _agrees(found, sign, value.text)
    if sign == "=":
        return _equals(found, value)
    return _precedes(found, sign, value)


def _agrees(found: str | None, sign: str, text: str) -> bool:
    """Return how a timestamp compares with a date, a time, or null."""
    if found is None or text == "null":
        return sign == "=" and (found is None) == (text == "null")
    return bool(_OF_NUMBERS[sign](found[: len(text)], text))


def _equals(found: Any, value: Literal) -> bool:
    if found is None or isinstance(found, bool):
        return value.word == {None: "null", True: "true", False: "false"}[found]
    if isinstance(found, (int, float)):
        if value.number is None:  # by its name, as replies spell it
            return not math.isfinite(found) and value.text == number_name(found)
        return found == value.number
    return isinstance(found, str) and found == value.text


def _precedes(found: Any, sign: str, value: Literal) -> bool:
    left: Any = found
    right: Any = value.text
    if isinstance(found, bool) or not isinstance(found, (int, float, str)):
        return False
    if not isinstance(found, str):
        right = value.number
        if right is None:
            return False
    return bool(_OF_NUMBERS[sign](left, right))


def _shown(found: object) -> str:
    return found if isinstance(found, str) else str(found)
