"""Answers about rows: their keys, charts of them, means over runs, and rows themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "GroupReply",
    "GroupSeries",
    "Key",
    "KeyPage",
    "NonFinite",
    "RowPage",
    "RowStream",
    "Series",
    "SeriesReply",
]

#: The two streams of rows, as queries name them; `system` lies in `system_metrics` segments.
RowStream = Literal["history", "system"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its dotted name, kind of value, number of values, last value, number of runs.

    `kind` is number, bool, string, list, object, or the `_type` of a media value (histogram,
    image-file, ...). A last value of more than 1 kB as JSON is cut: to the beginning of a text, the
    first entry of each kind of a list, the short values of an object; None for all else.
    """

    key: str
    kind: str
    count: int
    last: Any
    runs: int


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Keys of the asked runs, sorted by name; of very many the first, and `total` counts all."""

    keys: list[Key]
    total: int
    coverage: float = 1.0


@dataclass(frozen=True, slots=True)
class NonFinite:
    """One value that no line can draw: `value` is NaN, Infinity or -Infinity."""

    x: float
    value: str


@dataclass(frozen=True, slots=True)
class Series:
    """One key of one run, by increasing x.

    Exact: `x` and `last` hold every finite point. Otherwise each entry is one bucket of the
    power-of-two grid: `x` and `last` are its last point, `lo`, `hi`, `mean` and `cnt` its smallest
    and largest value, mean and number of points. `n` counts the finite points in range. `run` is
    the address the caller asked with; `attempt` the newest attempt of the run; `first` x of the
    first point in range, NaN without any.
    """

    run: str
    key: str
    attempt: int
    n: int
    exact: bool
    x: Floats
    last: Floats
    lo: Floats | None
    hi: Floats | None
    mean: Floats | None
    cnt: Floats | None
    rev: str
    nonfinite: list[NonFinite] = field(default_factory=list)
    first: float = math.nan


@dataclass(frozen=True, slots=True)
class SeriesReply:
    """The asked series, run by run and key by key; a key that a run lacks gives 0 points."""

    series: list[Series]
    coverage: float
    revs: dict[str, str]


@dataclass(frozen=True, slots=True)
class GroupSeries:
    """One key over the runs of a group, by bucket; see `Series` for buckets.

    `mean` is the mean over the runs of each one's mean, `stderr` its standard error (NaN where
    one run alone tells it), `n` the number of runs, `lo` and `hi` the smallest and largest value
    of any. `x` is the last point in the bucket. `group` is None for runs without a value.
    """

    group: str | None
    key: str
    runs: list[str]
    x: Floats
    mean: Floats
    stderr: Floats
    lo: Floats
    hi: Floats
    n: Floats


@dataclass(frozen=True, slots=True)
class GroupReply:
    """The asked groups, each with every asked key."""

    groups: list[GroupSeries]
    coverage: float
    revs: dict[str, str]


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows with dotted names; history rows are merged per step. `cursor` continues after them."""

    rows: list[dict[str, Any]]
    cursor: str | None
