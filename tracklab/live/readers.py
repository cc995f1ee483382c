"""Which runs are being read on, and when: a hint that a file has grown becomes one reading."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tracklab.errors import NotFoundError, QueryError
from tracklab.live import background
from tracklab.live.follow import FIRST_REV, Follower, Listener, News
from tracklab.live.watch import Watch
from tracklab.query.addresses import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from tracklab.live.background import Ask
    from tracklab.live.client import Client
    from tracklab.live.wants import Wants
    from tracklab.query.answers.runs import Run
    from tracklab.query.engine import Engine

__all__ = ["Readers"]


class Readers:
    """The followers of all runs that somebody wants to hear of.

    Args:
        root: the data directory.
        engine: who reads.
        ask: runs a question on a thread.
        told: called with address and news after each reading; news None when the run has gone.
    """

    def __init__(
        self, root: Path, *, engine: Engine, ask: Ask, told: Callable[[str, News | None], None]
    ) -> None:
        self._root = root
        self._engine = engine
        self._ask = ask
        self._told = told
        self._watch = Watch(root)
        self._followers: dict[str, Follower] = {}
        self._dirty: set[str] = set()
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._membership = asyncio.Lock()

    async def run(self, changed: Callable[[frozenset[Path]], None]) -> None:
        """Read on whatever grows, until cancelled.

        Args:
            changed: called with each set of directories in which something may have changed.
        """
        async for directories in self._watch.changes():
            for address, follower in self._followers.items():
                if follower.path in directories:
                    self._hint(address)
            changed(directories)

    def close(self) -> None:
        """Stop reading."""
        for task in self._reading.values():
            task.cancel()

    def watch(self, others: Collection[Path]) -> None:
        """Watch the directories of the runs that are followed, and `others`."""
        # Not of one that has gone: a directory that takes its place has to be watched anew.
        own = (follower.path for follower in self._followers.values() if not follower.gone)
        self._watch.follow({*others, *own})

    async def find(self, name: str) -> Follower | None:
        """Return the follower of the run that `name` addresses, None without such a run."""
        try:
            place = await self._ask(lambda: resolve(self._root, name))
        except QueryError:
            return None
        return self._follower(place.address, place.path)

    async def subscribe(self, client: Client, wants: Wants) -> dict[str, News | None]:
        """Make `client` a listener of exactly the runs it wants.

        Returns:
            By the client's own address: the news since its rev, None for a run that is not there.
        """
        news: dict[str, News | None] = {}
        # Held: `keep` must not drop a follower that nobody hears yet, nor take this client for
        # one without a subscription.
        async with self._membership:
            if client.wants is None:
                # Rows must not mix with the summary values that it has got until now.
                self.leave(client)
            client.wants = wants
            client.mailbox.binary = wants.binary
            found = {name: await self.find(name) for name in wants.runs}
            for follower in self._followers.values():
                names = {name for name, each in found.items() if each is follower}
                follower.leave(client.mailbox, but=names)
            for name, each in found.items():
                listener = Listener(client.mailbox, name, wants.keys)
                news[name] = await _join(each, listener, wants.revs.get(name))
            client.missing = {name for name in news if news[name] is None}
        return news

    async def meet(
        self, addresses: Collection[str] | None, clients: Collection[Client]
    ) -> list[tuple[Client, str, News]]:
        """Read on runs that are there again, and begin those that somebody waits for.

        Args:
            addresses: of runs that have just changed; None for any.
            clients: all there are.

        Returns:
            Each client that has waited, its name for the run, and the news since its rev, or
            since the run's first line.
        """
        for address in addresses or ():
            # Told by its looks, too: of a directory that took its place no change is noticed.
            if address in self._followers and self._followers[address].asked_for:
                self._dirty.add(address)
                await self._read(address)
        known = addresses and {name for one in addresses for name in (one, one.rpartition("/")[2])}
        met = []
        async with self._membership:
            for client in list(clients):
                for name in [*client.missing]:
                    if known is not None and name.strip("/") not in known:
                        continue
                    news = await self._begin_late(client, name)
                    if news is not None:
                        met.append((client, name, news))
                if client not in clients:
                    self.leave(client)
        return met

    async def _begin_late(self, client: Client, name: str) -> News | None:
        follower = await self.find(name)
        if follower is None or client.wants is None:
            return None
        listener = Listener(client.mailbox, name, client.wants.keys)
        news = await _join(follower, listener, client.wants.revs.get(name, FIRST_REV))
        if news is not None:
            client.missing.discard(name)
        return news

    def leave(self, client: Client) -> None:
        """Send nothing more to `client`."""
        for follower in self._followers.values():
            follower.leave(client.mailbox)

    async def keep(self, living: Mapping[str, Run], clients: Collection[Client]) -> None:
        """Follow the living runs and those that somebody asked for, and no others.

        Args:
            living: by address.
            clients: those without a subscription get the last values of all living runs.
        """
        async with self._membership:
            idle = [client for client in clients if client.wants is None]
            for address, follower in [*self._followers.items()]:
                if not (address in living or follower.asked_for or address in self._reading):
                    del self._followers[address]
            for address, run in living.items():
                follower = self._follower(address, self._path(run))
                for client in idle:
                    if follower.is_heard_by(client.mailbox):
                        continue
                    await _join(follower, Listener(client.mailbox, address, whole=False), None)

    def begin(self, run: Run) -> None:
        """Follow a run that is so new that its first line is news.

        It is read after the next `keep` and `watch`: until then nobody would hear of it.
        """
        self._follower(run.run, self._path(run), from_start=True)

    def forget(self, address: str) -> None:
        """Stop reading a run that is there no more, until it is there again for who hears it."""
        follower = self._followers.get(address)
        if follower is not None:
            follower.lose()
            if not follower.asked_for:
                del self._followers[address]

    def _path(self, run: Run) -> Path:
        return self._root / run.project / run.run_id

    def _follower(self, address: str, path: Path, *, from_start: bool = False) -> Follower:
        if address not in self._followers:
            self._followers[address] = Follower(
                address, path, engine=self._engine, ask=self._ask, from_start=from_start
            )
        return self._followers[address]

    def _hint(self, address: str) -> None:
        """Read a run on soon; hints that come while it is being read make one more reading."""
        self._dirty.add(address)
        if address not in self._reading:
            task = self._reading[address] = background.start(self._read(address))
            task.add_done_callback(lambda _: self._reading.pop(address, None))

    async def _read(self, address: str) -> None:
        while address in self._dirty:
            self._dirty.discard(address)
            follower = self._followers.get(address)
            if follower is None:
                return
            try:
                news = await follower.pump()
            except QueryError:
                news = None
            if news is not None and news.anew:
                self._watch.renew()
            self._told(address, news)


async def _join(follower: Follower | None, listener: Listener, rev: str | None) -> News | None:
    try:
        return await follower.join(listener, rev=rev) if follower is not None else None
    except NotFoundError:
        return None
