"""How far one target has been told, run by run: small enough to be written after each delivery.

Alerts themselves are not kept: they stand in the files of their runs, which are the queue. A
position names, for each segment of events, the byte up to which its alerts were delivered, and
what was last told of how the run fares. A segment goes by its name and a digest of its first
line: a run that is made anew under an old name has been told nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.index.places import index_root
from tracklab.records.fields import whole
from tracklab.storage.documents import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

__all__ = ["Position", "Positions", "place_of"]

#: Runs of which a position is kept; those that ended and were met longest ago go first.
_MOST_RUNS: Final = 10_000
#: What is older when its run is first met is no news: the run was imported, or copied here.
_LATE_S: Final = 24 * 3600.0
#: What a position says of a run that has not ended.
_LIVING: Final = frozenset({"", "stalled", "stale"})


@dataclass(slots=True)
class Position:
    """How far one run has been told.

    Attributes:
        offsets: by segment, the byte up to which lines were read and delivered.
        streaks: in how many rows a rule has been broken, by rule, writer and metric.
        born: when the run began, as its document says; another one is another run.
        told: what was last told of how it fares; empty while it is well.
        since_s: alerts older than this are left out, in epoch seconds; None once all that was
            there when the run was first met has been read.
    """

    offsets: dict[str, int] = field(default_factory=dict)
    streaks: dict[str, int] = field(default_factory=dict)
    told: str = ""
    born: str = ""
    since_s: float | None = None

    @property
    def settled(self) -> bool:
        """Whether the run has ended, and all of it is told."""
        return self.since_s is None and self.told.partition(" ")[0] not in _LIVING


class Positions:
    """The positions of one target.

    Args:
        path: their file; None keeps them in memory only.
        since_s: where runs begin that have no position, in epoch seconds, if the file does not
            say.
        now: returns epoch seconds.

    Attributes:
        since_s: where runs begin that have no position, in epoch seconds.
        seen_s: everything that happened before is delivered, but for runs that are not settled.
        projects: addresses of those that had been met then; None before the first time.
        failures: how often the target has refused what it is to be told next.
    """

    def __init__(
        self, path: Path | None, *, since_s: float, now: Callable[[], float] = clock.now
    ) -> None:
        self._path = path
        self._now = now
        kept = (read_json(path) if path is not None else None) or {}
        self.since_s = _number(kept.get("since"), since_s)
        self.seen_s = self._past(_number(kept.get("seen"), self.since_s))
        self.failures = whole(kept.get("failures")) or 0
        projects, runs = kept.get("projects"), kept.get("runs")
        self.projects = frozenset(map(str, projects)) if isinstance(projects, list) else None
        self._runs = dict(_known(runs.items() if isinstance(runs, dict) else ()))

    def of(self, address: str, born: str = "") -> Position:
        """Return the position of a run; a new one for a run that has none.

        Args:
            address: of the run.
            born: when it began, as its document says; empty if it does not.
        """
        position = self._runs.get(address)
        if position is None or (born and position.born and position.born != born):
            position = self._runs[address] = Position(since_s=self._begin_s())
        if position.since_s is not None:
            position.since_s = self._past(position.since_s)
        position.born = born or position.born
        return position

    def _begin_s(self) -> float:
        """Return where a run begins that is met now."""
        self.since_s = self._past(self.since_s)
        return max(self.since_s, self.seen_s - _LATE_S)

    def _past(self, time_s: float) -> float:
        """Return a time that was kept; long ago, if the clock was ahead when it was noted."""
        now_s = self._now()
        return time_s if time_s <= now_s else now_s - _LATE_S

    def unsettled(self) -> list[str]:
        """Return the runs that had not ended, or not been read, when they were looked at."""
        return [address for address, position in self._runs.items() if not position.settled]

    def save(self) -> None:
        """Write the positions.

        Raises:
            OSError: they cannot be written; the old ones are untouched.
        """
        if self._path is None:
            return
        self._forget()
        runs = {address: asdict(position) for address, position in self._runs.items()}
        kept = {
            "version": 1, "since": self.since_s, "seen": self.seen_s, "failures": self.failures,
            "projects": None if self.projects is None else sorted(self.projects), "runs": runs,
        }  # fmt: skip
        write_json(self._path, kept, durable=True)

    def _forget(self) -> None:
        """Let go of runs that ended long ago, if there are too many."""
        most = len(self._runs) - _MOST_RUNS
        ended = [address for address, position in self._runs.items() if position.settled]
        for address in ended[: max(most, 0)]:
            # Whoever resumes it now is told of nothing that was told before.
            del self._runs[address]
            self.since_s = max(self.since_s, self.seen_s)


def place_of(root: Path, scope: Sequence[str], target: str) -> Path:
    """Return the file of the positions of a target: beside the index of the data directory.

    Args:
        root: the data directory.
        scope: which runs it is told of.
        target: names it for ever; it cannot be told from the file's name, for it may be secret.
    """
    index = index_root(root)
    place = index.with_name("alerts")
    if not index.is_relative_to(root.absolute()):
        place /= index.name
    mark = blake2b("\n".join([target, *sorted(scope)]).encode(), digest_size=6).hexdigest()
    return place / f"{target.partition(' ')[0]}-{mark}.json"


def _known(entries: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Position]]:
    """Yield the positions that make sense."""
    for address, kept in entries:
        if not isinstance(kept, dict) or not isinstance(kept.get("offsets"), dict):
            continue
        since_s = kept.get("since_s")
        yield (
            address,
            Position(
                offsets=_numbers(kept["offsets"]),
                streaks=_numbers(kept.get("streaks")),
                told=str(kept.get("told") or ""),
                born=str(kept.get("born") or ""),
                since_s=None if since_s is None else _number(since_s, 0.0),
            ),
        )


def _numbers(value: Any) -> dict[str, int]:
    return {n: whole(v) or 0 for n, v in value.items()} if isinstance(value, dict) else {}


def _number(value: Any, instead: float) -> float:
    return float(value) if isinstance(value, int | float) else instead
