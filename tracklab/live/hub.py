"""What has just changed, told to whoever is connected; nothing runs while nobody is.

Four loops: changed files become rows and console text at once, runs are looked over every few
seconds, the machine is sampled while somebody watches it, and the machines of the cluster are
asked of the files. Kept: who wants what, and how far each living run was read.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.live import background
from tracklab.live.census import Census, Look
from tracklab.live.client import Client
from tracklab.live.cluster import Node, cluster_nodes
from tracklab.live.console import follow_console
from tracklab.live.mailbox import encode
from tracklab.live.readers import Readers
from tracklab.query.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from pathlib import Path

    from tracklab.live.follow import News
    from tracklab.live.machine import Machine
    from tracklab.live.wants import ConsoleWant, Wants
    from tracklab.query.answers.runs import Run
    from tracklab.query.engine import Engine

__all__ = ["Hub"]

_SYSTEM_EVERY_S = 2.0
_LOOK_EVERY_S = 2.5
_LOOK_AT_LEAST_S = 0.5
_NODES_EVERY_S = 2.0
#: Looking over many runs may take this share of one core, and so may looking for machines.
_LOOK_SHARE = 0.04
#: Living runs that are followed although nobody subscribed, for alerts and summary values: those
#: that began last.
_UNASKED = 200


class Hub:
    """Clients, and the loops that find out what to tell them.

    Args:
        root: the data directory.
        engine: who reads.
        machine: who samples.
        others: who read further directories, asked about machines only.
    """

    def __init__(
        self, root: Path, *, engine: Engine, machine: Machine, others: Sequence[Engine] = ()
    ) -> None:
        self._root = root
        self._engine = engine
        self._engines = (engine, *others)
        self._machine = machine
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="tracklab-live")
        self._clients: set[Client] = set()
        self._loops: list[asyncio.Task[None]] = []
        self._start_over()

    def _start_over(self) -> None:
        engine, ask = self._engine, self._ask
        self._readers = Readers(self._root, engine=engine, ask=ask, told=self._take)
        self._census = Census(self._root, engine=engine)
        self._look: Look | None = None
        self._look_now = asyncio.Event()
        self._progress_due_s = 0.0
        self._changed: dict[str, set[str]] = defaultdict(set)
        self._told_gone: set[str] = set()

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    def join(self) -> Client:
        """Return a new client; the first one sets the loops going."""
        client = Client()
        self._clients.add(client)
        if not self._loops:
            turns = (self._read_on, self._look_over, self._sample, self._ask_for_nodes)
            self._loops = [background.start(background.for_ever(turn)) for turn in turns]
        return client

    def leave(self, client: Client) -> None:
        """Forget `client`; after the last one, stop."""
        self._clients.discard(client)
        client.stop_console()
        self._readers.leave(client)
        if not self._clients:
            for loop in self._loops:
                loop.cancel()
            self._loops = []
            self._readers.close()
            self._start_over()

    def close(self) -> None:
        """Let go of all clients and threads."""
        for client in list(self._clients):
            self.leave(client)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def subscribe(self, client: Client, wants: Wants) -> None:
        """Tell `client` what `wants` says from now on, continuing where its revs say.

        A run that does not exist is answered as a deleted one.
        """
        client.stop_console()
        for name, news in (await self._readers.subscribe(client, wants)).items():
            if news is None:
                self._tell("run_update", _gone(name), run=name, clients=[client])
            else:
                self._take(name, news, clients=[client])
        if wants.console is not None:
            await self._open_console(client, wants.console)
        self._rewatch()

    def announce(self, run: Run | str) -> None:
        """Tell everybody about a run that this server changed, or (by address) removed."""
        if not self._clients:
            return
        if isinstance(run, str):
            self._forget(run)
            self._rewatch()
            self._told_gone.add(run)
            self._tell("run_update", _gone(run), run=run)
        else:
            self._tell("run_update", _without_config(run), run=run.run)
            # It may have been away, and is then read on after a look.
            self._changed[run.run] |= set()
            self._look_now.set()

    # The turns of the four loops.

    async def _read_on(self) -> None:
        await self._readers.run(self._hinted)

    async def _look_over(self) -> None:
        """Look for runs that are new, have ended or moved, and wait until it is time again."""
        self._look_now.clear()
        began_s = clock.monotonic()
        progress = began_s >= self._progress_due_s
        first = self._look is None
        if first:
            self._look = await self._ask(self._census.begin)
        changed, self._changed = self._changed, defaultdict(set)
        self._look = await self._ask(lambda: self._census.look(changed, progress=progress))
        await self._tell_changes(self._look, changed, first=first)
        pause_s = (clock.monotonic() - began_s) / _LOOK_SHARE
        if progress:
            # Moved numbers may wait; who has begun or ended may not.
            self._progress_due_s = clock.monotonic() + pause_s
            pause_s = 0.0
        await asyncio.sleep(max(_LOOK_AT_LEAST_S, pause_s))
        await _within(self._look_now, _LOOK_EVERY_S - _LOOK_AT_LEAST_S)

    async def _sample(self) -> None:
        """Read the machine, if anybody watches it."""
        watching = [client for client in self._clients if client.system]
        if watching:
            self._tell("system_metrics", await self._machine.sample(), clients=watching)
            cards = {"accelerators": await self._machine.accelerators()}
            self._tell("hardware_update", cards, clients=watching)
        await asyncio.sleep(_SYSTEM_EVERY_S)

    async def _ask_for_nodes(self) -> None:
        """Read which machines take part, and with what numbers if anybody watches them."""
        began_s = clock.monotonic()
        measured = any(client.system for client in self._clients)
        self._tell_nodes(await self._ask(lambda: cluster_nodes(self._engines, measured=measured)))
        pause_s = (clock.monotonic() - began_s) / _LOOK_SHARE
        await asyncio.sleep(max(_NODES_EVERY_S, pause_s))

    # What is done with the findings.

    def _hinted(self, directories: frozenset[Path]) -> None:
        for client in self._clients:
            if not directories.isdisjoint(client.console_directories):
                client.console_changed.set()
        if self._look is not None and directories & self._look.directories:
            self._look_now.set()

    def _take(
        self, address: str, news: News | None, clients: Collection[Client] | None = None
    ) -> None:
        """Pass on what a reading has brought, to all clients or some."""
        if news is None:
            self._changed[address] |= set()
            self._look_now.set()
            return
        for alert in news.alerts:
            data = {"run": address} | plain(alert)
            key = (alert.writer, alert.seq)
            asked = self._clients if clients is None else clients
            told = [client for client in asked if client.alerts.lets_pass(alert, run=address)]
            self._tell("alert", data, run=address, key=key, clients=told)
        if news.kinds - {"metrics"}:
            self._changed[address] |= news.kinds - {"metrics"}
        if news.kinds - {"metrics", "system"}:
            self._look_now.set()

    async def _tell_changes(self, look: Look, kinds: dict[str, set[str]], *, first: bool) -> None:
        """Follow what lives now and what somebody waits for, then tell what has changed.

        In this order: whoever has heard of a run also hears what is logged from then on.
        """
        for change in look.changes:
            if change.run is None:
                self._forget(change.address)
            elif change.new:
                self._readers.begin(change.run)
        # Also those gone: an id that several runs shared may be of one only now.
        changed = None if first else [change.address for change in look.changes]
        for client, name, news in await self._readers.meet(changed, self._clients):
            self._take(name, news, clients=[client])
        await self._readers.keep(look.begun_last(_UNASKED), self._clients)
        there = [change.address for change in look.changes if change.run is not None]
        await self._reopen_consoles(None if first else there)
        self._rewatch()
        told, self._told_gone = self._told_gone, set()
        for address, run, _ in look.changes:
            if run is not None:
                data = _without_config(run) | {"changed": sorted(kinds.get(address, ()))}
                self._tell("run_update", data, run=address)
            elif address not in told:
                self._tell("run_update", _gone(address), run=address)

    def _forget(self, address: str) -> None:
        """Read no more of a run that is there no more."""
        self._readers.forget(address)
        for client in self._clients:
            if self._root / address in client.console_directories:
                client.stop_console()

    async def _reopen_consoles(self, addresses: Iterable[str] | None) -> None:
        """Read the console text of runs that are there again, None for any, for who wants it."""
        known = None
        if addresses is not None:
            known = {name for one in addresses for name in (one, one.rpartition("/")[2])}
        for client in list(self._clients):
            want = client.wants and client.wants.console
            if not want or client.reads_console:
                continue
            if known is not None and want.run.strip("/") not in known:
                continue
            if await self._readers.find(want.run) is not None:
                await self._open_console(client, want)

    async def _open_console(self, client: Client, want: ConsoleWant) -> None:
        follower = await self._readers.find(want.run)
        if client.reads_console or client.wants is None or client.wants.console is not want:
            return  # a look, or a newer subscription, was quicker
        if follower is None:
            self._tell("run_update", _gone(want.run), run=want.run, clients=[client])
            # Whatever it will hold is new.
            later = replace(want, offset=want.offset or 0)
            client.wants = replace(client.wants, console=later)
            return
        reading = follow_console(
            want, client.mailbox, engine=self._engine, ask=self._ask, changed=client.console_changed
        )
        client.start_console(background.start(reading), follower.path, want.rank)

    def _tell_nodes(self, found: list[Node]) -> None:
        """Tell each client what is new to it, and whoever watches all numbers."""
        statuses = {node.node: node.status for node in found}
        for client in self._clients:
            for node in found:
                if client.node_statuses.get(node.node) != node.status:
                    data = _without_metrics(node)
                    self._tell("node_status", data, key=node.node, clients=[client])
            for name in client.node_statuses.keys() - statuses.keys():
                gone = {"node": name, "status": "gone"}
                self._tell("node_status", gone, key=name, clients=[client])
            client.node_statuses = statuses
        if found:
            watching = [client for client in self._clients if client.system]
            self._tell("cluster_metrics", {"nodes": found}, clients=watching)

    def _rewatch(self) -> None:
        directories = {self._root, *(self._look.directories if self._look else ())}
        for client in self._clients:
            directories |= client.console_directories
        self._readers.watch(directories)

    def _tell(
        self,
        kind: str,
        data: Any,
        *,
        run: str | None = None,
        key: object = None,
        clients: Collection[Client] | None = None,
    ) -> None:
        message = encode(kind, data)
        for client in self._clients if clients is None else clients:
            client.mailbox.put((kind, run, key), message, run=run)

    async def _ask(self, question: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, question)


async def _within(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        return


def _gone(run: str) -> dict[str, Any]:
    return {"run": run, "deleted": True}


def _without_config(run: Run) -> dict[str, Any]:
    data: dict[str, Any] = plain(run)
    del data["config"]
    return data


def _without_metrics(node: Node) -> dict[str, Any]:
    data: dict[str, Any] = plain(node)
    del data["metrics"]
    return data
