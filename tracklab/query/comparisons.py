"""Runs side by side: every key of their config and summary, and where they differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tracklab.errors import QueryError
from tracklab.query.answers.runs import Compared, Comparison
from tracklab.records.flat import flatten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracklab.query.answers.runs import Run

__all__ = ["compare"]


#: Values that are compared at a time: some 50 MB.
_MOST_VALUES = 200_000


def compare(runs: Iterable[Run]) -> Comparison:
    """Return config and summary of `runs` with dotted names, sorted.

    Raises:
        QueryError: they have too many values.
    """
    told, configs, summaries = [], [], []
    values = 0
    for run in runs:
        configs.append(flatten(run.config))
        summaries.append(run.summary)
        told.append(run)
        values += len(configs[-1]) + len(summaries[-1])
        if values > _MOST_VALUES:
            raise QueryError(
                f"The first {len(told)} of these runs have more than {_MOST_VALUES:,} values of "
                "config and summary. Compare fewer runs at a time."
            )
    return Comparison(told, _compared(configs), _compared(summaries))


def _compared(columns: list[dict[str, Any]]) -> list[Compared]:
    keys = sorted({key for column in columns for key in column})
    return [_key(key, columns) for key in keys]


def _key(key: str, columns: list[dict[str, Any]]) -> Compared:
    values = [column.get(key) for column in columns]
    missing = any(key not in column for column in columns)
    return Compared(key, values, missing or any(not _same(values[0], one) for one in values))


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    # True equals 1 in Python; in a configuration they are two choices.
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)
