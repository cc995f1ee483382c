"""LLM calls become columns: their numbers, and one code for all that many calls have in common.

Lines as we write them ourselves are read many at once, field by field; all others one by one, by
the same rules as everywhere (`records.calls`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tracklab.index.gathering import Counts
from tracklab.index.packed import Packed
from tracklab.index.tables import Table, tables
from tracklab.records.calls import Call, Kind, call_of, is_call, label_of
from tracklab.records.decode import BadLine, decode_event, parse_block
from tracklab.records.fields import number, whole
from tracklab.records.lines import LEVELS, SEGMENT_LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from tracklab.index.parts import Part
    from tracklab.storage.streams import Tally

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Indices = NDArray[np.intp]
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
#: Of calls that say things of more kinds, each is read by itself.
_MOST_TABLES: Final = 32
#: `2026-11-21T09:30:00.000000Z`: what stands at which place, beside digits.
_TIME_CHARS: Final = len("2026-11-21T09:30:00.000000Z")
_MARKS: Final = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":", 19: ".", 26: "Z"}
_DIGITS: Final = [place for place in range(_TIME_CHARS) if place not in _MARKS]
_YEAR_1_US: Final = -62_135_596_800_000_000


class GatheredCalls:
    """The calls added so far.

    Args:
        labels: fields of which the text is wanted, too, of every call; see `label_of`.

    Attributes:
        labels: those texts.
    """

    def __init__(self, labels: Iterable[str] = ()) -> None:
        self.labels: dict[str, list[str]] = {name: [] for name in labels}
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
            self._label(records)

    def add_lines(self, block: bytes, tally: Tally) -> None:
        """Add the calls of some whole lines. Cost: some 4 us a call as we write it, else 12."""
        records = parse_block(block)
        told = None if records is None else _read_together(records)
        if told is not None:
            tally.lines += len(records or ())
            self._add(*told)
            if self.labels:
                self._label([one for one in records or () if is_call(one)])
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

    def _label(self, calls: Sequence[Mapping[str, Any]]) -> None:
        for name, texts in self.labels.items():
            texts += [label_of(call["data"], name) for call in calls]

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


@dataclass(frozen=True, slots=True)
class _Told:
    """What some calls say: their places among all lines, and kind and numbers of each."""

    rows: Indices
    kinds: Sequence[tuple[str, ...]]
    numbers: Floats


def _read_together(
    records: list[dict[str, Any]],
) -> tuple[Sequence[tuple[str, ...]], Floats] | None:
    """Return kind and numbers of all calls, None where a line is not as we write it."""
    told: list[_Told] = []
    for events in tables(records):
        calls = _calls_of(events)
        time_s = None if calls is None else _epoch_s(calls.columns["timestamp"])
        if calls is None or time_s is None:
            return None
        failed = np.array([level in _FAILED_LEVELS for level in calls.columns["level"]], dtype=bool)
        for data in tables(calls.columns["data"]):
            if "_nonfinite" in data.columns or len(told) == _MOST_TABLES:
                return None
            numbers = _numbers(data, time_s[data.rows], failed[data.rows])
            told.append(_Told(calls.rows[data.rows], _kinds(data), numbers))
    return _in_order(told)


def _calls_of(events: Table) -> Table | None:
    """Return the calls among some events, None where one is not as we write it."""
    columns = events.columns
    if not _NEEDED <= columns.keys() <= _KNOWN:
        return None
    if not all(set(map(type, columns[name])) == {str} for name in ("logger", "message", "level")):
        return None
    if SEGMENT_LOGGER in columns["logger"] or not set(columns["level"]) <= set(LEVELS):
        return None
    calls = events
    if set(columns["message"]) != {"llm_call"}:
        chosen = [n for n, message in enumerate(columns["message"]) if message == "llm_call"]
        own = {name: [values[n] for n in chosen] for name, values in columns.items()}
        calls = Table(events.rows[np.array(chosen, dtype=np.intp)], own)
    return calls if set(map(type, calls.columns["data"])) <= {dict} else None


def _in_order(told: Sequence[_Told]) -> tuple[Sequence[tuple[str, ...]], Floats]:
    """Return the calls in the order of their lines."""
    if len(told) == 1:
        return told[0].kinds, told[0].numbers
    nothing = np.empty((len(Call._fields), 0))
    rows = np.concatenate([np.empty(0, dtype=np.intp), *(one.rows for one in told)])
    kinds = [kind for one in told for kind in one.kinds]
    order = np.argsort(rows)
    numbers = np.concatenate([nothing, *(one.numbers for one in told)], axis=1)
    return [kinds[place] for place in order.tolist()], numbers[:, order]


def _kinds(data: Table) -> Sequence[tuple[str, ...]]:
    columns = []
    for name in Kind._fields:
        values = data.columns.get(name) or [""] * len(data.rows)
        if set(map(type, values)) != {str}:
            values = [value if isinstance(value, str) else "" for value in values]
        columns.append(values)
    return list(zip(*columns, strict=True))


def _numbers(data: Table, time_s: Floats, failed: Flags) -> Floats:
    """Return the fields of `Call`, shape `(fields, calls)`.

    Args:
        data: what the calls say.
        time_s: when they began.
        failed: whether the level of each is that of a failure; what it says itself goes before.
    """
    count = len(data.rows)
    tokens = np.full((len(_TOKENS), count), math.nan)
    counts = data.columns.get("tokens", [])
    for told in tables([one if isinstance(one, dict) else _NOTHING for one in counts]):
        for line, name in zip(tokens, _TOKENS, strict=True):
            line[told.rows] = _column(told, name, _WHOLE, whole)
    success = data.columns.get("success", [None] * count)
    refused = np.array([one is False for one in success], dtype=bool)
    accepted = np.array([one is True for one in success], dtype=bool)
    return np.array([
        time_s,
        _column(data, "response_time", _NUMERIC, number),
        _column(data, "ttft", _NUMERIC, number),
        *tokens,
        _column(data, "cost_usd", _NUMERIC, number),
        refused | failed & ~accepted,
        refused,
    ], dtype=np.float64)  # fmt: skip


def _column(
    table: Table, name: str, usual: frozenset[type], read: Callable[[Any], float | None]
) -> Floats:
    """Return a column as numbers, NaN where there is none, or `read` returns None."""
    values = table.columns.get(name)
    if values is None:
        return np.full(len(table.rows), math.nan)
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
