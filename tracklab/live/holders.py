"""Which run a process of this machine belongs to: it, or what started it, writes its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab import clock
from tracklab.errors import TrackLabError
from tracklab.monitors import kernel
from tracklab.storage.identity import process_start, this_process
from tracklab.storage.layout import parse_segment_name, segments
from tracklab.storage.reading import open_segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tracklab.query.engine import Engine

__all__ = ["Holders"]

#: A process: its id, and when it started, since ids are used again.
_Born = tuple[int, int | None]

_HEADER_BYTES: Final = 64 * 1024
_MOST_RUNS: Final = 500
_MOST_ANCESTORS: Final = 16
_FRESH_S: Final = 5.0


class Holders:
    """Knows the writers of the living runs for some seconds; one thread asks.

    Args:
        root: the data directory.
        engine: who knows which runs live.
    """

    def __init__(self, root: Path, *, engine: Engine) -> None:
        self._root = root
        self._engine = engine
        self._writers: dict[_Born, str] = {}
        self._read_s = -_FRESH_S

    def runs_of(self, pids: Iterable[int]) -> dict[int, str]:
        """Return the address of the run of each process that belongs to one.

        Cost: a few files for each process; every 5 s a listing of the living runs and a header
            for each of their writers.
        """
        lines = {pid: list(_ancestry(pid)) for pid in pids}
        if lines and clock.monotonic() - self._read_s >= _FRESH_S:
            self._writers = dict(self._living())
            self._read_s = clock.monotonic()
        found = {
            pid: next((self._writers[one] for one in line if one in self._writers), None)
            for pid, line in lines.items()
        }
        return {pid: address for pid, address in found.items() if address}

    def _living(self) -> Iterator[tuple[_Born, str]]:
        here = this_process()
        try:
            page = self._engine.runs(status={"running"}, limit=_MOST_RUNS, cols=("host",))
        except TrackLabError:
            return
        for run in page.runs:
            for path in segments(self._root / run.project / run.run_id, "events"):
                name = parse_segment_name(path.name)
                facts = _facts(path) if name and name.number == 0 else {}
                if facts.get("boot_id") == here.boot_id and facts.get("host") == here.host:
                    yield (facts["pid"], facts.get("process_start")), run.run


def _facts(path: Path) -> dict[str, Any]:
    try:
        with open_segment(path) as file:
            facts = orjson.loads(file.read(_HEADER_BYTES).partition(b"\n")[0])["data"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return facts if isinstance(facts, dict) and isinstance(facts.get("pid"), int) else {}


def _ancestry(pid: int) -> Iterator[_Born]:
    """Yield a process, what started it, and so on."""
    for _ in range(_MOST_ANCESTORS):
        if pid <= 1:
            return
        yield pid, process_start(pid)
        fields = (kernel.text(f"/proc/{pid}/stat") or "").rpartition(")")[2].split()
        pid = int(fields[1]) if fields else 0
