"""What was found, as objects that are made a page at a time: it has a length and can be cut."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Pages"]

T = TypeVar("T")


class Pages(Generic[T]):
    """A lazy sequence.

    Nothing is looked for before the first question. Each `for` begins anew; `next()` goes on.

    Args:
        find: returns what there is.
        make: makes an object of one of them.
        per_page: objects that are made at once.

    Attributes:
        objects: those made so far.
        per_page: as it was given.
    """

    def __init__(
        self, find: Callable[[], Sequence[Any]], make: Callable[[Any], T], *, per_page: int = 50
    ) -> None:
        if isinstance(per_page, bool) or not isinstance(per_page, int) or per_page < 1:
            raise UsageError(f"per_page is a number of objects, 1 or more; got {per_page!r}.")
        self._find = find
        self._make = make
        self.per_page = per_page
        self.objects: list[T] = []
        self._next = 0

    @cached_property
    def _found(self) -> Sequence[Any]:
        return self._find()

    @property
    def length(self) -> int:
        """How many there are."""
        return len(self._found)

    @property
    def more(self) -> bool:
        """Whether some have not been made yet."""
        return len(self.objects) < self.length

    @property
    def cursor(self) -> str | None:
        """Where the next page begins, None before the first one."""
        return str(len(self.objects)) if self.objects else None

    def next(self) -> T:
        """Return the one after the last that `next()` returned."""
        try:
            found = self[self._next]
        except IndexError:
            raise StopIteration from None
        self._next += 1
        return found

    def __next__(self) -> T:
        return self.next()

    def __iter__(self) -> Iterator[T]:
        at = 0
        while at < self.length:
            yield self[at]
            at += 1

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        wanted = range(self.length)[index]
        last = wanted if isinstance(wanted, int) else max(wanted, default=-1)
        while len(self.objects) <= last:
            made = len(self.objects)
            self.objects += map(self._make, self._found[made : made + self.per_page])
        return self.objects[index]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.length}>"
