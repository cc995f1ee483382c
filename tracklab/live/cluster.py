"""Which machines take part: all hosts on which runs are being written now, by their own lines.

There is no coordinator: a node is known because a run there writes lines, and its headers name
the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracklab.query.answers.machines import Machine
    from tracklab.query.engine import Engine

__all__ = ["Node", "cluster_nodes"]


@dataclass(frozen=True, slots=True)
class Node:
    """One machine: `status` is up or silent; `metrics` its newest system row, if any."""

    node: str
    status: str
    runs: int
    last_seen: str | None
    metrics: dict[str, Any]


def cluster_nodes(engines: Iterable[Engine], *, measured: bool) -> list[Node]:
    """Return the machines on which runs of any of the directories are being written, by name.

    Args:
        engines: one for each directory.
        measured: whether to read the newest system row of each.

    Cost: see `Engine.machines`.
    """
    by_host: dict[str, list[Machine]] = {}
    for engine in engines:
        for machine in engine.machines(measured=measured):
            if machine.host:
                by_host.setdefault(machine.host, []).append(machine)
    return [_node(host, found) for host, found in sorted(by_host.items())]


def _node(host: str, found: Sequence[Machine]) -> Node:
    newest = max((one.sample for one in found), key=lambda row: row.get("_timestamp") or 0.0)
    return Node(
        node=host,
        status="up" if any(one.status == "up" for one in found) else "silent",
        runs=sum(one.runs for one in found),
        last_seen=max((one.last_seen for one in found if one.last_seen), default=None),
        metrics={key: value for key, value in newest.items() if not key.startswith("_")},
    )
