"""What has changed under a data directory that somebody may have to be told of.

Runs are looked over every second or so: those that live, and those whose directory has changed.
A process that was killed writes nothing, so nothing but a look shows it. A line that is added to a
run that has ended changes no directory: a slow sweep over all files finds it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tracklab import clock
from tracklab.alerts.reading import grown_s, size_of
from tracklab.errors import NotFoundError
from tracklab.live.scan import Scan
from tracklab.query.addresses import places, resolve
from tracklab.query.events import read_events
from tracklab.query.runs import Dossier
from tracklab.records.fields import epoch_s, text
from tracklab.storage.identity import this_process

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from tracklab.query.answers.runs import Run
    from tracklab.query.engines.local import LocalEngine

__all__ = ["Lookout", "Sight"]

_LIVING: Final = ("running", "stale", "stalled")
_MOST_RUNS: Final = 100_000
#: Whether a run stands still is judged only so often: it reads the tail of its history.
_RHYTHM_EVERY_S: Final = 30.0
#: Clocks of this machine and of a file server differ by less.
_CLOCKS_S: Final = 3_600.0
#: A sweep begins so long after the last one at the earliest, and takes so many looks.
_SWEEP_EVERY_S: Final = 300.0
_SWEEP_LOOKS: Final = 100


@dataclass(frozen=True, slots=True)
class Sight:
    """How a run was when it was looked at; two equal ones mean that there is no news.

    Attributes:
        address: the run's full address.
        state: running, stalled, or another status.
        lives: how many processes have written to it: one that is resumed can crash again.
        size_bytes: bytes of the streams that may hold news.
        born: when it began, as its document says; empty if that does not.
        dossier: all that is known of it, yet unread: very many may wait for a target.
    """

    address: str
    state: str
    lives: int
    size_bytes: int
    born: str
    dossier: Dossier = field(compare=False, repr=False)

    @property
    def path(self) -> Path:
        """Its directory."""
        return self.dossier.place.path

    @property
    def mark(self) -> str:
        """Names what can be told of it, once for each time that it happens; empty if it is well."""
        return "" if self.state == "running" else f"{self.state} {self.lives}"

    @property
    def ended_s(self) -> float:
        """When it ended, by its own word, or else was last written to; in epoch seconds."""
        told = self.run.ended_at
        return (
            epoch_s(told) if told else max(self.dossier.survey.grown_ns.values(), default=0) / 1e9
        )

    @property
    def name(self) -> str:
        """What people call it, as its document says: its lines are not read for that."""
        return text(self.dossier.document.get("name")) or self.dossier.place.run_id

    @property
    def host(self) -> str | None:
        """Its machine, by its document."""
        return text(self.dossier.document.get("host"))

    @property
    def run(self) -> Run:
        """The run, without its configuration and summary."""
        return self.dossier.run(config=False, summary=False)

    def reason(self) -> str:
        """Return what the exception that ended it says; empty without one."""
        if self.state not in {"failed", "crashed"}:
            return ""
        page = read_events(
            self.path, kind="exception", level=None, search=None, after=None, limit=1,
            descending=True,
        )  # fmt: skip
        return page.events[0].message if page.events else ""


class Lookout:
    """Looks over the runs of a data directory.

    Args:
        engine: who lists runs.
        scope: projects, addresses or run ids; none for all runs.
        streams: of which each line may be news.
        now: returns epoch seconds.
    """

    def __init__(
        self,
        engine: LocalEngine,
        scope: Sequence[str] = (),
        *,
        streams: Sequence[str] = ("events",),
        now: Callable[[], float] = clock.now,
    ) -> None:
        self._engine = engine
        self._root = engine.root
        self._scope = tuple(name.strip("/") for name in scope)
        self._streams = streams
        self._now = now
        self._scan = Scan(self._root)
        self._first: list[str] = []
        self._living: dict[str, Sight] = {}
        self._here = this_process()
        self._rhythm_due_s = 0.0
        self._unswept: list[Path] = []
        self._part = 1
        self._swept_s = self._sweep_began_s = now()
        self._sweep_due_s = clock.monotonic() + _SWEEP_EVERY_S

    @property
    def living(self) -> int:
        """How many runs lived at the last look."""
        return len(self._living)

    @property
    def projects(self) -> frozenset[str]:
        """Addresses of the projects that were there at the last look."""
        return frozenset(map(self._address, self._scan.directories))

    def begin(
        self, since_s: float, unsettled: Iterable[str], projects: Collection[str] | None = None
    ) -> None:
        """Take stock: the next look is at all that may have changed since.

        Args:
            since_s: epoch seconds.
            unsettled: addresses of runs that had not ended then.
            projects: addresses of those that were there then, so that all runs of another are
                looked at; None if nobody knows.

        Cost: a listing of all runs, and a `stat` per segment.
        """
        self._scan.begin()
        page = self._engine.runs(status=_LIVING[:2], limit=_MOST_RUNS, cols=("status",))
        found = [run.run for run in page.runs]
        found += [
            place.address
            for place in places(self._root)
            if grown_s(place.path, self._streams) >= since_s - _CLOCKS_S
            or (projects is not None and self._address(place.path.parent) not in projects)
        ]
        self._first = sorted({*found, *unsettled})

    def look(self) -> Iterator[Sight]:
        """Yield the runs that are not as they were at the last look.

        Cost: a `stat` for each run, and a scan of the directories of those that live.
        """
        changed = map(self._address, [*self._scan.changed(), *self._swept()])
        asked = dict.fromkeys([*self._first, *self._living, *changed])
        self._first = []
        judges_rhythm = clock.monotonic() >= self._rhythm_due_s
        if judges_rhythm:
            self._rhythm_due_s = clock.monotonic() + _RHYTHM_EVERY_S
        for address in filter(self._is_meant, asked):
            known = self._living.pop(address, None)
            sight = self._sight(address, known, judges_rhythm=judges_rhythm)
            if sight is None:
                continue
            if sight.state in _LIVING:
                self._living[address] = sight
            if sight != known:
                yield sight

    def _address(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def sweep(self) -> None:
        """Let the next looks go through the files of all runs, some of them in each.

        It happens by itself, every few minutes.
        """
        self._sweep_due_s = clock.monotonic() + _SWEEP_EVERY_S
        self._unswept = self._scan.known()
        self._part = len(self._unswept) // _SWEEP_LOOKS + 1
        self._swept_s, self._sweep_began_s = self._sweep_began_s, self._now()

    def _swept(self) -> list[Path]:
        """Return what has grown since the last sweep, of the part that is swept now."""
        if not self._unswept and clock.monotonic() >= self._sweep_due_s:
            self.sweep()
        part, self._unswept = self._unswept[: self._part], self._unswept[self._part :]
        since_s = self._swept_s - _CLOCKS_S
        return [path for path in part if grown_s(path, self._streams) >= since_s]

    def _is_meant(self, address: str) -> bool:
        if not self._scope:
            return True
        run_id = address.rpartition("/")[2]
        return any(
            name in {address, run_id} or address.startswith(f"{name}/") for name in self._scope
        )

    def _sight(self, address: str, known: Sight | None, *, judges_rhythm: bool) -> Sight | None:
        try:
            place = resolve(self._root, address)
        except NotFoundError:
            return None
        dossier = Dossier(place, now_s=self._now(), here=self._here)
        state = dossier.status
        if state == "running":
            if judges_rhythm:
                state = "stalled" if dossier.rhythm.stalled else state
            elif known is not None and known.state == "stalled":
                state = "stalled"  # until it is judged anew
        # The state first: what a run wrote before it ended is then there to be read.
        size, lives = size_of(place.path, self._streams), len(dossier.survey.locks)
        born = text(dossier.document.get("start_time")) or ""
        return Sight(address, state, lives, size, born, dossier.unread())
