"""LLM calls become columns: their numbers, and one code for all that many calls have in common.

Lines as we write them ourselves are read many at once, field by field; all others one by one, by
the same rules as everywhere (`records.calls`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tracklab.index.gathering import Counts
from tracklab.index.packed import Packed
from tracklab.records.calls import Call, Kind, call_of, is_call
from tracklab.records.decode import BadLine, decode_event, parse_block
from tracklab.records.fields import number, whole
from tracklab.records.lines import LEVELS, SEGMENT_LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from tracklab.index.parts import Part
    from tracklab.storage.streams import Tally

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["CODE", "GatheredCalls", "kinds_of", "merged_calls"]

#: The column of codes, which say what kind of call it is.
CODE: Final = "kind"

_NEEDED: Final = frozenset({"timestamp", "level", "logger", "message", "data"})
_KNOWN: Final = _NEEDED | {"run_id", "seq", "writer", "rank", "trace_id", "span_id"}
_FAILED_LEVELS: Final = frozenset({"ERROR", "CRITICAL"})
_TOKENS: Final = ("prompt", "completion", "cache_read", "cache_write")
_NUMERIC: Final[frozenset[type]] = frozenset({float, int, type(None)})
_WHOLE: Final[frozenset[type]] = frozenset({int, type(None)})
_NOTHING: Final[dict[str, Any]] = {}
#: `2026-11-21T09:30:00.000000Z`: what stands at which place, beside digits.
_TIME_CHARS: Final = len("2026-11-21T09:30:00.000000Z")
_MARKS: Final = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":", 19: ".", 26: "Z"}
_DIGITS: Final = [place for place in range(_TIME_CHARS) if place not in _MARKS]
_YEAR_1_US: Final = -62_135_596_800_000_000


class GatheredCalls:
    """The calls added so far."""

    def __init__(self) -> None:
        self._tables: list[Floats] = []
        self._codes: list[Codes] = []
        self._known: dict[Kind, int] = {}
        self.row_count = 0

    def counts(self, *, lines: int, bad_lines: int) -> Counts:
        """Return what is in the lines of these calls; they have no steps."""
        return Counts(self.row_count, lines, bad_lines, None, None, rising=False)

    @property
    def kinds(self) -> list[Kind]:
        """What the codes stand for."""
        return list(self._known)

    def add(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Add the calls of some events, one by one."""
        told = [call_of(record) for record in records]
        if told:
            kinds, calls = zip(*told, strict=True)
            self._add(kinds, np.array(calls, dtype=np.float64).T)

    def add_lines(self, block: bytes, tally: Tally) -> None:
        """Add the calls of some whole lines. Cost: some 4 us a call as we write it, else 12."""
        records = parse_block(block)
        told = None if records is None else _read_together(records)
        if told is not None:
            tally.lines += len(records or ())
            self._add(*told)
            return
        calls = []
        for line in block.split(b"\n"):
            if not line or line.isspace():
                continue
            tally.lines += 1
            record = decode_event(line)
            if isinstance(record, BadLine):
                tally.bad_lines += 1
            elif isinstance(record, dict) and is_call(record):
                calls.append(record)
        self.add(calls)

    def codes(self) -> Codes:
        """Return the code of each call."""
        return np.concatenate(self._codes or [np.empty(0, dtype=np.intp)])

    def columns(self) -> dict[str, Floats]:
        """Return each number of `Call` for every call."""
        table = np.concatenate(self._tables or [np.empty((len(Call._fields), 0))], axis=1)
        return dict(zip(Call._fields, table, strict=True))

    def packed(self) -> Packed:
        """Return all of it, to be written."""
        codes = self.codes().astype(np.float64)
        return Packed({**self.columns(), CODE: codes}, [list(kind) for kind in self._known])

    def _add(self, kinds: Sequence[tuple[str, ...]], table: Floats) -> None:
        for kind in dict.fromkeys(kinds):
            self._known.setdefault(Kind(*kind), len(self._known))
        known = {tuple(kind): code for kind, code in self._known.items()}
        self._codes.append(np.array([known[kind] for kind in kinds], dtype=np.intp))
        self._tables.append(table)
        self.row_count += len(kinds)


def kinds_of(part: Part) -> list[Kind]:
    """Return what the codes of a part stand for."""
    return [Kind(*kind) for kind in part.names()]


def merged_calls(parts: Sequence[Part]) -> Packed:
    """Return the calls of several parts as one."""
    kinds: dict[Kind, int] = {}
    codes = []
    for part in parts:
        own = [kinds.setdefault(kind, len(kinds)) for kind in kinds_of(part)]
        codes.append(np.array(own, dtype=np.float64)[part.packed(CODE).astype(np.intp)])
    columns = {name: np.concatenate([part.packed(name) for part in parts]) for name in Call._fields}
    return Packed({**columns, CODE: np.concatenate(codes)}, [list(kind) for kind in kinds])


# --- many lines at once


def _read_together(
    records: Sequence[dict[str, Any]],
) -> tuple[Sequence[tuple[str, ...]], Floats] | None:
    """Return kind and numbers of all calls, None where a line is not as we write it."""
    if not all(_NEEDED <= set(shape) <= _KNOWN for shape in set(map(tuple, records))):
        return None
    loggers, messages, levels = (
        [record[name] for record in records] for name in ("logger", "message", "level")
    )
    if not all(set(map(type, column)) == {str} for column in (loggers, messages, levels)):
        return None
    if SEGMENT_LOGGER in loggers or not set(levels) <= set(LEVELS):
        return None
    if set(messages) != {"llm_call"}:
        chosen = [place for place, message in enumerate(messages) if message == "llm_call"]
        records, levels = [records[n] for n in chosen], [levels[n] for n in chosen]
    data = [record["data"] for record in records]
    if not set(map(type, data)) <= {dict} or any("_nonfinite" in one for one in data):
        return None
    time_s = _epoch_s([record["timestamp"] for record in records])
    return None if time_s is None else (_kinds(data), _numbers(data, levels, time_s))


def _kinds(data: Sequence[dict[str, Any]]) -> Sequence[tuple[str, ...]]:
    columns = []
    for name in Kind._fields:
        values = [one.get(name) for one in data]
        if set(map(type, values)) != {str}:
            values = [value if isinstance(value, str) else "" for value in values]
        columns.append(values)
    return list(zip(*columns, strict=True))


def _numbers(data: Sequence[dict[str, Any]], levels: Sequence[str], time_s: Floats) -> Floats:
    """Return the fields of `Call`, shape `(fields, calls)`."""
    counts: list[Any] = [one.get("tokens") for one in data]
    if set(map(type, counts)) != {dict}:
        counts = [one if isinstance(one, dict) else _NOTHING for one in counts]
    told = [one.get("success") for one in data]
    failed = [
        not one if isinstance(one, bool) else level in _FAILED_LEVELS
        for one, level in zip(told, levels, strict=True)
    ]
    return np.array([
        time_s,
        _column([one.get("response_time") for one in data], _NUMERIC, number),
        _column([one.get("ttft") for one in data], _NUMERIC, number),
        *(_column([one.get(name) for one in counts], _WHOLE, whole) for name in _TOKENS),
        _column([one.get("cost_usd") for one in data], _NUMERIC, number),
        failed,
        [one is False for one in told],
    ], dtype=np.float64)  # fmt: skip


def _column(
    values: Sequence[Any], usual: frozenset[type], read: Callable[[Any], float | None]
) -> Floats:
    """Return values as numbers, NaN where `read` returns None."""
    if not set(map(type, values)) <= usual:
        values = [read(value) for value in values]
    column = np.array(values, dtype=np.float64)
    column[np.isinf(column)] = math.nan
    return column


def _epoch_s(timestamps: Sequence[Any]) -> Floats | None:
    """Return epoch seconds; None where one is not written as we write it, or is no time."""
    if set(map(type, timestamps)) != {str} or set(map(len, timestamps)) != {_TIME_CHARS}:
        return None if timestamps else np.empty(0)
    text = "".join(timestamps)
    if not text.isascii():
        return None
    chars = np.frombuffer(text.encode(), dtype=np.uint8).reshape(-1, _TIME_CHARS)
    if any((chars[:, place] != ord(mark)).any() for place, mark in _MARKS.items()):
        return None
    digits = chars[:, _DIGITS]
    if (digits < ord("0")).any() or (digits > ord("9")).any():
        return None
    plain = np.ascontiguousarray(chars[:, : _TIME_CHARS - 1]).view(f"S{_TIME_CHARS - 1}")
    try:
        time_us = plain[:, 0].astype("datetime64[us]").astype(np.int64)
    except ValueError:  # the 31st of February
        return None
    found: Floats = time_us / 1e6
    return found if bool((time_us >= _YEAR_1_US).all()) else None
