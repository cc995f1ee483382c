"""Many listeners, deaf ones among them, and a kernel without file watches: a real server each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.bench.serving import listened, serving, writing
from tests.crash.needs import WITHOUT_WATCHES, needs_namespaces

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

ROWS_PER_S, SECONDS = 50, 3
#: Later than the budget of `make bench-live` by as much as a shared machine is late.
PATIENCE_S = 5.0


def test_every_listener_hears_every_row_whoever_else_is_deaf(root: Path) -> None:
    """100 clients get each row once and soon, while five read nothing of what they are sent."""
    with (
        writing(root, rows_per_s=ROWS_PER_S, seconds=SECONDS) as begin,
        serving(root) as (port, server),
    ):
        heard = asyncio.run(
            listened(port, begin, clients=100, deaf=5, seconds=SECONDS + PATIENCE_S, silence_s=3.0)
        )
        resident = server.memory_info().rss
    counts = {len(one.delays_s) for one in heard}
    assert len(counts) == 1
    assert counts.pop() > ROWS_PER_S
    assert not any(one.stale for one in heard)
    assert max(max(one.delays_s) for one in heard) < PATIENCE_S
    assert resident < 200 << 20


@needs_namespaces
def test_rows_arrive_without_file_watches(root: Path) -> None:
    """The server looks for itself every two seconds."""
    with (
        writing(root, rows_per_s=ROWS_PER_S, seconds=SECONDS) as begin,
        serving(root, before=WITHOUT_WATCHES) as (port, _),
    ):
        (heard,) = asyncio.run(
            listened(
                port, begin, clients=1, deaf=0, seconds=SECONDS + 2 * PATIENCE_S, silence_s=4.0
            )
        )
    assert len(heard.delays_s) > ROWS_PER_S
    assert max(heard.delays_s) < 2.5 + PATIENCE_S
