"""One line for many runs: their mean in each bucket, its standard error, and how many tell it.

Every run counts alike, however many points it has in a bucket; all are cut into the same buckets,
on the grid that never moves, after smoothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from tracklab.query.answers.series import GroupSeries
from tracklab.query.buckets import bucket_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from tracklab.query.answers.series import Series

    Floats = NDArray[np.float64]

__all__ = ["common_width", "group_means", "groups_of", "united"]


def groups_of(values: Mapping[str, Any]) -> dict[str | None, list[str]]:
    """Return the runs of each group by its name, in the order of the runs.

    Args:
        values: of each run by address. A run with a list of values, such as tags, is in the group
            of each; one without a value in the group None.
    """
    groups: dict[str | None, list[str]] = {}
    for address, value in values.items():
        parts = value if isinstance(value, list) else [value]
        for name in dict.fromkeys(map(_name, parts)) or [None]:
            groups.setdefault(name, []).append(address)
    return groups


def common_width(found: Iterable[Series], *, x0: float | None, x1: float | None, px: int) -> float:
    """Return the width of buckets that lays at most `px` over all of these series."""
    ends = [(one.first, float(one.x[-1])) for one in found if len(one.x)]
    if not ends:
        return 0.0
    low = min(first for first, _ in ends) if x0 is None else x0
    high = max(last for _, last in ends) if x1 is None else x1
    return bucket_width(high - low, px)


def group_means(
    found: Sequence[Series], groups: Mapping[str | None, Sequence[str]], *, width: float
) -> list[GroupSeries]:
    """Return one line for each group and key, groups in the order given.

    Args:
        found: series that were cut into buckets of `width`, or all the points.
        groups: addresses of the runs of each group.
        width: a power of two; 0 puts each x into a bucket of its own.
    """
    by_key: dict[str, dict[str, Series]] = {}
    for one in found:
        by_key.setdefault(one.key, {})[one.run] = one
    return [
        _mean(name, key, [own[run] for run in runs if run in own], width)
        for name, runs in groups.items()
        for key, own in by_key.items()
    ]


def united(found: Iterable[GroupSeries], *, span: float, px: int) -> list[GroupSeries]:
    """Return lines of the same group and key, told by several engines, as one.

    Args:
        found: each cut into at most `px` buckets over the same range.
        span: length of that range.
        px: as they were asked for.

    Returns:
        One line for each group and key: the mean over those that tell of a bucket, and the number
        of all their runs.
    """
    width = bucket_width(span, px)
    alike: dict[tuple[str | None, str], list[GroupSeries]] = {}
    for one in found:
        alike.setdefault((one.group, one.key), []).append(one)
    return [own[0] if len(own) == 1 else _mean(*names, own, width) for names, own in alike.items()]


@dataclass(frozen=True, slots=True)
class _Told:
    """What all runs of a group say, one entry for each run and bucket, by bucket."""

    bucket: Floats
    x: Floats
    mean: Floats
    lo: Floats
    hi: Floats
    runs: Floats


def _mean(
    name: str | None, key: str, found: Sequence[Series | GroupSeries], width: float
) -> GroupSeries:
    told = _told([one for one in found if len(one.x)], width)
    starts = np.flatnonzero(np.append(True, told.bucket[1:] != told.bucket[:-1]))
    starts = starts[: len(told.bucket)]
    runs = [run for one in found for run in _runs(one)]
    if not len(starts):
        nothing = np.empty(0)
        return GroupSeries(name, key, runs, nothing, nothing, nothing, nothing, nothing, nothing)
    count = np.diff(np.append(starts, len(told.bucket))).astype(np.float64)
    # Divided first: the sum of large numbers may be larger than any number.
    mean = np.add.reduceat(told.mean / np.repeat(count, count.astype(np.intp)), starts)
    apart = told.mean - np.repeat(mean, count.astype(np.intp))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        error = np.sqrt(np.add.reduceat(apart**2, starts) / (count - 1) / count)
    return GroupSeries(
        group=name,
        key=key,
        runs=runs,
        x=np.maximum.reduceat(told.x, starts),
        mean=mean,
        stderr=error,
        lo=np.minimum.reduceat(told.lo, starts),
        hi=np.maximum.reduceat(told.hi, starts),
        n=np.add.reduceat(told.runs, starts),
    )


def _told(found: Sequence[Series | GroupSeries], width: float) -> _Told:
    columns = [_columns(one) for one in found]
    x, mean, lo, hi, runs = (
        np.concatenate([own[part] for own in columns] or [np.empty(0)]) for part in range(5)
    )
    bucket = np.floor(x / width) if width else x
    order = np.argsort(bucket, kind="stable")
    return _Told(bucket[order], x[order], mean[order], lo[order], hi[order], runs[order])


def _columns(one: Series | GroupSeries) -> tuple[Floats, ...]:
    if isinstance(one, GroupSeries):
        return one.x, one.mean, one.lo, one.hi, one.n
    alone = np.ones(len(one.x))
    if one.mean is None or one.lo is None or one.hi is None:
        return one.x, one.last, one.last, one.last, alone
    return one.x, one.mean, one.lo, one.hi, alone


def _runs(one: Series | GroupSeries) -> list[str]:
    return one.runs if isinstance(one, GroupSeries) else [one.run]


def _name(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value, default=str).decode()
