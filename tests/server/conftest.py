"""A data directory with a run in it, the app on it, and a real server around the app."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.server.serving import Client, append, begin, event, row, running
from tracklab.server.app import App, create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def run(root: Path) -> Path:
    """Return the directory of a finished run with ten rows, as its writer leaves it."""
    path = root / "vision" / "demo1"
    (path / "files").mkdir(parents=True)
    (path / "logs").mkdir()
    (path / "files" / "note.txt").write_text("hello")
    (path / "files" / "page.html").write_text("<script>1</script>")
    (path / "logs" / "stdout.log").write_text("one\ntwo\n")
    metadata = {
        "format": 1, "run_id": "demo1", "project": "vision", "name": "demo one",
        "start_time": "2026-09-21T14:13:20.000000Z", "end_time": "2026-09-21T14:13:30.000000Z",
        "status": "finished", "exit_code": 0, "tags": ["a"], "host": "box", "pid": 1,
    }  # fmt: skip
    (path / "metadata.json").write_text(json.dumps(metadata))
    (path / "config.yaml").write_text("lr: 0.1\n")
    (path / "summary.json").write_text(json.dumps({"loss": 0.1, "_step": 9}))
    (path / "run.lock").touch()
    begin(path / "history.jsonl", "history", 0)
    append(path / "history.jsonl", *(row(step, loss=1 / (step + 1)) for step in range(10)))
    begin(path / "events.jsonl", "events", 1)
    append(
        path / "events.jsonl",
        event(2, "tracklab.lifecycle", "start", **metadata),
        event(3, "tracklab.lifecycle", "finish", state="finished", exit_code=0, duration_s=10.0),
    )
    return path


@pytest.fixture
def app(root: Path, run: Path) -> App:
    """Return the app on a directory with one run; whoever reaches it may enter."""
    return create_app(root, insecure=True)


@pytest.fixture
def client(app: App) -> Client:
    """Return a client that talks to `app`."""
    return Client(app)


@pytest.fixture
def port(app: App) -> Iterator[int]:
    """Return the port of a running server that lets everybody in."""
    with running(app) as found:
        yield found
