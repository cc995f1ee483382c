"""LLM calls of a run, a project or all, one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.query.answers.llm import LlmCall, LlmPage
from tracklab.query.cursors import PAGE_BYTES, Page, size_of
from tracklab.records.calls import is_call, label_of, succeeded, tokens_of
from tracklab.records.fields import epoch_s, number, text
from tracklab.storage.blobs import TOLD_MAX_BYTES, fetched
from tracklab.storage.ordering import placed_events
from tracklab.storage.streams import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tracklab.query.addresses import Place
    from tracklab.query.prices import Prices

__all__ = ["CallFilter", "PlacedCall", "calls_of", "every_call", "read_calls"]

_PLACE_SHAPE = (str, str, int, int, int)
_PIECE_CHARS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls are asked for; None asks for all. x0 and x1 are epoch seconds, both included.

    `labels` has the text that a field must have, by its name; see `label_of`.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    success: bool | None = None
    search: str | None = None
    x0: float | None = None
    x1: float | None = None

    def wants(self, call: PlacedCall) -> bool:
        """Return whether `call` is asked for."""
        if any(label_of(call.data, name) != told for name, told in self.labels.items()):
            return False
        if self.success is not None and call.success != self.success:
            return False
        return self._is_within(call) and self._is_found(call)

    def _is_within(self, call: PlacedCall) -> bool:
        if self.x0 is None and self.x1 is None:
            return True
        at = call.time_s
        if at is None or (self.x0 is not None and at < self.x0):
            return False
        return self.x1 is None or at <= self.x1

    def _is_found(self, call: PlacedCall) -> bool:
        if not self.search:
            return True
        told = orjson.dumps(call.whole(PAGE_BYTES)).decode()
        return _holds(told, self.search.casefold())


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """One call and its place in time: latest time, run, writer's rank, segment, offset."""

    place: tuple[Any, ...]
    run: Place
    record: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """The event's data."""
        data: dict[str, Any] = self.record["data"]
        return data

    def whole(self, room_bytes: int | None = None) -> dict[str, Any]:
        """Return the data with values that were too long for the line; see `fetched`."""
        if room_bytes is None:
            return fetched(self.run.path, self.data, most_bytes=TOLD_MAX_BYTES)
        return fetched(self.run.path, self.data, most_bytes=room_bytes, room_bytes=room_bytes)

    @property
    def time_s(self) -> float | None:
        """When it was recorded, epoch seconds."""
        timestamp = self.record["timestamp"]
        return None if timestamp is None else epoch_s(timestamp)

    @property
    def success(self) -> bool:
        """Whether it succeeded: what it says, else whether its level is below ERROR."""
        return succeeded(self.record)

    def tokens(self, kind: str) -> int | None:
        """Return the count of `prompt` or `completion` tokens."""
        return tokens_of(self.data, kind)


def calls_of(places: Iterable[Place], wanted: CallFilter) -> Iterator[PlacedCall]:
    """Yield the calls asked for, run by run. Cost: reads and parses all calls of the runs."""
    for place in places:
        for event in placed_events(place.path, "llm", Tally(), holding=(b"llm_call",)):
            at, *rest = event.place
            call = PlacedCall((at, place.address, *rest), place, event.record)
            if is_call(event.record) and wanted.wants(call):
                yield call


def _holds(told: str, folded: str) -> bool:
    """Return whether `told` holds, in any case, a text that is folded already.

    Cost: memory for a piece: Python folds in twelve bytes for each character.
    """
    before = len(folded) - 1
    held = ""
    for at in range(0, len(told), _PIECE_CHARS):
        held = held[max(len(held) - before, 0) :] + told[at : at + _PIECE_CHARS].casefold()
        if folded in held:
            return True
    return False


def every_call(place: Place, prices: Prices) -> Iterator[LlmCall]:
    """Yield the calls of a run with all their content, by segment. Cost: one pass over them."""
    return (_call(call, call.whole(), prices) for call in calls_of([place], CallFilter()))


def read_calls(
    places: Iterable[Place],
    wanted: CallFilter,
    *,
    prices: Prices,
    after: str | None,
    limit: int,
    descending: bool,
) -> LlmPage:
    """Return one page of calls; see `Engine.llm_calls`.

    Contents that were too long for a line are read from their files, as far as `PAGE_BYTES` go.

    Raises:
        QueryError: `after` is no cursor.
    """
    page: Page[PlacedCall] = Page(after, _PLACE_SHAPE, limit, descending=descending)
    page.fill(calls_of(places, wanted))
    return LlmPage(list(_shown(page.shown, prices)), page.total, page.cursor)


def _shown(calls: Iterable[PlacedCall], prices: Prices) -> Iterator[LlmCall]:
    room = PAGE_BYTES
    for call in calls:
        data = call.whole(room)
        if data is not call.data:
            room = max(room - size_of(data), 0)
        yield _call(call, data, prices)


def _call(call: PlacedCall, data: dict[str, Any], prices: Prices) -> LlmCall:
    cost = prices.cost(data, call.time_s)
    return LlmCall(
        run=call.run.address,
        timestamp=call.record["timestamp"],
        model=text(data.get("model")) or "",
        provider=text(data.get("provider")) or "",
        operation=text(data.get("operation")) or "",
        response_time=number(data.get("response_time")),
        ttft=number(data.get("ttft")),
        success=call.success,
        error_type=text(data.get("error_type")),
        error=text(data.get("error")),
        prompt_tokens=call.tokens("prompt"),
        completion_tokens=call.tokens("completion"),
        cost=None if cost is None else cost.usd,
        cost_basis=None if cost is None else cost.basis,
        seq=call.record["seq"],
        data=data,
    )
