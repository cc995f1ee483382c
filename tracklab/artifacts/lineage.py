"""Who made which version, and who used it: what the runs' own lines say, and nothing else."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tracklab.artifacts.names import version_number
from tracklab.records.fields import text
from tracklab.storage.layout import find_runs
from tracklab.storage.streams import Tally, events, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.artifacts.versions import Version

__all__ = ["EVENT", "ArtifactRun", "Edge", "edges", "graph", "producer_of", "users_of"]

#: The kind of event that says it.
EVENT = "tracklab.artifact"


@dataclass(frozen=True)
class ArtifactRun:
    """A run that logged or used an artifact."""

    project: str
    id: str
    entity: str = ""

    @property
    def address(self) -> str:
        """`project/run_id`."""
        return f"{self.project}/{self.id}"

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return [self.entity, self.project, self.id]


class Edge(NamedTuple):
    """One run and one version: `op` is `log` or `use`; times are RFC 3339."""

    run: str
    op: str
    kind: str
    name: str
    number: int
    time: str | None


def edges(root: Path) -> Iterator[Edge]:
    """Yield what every run says of versions. Cost: reads their events, parses few of them."""
    for project, run_id, path in find_runs(root):
        for segment in run_segments(path, "events"):
            for _, record in events(segment, Tally(), holding=(EVENT.encode(),)):
                if record["logger"] == EVENT:
                    yield from _edge(f"{project}/{run_id}", record)


def producer_of(version: Version) -> ArtifactRun | None:
    """Return the run that logged a version first; None if no run did."""
    told = version.told.get("run")
    if not isinstance(told, dict):
        return None
    entity = str(version.told.get("entity") or "")
    return ArtifactRun(str(told.get("project")), str(told.get("id")), entity)


def users_of(root: Path, version: Version) -> list[ArtifactRun]:
    """Return the runs that used a version, each once, in the order of their directories."""
    found = dict.fromkeys(
        edge.run
        for edge in edges(root)
        if edge.op == "use"
        and (edge.kind, edge.name, edge.number) == (version.kind, version.name, version.number)
    )
    return [ArtifactRun(*run.rpartition("/")[::2]) for run in found]


def graph(root: Path, start: tuple[str, str, int], *, depth: int) -> tuple[list[Edge], bool]:
    """Return the edges around a version, as far as `depth` steps, and whether all were followed.

    A run that uses what it logged makes a cycle; each node is entered once, so it ends.

    Args:
        root: the data directory.
        start: type, name and number of the version.
        depth: steps between a version and a run.
    """
    first: dict[Edge, Edge] = {}
    for edge in edges(root):  # what a run did several times is told once, as of the first time
        first.setdefault(edge._replace(time=None), edge)
    known = list(first.values())
    near: dict[Any, list[Edge]] = {}
    for edge in known:
        near.setdefault(edge.run, []).append(edge)
        near.setdefault((edge.kind, edge.name, edge.number), []).append(edge)
    distance: dict[Any, int] = {start: 0}
    waiting: deque[Any] = deque([start])
    found: dict[Edge, None] = {}
    while waiting:
        node = waiting.popleft()
        if distance[node] == depth:
            continue
        for edge in near.get(node, ()):
            found[edge] = None
            other = (edge.kind, edge.name, edge.number) if node == edge.run else edge.run
            if other not in distance:
                distance[other] = distance[node] + 1
                waiting.append(other)
    whole = all(
        edge in found for node, far in distance.items() if far == depth for edge in near[node]
    ) if near else True  # fmt: skip
    return list(found), whole


def _edge(run: str, record: dict[str, Any]) -> Iterator[Edge]:
    data = record["data"]
    op, kind, name = text(data.get("op")), text(data.get("type")), text(data.get("name"))
    number = version_number(text(data.get("version")) or "")
    if op in {"log", "use"} and kind and name and number is not None:
        yield Edge(run, op, kind, name, number, record["timestamp"])
