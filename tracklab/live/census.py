"""How runs fare as a whole: who is new, who has ended, whose numbers have moved.

A status can change without a byte written (a killed process frees its lock), so living runs are
looked over every few seconds; all others only where their directory has changed. Kept between
two looks: the living runs, and one digest for each run that was looked at lately.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from heapq import nlargest
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from tracklab import clock
from tracklab.clock import parse_time
from tracklab.errors import QueryError
from tracklab.live.scan import Scan
from tracklab.query.plain import plain
from tracklab.storage.liveness import lock_held

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from tracklab.query.answers.runs import Run
    from tracklab.query.engine import Engine

__all__ = ["Census", "Change", "Look"]

LIVING = frozenset({"running", "stale"})

#: Living runs that are looked over, the ones written last first.
_MAX_LIVING = 500
#: Changed directories that one look follows up: a copied archive is no news.
_MAX_CHANGED = 500
_MAX_DIGESTS = 4 * _MAX_CHANGED
#: A run that appears later than this was resumed, restored, or made elsewhere.
_YOUNG_S = 60.0


class Change(NamedTuple):
    """One run that has changed, without its config; `run` is None when it is there no more.

    `new` says that it was made since the last look.
    """

    address: str
    run: Run | None
    new: bool = False


class Look(NamedTuple):
    """What one look has found.

    Attributes:
        changes: what has changed since the look before.
        living: the runs that are running or stale, without config and summary, by address.
        directories: the root and all projects: where new runs appear.
    """

    changes: list[Change]
    living: dict[str, Run]
    directories: frozenset[Path]

    def begun_last(self, count: int) -> dict[str, Run]:
        """Return the living runs that began last, at most so many."""
        return dict(nlargest(count, self.living.items(), key=lambda item: item[1].created_at or ""))


class Census:
    """Compares the runs with the last look. One look at a time, on any thread.

    Args:
        root: the data directory.
        engine: who answers.
    """

    def __init__(self, root: Path, *, engine: Engine) -> None:
        self._living: dict[str, Run] = {}
        self._scan = Scan(root)
        self._root = root
        self._engine = engine
        self._digests: dict[str, bytes] = {}
        self._locks: dict[str, tuple[bool | None, ...]] = {}

    def begin(self) -> Look:
        """Take stock, so that later looks know what is news; return it without changes.

        Cost: one listing of all runs.
        """
        self._scan.begin()
        page = self._engine.runs(
            status=LIVING, sort="-updated_at", limit=_MAX_LIVING, cols=("host",)
        )
        for run in page.runs:
            self._note(run)
        return self._found([])

    def look(self, also: Collection[str] = (), *, progress: bool) -> Look:
        """Return what has changed since the last look.

        Args:
            also: addresses to return in any case.
            progress: also look for moved numbers of living runs.

        Cost: a `stat` for each run and a few for each living one; with `progress` up to 50 ms
            for each living run, whose lines have to be read.
        """
        changed = self._scan.changed()[:_MAX_CHANGED]
        asked = dict.fromkeys([*also, *(self._address(path) for path in changed)])
        asked |= dict.fromkeys(self._living if progress else self._flipped())
        return self._found([change for address in asked for change in self._glance(address, also)])

    def _found(self, changes: list[Change]) -> Look:
        return Look(changes, dict(self._living), frozenset(self._scan.directories))

    def _address(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def _glance(self, address: str, also: Collection[str]) -> Iterator[Change]:
        try:
            # As many as have changed are held at once, and no one is told of their config.
            run = replace(self._engine.glance(address), config={})
        except QueryError:
            self._living.pop(address, None)
            self._locks.pop(address, None)
            self._digests.pop(address, None)
            yield Change(address, None)
            return
        known = self._digests.pop(address, None)
        new = known is None and address not in self._living and _is_young(run)
        if self._note(run) != known or address in also:
            yield Change(address, run, new)

    def _note(self, run: Run) -> bytes:
        digest = self._digests[run.run] = _digest(run)
        if len(self._digests) > _MAX_DIGESTS:
            del self._digests[next(iter(self._digests))]
        if run.status in LIVING:
            self._living[run.run] = replace(run, config={}, summary={})
            self._locks[run.run] = self._lock_states(run)
        else:
            self._living.pop(run.run, None)
            self._locks.pop(run.run, None)
        return digest

    def _flipped(self) -> Iterable[str]:
        """Yield the living runs whose locks are no longer as they were."""
        for address, run in self._living.items():
            if self._lock_states(run) != self._locks[address]:
                yield address

    def _lock_states(self, run: Run) -> tuple[bool | None, ...]:
        path = self._root / run.project / run.run_id
        try:
            names = sorted(os.listdir(path))
        except OSError:
            return ()
        locks = [name for name in names if name.startswith("run.") and name.endswith(".lock")]
        return tuple(lock_held(path, name[4:-5] or None) for name in locks)


def _is_young(run: Run) -> bool:
    return run.created_at is not None and clock.now() - parse_time(run.created_at) < _YOUNG_S


def _digest(run: Run) -> bytes:
    data: dict[str, Any] = plain(run)
    # A living run grows older by itself: that is no news.
    del data["config"], data["duration_s"], data["silent_s"]
    return hashlib.blake2b(orjson.dumps(data), digest_size=16).digest()
