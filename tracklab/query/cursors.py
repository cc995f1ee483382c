"""Where a page ended, as one opaque word: the place of its last entry in the order of the query.

A place, not a count: entries that arrive while somebody pages shift nothing.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

import orjson

from tracklab.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["PAGE_BYTES", "Page", "pack", "size_of", "unpack"]

#: What is held of an answer while it is made takes several times as much memory, and a server
#: makes several at once.
PAGE_BYTES: Final = 4 << 20


class _HasPlace(Protocol):
    @property
    def place(self) -> tuple[Any, ...]: ...

    @property
    def record(self) -> dict[str, Any]: ...


_Entry = TypeVar("_Entry", bound=_HasPlace)


def size_of(record: dict[str, Any]) -> int:
    """Return about how many bytes a record takes in an answer."""
    return len(orjson.dumps(record))


def pack(place: tuple[Any, ...]) -> str:
    """Return the cursor that says `place`: strings, numbers, booleans and None."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def unpack(cursor: str, shape: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the place that `cursor` says.

    Args:
        cursor: from `pack`.
        shape: what `isinstance` takes, for each part.

    Raises:
        QueryError: it is no cursor of this query.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = orjson.loads(raw)
    except ValueError:
        place = None
    if (
        isinstance(place, list)
        and len(place) == len(shape)
        and all(isinstance(part, kind) for part, kind in zip(place, shape, strict=True))
    ):
        return tuple(place)
    raise QueryError(
        f"This is no cursor of this query: {cursor[:80]!r}. Send back the cursor of the page "
        "before, with the same order."
    )


class Page(Generic[_Entry]):
    """The first `limit` entries beyond a cursor, picked from any number in any order.

    A page of long entries ends before that, behind the one with which it comes to `PAGE_BYTES`.

    Args:
        after: cursor of the page before.
        shape: of a place.
        limit: most entries.
        descending: whether the largest place comes first.
        size: returns the bytes of an entry; by default those of its record.

    Attributes:
        shown: the page.
        total: how many entries there were, before the cursor too.
        cursor: of the next page, None if this is the last.
    """

    def __init__(
        self,
        after: str | None,
        shape: tuple[Any, ...],
        limit: int,
        *,
        descending: bool,
        size: Callable[[_Entry], int] | None = None,
    ) -> None:
        self._behind = None if after is None else unpack(after, shape)
        self._limit = limit
        self._descending = descending
        self._size = size or (lambda entry: size_of(entry.record))
        self.shown: list[_Entry] = []
        self.total = 0
        self.cursor: str | None = None

    def fill(self, entries: Iterable[_Entry]) -> None:
        """Pick the page. Cost: O(entries), memory O(page)."""
        held: list[tuple[_Entry, int]] = []
        size, bar, more = 0, None, False
        for entry in self._beyond(entries):
            if bar is not None and not self._is_before(entry.place, bar):
                continue
            held.append((entry, self._size(entry)))
            size += held[-1][1]
            # Half of what is held can go: so each entry is sorted a few times at most.
            if len(held) > 2 * self._limit or size > 2 * PAGE_BYTES:
                held, size, cut = self._cut(held)
                more = more or cut
                bar = held[-1][0].place if cut else bar
        held, _, cut = self._cut(held)
        self.shown = [entry for entry, _ in held]
        self.cursor = pack(self.shown[-1].place) if (more or cut) and self.shown else None

    def _cut(self, held: list[tuple[_Entry, int]]) -> tuple[list[tuple[_Entry, int]], int, bool]:
        """Return what the page can show of some entries, its bytes, and whether it left any."""
        held.sort(key=_place, reverse=self._descending)
        count = size = 0
        while count < len(held) and count < self._limit and size < PAGE_BYTES:
            size += held[count][1]
            count += 1
        return held[:count], size, count < len(held)

    def _beyond(self, entries: Iterable[_Entry]) -> Iterator[_Entry]:
        for entry in entries:
            self.total += 1
            if self._behind is None or self._is_before(self._behind, entry.place):
                yield entry

    def _is_before(self, one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
        return one > other if self._descending else one < other


def _place(held: tuple[_HasPlace, int]) -> tuple[Any, ...]:
    return held[0].place
