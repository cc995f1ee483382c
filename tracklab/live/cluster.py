"""Which machines take part: all hosts whose runs are being written now, by their own lines.

There is no coordinator: a node is known because a run on it writes system rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tracklab.query.answers.runs import Run

__all__ = ["Node", "nodes"]


@dataclass(frozen=True, slots=True)
class Node:
    """One machine: `status` is up or silent; `metrics` its newest system row, if any."""

    node: str
    status: str
    runs: int
    last_seen: str | None
    metrics: dict[str, Any]


def nodes(runs: Iterable[Run], rows: Mapping[str, dict[str, Any]]) -> list[Node]:
    """Return the machines on which `runs` are being written, by name.

    Args:
        runs: any runs; only running and stale ones count.
        rows: newest system row by run address.
    """
    by_host: dict[str, list[Run]] = {}
    for run in runs:
        if run.host and run.status in {"running", "stale"}:
            by_host.setdefault(run.host, []).append(run)
    return [_node(host, members, rows) for host, members in sorted(by_host.items())]


def _node(host: str, runs: list[Run], rows: Mapping[str, dict[str, Any]]) -> Node:
    newest = max(
        (rows[run.run] for run in runs if run.run in rows),
        key=lambda row: row.get("_timestamp") or 0.0,
        default={},
    )
    return Node(
        node=host,
        status="up" if any(run.status == "running" for run in runs) else "silent",
        runs=len(runs),
        last_seen=max((run.updated_at for run in runs if run.updated_at), default=None),
        metrics={key: value for key, value in newest.items() if not key.startswith("_")},
    )
