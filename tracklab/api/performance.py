"""Performance metrics for scripts: what checkpoints, LLM calls and timers told lately.

    api = tracklab.PerformanceMetricsAPI("./tracklab_logs")
    api.get_recent_metrics("1h")
    api.get_checkpoint_metrics("1h")

It reads the files anew at each call and keeps nothing.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.errors import QueryError
from tracklab.query.addresses import Place, places
from tracklab.query.ages import span_s
from tracklab.query.checkpoints import read_checkpoints, stats_of
from tracklab.query.documents import read_metadata
from tracklab.query.journal import read_journal
from tracklab.query.surveys import survey
from tracklab.records.fields import epoch_s, text
from tracklab.settings import data_root
from tracklab.storage.layout import is_run_dir
from tracklab.storage.ordering import placed_events
from tracklab.storage.streams import Tally

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["PerformanceMetricsAPI"]


class PerformanceMetricsAPI:
    """Answers for one data directory.

    Args:
        path: the data directory, or the directory of one run; None takes TRACKLAB_DATA_DIR,
            else `./tracklab_logs`.
        now: returns epoch seconds.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        now: Callable[[], float] = clock.now,
    ) -> None:
        self._path = data_root(path)
        self._now = now

    def get_recent_metrics(self, window: str = "1h") -> list[dict[str, Any]]:
        """Return the measurements of the last `window`, in the order of time.

        Args:
            window: `30s`, `15m`, `1h`, `7d` or `2w`.

        Returns:
            One dict per record that names a `metric_type`: `run` (address), `timestamp`,
            `level`, `logger`, `message`, `seq`, and `data` with the measurement.

        Raises:
            QueryError: `window` is something else.

        Cost: reads events and LLM calls of the runs that grew within the window.
        """
        since_s = self._since_s(window)
        found = []
        for place in self._places(since_s):
            for stream in ("events", "llm"):
                for event in placed_events(place.path, stream, Tally(), holding=(b"metric_type",)):
                    record = event.record
                    if "metric_type" in record["data"] and _is_since(record["timestamp"], since_s):
                        found.append((event.place[0], place.address, event.place, record))
        found.sort(key=lambda entry: entry[:3])
        return [_told(address, record) for _, address, _, record in found]

    def get_checkpoint_metrics(self, window: str = "1h") -> dict[str, Any]:
        """Return what checkpoints took in the last `window`.

        Args:
            window: `30s`, `15m`, `1h`, `7d` or `2w`.

        Returns:
            `count`, `saves`, `failures`, `median_s`, `gb_per_s` and `bytes` (of saves that
            succeeded), `total_s`, `blocked_s` (how long training waited), and `checkpoints`: a
            list of dicts in the order of time, with durations in seconds and sizes in bytes.

        Raises:
            QueryError: `window` is something else.
        """
        since_s = self._since_s(window)
        within = [
            one
            for one in read_checkpoints(self._places(since_s))
            if _is_since(one.timestamp, since_s)
        ]
        stats = asdict(stats_of(within, None))
        del stats["blocked_share"]  # of a window it says nothing
        return {**stats, "checkpoints": [asdict(one) for one in within]}

    def _places(self, since_s: float) -> list[Place]:
        """Return the runs with a segment that grew since then; no other can hold a newer line."""
        if is_run_dir(self._path):
            own = [Place(_project_of(self._path), self._path.name, self._path)]
        else:
            own = list(places(self._path))
        return [
            place
            for place in own
            if max(survey(place.path).grown_ns.values(), default=0) >= since_s * 1e9
        ]

    def _since_s(self, window: str) -> float:
        ago_s = span_s(window) if isinstance(window, str) else None
        if ago_s is None:
            raise QueryError(
                f"window is a text of a number and one of s, m, h, d, w; got {window!r}. "
                "Write '1h'."
            )
        return self._now() - ago_s


def _project_of(run_dir: Path) -> str:
    """Return the project that a run says it belongs to, as far as its directory agrees."""
    facts = read_metadata(run_dir) or read_journal(run_dir, Tally()).facts
    told = text(facts.get("project")) or ""
    parts = tuple(told.split("/"))
    return told if run_dir.parent.parts[-len(parts) :] == parts else run_dir.parent.name


def _is_since(timestamp: str | None, since_s: float) -> bool:
    return timestamp is not None and epoch_s(timestamp) >= since_s


def _told(address: str, record: dict[str, Any]) -> dict[str, Any]:
    names = ("timestamp", "level", "logger", "message", "seq", "data")
    return {"run": address, **{name: record[name] for name in names}}
