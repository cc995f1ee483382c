"""The builder beside the server: what people look at is indexed, and nobody waits for it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.index.test_answers import alike
from tests.server.serving import ADDRESS, Client, append, row
from tracklab.index.places import index_root, run_place
from tracklab.index.upkeep import extent
from tracklab.query.engines.local import LocalEngine
from tracklab.server.app import create_app
from tracklab.server.beside import Beside
from tracklab.server.builder import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

JSON = {"Accept": "application/json"}
SERIES = f"/api/series?runs={ADDRESS}&keys=loss&px=50"


@pytest.fixture
def long_run(run: Path) -> Path:
    """Return the directory of a run with enough rows to be worth an index."""
    lines = [json.dumps(row(step, loss=1 / (step + 1))) for step in range(10, 5_000)]
    with (run / "history.jsonl").open("a") as file:
        file.write("\n".join(lines) + "\n")
    return run


def settled(ready: Callable[[], bool], within_s: float = 30.0) -> bool:
    """Wait until something is so, and return whether it came to be."""
    due_s = time.monotonic() + within_s
    while not ready() and time.monotonic() < due_s:
        time.sleep(0.02)
    return ready()


@pytest.mark.functional
def test_a_run_that_was_slow_to_read_is_indexed(root: Path, long_run: Path) -> None:
    """The question gets its answer at once; the next one finds the index."""
    app = create_app(root, insecure=True)
    client = Client(app)
    place = run_place(index_root(root), "vision", "demo1")
    first = client.get(SERIES, headers=JSON).json()

    assert settled(lambda: extent(long_run, place).indexed_bytes > 0)
    second = client.get(SERIES, headers=JSON).json()
    told = client.get("/api/index").json()
    app.state.services.index.close()

    assert alike(first, second)
    assert told["place"] == str(index_root(root))


def test_a_partial_answer_says_so_and_is_not_kept(root: Path, long_run: Path) -> None:
    """What a question may not parse in time is left out, and asked for again it may be there."""
    engine = LocalEngine(root, parsed_bytes=lambda: 1_000)
    client = Client(create_app(root, insecure=True, engine=engine))

    reply = client.get(SERIES, headers=JSON)
    keys = client.get(f"/api/keys?runs={ADDRESS}")

    assert reply.json()["coverage"] < 0.01
    assert keys.json()["coverage"] < 0.01
    assert "etag" not in {*reply.headers, *keys.headers}
    main([str(root), ADDRESS])
    assert client.get(SERIES, headers=JSON).json()["coverage"] == 1.0


@pytest.mark.functional
def test_where_no_index_can_be_written_a_question_reads_everything(
    root: Path, long_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file stands where the index should be: answers are whole, only slower."""
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("TRACKLAB_INDEX_DIR", str(tmp_path / "taken"))
    builder = Beside(root, pause_s=0.01)
    assert builder.allowance() is not None

    builder.want(ADDRESS)

    assert settled(lambda: builder.allowance() is None)
    builder.close()


def test_a_run_that_grows_is_read_to_its_end(root: Path, long_run: Path) -> None:
    """Rows that came after the index was built are there."""
    main([str(root), ADDRESS])
    append(long_run / "history.jsonl", row(9_999, loss=42.0))

    reply = LocalEngine(root).series([ADDRESS], ["loss"], px=50)

    assert reply.series[0].last[-1] == 42.0
    assert reply.series[0].n == 5_001


def test_the_catalog_is_wanted_only_when_listings_open_more_runs(root: Path) -> None:
    """Runs that no catalog can tell do not start a builder again and again."""
    builder = Beside(root, pause_s=0.01)
    builder.want_catalog(50)
    assert builder.progress().waiting == 0
    builder.close()
