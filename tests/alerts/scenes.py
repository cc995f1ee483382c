"""Who is told in these tests, and a look after which they are."""

from __future__ import annotations

import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import orjson

from tests.query.files import START_S
from tracklab.alerts.courier import Courier
from tracklab.alerts.looking import Lookout
from tracklab.alerts.positions import Positions
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from typing_extensions import Self

    from tracklab.alerts.notices import Notice
    from tracklab.alerts.rules import Rule

BAD = frozenset({"failed", "crashed", "killed", "stalled"})


class Listener:
    """A target that takes what it is told, but for the times and the titles that it is to fail."""

    label = "The listener"

    def __init__(self, failures: int = 0, refused: Iterable[str] = ()) -> None:
        self.failures = failures
        self.refused = set(refused)
        self.told: list[Notice] = []

    def send(self, notice: Notice) -> str | None:
        """Take a notice, or say why not."""
        self.failures -= 1
        if self.failures >= 0 or notice.title in self.refused:
            return "it is out"
        self.told.append(notice)
        return None

    @property
    def titles(self) -> list[str]:
        """What it was told, in order."""
        return [notice.title for notice in self.told]


class Scene:
    """One watcher of a data directory, whose clock stands still unless it is told."""

    def __init__(
        self, root: Path, target: Any, *, kept: Path | None = None, level: str = "INFO",
        since_s: float = 0.0, scope: tuple[str, ...] = (), rules: Sequence[Rule] = (),
        now_s: float = START_S + 7 * 24 * 3600,
    ) -> None:  # fmt: skip
        self.said: list[str] = []
        self.elapsed_s = self.looked_s = 0.0
        self.courier = Courier(
            target, Positions(kept, since_s=since_s, now=lambda: now_s), states=BAD, level=level,
            rules=rules, say=self.said.append, monotonic=lambda: self.elapsed_s,
        )  # fmt: skip
        self.lookout = Lookout(LocalEngine(root), scope, streams=("events", "history"))
        positions = self.courier.positions
        self.lookout.begin(positions.seen_s, positions.unsettled(), positions.projects)

    def look(self, *, after_s: float = 0.0) -> bool:
        """Let some seconds pass, look, and tell; return whether all is told."""
        self.elapsed_s += after_s
        for sight in self.lookout.look():
            self.courier.note(sight)
        return self.courier.deliver(self.looked_s, self.lookout.projects)


class Receiver:
    """A web service on loopback: answers with these statuses, then with 200."""

    def __init__(self, *statuses: int) -> None:
        received: list[dict[str, Any]] = []
        answers = deque(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = answers.popleft() if answers else 200
                if status == 200:
                    received.append(orjson.loads(body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.received = received
        self.address = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def titles(self) -> list[str]:
        """What it has taken, in order."""
        return [one["title"] for one in self.received]
