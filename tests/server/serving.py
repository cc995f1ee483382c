"""Lines of a run as a writer leaves them, and ways to talk to an app about them."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from tracklab.records.lines import header_line
from tracklab.server.connections import Connection
from tracklab.server.run import web_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.server.app import App

START_S = 1_790_000_000.0
ADDRESS = "vision/demo1"


def append(path: Path, *lines: dict[str, Any]) -> None:
    """Append lines to a segment as a writer does: each whole, in one write."""
    for line in lines:
        with open(path, "ab", buffering=0) as file:
            file.write(json.dumps(line).encode() + b"\n")


def row(step: int, **values: Any) -> dict[str, Any]:
    """Return a history row, one second a step."""
    head = {"_timestamp": START_S + step, "_step": step, "_runtime": float(step)}
    return {**head, "_run_id": "demo1", "_seq": 100 + step, **values}


def event(seq: int, logger: str, message: str, **data: Any) -> dict[str, Any]:
    """Return an event."""
    head = {"timestamp": "2026-09-21T14:13:20.000000Z", "level": "INFO", "logger": logger}
    return {**head, "message": message, "run_id": "demo1", "seq": seq, "data": data}


def begin(path: Path, stream: str, seq: int) -> None:
    """Start a segment with its header."""
    path.write_bytes(
        header_line("demo1", writer="box-1-0", seq=seq, stream=stream, number=0,
                    started_s=START_S, facts={"project": "vision", "host": "box", "pid": 1})
    )  # fmt: skip


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Let this process open nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Client:
    """Talks to an app in this process as a browser on this machine does."""

    def __init__(self, app: App) -> None:
        self._app = app

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request and return the whole reply."""
        return asyncio.run(self._request(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Send a GET."""
        return self.request("GET", path, **options)

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(
            self._app, raise_app_exceptions=False, client=("127.0.0.1", 50_000)
        )
        base = "http://localhost:8000"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, **options)


@contextmanager
def running(app: App, connection: type[Connection] = Connection) -> Iterator[int]:
    """Serve `app` on a free loopback port, on a thread; yield the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = web_server(app, "critical", connection=connection)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        # The socket listens already: a request that comes early waits in its queue.
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
