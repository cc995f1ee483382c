"""What a table of ClickHouse must hold of some runs, read from their files by hand."""

from __future__ import annotations

import gzip
import json
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.query.files import START_S, event, row, segment
from tracklab.storage.compression import pack

if TYPE_CHECKING:
    from pathlib import Path


def two_runs(root: Path) -> None:
    """Write two runs with all streams: writers, attempts, odd lines, foreign lines, gzip."""
    for run in ("a", "b"):
        where = root / "demo" / run
        rows = (
            row(step, step + 1, {"loss": 1 / (step + 1), "s": "'\\\t\u00e9"}) for step in range(5)
        )
        lines = [{**one, "_timestamp": START_S + 0.123456 + n} for n, one in enumerate(rows)]
        made = [
            segment(where, [*lines, b'{"_step":5,"_seq":9,"_timestamp":1.0,"loss":NaN}', b"{torn"]),
            segment(where, [row(9, 1, {"loss": 7.5})], writer="n1-7-0", attempt=1),
            segment(
                where, [event("app", "a\nb", {"k": 1}, seq=20, level="ERROR")], stream="events"
            ),
            segment(where, [event("tracklab.llm", "llm_call", seq=21)], stream="llm"),
            segment(where, [{"_timestamp": START_S, "_seq": 22, "x": 1}], stream="system_metrics"),
        ]
        for number, path in enumerate(made, 30):  # the headers have numbers of their own
            path.write_text(path.read_text().replace('"seq": 0', f'"seq": {number}', 1))
        foreign = [b'{"step":1,"timestamp":1795196400,"loss":3}', b'{"step":2,"loss":4}']
        (where / "history.other-1.000000.jsonl").write_bytes(b"\n".join(foreign) + b"\n")
    assert pack(root / "demo/a/events.jsonl", "gz").exists()


def lines_of(root: Path) -> set[tuple[str, str]]:
    """Return run and text of every line of `two_runs`, as it stands in its file, but the torn."""
    found = set()
    for path in root.glob("demo/*/*.jsonl*"):
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        found |= {(path.parent.name, line) for line in text.split("\n") if line[-1:] == "}"}
    return found


def ask(url: str, sql: str) -> list[dict[str, Any]]:
    """Return the rows of an answer in JSONEachRow."""
    with urllib.request.urlopen(url, sql.encode(), timeout=60) as reply:  # noqa: S310 - loopback
        return [json.loads(line) for line in reply.read().splitlines()]
