"""A few rows that stand for many: those that hold the extremes, and evenly spread ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    #: The place of a row and the row.
    _Entry = tuple[int, dict[str, Any]]

__all__ = ["sampled"]


def sampled(rows: Iterable[dict[str, Any]], *, most: int) -> list[dict[str, Any]]:
    """Return at most `most` rows in their order; all of them where there are no more.

    Rows fall into equal buckets, and of each bucket the row with the smallest and the one with
    the largest value of every number stay. With more than `most` / 2 numbers not all of these
    find room: those of the keys that come first do.

    Cost: one pass; memory for some 3 * `most` rows.
    """
    sample = _Sample(most)
    for row in rows:
        sample.add(row)
    return sample.rows()


class _Bucket:
    """The extremes of some rows that follow each other, by key."""

    __slots__ = ("high", "low")

    def __init__(self) -> None:
        self.low: dict[str, tuple[float, _Entry]] = {}
        self.high: dict[str, tuple[float, _Entry]] = {}

    def add(self, key: str, value: float, entry: _Entry) -> None:
        """Take a value into account."""
        low, high = self.low.get(key), self.high.get(key)
        if low is None or value < low[0]:
            self.low[key] = (value, entry)
        if high is None or value > high[0]:
            self.high[key] = (value, entry)

    def join(self, other: _Bucket) -> None:
        """Take in the bucket behind this one."""
        for ends in (other.low, other.high):
            for key, (value, entry) in ends.items():
                self.add(key, value, entry)


class _Sample:
    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._keys: dict[str, None] = {}  # in the order in which they came
        self._buckets: list[_Bucket] = []
        self._width = 1
        self._spread: list[_Entry] = []
        self._stride = 1
        self._last: _Entry | None = None

    def add(self, row: dict[str, Any]) -> None:
        """Take the next row into account."""
        entry = self._last = (self._count, row)
        if self._count % self._stride == 0:
            self._spread.append(entry)
            if len(self._spread) > 2 * self._most:
                self._stride *= 2
                del self._spread[1::2]
        numbers = {key: value for key, value in row.items() if _is_drawn(key, value)}
        self._keys.update(dict.fromkeys(numbers))
        room = max(self._most // (2 * max(len(self._keys), 1)), 1)
        while self._count // self._width >= room:
            self._widen()
        if self._count // self._width == len(self._buckets):
            self._buckets.append(_Bucket())
        for key, value in numbers.items():
            self._buckets[-1].add(key, value, entry)
        self._count += 1

    def _widen(self) -> None:
        """Make one bucket of every two."""
        self._width *= 2
        for first, second in zip(self._buckets[::2], self._buckets[1::2], strict=False):
            first.join(second)
        del self._buckets[1::2]

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows that stay."""
        if self._count <= self._most:
            return [row for _, row in self._spread]
        chosen = dict(filter(None, [self._spread[0], self._last]))
        for key in self._keys:
            for bucket in self._buckets:
                for ends in (bucket.low, bucket.high):
                    if key in ends and len(chosen) < self._most:
                        chosen.update([ends[key][1]])
        chosen.update(_even([one for one in self._spread if one[0] not in chosen],
                            self._most - len(chosen)))  # fmt: skip
        return [chosen[at] for at in sorted(chosen)][: self._most]


def _is_drawn(key: str, value: Any) -> bool:
    """Return whether a value is a number of the user's; NaN is smaller and larger than none."""
    return isinstance(value, (int, float)) and not key.startswith("_") and value == value  # noqa: PLR0124


def _even(entries: Sequence[_Entry], count: int) -> list[_Entry]:
    """Return `count` of the entries, evenly spread."""
    if count >= len(entries):
        return list(entries)
    return [entries[number * len(entries) // count] for number in range(count)]
