"""What has just changed, told to whoever is connected; nothing runs while nobody is.

Three loops: changed files become rows and console text at once, runs are looked over every few
seconds, and the machine is sampled while somebody watches it. Kept: who wants what, and how far
each living run was read.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.live import background
from tracklab.live.census import Census, Look
from tracklab.live.client import Client
from tracklab.live.cluster import Node, nodes
from tracklab.live.console import follow_console
from tracklab.live.mailbox import encode
from tracklab.live.readers import Readers
from tracklab.query.plain import plain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from pathlib import Path

    from tracklab.live.follow import News
    from tracklab.live.machine import Machine
    from tracklab.live.wants import ConsoleWant, Wants
    from tracklab.query.answers.runs import Run
    from tracklab.query.engine import Engine

__all__ = ["Hub"]

_log = logging.getLogger("tracklab.live")

_AFTER_FAULT_S = 5.0
_SYSTEM_EVERY_S = 2.0
_LOOK_EVERY_S = 2.5
_LOOK_AT_LEAST_S = 0.5
#: Looking over many runs may take this share of one core.
_LOOK_SHARE = 0.04
#: Living runs that are followed although nobody subscribed: for alerts and summary values.
_UNASKED = 200


class Hub:
    """Clients, and the loops that find out what to tell them.

    Args:
        root: the data directory.
        engine: who reads.
        machine: who samples.
    """

    def __init__(self, root: Path, *, engine: Engine, machine: Machine) -> None:
        self._root = root
        self._engine = engine
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
        self._rows: dict[str, dict[str, Any]] = {}
        self._node_status: dict[str, str] = {}

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    def join(self) -> Client:
        """Return a new client; the first one sets the loops going."""
        client = Client()
        self._clients.add(client)
        if not self._loops:
            turns = (self._read_on, self._look_over, self._sample)
            self._loops = [background.start(_for_ever(turn)) for turn in turns]
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
        if isinstance(run, str):
            self._tell("run_update", _gone(run), run=run)
        else:
            self._tell("run_update", _without_config(run), run=run.run)

    # The turns of the three loops.

    async def _read_on(self) -> None:
        await self._readers.run(self._hinted)

    async def _look_over(self) -> None:
        """Look for runs that are new, have ended or moved, and wait until it is time again."""
        self._look_now.clear()
        began_s = clock.monotonic()
        progress = began_s >= self._progress_due_s
        if self._look is None:
            self._look = await self._ask(self._census.begin)
        changed, self._changed = self._changed, defaultdict(set)
        self._look = await self._ask(lambda: self._census.look(changed, progress=progress))
        await self._tell_changes(self._look, changed)
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
        self._tell_nodes(watching)
        await asyncio.sleep(_SYSTEM_EVERY_S)

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
            self._look_now.set()
            return
        for alert in news.alerts:
            data = {"run": address} | plain(alert)
            key = (alert.writer, alert.seq)
            asked = self._clients if clients is None else clients
            told = [client for client in asked if client.alerts.lets_pass(alert, run=address)]
            self._tell("alert", data, run=address, key=key, clients=told)
        if news.system is not None:
            self._rows[address] = news.system
        if news.kinds - {"metrics"}:
            self._changed[address] |= news.kinds - {"metrics"}
        if news.kinds - {"metrics", "system"}:
            self._look_now.set()

    async def _tell_changes(self, look: Look, kinds: dict[str, set[str]]) -> None:
        """Follow what lives now, then tell what has changed.

        In this order: whoever has heard of a run also hears what is logged from then on.
        """
        for change in look.changes:
            if change.run is None:
                self._readers.forget(change.address)
            elif change.new:
                self._readers.begin(change.run)
        await self._readers.keep(dict(islice(look.living.items(), _UNASKED)), self._clients)
        self._rewatch()
        self._rows = {run: row for run, row in self._rows.items() if run in look.living}
        for address, run, _ in look.changes:
            if run is None:
                self.announce(address)
            else:
                data = _without_config(run) | {"changed": sorted(kinds.get(address, ()))}
                self._tell("run_update", data, run=address)

    async def _open_console(self, client: Client, want: ConsoleWant) -> None:
        follower = await self._readers.find(want.run)
        if follower is None:
            self._tell("run_update", _gone(want.run), run=want.run, clients=[client])
            return
        reading = follow_console(
            want, client.mailbox, engine=self._engine, ask=self._ask, changed=client.console_changed
        )
        client.start_console(background.start(reading), follower.path)

    def _tell_nodes(self, watching: Collection[Client]) -> None:
        found = nodes(self._look.living.values() if self._look else (), self._rows)
        status = {node.node: node.status for node in found}
        for node in found:
            if self._node_status.get(node.node) != node.status:
                self._tell("node_status", _without_metrics(node), key=node.node)
        for name in self._node_status.keys() - status.keys():
            self._tell("node_status", {"node": name, "status": "gone"}, key=name)
        self._node_status = status
        if found:
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


async def _for_ever(turn: Callable[[], Awaitable[None]]) -> None:
    """Take `turn` after `turn`: one that fails is logged and costs one pause, not the rest."""
    while True:
        try:
            await turn()
        except Exception:  # noqa: BLE001, PERF203 - live updates outlive any fault; logged
            _log.exception("live updates failed; trying again in %g s", _AFTER_FAULT_S)
            await asyncio.sleep(_AFTER_FAULT_S)


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
