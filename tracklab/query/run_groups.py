"""Runs put together by what they say: how many there are of each kind, and what came out of them.

A run that the catalog tells is not opened: whole columns are grouped.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import QueryError
from tracklab.query.answers.runs import RunGroup, RunGroups, RunNumbers
from tracklab.query.filter_syntax import parse_filter
from tracklab.query.filters import canonical_key, keys_of, matches, taken
from tracklab.query.listing import checked_status, chosen_rows
from tracklab.query.plain import number_name
from tracklab.query.roll import Leaf
from tracklab.storage.liveness import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from tracklab.query.listing import Look

    Key = tuple[Hashable, ...]

__all__ = ["Grouping", "group_runs"]

_MOST_FIELDS: Final = 8
_MOST_COLUMNS: Final = 50
#: The most groups that lists, such as tags, may put one run into.
_MOST_OF_A_RUN: Final = 1_000
_PLAIN: Final = frozenset({str, int, type(None)})
_SINGLE: Final = _PLAIN | {float, bool}
_NUMERIC: Final = frozenset({int, float})
#: Whole numbers below it are the same as floats.
_EXACT: Final = 2**53
_STATISTICS: Final = ("count", "min", "mean", "max")


class _Flag(Enum):
    """True and false, which for Python are the numbers 1 and 0."""

    NO = False
    YES = True


@dataclass(frozen=True, slots=True)
class Grouping:
    """How runs are put together; see `Engine.run_groups`."""

    by: Sequence[str]
    columns: Sequence[str]
    sort: str
    limit: int

    def fields(self) -> list[str]:
        """Return the fields that `by` names.

        Raises:
            QueryError: there is none or too many, or one is no field.
        """
        if not 1 <= len(self.by) <= _MOST_FIELDS:
            raise QueryError(
                f"by names 1 to {_MOST_FIELDS} fields to group runs by, such as config.lr; "
                f"got {len(self.by)}."
            )
        return [canonical_key(name) for name in self.by]

    def numeric(self) -> list[str]:
        """Return the fields that `columns` names.

        Raises:
            QueryError: there are too many, or one is no field.
        """
        if len(self.columns) > _MOST_COLUMNS:
            raise QueryError(
                f"columns names at most {_MOST_COLUMNS} fields; got {len(self.columns)}."
            )
        return [canonical_key(name) for name in self.columns]

    def sorted_by(self) -> tuple[Callable[[RunGroup], Any], bool]:
        """Return what groups are sorted by, and whether the largest comes first.

        Raises:
            QueryError: no group has that.
        """
        name, descending = self.sort.lstrip("+-"), self.sort.startswith("-")
        column, _, statistic = name.rpartition(".")
        if name == "count":
            return (lambda group: group.count), descending
        if name in self.by:
            return (lambda group: group.values[name]), descending
        if column in self.columns and statistic in _STATISTICS:
            return (lambda group: getattr(group.columns[column], statistic)), descending
        raise QueryError(
            f"sort is count, a field of by, or a column with one of {', '.join(_STATISTICS)} "
            f"behind it, such as summary.loss.min; got {self.sort!r}."
        )


def group_runs(
    look: Look, grouping: Grouping, *, status: Iterable[str], f: str, now_s: float
) -> RunGroups:
    """Return the groups of the runs that match; see `Engine.run_groups`.

    Args:
        look: returns the runs, given the fields that will be asked of each.
        grouping: how to group them.
        status: only these statuses; empty for all.
        f: the filter.
        now_s: epoch seconds, what ages in the filter count from.

    Raises:
        QueryError: the filter or the grouping cannot be read.

    Cost: per run what its fields cost (see `Roll`), and 1 us for each field and column.
    """
    node, wanted = parse_filter(f, now_s=now_s), checked_status(status)
    by, columns = grouping.fields(), grouping.numeric()
    sorted_by, descending = grouping.sorted_by()
    sums = _Sums(len(columns))
    asked = (*by, "status", *columns)
    for found in look({*keys_of(node), *asked}):
        if isinstance(found, Leaf):
            rows = chosen_rows(found, node, wanted)
            told = [taken(found.column(key), rows) for key in asked]
        elif (not wanted or found.status in wanted) and matches(node, found.field):
            told = [[found.field(key)] for key in asked]
        else:
            continue
        sums.add(told[: len(by)], told[len(by)], told[len(by) + 1 :])
    groups = sums.groups(grouping)
    groups.sort(key=lambda group: [_rank(value) for value in group.values.values()])
    missing = [group for group in groups if sorted_by(group) is None]
    there = [group for group in groups if sorted_by(group) is not None]
    there.sort(key=lambda group: _rank(sorted_by(group)), reverse=descending)
    return RunGroups((there + missing)[: grouping.limit], len(groups), sums.runs)


class _Sums:
    """What the runs of each group say, so far."""

    def __init__(self, columns: int) -> None:
        self.runs = 0
        self._statuses: Counter[tuple[Key, str]] = Counter()
        self._numbers: list[defaultdict[Key, list[float]]] = [
            defaultdict(list) for _ in range(columns)
        ]

    def add(
        self, by: Sequence[list[Any]], statuses: list[str], columns: Sequence[list[Any]]
    ) -> None:
        """Add runs: what each says of each field, in columns."""
        self.runs += len(statuses)
        keys, places = _keys(by)
        if places is not None:
            statuses = [statuses[place] for place in places]
            columns = [[column[place] for place in places] for column in columns]
        self._statuses.update(zip(keys, statuses, strict=True))
        for numbers, column in zip(self._numbers, columns, strict=True):
            for key, value in zip(keys, column, strict=True):
                if type(value) in _NUMERIC and _is_finite(value):
                    numbers[key].append(value)

    def groups(self, grouping: Grouping) -> list[RunGroup]:
        """Return the groups, in any order."""
        statuses: defaultdict[Key, dict[str, int]] = defaultdict(dict)
        for (key, status), count in self._statuses.items():
            statuses[key][status] = count
        return [
            RunGroup(
                values=dict(zip(grouping.by, map(_shown, key), strict=True)),
                count=sum(counts.values()),
                statuses={status: counts[status] for status in STATUSES if status in counts},
                columns={
                    name: _numbers(numbers.get(key, []))
                    for name, numbers in zip(grouping.columns, self._numbers, strict=True)
                },
            )
            for key, counts in statuses.items()
        ]


def _keys(by: Sequence[list[Any]]) -> tuple[list[Key], list[int] | None]:
    """Return the group of each run; or of each in turn all groups it is in, and which run it is."""
    types = [set(map(type, values)) for values in by]
    if all(own <= _SINGLE for own in types):
        columns = [
            values if own <= _PLAIN else list(map(_key, values))
            for values, own in zip(by, types, strict=True)
        ]
        return list(zip(*columns, strict=True)), None
    keys, places = [], []
    for place, values in enumerate(zip(*by, strict=True)):
        parts = [_parts(value) for value in values]
        if math.prod(map(len, parts)) > _MOST_OF_A_RUN:
            raise QueryError(
                f"A run would be in more than {_MOST_OF_A_RUN} groups, because it has lists of "
                "many values in fields of by. Group by other ones."
            )
        for key in product(*parts):
            keys.append(key)
            places.append(place)
    return keys, places


def _parts(value: Any) -> list[Hashable]:
    """Return the groups that a value puts a run into: of a list, one for each entry."""
    if not isinstance(value, list):
        return [_key(value)]
    return list(dict.fromkeys(map(_key, value))) or [None]


def _key(value: Any) -> Hashable:
    if isinstance(value, bool):
        return _Flag(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else number_name(value)
    if value is None or isinstance(value, (str, int)):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _shown(key: Hashable) -> Any:
    if isinstance(key, _Flag):
        return key.value
    # Written as 1 in one run and as 1.0 in another it is the same.
    if isinstance(key, float) and key.is_integer() and abs(key) < _EXACT:
        return int(key)
    return key


def _rank(value: Any) -> tuple[int, Any]:
    """Return what is compared of a value: numbers before texts, nothing last."""
    if value is None:
        return 2, 0
    return (1, value) if isinstance(value, str) else (0, value)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float reaches
        return False


def _numbers(values: Sequence[float]) -> RunNumbers:
    if not values:
        return RunNumbers(0, None, None, None)
    low, high = float(min(values)), float(max(values))
    try:
        mean = math.fsum(values) / len(values)
    except OverflowError:
        mean = math.fsum(value / len(values) for value in values)
    return RunNumbers(len(values), low, min(max(mean, low), high), high)
