"""Records that have the same keys become columns, all at once instead of value by value."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from tracklab.records.flat import is_open

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Indices = NDArray[np.intp]

__all__ = ["Table", "dotted", "tables"]


@dataclass(frozen=True, slots=True)
class Table:
    """Some records with the same keys in the same order.

    Attributes:
        rows: their places among all records, increasing.
        columns: the values of each key.
    """

    rows: Indices
    columns: dict[str, list[Any]]


def tables(records: Sequence[dict[str, Any]]) -> list[Table]:
    """Return records as columns, a table for each set of keys that some of them have.

    Cost: 40 ns a value where all have the same keys.
    """
    if not records:
        return []
    first = list(records[0])
    # No record repeats a key, so none is longer than `first`; of this many keys, none is shorter.
    if list(chain.from_iterable(records)) == first * len(records):
        return [Table(np.arange(len(records)), _columns(first, records))]
    members: dict[tuple[str, ...], list[int]] = {}
    for number, keys in enumerate(map(tuple, records)):
        members.setdefault(keys, []).append(number)
    return [
        Table(np.array(rows), _columns(keys, [records[row] for row in rows]))
        for keys, rows in members.items()
    ]


def dotted(columns: Mapping[str, list[Any]]) -> dict[str, list[Any]] | None:
    """Return the columns of some rows under dotted names, as `records.flat.flatten` has each row.

    None where the rows nest different keys, or two values of a row go by one name.
    """
    found: dict[str, list[Any]] = {}
    for key, values in columns.items():
        kinds = set(map(type, values))
        inner = tables(values) if kinds == {dict} else []
        if dict in kinds and len(inner) != 1:
            return None
        own: dict[str, list[Any]] | None = {key: values}
        if inner and is_open(inner[0].columns):
            leaves = dotted(inner[0].columns)
            own = leaves and {f"{key}.{name}": leaf for name, leaf in leaves.items()}
        if own is None or not found.keys().isdisjoint(own):
            return None
        found |= own
    return found


def _columns(keys: Sequence[str], records: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    values = list(chain.from_iterable(map(dict.values, records)))
    return {key: values[place :: len(keys)] for place, key in enumerate(keys)}
