"""Rows of a run as columns, some thousand at a time: what tables are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import orjson

from tracklab.index.gathering import numbers
from tracklab.index.tables import tables
from tracklab.query.plain import number_name, plain
from tracklab.query.scanning import scan_rows
from tracklab.query.sql.columns import Cut, cuts
from tracklab.query.sql.stretches import ChangedError
from tracklab.query.sql.surveying import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tracklab.index.shelves import Shelf
    from tracklab.query.answers.series import RowStream
    from tracklab.query.sql.surveying import Known

    Floats: TypeAlias = NDArray[np.float64]
    Flags: TypeAlias = NDArray[np.bool_]

__all__ = ["Chunk", "chunks_by_column", "chunks_by_row", "shown"]

#: Rows that come at once, and values.
_ROWS: Final = 50_000
_VALUES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows.

    Attributes:
        steps: empty for rows that have none.
        times: epoch seconds; NaN without one, as in `relatives`.
        relatives: seconds since the run began.
        numbers: by key, and whether each was logged.
        texts: by key; None where nothing was logged.
    """

    steps: NDArray[Any]
    times: Floats
    relatives: Floats
    numbers: dict[str, tuple[Floats, Flags]] = field(default_factory=dict)
    texts: dict[str, NDArray[Any]] = field(default_factory=dict)


def shown(value: Any) -> str:
    """Return what a text column holds of a value: texts as they are, NaN by name, else JSON."""
    if isinstance(value, float) and not np.isfinite(value):
        return number_name(value)
    return value if isinstance(value, str) else orjson.dumps(plain(value)).decode()


def chunks_by_row(
    run_dir: Path,
    stream: RowStream,
    known: Known,
    *,
    numeric: Collection[str],
    texts: Collection[str],
) -> Iterator[Chunk]:
    """Yield the rows of any run, by step or time.

    Args:
        run_dir: the run's directory.
        stream: which rows.
        known: what is known of them.
        numeric: names of which only numbers are known.
        texts: other names that are wanted.

    Raises:
        ChangedError: a name that had only numbers has something else now.

    Cost: parses all lines.
    """
    most = _rows_at_once(len(known.keys.intersection([*numeric, *texts])))
    waiting: list[dict[str, Any]] = []
    for row in scan_rows(run_dir, stream):
        # Where rows come page by page, a writer that never pauses could keep us reading.
        if stream == "history" and row["_step"] > known.reached:
            break
        waiting.append(row)
        if len(waiting) == most:
            yield _chunk_of(waiting, stream, numeric, texts)
            waiting = []
    if waiting:
        yield _chunk_of(waiting, stream, numeric, texts)


def _rows_at_once(columns: int) -> int:
    return min(_ROWS, _VALUES // (columns + 1) + 1)


def _chunk_of(
    rows: Sequence[dict[str, Any]],
    stream: RowStream,
    numeric: Collection[str],
    texts: Collection[str],
) -> Chunk:
    steps = _steps([row["_step"] for row in rows]) if stream == "history" else np.empty(0)
    times, relatives = ([row.get(name) for row in rows] for name in ("_timestamp", "_runtime"))
    chunk = Chunk(steps, numbers(times), numbers(relatives))
    for table in tables(rows):
        for key, values in table.columns.items():
            if key in numeric:
                _put_numbers(chunk, key, table.rows, values)
            elif key in texts:
                column = chunk.texts.setdefault(key, np.full(len(rows), None, dtype=object))
                column[table.rows] = [None if one is None else shown(one) for one in values]
    return chunk


def _steps(steps: Sequence[int]) -> NDArray[Any]:
    return np.array(steps, dtype=np.int64 if max(steps) < 1 << 63 else np.uint64)


def _put_numbers(chunk: Chunk, key: str, at: NDArray[np.intp], values: Sequence[Any]) -> None:
    kinds = set(map(type, values))
    if not kinds <= NUMERIC | {type(None)}:
        raise ChangedError
    if key not in chunk.numbers:
        count = len(chunk.times)
        chunk.numbers[key] = np.full(count, np.nan), np.zeros(count, dtype=bool)
    column, logged = chunk.numbers[key]
    column[at] = numbers(values)
    logged[at] = [one is not None for one in values] if type(None) in kinds else True


def chunks_by_column(
    run_dir: Path, stream: RowStream, known: Known, keys: Collection[str], *, shelf: Shelf
) -> Iterator[Chunk]:
    """Yield the rows of a run that is in order, by step or time.

    Args:
        run_dir: the run's directory.
        stream: which rows.
        known: what is known of them.
        keys: wanted names; all that is known of them are numbers.
        shelf: index of the run: what it covers is not parsed.

    Raises:
        ChangedError: a name that had only numbers has something else now.
        DamagedError: the index is not what was written.
    """
    own = known.keys.intersection(keys)
    most = _rows_at_once(len(own))
    for cut in cuts(
        run_dir, stream, known.sizes, own, shelf=shelf, most_rows=_ROWS, most_values=_VALUES
    ):
        for start in range(0, len(cut.group), most):
            yield _chunk_in(cut, start, start + most, stream)
        del cut  # or it would be in memory beside the next one


def _chunk_in(cut: Cut, start: int, end: int, stream: RowStream) -> Chunk:
    group = cut.group[start:end]
    steps = group.astype(np.int64) if stream == "history" else np.empty(0)
    chunk = Chunk(steps, cut.time[start:end], cut.relative[start:end])
    for key, (own, value) in cut.columns.items():
        first, last = np.searchsorted(own, (group[0], group[-1]), side="left")
        last += last < len(own) and own[last] == group[-1]
        if first == last:
            continue
        column, logged = np.full(len(group), np.nan), np.zeros(len(group), dtype=bool)
        at = np.searchsorted(group, own[first:last])
        column[at], logged[at] = value[first:last], True
        chunk.numbers[key] = column, logged
    return chunk
