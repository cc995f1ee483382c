"""`python -m tests.bench.serving`: live updates to many clients, many users, very many runs.

The server, the program that writes and the clients are processes of their own. Beside each
figure of the mixed load stands the same number of requests to a bare FastAPI route.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import orjson
import psutil
from websockets.asyncio.client import ClientConnection, connect

import tracklab
from tests.bench.made_up import short_runs
from tests.bench.table import Figure, markdown
from tests.crash.needs import WITHOUT_WATCHES
from tracklab import clock
from tracklab.index.places import index_root
from tracklab.query.cataloguing import update_catalog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

__all__ = ["listened", "live", "mixed_load", "serving", "writing"]

MIB = 1 << 20
RUN = "live/r"
#: Writes rows that hold the moment of their writing, so many a second, for so many seconds.
WRITER = """
import sys, time, tracklab
root, rows_per_s, seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
with tracklab.init(project="live", id="r", dir=root, resume="allow", system_monitor=False,
                   settings={"console": "off"}) as run:
    print("ready", flush=True)
    sys.stdin.readline()
    ends_s = time.time() + seconds
    while time.time() < ends_s:
        run.log({"sent_s": time.time(), "loss": 1.0})
        time.sleep(1 / rows_per_s)
"""
BARE = """
import sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/")
async def bare():
    return {"answer": 42}
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical")
"""


@dataclass
class Heard:
    """What one client has heard: the delay of each row in seconds, and how often it was stale."""

    delays_s: list[float] = field(default_factory=list)
    stale: int = 0


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def started(command: Sequence[str], url: str) -> Iterator[psutil.Process]:
    """Start a server, wait until it answers, yield its process, end it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        due_s = time.monotonic() + 60
        while True:
            with suppress(httpx.TransportError):
                httpx.get(url, timeout=5)
                break
            if time.monotonic() > due_s or process.poll() is not None:
                raise TimeoutError(f"no answer from {url}")
            time.sleep(0.02)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def serving(root: Path, *, before: Sequence[str] = ()) -> Iterator[tuple[int, psutil.Process]]:
    """Serve `root`; yield port and process. `before` starts the command in its own way."""
    port = free_port()
    program = [str(Path(sys.executable).parent / "tracklab"), "server", "--dir", str(root)]
    with started(
        [*before, *program, "--port", str(port)], f"http://127.0.0.1:{port}/api/self"
    ) as process:
        yield port, process


@contextmanager
def writing(root: Path, *, rows_per_s: float, seconds: float) -> Iterator[Callable[[], None]]:
    """Start a program that is ready to write; yield what lets it begin."""
    command = [sys.executable, "-c", WRITER, str(root), str(rows_per_s), str(seconds)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin
        assert program.stdout
        program.stdout.readline()
        ready = program.stdin

        def begin() -> None:
            ready.write("\n")
            ready.flush()

        yield begin


@asynccontextmanager
async def subscribed(port: int, *, deaf: bool = False) -> AsyncIterator[ClientConnection]:
    """Open `/ws` and subscribe to the run; a deaf client takes little and reads nothing."""
    small: dict[str, Any] = {"max_queue": 1} if deaf else {"max_queue": None}
    async with connect(
        f"ws://localhost:{port}/ws", origin=None, compression=None, open_timeout=60,
        close_timeout=1, ping_interval=None, **small,
        additional_headers={"Origin": f"http://localhost:{port}", "Sec-Fetch-Site": "same-origin"},
    ) as socket_:  # fmt: skip
        await socket_.send(orjson.dumps({"type": "sub", "data": {"runs": [RUN]}}).decode())
        yield socket_


async def _listen(port: int, heard: Heard, ready: asyncio.Semaphore) -> None:
    async with subscribed(port) as told:
        ready.release()
        async for text in told:
            now_s = time.time()
            message = orjson.loads(text)
            if message["type"] == "stale":
                heard.stale += 1
            rows = message["data"].get("rows", ()) if message["type"] == "metric_update" else ()
            heard.delays_s += [now_s - row["sent_s"] for row in rows if "sent_s" in row]


async def listened(
    port: int,
    begin: Callable[[], None],
    *,
    clients: int,
    deaf: int,
    seconds: float,
    silence_s: float = math.inf,
) -> list[Heard]:
    """Let clients listen while rows are written, beside deaf ones that never read.

    Args:
        port: of the server.
        begin: lets the program begin to write.
        clients: how many listen.
        deaf: how many connect and never read what they are sent.
        seconds: how long at most.
        silence_s: they stop when all have heard something, and none anything new for so long.
    """
    heard = [Heard() for _ in range(clients)]
    ready = asyncio.Semaphore(0)

    async def ignore() -> None:
        async with subscribed(port, deaf=True):
            ready.release()
            await asyncio.sleep(seconds)

    tasks = [asyncio.ensure_future(_listen(port, one, ready)) for one in heard]
    tasks += [asyncio.ensure_future(ignore()) for _ in range(deaf)]
    for _ in tasks:
        await asyncio.wait_for(ready.acquire(), 60)
    await asyncio.sleep(1)  # for subscriptions that are still on their way
    begin()
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(_silence(heard, silence_s), seconds)
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended
    return heard


async def _silence(heard: Sequence[Heard], seconds: float) -> None:
    """Wait until all have heard something, and none has heard anything new for so long."""
    before: list[int] = []
    since_s = time.monotonic()
    while time.monotonic() - since_s < seconds:
        await asyncio.sleep(0.1)
        counts = [len(one.delays_s) for one in heard]
        if counts != before or not all(counts):
            before, since_s = counts, time.monotonic()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    found = sorted(values)
    return found[min(int(len(found) * share), len(found) - 1)]


def live(root: Path, *, clients: int = 200, seconds: float = 10.0) -> list[Figure]:
    """Return how late rows come: to one client, to many, beside deaf ones, without watches."""
    figures: list[Figure] = []
    for name, count, deaf, before, budget in (
        ("1 client", 1, 0, (), 200),
        (f"{clients} clients", clients, 0, (), 200),
        (f"{clients} clients beside 5 that never read", clients, 5, (), 200),
        ("1 client, no file watches left", 1, 0, WITHOUT_WATCHES, 2_500),
    ):
        place = root / str(len(figures))
        place.mkdir()
        with (
            writing(place, rows_per_s=50, seconds=seconds) as begin,
            serving(place, before=before) as (port, process),
        ):
            heard = asyncio.run(
                listened(port, begin, clients=count, deaf=deaf, seconds=seconds + 3)
            )
            resident = process.memory_info().rss / MIB
        delays = [delay for one in heard for delay in one.delays_s]
        fewest, most = (pick(len(one.delays_s) for one in heard) for pick in (min, max))
        note = (
            f"(median {statistics.median(delays) * 1e3:.0f}, {fewest}-{most} rows each,"
            f" server {resident:.0f} MiB)"
        )
        figures.append(
            Figure(f"line to {name}, p99, ms", percentile(delays, 0.99) * 1e3, budget, note=note)
        )
    return figures


def _questions(addresses: Sequence[str]) -> list[str]:
    """Return what a user's pages ask, one after the other."""
    one, several = addresses[0], ",".join(addresses[:5])
    return [
        "/api/projects",
        "/api/runs?limit=50",
        f"/api/runs/{one}",
        f"/api/keys?runs={one}",
        f"/api/series?runs={several}&keys=loss&px=1000",
        f"/api/series?runs={one}&keys=loss,accuracy&px=1000&x=time",
        f"/api/rows?run={one}&limit=100",
        f"/api/events?run={one}",
        "/api/system/metrics",
        f"/api/compare?runs={','.join(addresses[:2])}",
    ]


async def _ask(
    base: str, paths: Sequence[str], *, users: int, seconds: float, pause_s: float
) -> tuple[list[float], dict[int, int]]:
    """Let users ask in turn for a while; return the seconds of each answer and the statuses."""
    took_s: list[float] = []
    statuses: dict[int, int] = {}
    limits = httpx.Limits(max_connections=users, max_keepalive_connections=users)
    async with httpx.AsyncClient(base_url=base, timeout=60, limits=limits) as client:
        due_s = time.monotonic() + seconds

        async def use(number: int) -> None:
            await asyncio.sleep(pause_s * number / users)
            turn = number
            while time.monotonic() < due_s:
                began = time.perf_counter()
                reply = await client.get(paths[turn % len(paths)])
                took_s.append(time.perf_counter() - began)
                statuses[reply.status_code] = statuses.get(reply.status_code, 0) + 1
                turn += 1
                await asyncio.sleep(pause_s)

        await asyncio.gather(*(use(number) for number in range(users)))
    return took_s, statuses


def mixed_load(
    root: Path, addresses: Sequence[str], *, users: int = 50, seconds: float = 15.0
) -> list[Figure]:
    """Return how long answers take while many users ask, each once a second."""
    port = free_port()
    with started([sys.executable, "-c", BARE, str(port)], f"http://127.0.0.1:{port}/"):
        bare_s, _ = asyncio.run(
            _ask(f"http://127.0.0.1:{port}", ["/"], users=users, seconds=3, pause_s=1)
        )
    with serving(root) as (port, process):
        base = f"http://localhost:{port}"
        idle = process.memory_info().rss / MIB
        took_s, statuses = asyncio.run(
            _ask(base, _questions(addresses), users=users, seconds=seconds, pause_s=1)
        )
        resident = process.memory_info().rss / MIB
    median, baseline = statistics.median(took_s) * 1e3, statistics.median(bare_s) * 1e3
    told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    return [
        Figure(f"{users} users, each asking once a second, median ms", median,
               note=f"({median / baseline:.1f} x a bare route: {baseline:.1f} ms; {told})"),
        Figure(f"{users} users, p99, ms", percentile(took_s, 0.99) * 1e3),
        Figure(f"server memory under {users} users, MiB", resident, 200,
               note=f"(before them {idle:.0f})"),
    ]  # fmt: skip


def many_runs(root: Path, count: int) -> list[Figure]:
    """Return the memory of a server of very many runs, listened to and asked to sort them."""
    short_runs(root / "many", count)
    update_catalog(root, index_root(root), now_s=lambda: clock.now() + 60)
    with serving(root) as (port, process):
        idle = process.memory_info().rss / MIB
        seen = asyncio.run(_watched(port, process, seconds=20))
    return [
        Figure(f"server memory with {count:,} runs and a client that listens, MiB", seen[-1], 200,
               note=f"(at most {max(seen):.0f})"),
        Figure("server memory at its start, MiB", idle, 70),
    ]  # fmt: skip


async def _watched(port: int, process: psutil.Process, *, seconds: float) -> list[float]:
    """Return the memory of a server in MiB, ten times a second, while it is made to look at all."""
    seen = []
    question = "/api/runs?f=config.model.layers<6&sort=summary.loss"
    async with (
        subscribed(port),
        httpx.AsyncClient(base_url=f"http://localhost:{port}", timeout=60) as client,
    ):
        asked = [asyncio.ensure_future(client.get(question)) for _ in range(3)]
        for _ in range(round(seconds * 10)):
            seen.append(process.memory_info().rss / MIB)
            await asyncio.sleep(0.1)
        for reply in await asyncio.gather(*asked):
            reply.raise_for_status()
    return seen


@contextmanager
def _trained(root: Path, *, runs: int = 10, steps: int = 50_000) -> Iterator[list[str]]:
    """Log runs as trainings do; yield their addresses while the last of them still runs."""
    for number in range(runs):
        run = tracklab.init(
            project="bench", id=f"r{number}", dir=root, config={"lr": 10.0**-number},
            system_monitor=False, settings={"console": "off"}, reinit="create_new",
        )  # fmt: skip
        for step in range(steps):
            run.log({"loss": 1 / (step + 1), "accuracy": step / steps})
        if number < runs - 1:
            run.finish()
    with run:
        yield [f"bench/r{number}" for number in range(runs)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    asked = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as place:
        figures += live(Path(place))
    with tempfile.TemporaryDirectory() as place, _trained(Path(place)) as addresses:
        figures += mixed_load(Path(place), addresses)
    with tempfile.TemporaryDirectory() as place:
        figures += many_runs(Path(place), asked.runs)
    today = datetime.now(tz=timezone.utc).date()
    print(f"{today}, Python {platform.python_version()}, {platform.machine()}, make bench-live\n")
    print(markdown(figures))


if __name__ == "__main__":
    main()
