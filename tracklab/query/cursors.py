"""Where a page ended, as one opaque word: the place of its last entry in the order of the query.

A place, not a count: entries that arrive while somebody pages shift nothing.
"""

from __future__ import annotations

import base64
import heapq
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import orjson

from tracklab.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Page", "pack", "unpack"]


class _HasPlace(Protocol):
    @property
    def place(self) -> tuple[Any, ...]: ...


_Entry = TypeVar("_Entry", bound=_HasPlace)


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

    Attributes:
        shown: the page.
        total: how many entries there were, before the cursor too.
        cursor: of the next page, None if this is the last.
    """

    def __init__(
        self, after: str | None, shape: tuple[Any, ...], limit: int, *, descending: bool
    ) -> None:
        self._behind = None if after is None else unpack(after, shape)
        self._limit = limit
        self._descending = descending
        self.shown: list[_Entry] = []
        self.total = 0
        self.cursor: str | None = None

    def fill(self, entries: Iterable[_Entry]) -> None:
        """Pick the page. Cost: O(entries), memory O(limit)."""
        pick = heapq.nlargest if self._descending else heapq.nsmallest
        found = pick(self._limit + 1, self._beyond(entries), key=attrgetter("place"))
        self.shown = found[: self._limit]
        self.cursor = pack(self.shown[-1].place) if len(found) > len(self.shown) > 0 else None

    def _beyond(self, entries: Iterable[_Entry]) -> Iterator[_Entry]:
        behind, descending = self._behind, self._descending
        for entry in entries:
            self.total += 1
            if behind is None or (entry.place < behind if descending else entry.place > behind):
                yield entry
