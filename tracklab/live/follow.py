"""One run, read on from where it was: new lines go to those who listen, and are forgotten.

All listeners of a run share one reading. A listener that comes back with a rev of its own gets
the lines between that rev and now first; `(writer, seq)` names a line for ever, so those that
the shared reading brings again are left out.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from tracklab.errors import NotFoundError, QueryError
from tracklab.query.answers.events import Event
from tracklab.query.plain import plain
from tracklab.query.revs import rev_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from tracklab.live.background import Ask
    from tracklab.live.mailbox import Mailbox
    from tracklab.query.answers.events import Tail, TailLine
    from tracklab.query.engine import Engine

    Cache = dict[frozenset[str] | None, list[bytes]]

__all__ = ["FIRST_REV", "Follower", "Listener", "News"]

#: The rev of a run of which nothing has been read.
FIRST_REV = rev_of({})

#: Lines of one reading; what a client has missed beyond it is not replayed but read anew.
_MOST_LINES = 10_000
_ALWAYS = frozenset({"_step", "_timestamp", "_runtime"})
_KINDS = {"history": "metrics", "system_metrics": "system", "llm": "llm"}
#: What may have changed of a run that was away.
_ANEW = frozenset({"checkpoint", "events", "lifecycle", "llm", "metrics", "system"})


@dataclass(slots=True)
class Listener:
    """One client's interest in one run.

    Attributes:
        mailbox: where its messages wait.
        name: how the client writes the run's address.
        keys: wanted dotted names, None for all.
        whole: rows are wanted; False: only the last value of each key that changed.
        marks: the last `seq` of each writer and stream that it has got ahead of the others.
    """

    mailbox: Mailbox
    name: str
    keys: frozenset[str] | None = None
    whole: bool = True
    marks: dict[tuple[str | None, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class News:
    """What one reading of a run brought, beside its rows.

    Attributes:
        kinds: what changed: metrics, system, llm, events, checkpoint, lifecycle.
        alerts: alert events.
        anew: whether the run was away, or is another one now.
    """

    kinds: frozenset[str] = frozenset()
    alerts: tuple[Event, ...] = ()
    anew: bool = False

    def __or__(self, later: News) -> News:
        """Return both news as one."""
        alerts = self.alerts + later.alerts
        return News(self.kinds | later.kinds, alerts, anew=self.anew or later.anew)


class Follower:
    """Reads on one run, also when it was away for a while: then its listeners read anew.

    Args:
        address: the run's full address.
        path: its directory.
        engine: who reads.
        ask: runs a question on a thread.
        from_start: begin with the run's first line instead of the next one.

    Attributes:
        gone: whether the run was not there when it was last looked for.
    """

    def __init__(
        self, address: str, path: Path, *, engine: Engine, ask: Ask, from_start: bool = False
    ) -> None:
        self.address = address
        self.path = path
        self._engine = engine
        self._ask = ask
        self.gone = False
        self._rev = FIRST_REV if from_start else None
        self._lock = asyncio.Lock()
        # A client may know a run by several names, and hears of it under each.
        self._listeners: dict[tuple[Mailbox, str], Listener] = {}

    @property
    def asked_for(self) -> bool:
        """Whether anybody has subscribed to it."""
        return any(listener.whole for listener in self._listeners.values())

    def is_heard_by(self, mailbox: Mailbox) -> bool:
        """Return whether new rows go to `mailbox`."""
        return any(heard is mailbox for heard, _ in self._listeners)

    def leave(self, mailbox: Mailbox, *, but: Collection[str] = ()) -> None:
        """Send nothing more to `mailbox`, not even what waits, except under some names."""
        for heard, name in [*self._listeners]:
            if heard is mailbox and name not in but:
                del self._listeners[mailbox, name]
                mailbox.forget(name)

    def lose(self) -> None:
        """Take note that the run is there no more; those who asked for it stay listeners."""
        self.gone = True
        self._listeners = {key: one for key, one in self._listeners.items() if one.whole}

    async def join(self, listener: Listener, *, rev: str | None) -> News:
        """Send new rows to `listener` from now on, and first those since `rev`.

        Returns:
            What the lines since `rev` bring beside rows: news for this listener only.

        Raises:
            NotFoundError: the run has vanished.
        """
        async with self._lock:
            news = await self._begin()
            if rev is not None:
                listener.mailbox.forget(listener.name)
                if rev != self._rev:
                    news |= await self._replay(listener, rev)
            self._listeners[listener.mailbox, listener.name] = listener
        return news

    async def pump(self) -> News | None:
        """Read what is new, hand it to the listeners, and return the rest of the news.

        Returns:
            None when the run has gone since the last reading.
        """
        async with self._lock:
            was_gone = self.gone
            try:
                return await self._begin() | await self._read_on()
            except NotFoundError:
                self.lose()
                return News() if was_gone else None
            except QueryError:  # its files are others than those that were read
                self.lose()
                return await self._begin()

    async def _read_on(self) -> News:
        news = News()
        more = True
        while more:
            tail = await self._tail(self._rev)
            self._deliver(tail)
            news |= _news(tail.lines)
            more = tail.more and tail.rev != self._rev
            self._rev = tail.rev
        # This reading has passed whatever a listener had got ahead of it.
        for listener in self._listeners.values():
            listener.marks.clear()
        return news

    async def _begin(self) -> News:
        """Find out from where to read on; of a run that was away, that all must be read anew."""
        if self._rev is not None and not self.gone:
            return News()
        self._rev = await self._ask(lambda: self._engine.rev(self.address))
        if not self.gone:
            return News()
        self.gone = False
        for listener in self._listeners.values():
            listener.marks.clear()
            listener.mailbox.forget(listener.name)
            listener.mailbox.put_stale(listener.name, None)
        return News(_ANEW, anew=True)

    async def _tail(self, rev: str | None) -> Tail:
        tail: Tail = await self._ask(
            lambda: self._engine.tail(self.address, rev=rev, limit=_MOST_LINES)
        )
        return tail

    async def _replay(self, listener: Listener, rev: str) -> News:
        try:
            tail = await self._tail(rev)
        except NotFoundError:
            raise
        except QueryError:
            # A rev of other files, e.g. from before the run was restored: only reading helps.
            listener.mailbox.put_stale(listener.name, None)
            return News()
        if tail.more:
            listener.mailbox.put_stale(listener.name, rev)
            return News()
        _send(listener, tail.lines, since=rev, rev=tail.rev, cache={})
        for line in tail.lines:
            mark = _mark(line)
            if mark is not None:
                listener.marks[line.writer, line.stream] = mark
        return _news(tail.lines)

    def _deliver(self, tail: Tail) -> None:
        cache: Cache = {}
        for listener in self._listeners.values():
            lines, key = tail.lines, cache
            if listener.marks:
                lines, key = [line for line in lines if _is_new(line, listener.marks)], {}
            _send(listener, lines, since=self._rev or tail.rev, rev=tail.rev, cache=key)


def _send(
    listener: Listener, lines: Iterable[TailLine], *, since: str, rev: str, cache: Cache
) -> None:
    """Put the rows among `lines` into the mailbox; equal wishes share one encoding."""
    if not listener.whole:
        values = {
            key: value for row in _rows(lines) for key, value in row.items() if value is not None
        }
        if values:
            listener.mailbox.put_summary(listener.name, values, since=since, rev=rev)
        return
    if listener.keys not in cache:
        chosen = (_chosen(row, listener.keys) for row in _rows(lines))
        cache[listener.keys] = [orjson.dumps(plain(row)) for row in chosen if row]
    if cache[listener.keys]:
        listener.mailbox.put_rows(listener.name, cache[listener.keys], since=since, rev=rev)


def _rows(lines: Iterable[TailLine]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.stream == "history" and isinstance(line.record, dict):
            yield line.record


def _chosen(row: dict[str, Any], keys: frozenset[str] | None) -> dict[str, Any] | None:
    """Return the wanted part of `row`; None if it has none of the wanted keys."""
    if keys is None:
        return row
    kept = {key: value for key, value in row.items() if key in keys or key in _ALWAYS}
    return kept if kept.keys() & keys else None


def _mark(line: TailLine) -> int | None:
    if isinstance(line.record, Event):
        return line.record.seq
    seq = line.record.get("_seq")
    return seq if isinstance(seq, int) else None


def _is_new(line: TailLine, marks: dict[tuple[str | None, str], int]) -> bool:
    mark = _mark(line)
    return mark is None or mark > marks.get((line.writer, line.stream), -1)


def _news(lines: Iterable[TailLine]) -> News:
    kinds: set[str] = set()
    alerts = []
    for line in lines:
        record = line.record
        if isinstance(record, Event):
            kinds |= _kinds_of(line.stream, record)
            if record.logger == "tracklab.alert":
                alerts.append(record)
        else:
            kinds.add(_KINDS.get(line.stream, line.stream))
    return News(frozenset(kinds), tuple(alerts))


def _kinds_of(stream: str, event: Event) -> set[str]:
    if stream == "llm":
        return {"llm"}
    if event.logger == "tracklab.lifecycle":
        # A heartbeat changes nothing that anybody looks at.
        return set() if event.message == "heartbeat" else {"events", "lifecycle"}
    return {"events", "checkpoint"} if event.logger == "tracklab.checkpoint" else {"events"}
