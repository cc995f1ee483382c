"""The boards for Grafana: every query of them is answered, with every column it names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.serving import ADDRESS, START_S, Client, append, begin, event

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

BOARDS = Path(__file__).parents[2] / "dashboards" / "grafana"
_GIVEN = {"run": ADDRESS, "keys": "loss", "__from:date:seconds": str(int(START_S) - 10),
          "__to:date:seconds": str(int(START_S) + 1_000)}  # fmt: skip


def queries(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every query of a board: of its panels, its variables and its annotations."""
    if isinstance(node, dict):
        if "url" in node and "columns" in node:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from queries(inner)


EVERY = [
    pytest.param(query, id=f"{path.stem}-{number}")
    for path in sorted(BOARDS.glob("*.json"))
    for number, query in enumerate(queries(json.loads(path.read_text())))
]


@pytest.fixture
def lively(run: Path) -> Path:
    """Give the run one of everything that a board shows."""
    begin(run / "system_metrics.jsonl", "system_metrics", 1)
    sample = {"_timestamp": START_S + 1, "_run_id": "demo1", "_seq": 200, "cpu_percent": 5.0,
              "memory_percent": 6.0, "gpu.0.utilization_percent": 7.0}  # fmt: skip
    append(run / "system_metrics.jsonl", sample)
    append(run / "events.jsonl",
           event(300, "tracklab.checkpoint", "checkpoint_save", step=3, duration=1.0, size=10,
                 success=True),
           event(301, "tracklab.alert", "too hot", text="85 C", level="WARN"),
           event(302, "app", "broke") | {"level": "ERROR"})  # fmt: skip
    begin(run / "llm.jsonl", "llm", 400)
    append(run / "llm.jsonl",
           event(401, "tracklab.llm", "llm_call", model="m", provider="p", success=False,
                 response_time=0.5, ttft=0.1, error_type="Timeout", error="late", cost_usd=0.1,
                 tokens={"prompt": 7, "completion": 2}))  # fmt: skip
    return run


def test_there_are_queries() -> None:
    """Of two boards."""
    assert len(list(BOARDS.glob("*.json"))) == 2
    assert len(EVERY) > 10


@pytest.mark.usefixtures("lively")
@pytest.mark.parametrize("query", EVERY)
def test_every_query_of_a_board_is_answered(client: Client, query: dict[str, Any]) -> None:
    """With rows that have what its columns select."""
    url = re.sub(r"\$\{([^}]+)\}", lambda name: _GIVEN[name[1]], query["url"])
    reply = client.get(url)
    assert reply.status_code == 200, reply.text
    found = reply.json()
    if query["root_selector"]:
        found = found[query["root_selector"]]
    rows = found if isinstance(found, list) else [found]
    assert rows
    for column in query["columns"]:
        assert any(row.get(column["selector"]) is not None for row in rows), column
